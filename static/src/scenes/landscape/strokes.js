import { BufferAttribute, BufferGeometry, DynamicDrawUsage } from 'three'

/**
 * @typedef {[number, number, number]} Triple
 *
 * @typedef {object} Touch  how a stroke is painted
 * @property {number} paint  a number of PAINT
 * @property {number} tint  factor of its brightness
 * @property {Triple} normal  of the form that it belongs to, for the light
 * @property {number} [sway]  0 to 1: how far the wind moves it
 */

/** Numbers of one corner, by attribute. */
const SIZES = { position: 3, angular: 3, foot: 3, normal: 3, touch: 4 }
const CORNERS = 4
/** Corners of the triangles of one stroke. */
const INDICES = 6
/** A leaf that is only one triangle is so much wider. */
const HALF = 1.6

/**
 * Plants, rocks and houses as strokes of a brush: leaf-shaped quads in one geometry, so that
 * thousands are one draw call. A stroke belongs to a foot, from which it grows, and knows two
 * places: one in the round form of its plant (`position`), one in the angular (`angular`), both
 * from the foot. `touch` is paint, tint, sway, and the group that grows together.
 */
export class Strokes {
  geometry = new BufferGeometry()
  /** Strokes that are written. */
  count = 0
  /** Where writing ends: what comes after is left out. */
  end
  /** Where what is written now grows from. @type {Triple} */
  foot = [0, 0, 0]
  /** What is written now grows with. */
  group = 0
  /** Where set, everything grows with this instead. @type {number | null} */
  only = null

  /** @type {Record<keyof typeof SIZES, Float32Array>} */
  #values

  /** Where the next triangle is written. */
  #next = 0
  #index

  /**
   * @param {number} most
   * @param {boolean} whole  whether a leaf has two triangles, or one, which is drawn sooner
   */
  constructor(most, whole) {
    this.end = most
    this.whole = whole
    const arrays = Object.entries(SIZES).map(([name, size]) => {
      const values = new Float32Array(most * CORNERS * size)
      const attribute = new BufferAttribute(values, size)
      attribute.setUsage(DynamicDrawUsage)
      this.geometry.setAttribute(name, attribute)
      return [name, values]
    })
    this.#values = Object.fromEntries(arrays)
    this.#index = new Uint32Array(most * INDICES)
    this.geometry.setIndex(new BufferAttribute(this.#index, 1).setUsage(DynamicDrawUsage))
    this.geometry.setDrawRange(0, 0)
  }

  /**
   * A quad by its corners.
   *
   * @param {Triple[]} round four, from the foot
   * @param {Triple[]} angular four
   * @param {Touch} touch
   * @param {boolean} [whole]  otherwise without the last corner
   */
  quad(round, angular, { paint, tint, normal, sway = 0 }, whole = true) {
    if (this.count === this.end) return
    const { position, angular: cut, foot, normal: normals, touch } = this.#values
    for (let i = 0; i < CORNERS; i++) {
      const at = (this.count * CORNERS + i) * 3
      position.set(round[i], at)
      cut.set(angular[i], at)
      foot.set(this.foot, at)
      normals.set(normal, at)
      const last = (this.count * CORNERS + i) * 4
      touch[last] = paint
      touch[last + 1] = tint
      touch[last + 2] = sway
      touch[last + 3] = this.only ?? this.group
    }
    const first = this.count * CORNERS
    const corners = whole ? [0, 1, 2, 0, 2, 3] : [0, 1, 2]
    for (const corner of corners) this.#index[this.#next++] = first + corner
    this.count++
  }

  /**
   * One touch of the brush, shaped like a leaf.
   *
   * @param {Triple} at its middle in the round form, from the foot
   * @param {Triple} angular its middle in the angular form
   * @param {Triple} along half its length
   * @param {Triple} across half its width
   * @param {Touch} touch
   */
  leaf(at, angular, along, across, touch) {
    const corners = (/** @type {Triple} */ [x, y, z]) => {
      const [ax, ay, az] = along
      const [cx, cy, cz] = this.whole ? across : across.map((one) => HALF * one)
      return /** @type {Triple[]} */ ([
        [x - ax, y - ay, z - az],
        [x + cx - 0.2 * ax, y + cy - 0.2 * ay, z + cz - 0.2 * az],
        [x + ax, y + ay, z + az],
        [x - cx - 0.2 * ax, y - cy - 0.2 * ay, z - cz - 0.2 * az],
      ])
    }
    const round = corners(at)
    this.quad(round, at === angular ? round : corners(angular), touch, this.whole)
  }

  /** Draws all that is written. */
  draw() {
    this.geometry.setDrawRange(0, this.#next)
  }

  /** Draws the first so many, of which some may be empty. @param {number} count */
  drawFirst(count) {
    this.geometry.setDrawRange(0, count * INDICES)
  }

  /**
   * Writes a part of the geometry anew.
   *
   * @param {number} first stroke
   * @param {number} end the one after the last; what is not written is not seen
   * @param {() => void} write
   */
  replace(first, end, write) {
    this.count = first
    this.end = end
    this.#next = first * INDICES
    this.#index.fill(0, first * INDICES, end * INDICES)
    const index = /** @type {BufferAttribute} */ (this.geometry.index)
    index.addUpdateRange(first * INDICES, (end - first) * INDICES)
    index.needsUpdate = true
    for (const [name, size] of Object.entries(SIZES)) {
      this.#values[/** @type {keyof typeof SIZES} */ (name)].fill(0, first * CORNERS * size,
        end * CORNERS * size)
      const attribute = /** @type {BufferAttribute} */ (this.geometry.getAttribute(name))
      attribute.addUpdateRange(first * CORNERS * size, (end - first) * CORNERS * size)
      attribute.needsUpdate = true
    }
    write()
  }
}
