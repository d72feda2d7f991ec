import { PAINT } from './colours.js'
import { makeNoise, Random, smoothstep } from '../../stage/random.js'

/**
 * Views that a painter would choose, each from a seed: where the horizon lies, how the land rises,
 * what it is covered with, and what stands on it. x runs to the right, d away from the eye, heights
 * upward from the lowest ground; one unit is about three metres. Water is everywhere below 0.
 *
 * @typedef {object} Plant
 * @property {string} kind  one of PAINTERS
 * @property {number} paint  a number of PAINT
 * @property {number} x
 * @property {number} d
 * @property {number} height
 *
 * @typedef {object} Cover  what the ground is painted with
 * @property {number} a  a number of PAINT
 * @property {number} b  another one
 * @property {number} share  of b, 0 to 1
 * @property {number} tint
 *
 * @typedef {object} Composition
 * @property {string} kind
 * @property {number} season  to begin with: 0 spring … 3 winter
 * @property {number} near  distance of the nearest ground that is seen
 * @property {number} horizon  as a share of the picture's height from the top
 * @property {boolean} water
 * @property {(x: number, d: number) => number} height
 * @property {(x: number, d: number, height: number, steep: number, cover: Cover) => void} cover
 *   `steep` is 0 on level ground, 1 on a wall
 * @property {number} tufts  how thickly grass grows in front, 0 to 1
 * @property {Plant[]} plants
 *
 * @typedef {object} Plan  what the kinds below decide; the rest is the same for all
 * @property {number} near
 * @property {number} horizon
 * @property {boolean} [water]
 * @property {number} [tufts]
 * @property {Composition['height']} height
 * @property {Composition['cover']} cover
 */

/** From two metres to a unit of the view. */
const SCALE = 0.66
/** How far the view goes. */
export const FARTHEST = 54

/** What the kinds are made with. */
class Sketch {
  /** @type {Plant[]} */
  plants = []

  /**
   * @param {number} seed
   * @param {number} half  tangent of half the angle that is seen horizontally
   */
  constructor(seed, half) {
    this.random = new Random(seed)
    this.half = half
    this.noise = makeNoise(seed * 7 + 1)
    this.green = this.random.pick([PAINT.grass, PAINT.grass, PAINT.straw, PAINT.reed])
  }

  /**
   * @param {string} kind
   * @param {number} x
   * @param {number} d
   * @param {number} height
   * @param {number} [paint]
   */
  plant(kind, x, d, height, paint = PAINT.leaf) {
    this.plants.push({ kind, x, d, height: SCALE * height, paint })
  }

  /** Where something lies that is seen `u` from the middle: -1 is the left edge, 1 the right. */
  at(/** @type {number} */ u, /** @type {number} */ d) {
    return u * this.half * d
  }

  /** A tree of the neighbourhood. */
  tree() {
    return this.random.pick(['round', 'round', 'poplar', 'pine', 'birch', 'willow'])
  }

  /**
   * Many of a kind along a depth, from one edge of the picture to the other.
   *
   * @param {number} count
   * @param {[number, number]} us  from and to, as `at` takes them
   * @param {[number, number]} ds
   * @param {(x: number, d: number) => void} put
   */
  scatter(count, [left, right], [near, far], put) {
    for (let i = 0; i < count; i++) {
      const d = this.random.between(near, far)
      put(this.at(this.random.between(left, right), d), d)
    }
  }

  /** Trees that frame the view on one side, near. */
  frame(/** @type {number} */ side, /** @type {[number, number]} */ ds, kind = this.tree()) {
    const d = this.random.between(...ds)
    const height = d * this.random.between(0.24, 0.36)
    const paint = kind === 'pine' ? PAINT.pine : PAINT.leaf
    this.plant(kind, this.at(side * this.random.between(0.68, 0.98), d), d, height, paint)
    this.plant('bush', this.at(side * this.random.between(0.7, 1.1), d - 1), d - 1, 0.07 * d)
    if (this.random.chance(0.5)) {
      this.plant(this.tree(), this.at(side * this.random.between(0.95, 1.25), d + 4), d + 4,
        height * 0.9)
    }
  }

