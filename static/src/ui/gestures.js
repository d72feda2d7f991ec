import { lineOf } from './messages.js'

/**
 * The gestures that the light figure shows, as data: where its arms and fingers are, and what the
 * sparks around it do.
 *
 * Angles are in degrees: 0 hangs down, 90 points outward, 180 up; negative ones point across the
 * body. Fingers are 0 (folded) to 1 (stretched), thumb first.
 *
 * @typedef {object} Arm
 * @property {number} upper
 * @property {number} lower
 * @property {number} spread  how far the fingers are apart: 0 to 1
 * @property {[number, number, number, number, number]} fingers
 *
 * @typedef {object} Posture
 * @property {Arm} left  on the left of the screen, as in a mirror
 * @property {Arm} right
 * @property {number} lean  degrees, positive to the right
 *
 * @typedef {object} Sparks
 * @property {(index: number, of: number) => [number, number]} place  in the figure's own units
 * @property {number} light  0 to 1
 * @property {number} joined  0 to 1: how visible the line that joins them is
 *
 * @typedef {object} Gesture
 * @property {import('./messages.js').MessageKey} line
 * @property {import('./messages.js').Values} [values]  of the line
 * @property {(time: number) => Posture} posture  seconds since it began
 * @property {(time: number) => Sparks} sparks
 */

/** Degrees by which a forearm that is in movement swings to each side. */
const SWING = 16
const TURN = 2 * Math.PI
/** Seconds of one wave of a hand, one opening, one grasp. */
const BEAT = { wave: 0.8, open: 3.4, grasp: 2.6 }
/** The middle of the figure, where its reaching hand is, and the room beside its raised one. */
const HEART = [0, -34]
const REACHED = [76, -52]
const BESIDE = [-54, -78]

/** @type {Arm['fingers']} */
const OPEN = [1, 1, 1, 1, 1]
/** @type {Arm['fingers']} */
const LOOSE = [0.5, 0.6, 0.65, 0.6, 0.5]
/** @type {Arm['fingers']} */
const FIST = [0.15, 0.12, 0.12, 0.12, 0.12]
/** @type {Arm['fingers']} */
const TWO = [0.15, 1.5, 1.5, 0.1, 0.1]

/** @type {Arm} */
const HANGING = { upper: 13, lower: 7, spread: 0.25, fingers: LOOSE }

/**
 * @param {Partial<Posture>} changes
 * @returns {Posture}
 */
const standing = (changes) => ({ left: HANGING, right: HANGING, lean: 0, ...changes })

/** Whether the first half of a beat is on. @param {number} time @param {number} beat */
const first = (time, beat) => time % beat < beat / 2

/**
 * Around a point, evenly, slowly turning.
 *
 * @param {number[]} middle
 * @param {number} radius
 * @param {number} [turned] radians
 * @returns {Sparks['place']}
 */
const ring = ([x, y], radius, turned = 0) => (index, of) => {
  const angle = turned + TURN * index / of
  return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
}

/**
 * Along the edge of a regular polygon, a corner at the top.
 *
 * @param {number[]} middle
 * @param {number} radius
 * @param {number} corners
 * @returns {Sparks['place']}
 */
const polygon = ([x, y], radius, corners) => (index, of) => {
  const along = corners * index / of
  const corner = (/** @type {number} */ n) => {
    const angle = TURN * n / corners - TURN / 4
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
  }
  const [from, to] = [corner(Math.floor(along)), corner(Math.floor(along) + 1)]
  const share = along % 1
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
}

/** The edge of a picture around the figure, a spark in each corner. @type {Sparks['place']} */
const frame = (index, of) => {
  const [left, top, right, bottom] = [-62, -124, 62, 22]
  const corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
  const along = 4 * index / of
  const [from, to] = [corners[Math.floor(along)], corners[(Math.floor(along) + 1) % 4]]
  const share = along % 1
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
}

