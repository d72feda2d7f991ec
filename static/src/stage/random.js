/**
 * Numbers that look random and follow from a seed alone, in every browser alike.
 *
 * The generator is splitmix32: a counter whose bits are mixed (the mixing constants are those of
 * Chris Wellons, "Prospecting for hash functions", 2018).
 */
export class Random {
  #state

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** 0 to 1, 1 excluded. */
  next() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    return mix(this.#state) / 4294967296
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  between(low, high) {
    return low + (high - low) * this.next()
  }

  /**
   * A whole number, both ends included.
   *
   * @param {number} low
   * @param {number} high
   */
  whole(low, high) {
    return Math.floor(this.between(low, high + 1))
  }

  /** @param {number} share 0 to 1 */
  chance(share) {
    return this.next() < share
  }

  /** -1 or 1. */
  side() {
    return this.next() < 0.5 ? -1 : 1
  }

  /**
   * @template T
   * @param {readonly T[]} list
   * @returns {T}
   */
  pick(list) {
    return list[Math.floor(this.next() * list.length)]
  }
}

/** @param {number} value */
function mix(value) {
  let z = value
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return (z ^ (z >>> 15)) >>> 0
}

/**
 * Smooth noise over a plane: a value at each whole place, blended between them.
 *
 * @param {number} seed
 * @returns {(x: number, y: number) => number} -1 to 1
 */
export function makeNoise(seed) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => (
    mix(Math.imul(x, 374761393) + Math.imul(y, 668265263) + seed) / 2147483648 - 1
  )
  return (x, y) => {
    const i = Math.floor(x)
    const j = Math.floor(y)
    const u = smooth(x - i)
    const v = smooth(y - j)
    const low = at(i, j) + (at(i + 1, j) - at(i, j)) * u
    const high = at(i, j + 1) + (at(i + 1, j + 1) - at(i, j + 1)) * u
    return low + (high - low) * v
  }
}

/** @param {number} t 0 to 1 */
const smooth = (t) => t * t * (3 - 2 * t)

/**
 * @param {number} low
 * @param {number} high
 * @param {number} x
 */
export const smoothstep = (low, high, x) => smooth(Math.min(Math.max((x - low) / (high - low), 0), 1))

/**
 * @param {number} from
 * @param {number} to
 * @param {number} share
 */
export const blend = (from, to, share) => from + (to - from) * share