  /** A wood far away. */
  woods(/** @type {number} */ count, /** @type {[number, number]} */ ds, tall = 3) {
    const middle = this.random.between(-0.8, 0.8)
    this.scatter(count, [middle - 0.9, middle + 0.9], ds, (x, d) => {
      const kind = this.random.pick(['round', 'bush', 'round', 'poplar', 'pine'])
      const height = tall * this.random.between(0.45, 1) * (kind === 'bush' ? 0.5 : 1)
      this.plant(kind, x, d, height, kind === 'pine' ? PAINT.pine : PAINT.leaf)
    })
  }

  /** Flowers in the foreground. */
  garden(/** @type {number} */ count, /** @type {[number, number]} */ ds) {
    const paints = [PAINT.poppy, PAINT.blossom, PAINT.wall, PAINT.lilac]
    const [one, other] = [this.random.pick(paints), this.random.pick(paints)]
    this.scatter(count, [-1.05, 1.05], ds, (x, d) => (
      this.plant('flowers', x, d, this.random.between(0.22, 0.42),
        this.random.chance(0.7) ? one : other)
    ))
  }

  /** A line of hills at a distance: highest in the middle of its depth. */
  ridge(/** @type {number} */ far, /** @type {number} */ depth, /** @type {number} */ height,
    wide = 9) {
    const shift = this.random.between(0, 100)
    const { noise } = this
    return (/** @type {number} */ x, /** @type {number} */ d) => {
      const near = 1 - Math.abs(d - far) / depth
      if (near <= 0) return 0
      const line = 0.62 + 0.42 * noise(x / wide + shift, shift)
        + 0.16 * noise(x / wide * 3.1, shift + 7)
      return height * smoothstep(0, 1, near) * Math.max(line, 0)
    }
  }

  /** Peaks, with edges: ridged noise. */
  peaks(/** @type {number} */ far, /** @type {number} */ depth, /** @type {number} */ height) {
    const shift = this.random.between(0, 100)
    const middle = this.random.between(-0.6, 0.6) * this.half * far
    const { noise } = this
    return (/** @type {number} */ x, /** @type {number} */ d) => {
      const near = 1 - Math.abs(d - far) / depth
      if (near <= 0) return 0
      let rock = 0
      for (const [scale, share] of [[9, 0.55], [4.2, 0.28], [1.9, 0.13], [0.9, 0.05]]) {
        rock += share * (1 - 1.6 * Math.abs(noise(x / scale + shift, d / scale / 1.6 + shift)))
      }
      const massif = 0.55 + 0.45 * Math.exp(-(((x - middle) / 8) ** 2))
      return height * smoothstep(0, 1, near) * Math.max(rock, 0.05) * massif
    }
  }
}

/**
 * Meadow with patches; stone where it is steep, a bank where it meets the water.
 *
 * @param {Sketch} sketch
 * @param {number} green  a number of PAINT
 * @returns {Composition['cover']}
 */
function meadow({ noise }, green) {
  return (x, d, height, steep, cover) => {
    const patch = noise(x / 5 + 3, d / 5) + 0.5 * noise(x * 0.9, d * 0.9)
    cover.a = PAINT.grass
    cover.b = green === PAINT.grass ? PAINT.leaf : green
    cover.share = smoothstep(-0.5, 0.9, patch)
    cover.tint = 1 + 0.12 * noise(x * 1.7, d * 1.7) - 0.1 * steep
    if (height < 0.16) {
      cover.b = PAINT.earth
      cover.share = smoothstep(0.16, 0.02, height)
    }
  }
}

