import { Color } from 'three'
import { setOklch } from '../../stage/colour.js'
import { smoothing } from '../../stage/spring.js'

/** @typedef {import('../../protocol.js').Oklch} Oklch */

/**
 * The colours of meanings that the landscape uses, as they are before the server has said any:
 * the same numbers as in server/stage/mappings.toml.
 *
 * @type {Record<string, Oklch>}
 */
const AT_FIRST = {
  plants: [0.6, 0.14, 142], blossom: [0.78, 0.12, 355], water: [0.62, 0.11, 235],
  earth: [0.46, 0.07, 58], stone: [0.58, 0.018, 75], sand: [0.82, 0.065, 85],
  sky: [0.8, 0.08, 228], snow: [0.94, 0.012, 220], fire: [0.68, 0.19, 45],
  light: [0.9, 0.1, 92], night: [0.28, 0.07, 278], wood: [0.4, 0.045, 55],
  straw: [0.8, 0.105, 82], cloud: [0.93, 0.012, 75],
}

/**
 * What strokes and land are painted with. Each is the colour of a meaning, some of them shifted:
 * lightness and chroma as factors, hue in degrees.
 *
 * @type {[name: string, meaning: string, lightness: number, chroma: number, hue: number][]}
 */
const PAINTS = [
  ['grass', 'plants', 1.06, 0.74, -16],
  ['leaf', 'plants', 0.88, 0.76, -6],
  ['pine', 'plants', 0.68, 0.55, 14],
  ['reed', 'plants', 1, 0.75, -30],
  ['wood', 'wood', 1, 1, 0],
  ['earth', 'earth', 1.12, 0.9, 4],
  ['stone', 'stone', 1, 1.4, 0],
  ['chalk', 'stone', 1.34, 1.6, 4],
  ['sand', 'sand', 0.95, 1, -4],
  ['straw', 'straw', 1, 1, 0],
  ['snow', 'snow', 1, 1, 0],
  ['blossom', 'blossom', 1, 1, 0],
  ['poppy', 'fire', 0.88, 0.95, -14],
  ['lilac', 'blossom', 0.86, 0.9, -48],
  ['roof', 'fire', 0.8, 0.5, -2],
  ['wall', 'light', 1, 0.35, -8],
  ['water', 'water', 1, 1, 0],
]

/** Number of a paint by its name: what the geometries store. */
export const PAINT = Object.fromEntries(PAINTS.map(([name], i) => [name, i]))
export const PAINT_COUNT = PAINTS.length

/**
 * How far each season takes the plants' paints to another one: which, and the share.
 * Spring, summer, autumn, winter.
 *
 * @type {Record<string, [string, number][]>}
 */
const SEASONS = {
  grass: [['straw', 0], ['straw', 0.16], ['straw', 0.5], ['snow', 0.86]],
  leaf: [['straw', 0.16], ['pine', 0.12], ['poppy', 0.52], ['snow', 0.5]],
  pine: [['leaf', 0.2], ['leaf', 0], ['straw', 0.12], ['snow', 0.36]],
  reed: [['grass', 0.2], ['grass', 0], ['straw', 0.6], ['snow', 0.4]],
  earth: [['sand', 0], ['sand', 0.1], ['sand', 0.05], ['snow', 0.72]],
  sand: [['straw', 0], ['straw', 0], ['straw', 0], ['snow', 0.7]],
  straw: [['grass', 0.4], ['straw', 0], ['earth', 0.2], ['snow', 0.78]],
  stone: [['grass', 0.06], ['sand', 0], ['sand', 0.1], ['snow', 0.3]],
  roof: [['earth', 0], ['earth', 0], ['earth', 0], ['snow', 0.8]],
}
export const SEASON_COUNT = 4

/** Lightness per second: so slow that no change of a meaning is ever half a flash. */
const FASTEST = 0.12
const HALF_LIFE = 0.4

/** The paints, eased: they follow the meanings of the state and the season. */
export class Colours {
  /** Linear sRGB by number. */
  paints = PAINTS.map(() => new Color())
  /** What is painted on its own: sky, cloud, night, light, water, snow. @type {Record<string, Color>} */
  linear = {}
  /** @type {Record<string, Oklch>} */
  #meanings = structuredClone(AT_FIRST)
  /** Before the season. */
  #plain = PAINTS.map(() => new Color())

  constructor() {
    for (const name in AT_FIRST) this.linear[name] = new Color()
  }

  /**
   * @param {Record<string, Oklch>} meanings of the state
   * @param {number} season 0 spring, 1 summer … with what lies between
   * @param {number} dt seconds
   */
  step(meanings, season, dt) {
    const share = smoothing(dt, HALF_LIFE)
    const most = FASTEST * dt
    for (const name in AT_FIRST) {
      const now = this.#meanings[name]
      const [lightness, chroma, hue] = meanings[name] ?? AT_FIRST[name]
      now[0] += Math.min(Math.max((lightness - now[0]) * share, -most), most)
      now[1] += (chroma - now[1]) * share
      now[2] += (((hue - now[2] + 540) % 360) - 180) * share
      setOklch(this.linear[name], now)
    }
    for (const [i, [, meaning, lightness, chroma, hue]] of PAINTS.entries()) {
      const [l, c, h] = this.#meanings[meaning]
      setOklch(this.#plain[i], [Math.min(l * lightness, 0.97), c * chroma, h + hue])
      this.paints[i].copy(this.#plain[i])
    }
    const from = Math.floor(season) % SEASON_COUNT
    for (const name in SEASONS) {
      const paint = this.paints[PAINT[name]]
      const plain = this.#plain[PAINT[name]]
      const [before, after] = [SEASONS[name][from], SEASONS[name][(from + 1) % SEASON_COUNT]]
      const way = season - Math.floor(season)
      paint.copy(plain).lerp(this.#plain[PAINT[before[0]]], before[1])
      other.copy(plain).lerp(this.#plain[PAINT[after[0]]], after[1])
      paint.lerp(other, way)
    }
  }
}

const other = new Color()
