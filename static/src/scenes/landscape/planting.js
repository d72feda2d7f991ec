import { PAINT } from './colours.js'
import { standing } from './composition.js'
import { GROUP, PAINTERS } from './plants.js'
import { Random } from '../../stage/random.js'
import { Strokes } from './strokes.js'

/**
 * @typedef {import('./composition.js').Composition} Composition
 * @typedef {import('./composition.js').Plant} Plant
 *
 * @typedef {object} Sight  how the composition is seen
 * @property {number} eye  height of the eye
 * @property {number} half  tangent of half the angle that is seen horizontally
 * @property {number} tall  the same, vertically
 * @property {number} near  distance of the nearest ground that is seen
 */

/** At the level `low`: the most strokes of plants; touches of the bare ground, and tufts of grass. */
const MOST = 13000
const TOUCHES = 4200
const TUFTS = 2600
/** What may stand in the water. */
const WET = new Set(['lilies', 'boat', 'reed', 'rock', 'bridge'])

/**
 * Everything that stands in a composition, and the touches of the brush on its ground.
 *
 * @param {Composition} composition
 * @param {Sight} sight
 * @param {number} seed
 * @param {number} detail  1 at the level `low`
 * @param {boolean} whole  as Strokes take it
 */
export function plantAll(composition, sight, seed, detail, whole) {
  const touches = new Strokes(Math.round((TOUCHES + TUFTS) * detail), whole)
  touchGround(touches, composition, sight, new Random(seed ^ 0x9a55), detail)
  touches.draw()
  const plants = new Strokes(Math.round(MOST * detail), whole)
  // The nearest first: where there are too many strokes, it is the distance that goes without.
  for (const [i, plant] of [...composition.plants].sort((a, b) => a.d - b.d).entries()) {
    paintPlant(plants, composition, sight, plant, new Random(seed + 31 * i), detail)
  }
  plants.draw()
  return { plants, touches }
}

/**
 * Whether something can stand there.
 *
 * @param {Composition} composition
 * @param {string} kind
 * @param {number} x
 * @param {number} d
 */
export function fits({ height, water }, kind, x, d) {
  const afloat = water && height(x, d) < 0.03
  return kind === 'rock' || kind === 'bridge' || kind === 'reed' || afloat === WET.has(kind)
}

/**
 * @param {Strokes} strokes
 * @param {Composition} composition
 * @param {Sight} sight
 * @param {Plant} plant
 * @param {Random} random
 * @param {number} detail
 */
export function paintPlant(strokes, composition, { tall }, { kind, paint, x, d, height }, random,
  detail) {
  if (!fits(composition, kind, x, d)) return
  strokes.foot = [x, standing(composition, x, d), -d]
  strokes.group = GROUP.tree
  // As many strokes as its size in the picture asks for.
  const share = Math.min(Math.max(5 * height / (2 * tall * d), 0.34), 2.6)
  PAINTERS[kind]({ strokes, random, paint, detail: detail * share }, height)
}

/**
 * @param {Strokes} strokes
 * @param {Composition} composition
 * @param {Sight} sight
 * @param {Random} random
 * @param {number} detail
 */
function touchGround(strokes, composition, { eye, half, near }, random, detail) {
  const { height, cover } = composition
  const one = { a: 0, b: 0, share: 0, tint: 1 }
  const nearest = 0.72 * near
  for (let i = 0; i < TOUCHES * detail; i++) {
    const d = eye / random.between(eye / 46, eye / nearest)
    const x = random.between(-1.3, 1.3) * half * d
    const y = height(x, d)
    if (composition.water && y < 0.02) continue
    const slope = (height(x + 0.05, d) - y) / 0.05
    const rise = (height(x, d + 0.1) - y) / 0.1
    const steep = 1 - 1 / Math.hypot(slope, rise, 1)
    one.tint = 1
    cover(x, d, y, steep, one)
    const paint = random.chance(one.share) ? one.b : one.a
    strokes.foot = [x, y, -d]
    strokes.group = GROUP.solid
    const long = d * random.between(0.006,
      0.016) * (1 - 0.7 * Math.min(steep, 1)) / Math.sqrt(detail)
    const wide = d * random.between(0.0015, 0.004) * (1 + steep) / Math.sqrt(detail)
    const run = Math.min(Math.max(slope, -1.5), 1.5)
    strokes.leaf([0, 0.3 * wide, 0], [0, 0.3 * wide, 0], [long, run * long, 0],
      [0, wide, 0.3 * wide], {
      paint, tint: one.tint * random.between(0.84, 1.16),
      normal: [-slope, 1.2, rise + 0.25], sway: 0,
    })
  }
  for (let i = 0; i < TUFTS * composition.tufts * detail; i++) {
    const d = nearest * (1 + 1.4 * random.next() ** 1.6)
    const x = random.between(-1.2, 1.2) * half * d
    const y = height(x, d)
    if (composition.water && y < 0.06) continue
    one.tint = 1
    cover(x, d, y, 0, one)
    const paint = random.chance(one.share) ? one.b : one.a
    if (paint === PAINT.sand || paint === PAINT.stone || paint === PAINT.earth) continue
    strokes.foot = [x, y - 0.02, -d]
    strokes.group = GROUP.grass
    const tall = random.between(0.07, 0.2)
    const slant = random.between(-0.35, 0.35)
    strokes.leaf([0.4 * slant * tall, 0.5 * tall, 0], [0.4 * slant * tall, 0.5 * tall, 0],
      [slant * tall, 0.55 * tall, 0], [0.016, 0, 0], {
      paint, tint: random.between(0.62, 1.25), normal: [0.3 * slant, 0.85, 0.5], sway: 0.9,
    })
  }
}