/** @type {Record<string, (sketch: Sketch) => Plan>} */
const KINDS = {
  river(sketch) {
    const { random, noise } = sketch
    const [turn, phase, slope] = [random.between(0.05, 0.11), random.between(0, 6),
      random.side() * random.between(0.02, 0.1)]
    const swing = random.between(1.2, 2.6)
    const wide = random.between(2.2, 4)
    const course = (/** @type {number} */ d) => swing * Math.sin(d * turn + phase)
      + slope * (d - 14)
    const hills = [sketch.ridge(50, 9, random.between(2.5, 5.5), 11),
      sketch.ridge(38, 6, random.between(0.8, 2.2), 7)]
    const side = random.side()
    for (let d = random.between(13, 17); d < 46; d += random.between(1.7, 3)) {
      const x = course(d) + side * (wide + random.between(0.7, 1.3))
      sketch.plant('poplar', x, d, random.between(4.4, 6) * (0.8 + 0.006 * d))
    }
    for (let d = 12; d < 40; d += random.between(2.5, 5)) {
      const x = course(d) - side * (wide + random.between(0.8, 2.5))
      const kind = random.pick(['bush', 'bush', 'willow', 'round'])
      const height = kind === 'bush' ? random.between(0.8, 1.4) : random.between(2.2, 3.6)
      sketch.plant(kind, x, d, height)
    }
    for (let i = 0; i < 9; i++) {
      const d = random.between(7.5, 16)
      const bank = random.chance(0.7) ? -side : side
      sketch.plant('reed', course(d) + bank * (wide - 0.1), d, random.between(0.5, 1), PAINT.reed)
    }
    sketch.woods(14, [38, 50])
    if (random.chance(0.6)) sketch.frame(-side, [9, 12])
    if (random.chance(0.4)) sketch.plant('boat', course(22), 22, random.between(1.4, 2))
    if (random.chance(0.5)) sketch.plant('house', course(34) - side * 6, 34,
      random.between(1.6, 2.4))
    sketch.garden(10, [8, 15])
    return {
      near: random.between(6.2, 7.6), horizon: random.between(0.3, 0.46), water: true, tufts: 0.7,
      height: (x, d) => {
        const away = Math.abs(x - course(d)) - wide
        const bank = smoothstep(-0.5, 0.8, away) * 0.62 - 0.32
        const rise = 0.3 * smoothstep(0.5, 6, away) * (1 + noise(x / 4, d / 4))
        return bank + rise + smoothstep(0, 3, away) * (hills[0](x, d) + hills[1](x, d))
      },
      cover: meadow(sketch, sketch.green),
    }
  },

  pond(sketch) {
    const { random, noise } = sketch
    const shore = random.between(19, 26)
    const side = random.side()
    const edge = (/** @type {number} */ x) => shore + 2 * noise(x / 4, 5) + side * x * 0.4
    const inlet = (/** @type {number} */ d) => (
      side * (0.75 + 0.2 * noise(d / 3, 9)) * sketch.half * d
    )
    const paints = [PAINT.blossom, PAINT.wall, PAINT.snow, PAINT.lilac]
    for (let i = 0; i < 15; i++) {
      const d = 8.5 + 13 * random.next() ** 1.4
      sketch.plant('lilies', sketch.at(random.between(-0.95, 0.95), d), d, random.between(0.5, 1.2),
        random.pick(paints))
    }
    for (let i = 0; i < 12; i++) {
      const x = sketch.at(random.between(-1.2, 1.2), shore)
      const kind = random.pick(['willow', 'round', 'bush', 'bush', 'poplar'])
      const height = kind === 'bush' ? random.between(1, 1.8) : random.between(2.6, 5)
      sketch.plant(kind, x, edge(x) + random.between(0.8, 5), height)
    }
    for (let i = 0; i < 8; i++) {
      const d = random.between(8, 18)
      sketch.plant('reed', inlet(d) + random.between(-0.4, 0.5), d, random.between(0.7, 1.4),
        PAINT.reed)
    }
    sketch.frame(side, [11, 14], random.chance(0.7) ? 'willow' : 'round')
    if (random.chance(0.45)) sketch.plant('bridge', sketch.at(random.between(-0.25, 0.25), 17), 17,
      random.between(2.8, 3.8), random.pick([PAINT.leaf, PAINT.wood]))
    sketch.woods(12, [30, 44], 4)
    for (let i = 0; i < 6; i++) {
      const x = sketch.at(random.between(-1, 1), shore)
      sketch.plant('rose', x, edge(x) + random.between(0.3, 1.2), random.between(0.7, 1.2),
        random.pick(paints))
    }
    return {
      near: random.between(7.6, 8.6), horizon: random.between(0.12, 0.26), water: true, tufts: 0.4,
      height: (x, d) => {
        const far = d - edge(x)
        const near = side * (x - inlet(d))
        return Math.max(smoothstep(-0.6, 1.6, far), smoothstep(-0.4, 0.8, near)) * 0.75 - 0.35
          + 1.6 * smoothstep(4, 22, far)
      },
      cover: meadow(sketch, PAINT.leaf),
    }
  },

  coast(sketch) {
    const { random, noise } = sketch
    const side = random.side()
    const tall = random.chance(0.7) ? random.between(2.6, 5.5) : 0.6
    const [begin, end] = [random.between(13, 18), random.between(30, 46)]
    const reach = random.between(0.05, 0.4)
    const line = (/** @type {number} */ d) => (
      side * (sketch.half * d * reach + 1.1 * noise(d / 3.2, 2) + 0.4 * noise(d, 4))
    )
    const beach = random.between(8, 12)
    const chalk = random.pick([PAINT.chalk, PAINT.stone, PAINT.earth])
    for (let i = random.whole(2, 5); i > 0; i--) {
      const d = random.between(24, 50)
      sketch.plant('boat', sketch.at(-side * random.between(-0.1, 0.9), d), d,
        random.between(1.1, 2.2))
    }
    const stacks = random.whole(1, 4)
    for (let i = 0; i < stacks; i++) {
      const d = random.between(15, 30)
      sketch.plant('rock', line(d) - side * random.between(1, 3.5), d, random.between(0.5, 2.2),
        chalk)
    }
    for (let i = 0; i < 7; i++) {
      const d = random.between(7, 12)
      sketch.plant('rock', sketch.at(random.between(-1, 1), d), d, random.between(0.12, 0.4),
        PAINT.stone)
    }
    sketch.scatter(9, [side * 0.5, side * 1.2], [begin + 3, end], (x, d) => (
      sketch.plant(random.pick(['bush', 'bush', 'pine', 'round']), x + side * 1.5, d,
        random.between(0.8, 2))
    ))
    if (random.chance(0.4)) sketch.plant('house', side * (sketch.half * 26 * 0.8 + 1), 26, 1.7)
    if (random.chance(0.35)) sketch.frame(side, [9, 12], 'pine')
    return {
      near: random.between(6.2, 7.6), horizon: random.between(0.3, 0.62), water: true, tufts: 0.25,
      height: (x, d) => {
        const inland = side * (x - line(d))
        const wall = smoothstep(0, 0.9 + 0.3 * noise(d, 8), inland)
        const rise = tall * (0.75 + 0.3 * noise(d / 5, 3) + 0.1 * noise(d * 1.3, x)) * wall
        const along = smoothstep(begin - 2, begin + 3, d) * smoothstep(end + 4, end - 2, d)
        const shore = 0.5 * smoothstep(beach + 1.5, beach - 5,
          d + 1.2 * noise(x / 2.2, 1) - side * x * 0.8)
        return -0.3 + Math.max((rise + 0.35 * wall) * along,
          shore + 0.28 * smoothstep(0, 0.5, shore))
      },
      cover: (x, d, height, steep, cover) => {
        const high = smoothstep(0.45 * tall, 0.8 * tall, height) * (1 - steep)
        cover.a = d < begin - 1 ? PAINT.sand : chalk
        cover.b = d < begin - 1 ? PAINT.stone : PAINT.grass
        cover.share = d < begin - 1 ? 0.35 * smoothstep(0, 0.8, noise(x, d)) : high
        cover.tint = 1 + 0.18 * noise(x * 0.6, height * 3) * steep + 0.08 * noise(x * 3, d * 3)
      },
    }
  },

  hills(sketch) {
    const { random, noise } = sketch
    const waves = random.between(5, 9)
    const tall = random.between(1.1, 2.4)
    const far = [sketch.ridge(46, 12, random.between(3, 6), 12),
      sketch.ridge(31, 8, random.between(1.2, 3), 8)]
    const [bend, phase] = [random.between(0.8, 2), random.between(0, 6)]
    const path = random.chance(0.6)
    const way = (/** @type {number} */ d) => bend * Math.sin(d * 0.13 + phase) + 0.04 * d
    const green = meadow(sketch, sketch.green)
    const fields = [PAINT.straw, PAINT.grass, PAINT.leaf, PAINT.earth, PAINT.straw, PAINT.reed]
    const shift = random.whole(0, 20)
    for (let i = random.whole(3, 6); i > 0; i--) {
      const [u, d] = [random.between(-1, 1), random.between(17, 38)]
      for (let k = random.whole(2, 5); k > 0; k--) {
        const kind = sketch.tree()
        sketch.plant(kind, sketch.at(u, d) + random.between(-2, 2), d + random.between(-2, 2),
          random.between(1.8, 4), kind === 'pine' ? PAINT.pine : PAINT.leaf)
      }
    }
    for (let k = random.whole(1, 2); k > 0; k--) {
      const d = random.between(20, 32)
      sketch.plant('house', sketch.at(random.between(-0.7, 0.7), d), d, random.between(1.5, 2.3))
    }
    sketch.woods(16, [36, 50])
    if (random.chance(0.7)) sketch.frame(random.side(), [9, 13])
    sketch.garden(16, [7, 14])
    return {
      near: random.between(6.2, 7.6), horizon: random.between(0.3, 0.46), tufts: 0.9,
      height: (x, d) => {
        const roll = tall * smoothstep(6, 18, d) * (0.5 + 0.5 * noise(x / waves + 4, d / waves))
        return 0.25 + roll + far[0](x, d) + far[1](x, d)
      },
      cover: (x, d, height, steep, cover) => {
        const [i, j] = [Math.floor(x / 4.4 + 0.5 * noise(d / 6, 1)),
          Math.floor(d / 6 + 0.4 * noise(x / 6, 2))]
        green(x, d, height, steep, cover)
        if (d > 15 && d < 42) {
          cover.b = fields[(((i * 7 + j * 13 + shift) % 6) + 6) % 6]
          cover.share = 0.75
        }
        const aside = Math.abs(x - way(d))
        if (path && aside < 0.75) {
          cover.b = PAINT.sand
          cover.share = 0.8 * smoothstep(0.75, 0.5, aside)
        }
      },
    }
  },

  mountain(sketch) {
    const { random, noise } = sketch
    const lake = random.chance(0.6)
    const shore = [random.between(9, 12), random.between(24, 30)]
    const tall = random.between(7, 11)
    const green = meadow(sketch, sketch.green)
    const peaks = sketch.peaks(47, 13, tall)
    const foot = sketch.ridge(34, 7, random.between(1.2, 2.6), 6)
    for (let i = 0; i < 26; i++) {
      const d = random.between(shore[1] + 2, 40)
      sketch.plant('pine', sketch.at(random.between(-1.2, 1.2), d), d, random.between(1.6, 3.6),
        PAINT.pine)
    }
    for (let i = 0; i < 8; i++) {
      const d = random.between(7, shore[0])
      sketch.plant('rock', sketch.at(random.between(-1.1, 1.1), d), d, random.between(0.15, 0.6),
        PAINT.stone)
    }
    const side = random.side()
    for (let i = random.whole(2, 4); i > 0; i--) {
      const d = random.between(9, 13)
      sketch.plant('pine', sketch.at(side * random.between(0.6, 1.1), d), d,
        d * random.between(0.2, 0.34), PAINT.pine)
    }
    if (random.chance(0.35)) sketch.plant('house', sketch.at(-side * 0.5, shore[1] + 2),
      shore[1] + 2, 1.6)
    sketch.garden(12, [7, 11])
    return {
      near: random.between(6.2, 7.6), horizon: random.between(0.48, 0.62), water: lake, tufts: 0.7,
      height: (x, d) => {
        const bank = 0.6 - (lake ? 0.95 * smoothstep(shore[0] - 1, shore[0] + 0.8,
          d + noise(x / 2, 3))
          * smoothstep(shore[1] + 1.5, shore[1] - 1, d + 2 * noise(x / 5, 6)) : 0)
        return bank + 0.25 * noise(x / 3, d / 3) * (bank > 0.5 ? 1 : 0) + foot(x, d) + peaks(x, d)
      },
      cover: (x, d, height, steep, cover) => {
        green(x, d, height, steep, cover)
        if (d < 33) return
        const line = 0.38 * tall + 0.12 * tall * noise(x / 1.5, d / 1.5)
        cover.a = height > line ? PAINT.snow : PAINT.stone
        cover.b = height > line ? PAINT.stone : PAINT.pine
        cover.share = height > line
          ? smoothstep(0.35, 0.85, steep) : smoothstep(0.5 * line, 0.15 * line, height)
        cover.tint = 1 + 0.1 * noise(x * 2, d * 2)
      },
    }
  },

  fields(sketch) {
    const { random, noise } = sketch
    const crop = random.pick([PAINT.straw, PAINT.straw, PAINT.grass, PAINT.reed])
    const green = meadow(sketch, crop)
    const poppies = crop !== PAINT.straw || random.chance(0.4)
    const far = sketch.ridge(48, 9, random.between(0.8, 2.4), 12)
    const stacks = crop === PAINT.straw ? random.whole(1, 4) : 0
    for (let i = 0; i < stacks; i++) {
      const d = i === 0 ? random.between(9, 13) : random.between(14, 28)
      sketch.plant('haystack', sketch.at(random.between(-0.8, 0.8), d), d, random.between(1.5, 2.3),
        PAINT.straw)
    }
    sketch.woods(22, [34, 46], 2.6)
    const row = random.chance(0.5) ? random.between(22, 32) : 0
    if (row) {
      const from = random.between(-0.9, 0.2)
      for (let i = 0; i < 7; i++) sketch.plant('poplar', sketch.at(from, row) + 1.5 * i,
        row + random.between(-1, 1), random.between(3, 4.4))
    }
    if (random.chance(0.5)) sketch.plant('house', sketch.at(random.between(-0.8, 0.8), 30), 30,
      random.between(1.3, 2))
    if (random.chance(0.4)) sketch.frame(random.side(), [10, 14])
    if (poppies) sketch.garden(34, [6.5, 18])
    return {
      near: random.between(6.2, 7.6), horizon: random.between(0.46, 0.68), tufts: 1,
      height: (x, d) => 0.2 + 0.22 * noise(x / 6, d / 6) + far(x, d),
      cover: (x, d, height, steep, cover) => {
        green(x, d, height, steep, cover)
        cover.b = crop
        cover.share = 0.35 + 0.5 * smoothstep(-0.4, 0.5, noise(x / 9, d / 3))
        if (d > 24) cover.a = PAINT.leaf
      },
    }
  },

  forest(sketch) {
    const { random, noise } = sketch
    const kind = random.pick(['birch', 'bamboo', 'round', 'pine', 'poplar'])
    const [bend, phase] = [random.between(0.4, 1.4), random.between(0, 6)]
    const way = (/** @type {number} */ d) => bend * Math.sin(d * 0.16 + phase)
    const green = meadow(sketch, PAINT.leaf)
    const path = random.pick([PAINT.sand, PAINT.earth, PAINT.grass])
    const count = kind === 'bamboo' ? 46 : 34
    for (let i = 0; i < count; i++) {
      const d = 9 + 26 * (i / count) + random.between(0, 2)
      const side = random.side()
      const away = random.between(0.9,
        1.6) + Math.abs(random.between(-1, 1)) * sketch.half * d * 1.1
      const height = random.between(3.4, 6.5)
      sketch.plant(kind, way(d) + side * away, d, height, kind === 'pine' ? PAINT.pine : PAINT.leaf)
      if (random.chance(0.45)) sketch.plant('bush', way(d) + side * (away + 0.4), d - 0.7,
        random.between(0.5, 1.1))
    }
    sketch.woods(26, [36, 48], 5)
    sketch.garden(14, [7, 14])
    return {
      near: random.between(6.2, 7.6), horizon: random.between(0.42, 0.58), tufts: 1,
      height: (x, d) => 0.2 + 0.16 * noise(x / 2, d / 2) + 0.12 * Math.min(Math.abs(x - way(d)), 3),
      cover: (x, d, height, steep, cover) => {
        green(x, d, height, steep, cover)
        const aside = Math.abs(x - way(d))
        if (aside < 1) {
          cover.b = path
          cover.share = 0.85 * smoothstep(1, 0.5, aside)
        }
      },
    }
  },

  dunes(sketch) {
    const { random, noise } = sketch
    const shift = random.between(0, 50)
    const slant = random.between(-0.5, 0.5)
    const far = sketch.ridge(47, 10, random.between(1.5, 4), 10)
    const apart = random.between(6.5, 10)
    const crest = (/** @type {number} */ x, /** @type {number} */ d) => {
      const wave = (d + slant * x + 2.5 * noise(x / 6 + shift, d / 9)) / apart
      const part = wave - Math.floor(wave)
      return part < 0.72 ? part / 0.72 : (1 - part) / 0.28
    }
    for (let i = random.whole(3, 9); i > 0; i--) {
      const d = random.between(9, 26)
      sketch.plant(random.pick(['bush', 'reed', 'rock']), sketch.at(random.between(-1, 1), d), d,
        random.between(0.4, 1), random.pick([PAINT.reed, PAINT.pine]))
    }
    return {
      near: random.between(6.2, 7.6), horizon: random.between(0.28, 0.5), tufts: 0.08,
      height: (x, d) => 0.3 + smoothstep(6, 14, d) * (0.5 + 0.028 * d) * smoothstep(0, 1,
        crest(x, d)) * (1 + 0.5 * noise(x / 7, d / 7 + shift)) + far(x, d),
      cover: (x, d, _height, _steep, cover) => {
        cover.a = PAINT.sand
        cover.b = PAINT.straw
        cover.share = 0.5 + 0.4 * noise(x / 6, d / 6)
        cover.tint = 1 + 0.07 * Math.sin(9 * (d + 0.4 * noise(x * 0.8, d * 0.8) + slant * x))
          * smoothstep(30, 8, d)
      },
    }
  },
}

export const KIND_NAMES = Object.keys(KINDS)

/**
 * @param {number} seed
 * @param {number} half  tangent of half the angle that is seen horizontally
 * @returns {Composition}
 */
export function compose(seed, half) {
  const choice = new Random(seed ^ 0xc0105e)
  const kind = choice.pick(KIND_NAMES)
  const season = choice.pick([0, 0, 1, 1, 1, 1, 2, 2, 3])
  const sketch = new Sketch(seed, Math.max(half, 0.16))
  const plan = KINDS[kind](sketch)
  return { kind, season, water: false, tufts: 0.5, ...plan, plants: sketch.plants }
}

/**
 * How high the ground is where something can stand: never under water.
 *
 * @param {Composition} composition
 * @param {number} x
 * @param {number} d
 */
export const standing = ({ height }, x, d) => Math.max(height(x, d), 0)
