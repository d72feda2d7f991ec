import { Euler, Quaternion, Vector3 } from 'three'

/**
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 *
 * @typedef {object} Gesture  what the whole flower does in one frame
 * @property {number} open  0: bud; 1: fully open
 * @property {number} heavy  0 to 1: petals hang, the head is bowed
 * @property {number} sharp  0 to 1: petals stand out like thorns
 * @property {number} fold  0 to 1: petals close lengthwise and curl in, on one side more
 * @property {number} shrink  0 to 1: fear makes itself small
 * @property {number} burst  0 to 1: surprise's single expansion
 * @property {number} sway  how far petals move to and fro, radians
 * @property {number} tremble  radians
 * @property {number} spiral  how far all petals turn around the axis toward their tips, radians
 * @property {number} twist  how far each turns around itself, radians
 * @property {number} uneven  0 to 1: no two petals are alike
 * @property {number} size  of the whole
 * @property {Vector3} place  of the base, without the parts that springs add
 * @property {Quaternion} turn  of the axis
 */

const slant = new Euler()

/** @type {Gesture} */
const gesture = {
  open: 0, heavy: 0, sharp: 0, fold: 0, shrink: 0, burst: 0, sway: 0, tremble: 0, spiral: 0,
  twist: 0, uneven: 0, size: 1, place: new Vector3(), turn: new Quaternion(),
}

/**
 * From form, motion and body to what the flower does.
 *
 * @param {LiveState} state
 * @param {import('../shared/rhythm.js').Rhythm} rhythm
 * @param {{opening: {value: number}, lean: {value: number}, size: {value: number}}} parameters
 * @returns {Gesture} the same object each time
 */
export function gestureOf({ form, motion, body, presence }, { flow, breath, beat }, parameters) {
  const { lift, fold, tremble, expand } = motion
  const heavy = Math.max(-lift - 0.15, 0) * (1 - fold)
  const sharp = smoothstep((form.facets - 0.3) / 0.45) * (1 - tremble) * (1 - 0.85 * fold)
  const open = (0.06 * presence - 0.08 + 1.1 * parameters.opening.value * form.opening) * (1 - 0.55 * fold)
    + 0.12 * Math.max(lift, 0) + 0.5 * expand - 0.12 * tremble
  gesture.open = Math.min(Math.max(open, 0), 1.15)
  gesture.heavy = heavy
  gesture.sharp = sharp
  gesture.fold = fold
  gesture.shrink = tremble * (1 - 0.6 * form.opening)
  gesture.burst = expand
  gesture.sway = 0.03 + 0.16 * motion.amplitude
  gesture.tremble = 0.05 * tremble
  gesture.spiral = 0.34 + 0.75 * form.diagonal + 0.9 * gesture.shrink + 0.5 * fold - 0.2 * sharp
  gesture.twist = 0.1 + 0.5 * form.diagonal + 0.8 * fold
  gesture.uneven = form.asymmetry
  gesture.size = parameters.size.value * (1.34 - 0.22 * gesture.open)
    * (1 - 0.2 * gesture.shrink) * (1 - 0.12 * fold) * (1 + 0.16 * expand + 0.05 * beat + 0.012 * breath)

  // Toward the visitor the more it opens; hanging when it is heavy; turned away when it folds.
  const nod = 0.2 + 0.5 * Math.min(gesture.open, 1) + 0.1 * heavy - 0.95 * fold - 0.2 * gesture.shrink
  const aside = -0.32 * parameters.lean.value * body.lean - 0.42 * form.diagonal * presence
    - 1.95 * heavy + 0.45 * fold
  const drift = 0.04 + 0.1 * motion.amplitude
  slant.set(
    nod + drift * 0.5 * Math.sin(flow * 0.61),
    0.12 * flow,
    aside + drift * 0.5 * Math.sin(flow * 0.47 + 1),
    'ZXY',
  )
  gesture.turn.setFromEuler(slant)
  gesture.place.set(
    0.2 * body.lean + drift * 0.25 * Math.sin(flow * 0.37),
    0.2 * Math.max(lift, 0) - 0.24 * heavy + 0.02 * breath - 0.1 * fold,
    -0.35 * gesture.shrink - 0.3 * fold + 0.2 * expand,
  )
  return gesture
}

/** @param {number} x */
export function smoothstep(x) {
  const t = Math.min(Math.max(x, 0), 1)
  return t * t * (3 - 2 * t)
}