/** @type {Gesture[]} */
export const GESTURES = [
  {
    line: 'attract.hello',
    posture: (time) => standing({
      right: { upper: 52, lower: first(time, BEAT.wave) ? 168 : 196, spread: 1, fingers: OPEN },
    }),
    sparks: (time) => ({ place: ring(HEART, 66, time * 0.12), light: 0.5, joined: 0 }),
  },
  {
    line: 'attract.open',
    posture: (time) => {
      const arm = first(time, BEAT.open) ? { upper: 96, lower: 104 } : { upper: 22, lower: 12 }
      const both = { ...arm, spread: 0.8, fingers: OPEN }
      return standing({ left: both, right: both })
    },
    sparks: (time) => {
      const radius = first(time, BEAT.open) ? 92 : 46
      return { place: ring(HEART, radius, time * 0.12), light: 0.8, joined: 0 }
    },
  },
  {
    line: 'attract.reach',
    posture: (time) => {
      const gathers = first(time, BEAT.grasp)
      const hand = gathers ? { spread: 0.2, fingers: FIST } : { spread: 1.2, fingers: OPEN }
      return standing({
        right: { upper: gathers ? 74 : 82, lower: gathers ? 104 : 92, ...hand },
        lean: gathers ? 1 : 4,
      })
    },
    sparks: (time) => {
      const gathers = first(time, BEAT.grasp)
      const [x, y] = REACHED
      return {
        place: ring(gathers ? [x - 11, y] : [x + 20, y - 4], gathers ? 7 : 30, time * 0.4),
        light: 1, joined: 0,
      }
    },
  },
  {
    line: 'attract.capture',
    posture: () => {
      const both = { upper: 158, lower: 176, spread: 0.8, fingers: OPEN }
      return standing({ left: both, right: both })
    },
    sparks: (time) => ({ place: frame, light: 0.9, joined: time > 1.2 ? 0.5 : 0 }),
  },
  {
    line: 'attract.scene',
    posture: () => standing({
      right: { upper: 38, lower: 172, spread: 1.1, fingers: TWO },
    }),
    sparks: (time) => ({
      place: time < 2.8 ? ring(BESIDE, 24) : polygon(BESIDE, 30, 3),
      light: 0.95, joined: 0.55,
    }),
  },
  {
    line: 'attract.clear',
    posture: () => standing({
      left: { upper: -6, lower: -104, spread: 0.2, fingers: LOOSE },
      right: { upper: -6, lower: -118, spread: 0.2, fingers: LOOSE },
    }),
    sparks: (time) => (time < 1.6
      ? { place: ring(HEART, 62, 0.2), light: 0.8, joined: 0 }
      : { place: (index, of) => [-80 + 160 * index / of, 70 + 9 * (index % 3)], light: 0, joined: 0 }),
  },
]

/**
 * A pose that staff have taught, as a gesture of the light figure.
 *
 * @param {import('../protocol.js').TaughtPose} pose
 * @returns {Gesture}
 */
export function taughtGesture({ name, action, figure }) {
  /** @type {(arm: import('../protocol.js').ArmFigure, time: number) => Arm} */
  const held = ({ elbow, wrist, moves }, time) => {
    const swing = moves ? (first(time, BEAT.wave) ? -SWING : SWING) : 0
    const fore = [wrist[0] - elbow[0], wrist[1] - elbow[1]]
    return { upper: angle(elbow), lower: angle(fore) + swing, spread: 0.5, fingers: OPEN }
  }
  return {
    line: lineOf(action),
    values: { pose: name },
    posture: (time) => standing({
      left: held(figure.left, time), right: held(figure.right, time),
    }),
    sparks: (time) => ({ place: ring(HEART, 74, time * 0.12), light: 0.7, joined: 0 }),
  }
}

/** Degrees of a way [x outward, y up]: 0 hangs down, 90 points outward. @param {number[]} way */
const angle = ([x, y]) => Math.atan2(x, -y) * 180 / Math.PI
