import { Spring } from '../../stage/spring.js'
import { GROUPS } from './air.js'
import { PAINT } from './colours.js'
import { fits, paintPlant } from './planting.js'
import { Random } from '../../stage/random.js'
import { Strokes } from './strokes.js'

/**
 * @typedef {import('../../protocol.js').SceneObject} SceneObject
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 *
 * @typedef {object} Place  where one grows
 * @property {SceneObject | null} object  null while it leaves, and when it is free
 * @property {Spring} grown  0 to 1
 */

/** The first group of the objects; before it are those of plants.js. */
const FIRST = 8
const PLACES = GROUPS - FIRST
/** Strokes of one at the level `low`. */
const EACH = 330
/** How near and how far they grow: the SceneState's z is 1 and -1. */
const DEPTH = { near: 8.5, far: 27 }

/**
 * What an object becomes by what it means: on land and in the water, each with its paint.
 *
 * @type {Record<string, [land: [string, number][], water: [string, number][]]>}
 */
const KINDS = {
  plants: [[['round', PAINT.leaf], ['poplar', PAINT.leaf], ['bush', PAINT.grass]],
    [['reed', PAINT.reed]]],
  blossom: [[['rose', PAINT.blossom], ['flowers', PAINT.blossom]], [['lilies', PAINT.blossom]]],
  water: [[['willow', PAINT.reed], ['flowers', PAINT.lilac]],
    [['reed', PAINT.reed], ['lilies', PAINT.lilac]]],
  earth: [[['haystack', PAINT.straw], ['bush', PAINT.leaf]], [['rock', PAINT.earth]]],
  stone: [[['rock', PAINT.stone]], [['rock', PAINT.stone]]],
  sand: [[['reed', PAINT.straw]], [['reed', PAINT.straw]]],
  sky: [[['flowers', PAINT.lilac]], [['boat', PAINT.wall]]],
  snow: [[['birch', PAINT.leaf], ['flowers', PAINT.snow]], [['lilies', PAINT.snow]]],
  fire: [[['flowers', PAINT.poppy], ['round', PAINT.poppy]], [['lilies', PAINT.poppy]]],
  light: [[['flowers', PAINT.straw], ['rose', PAINT.wall]],
    [['boat', PAINT.wall], ['lilies', PAINT.wall]]],
  night: [[['pine', PAINT.pine]], [['rock', PAINT.stone]]],
  wood: [[['birch', PAINT.leaf]], [['boat', PAINT.wall]]],
  straw: [[['haystack', PAINT.straw]], [['reed', PAINT.straw]]],
  cloud: [[['flowers', PAINT.wall]], [['boat', PAINT.snow]]],
}
/** How high each grows, for an object of usual size. */
const HEIGHTS = {
  round: 1.6, poplar: 2.5, bush: 0.6, rose: 0.6, willow: 1.7, birch: 2.2, pine: 2, flowers: 0.36,
  haystack: 0.95, rock: 0.4, reed: 0.6, lilies: 0.7, boat: 1.05,
}
const USUAL = 0.11

/** What the expression makes: it grows in the landscape, and is gone with the next season. */
export class Objects {
  /** @type {Strokes} */
  strokes
  /** @type {Map<number, number>} number of the place by the object's id */
  #living = new Map()
  /** @type {Place[]} */
  #places = Array.from({ length: PLACES },
    () => ({ object: null, grown: new Spring(0, 0.9, 0.95) }))
  #each
  #composition
  #sight
  #detail
  #seed

  /**
   * @param {import('./composition.js').Composition} composition
   * @param {import('./planting.js').Sight} sight
   * @param {number} seed
   * @param {number} detail  1 at the level `low`
   * @param {boolean} whole  as Strokes take it
   * @param {Objects | null} before  those of the same land as it was; what lives there goes on
   */
  constructor(composition, sight, seed, detail, whole, before) {
    this.#seed = seed
    this.#composition = composition
    this.#sight = sight
    this.#detail = detail
    this.#each = Math.round(EACH * detail)
    this.strokes = new Strokes(this.#each * PLACES, whole)
    if (!before) return
    this.#living = before.#living
    this.#places = before.#places
    for (const [i, { object }] of this.#places.entries()) if (object) this.#write(i, object)
  }

  /** How many there are, without those that leave. */
  get size() {
    return this.#living.size
  }

  get leaving() {
    return this.#places.filter(({ object, grown }) => !object && grown.value > 0.01).length
  }

  /**
   * @param {Pick<LiveState, 'reset' | 'remove' | 'add'>} state
   * @param {number} dt seconds
   * @param {Float32Array} grown  of all groups; given those of the objects
   */
  update({ reset, remove, add }, dt, grown) {
    if (reset) {
      const kept = new Set(add.map(({ id }) => id))
      for (const id of [...this.#living.keys()]) if (!kept.has(id)) this.#remove(id)
    }
    for (const id of remove) this.#remove(id)
    for (const object of add) this.#add(object)
    let last = 0
    for (const [i, { object, grown: spring }] of this.#places.entries()) {
      grown[FIRST + i] = Math.max(spring.step(dt), 0)
      if (object || spring.value > 0.01) last = i + 1
    }
    this.strokes.drawFirst(last * this.#each)
  }

  /** @param {SceneObject} object */
  #add(object) {
    if (this.#living.has(object.id)) return
    const free = this.#free()
    const place = this.#places[free]
    if (place.object) this.#remove(place.object.id)
    place.object = object
    place.grown = new Spring(0, 1.4, 0.66)
    place.grown.target = 1
    this.#living.set(object.id, free)
    this.#write(free, object)
  }

  /** The place that is the emptiest. */
  #free() {
    const empty = this.#places.map(({ object, grown }) => grown.value + (object ? 2 : 0))
    return empty.indexOf(Math.min(...empty))
  }

  /** @param {number} id */
  #remove(id) {
    const place = this.#places[this.#living.get(id) ?? -1]
    if (!place) return
    this.#living.delete(id)
    const { value } = place.grown
    place.object = null
    place.grown = new Spring(value, 1, 0.95)
    place.grown.target = 0
  }

  /**
   * @param {number} place
   * @param {SceneObject} object
   */
  #write(place, object) {
    this.strokes.only = FIRST + place
    this.strokes.replace(place * this.#each, (place + 1) * this.#each, () => this.#paint(object))
  }

  /** @param {SceneObject} object */
  #paint({ id, size, position: [u, , z], meaning }) {
    const random = new Random(this.#seed + id * 977)
    const { half } = this.#sight
    const d = DEPTH.far + (DEPTH.near - DEPTH.far) * (z + 1) / 2
    const x = 0.95 * u * half * d
    const kinds = KINDS[meaning ?? ''] ?? KINDS.plants
    const wet = this.#composition.water && fits(this.#composition, 'lilies', x, d)
    const [kind, paint] = random.pick(kinds[wet ? 1 : 0])
    const height = HEIGHTS[/** @type {keyof typeof HEIGHTS} */ (kind)] * Math.sqrt(size / USUAL)
    // Painted as finely as it fits into its place.
    paintPlant(
      this.strokes, this.#composition, this.#sight, { kind, paint, x, d, height }, random,
      0.65 * this.#detail,
    )
  }
}
