/**
 * What follows what. The figure is a mirror image: its own left side, L, is on the right of the
 * screen, where the visitor sees their own right.
 *
 * @type {import('../../stage/model.js').Binding[]}
 */
export const BINDINGS = [
  { bone: 'spine', turn: { z: 'body.lean' }, gain: -9 },
  { bone: 'spine', turn: { x: ({ motion, presence }) => 16 * motion.fold + 7 * (1 - presence) } },
  { bone: 'chest', turn: { z: 'body.lean' }, gain: -9 },
  { bone: 'skirt', turn: { z: 'body.lean' }, gain: 8 },
  { bone: 'hem', turn: { z: 'body.lean' }, gain: 14 },
  { bone: 'neck', turn: { y: 'body.head.yaw' }, gain: 0.35 },
  { bone: 'neck', turn: { x: 'body.head.pitch', z: 'body.head.roll' }, gain: -0.35 },
  { bone: 'head', turn: { y: 'body.head.yaw' }, gain: 0.55 },
  { bone: 'head', turn: { x: 'body.head.pitch', z: 'body.head.roll' }, gain: -0.55 },
  // Asleep, its head is on its breast.
  { bone: 'head', turn: { x: ({ presence }) => 20 * (1 - presence) } },

  { bone: 'upperArmL', along: ['body.12', 'body.14'], length: 0.8 },
  { bone: 'foreArmL', along: ['body.14', 'body.16'], length: 0.75 },
  { bone: 'upperArmR', along: ['body.11', 'body.13'], length: 0.8 },
  { bone: 'foreArmR', along: ['body.13', 'body.15'], length: 0.75 },

  { morph: 'openL', follow: 'hands.right.open', rest: 0.3 },
  { morph: 'openR', follow: 'hands.left.open', rest: 0.3 },
  { morph: 'jaw', follow: 'face.jaw' },
  { morph: 'smile', follow: 'face.smile' },
  { morph: 'pucker', follow: 'face.pucker' },
  { morph: 'browsUp', follow: 'face.brows' },
  { morph: 'browsDown', follow: 'face.brows', gain: -1 },
  // Without a face to follow, the eyes are open while somebody is there.
  { morph: 'blinkL', follow: ({ face, presence }) => 1 - (face?.right_eye ?? presence) },
  { morph: 'blinkR', follow: ({ face, presence }) => 1 - (face?.left_eye ?? presence) },
]
