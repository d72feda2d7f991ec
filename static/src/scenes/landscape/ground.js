import { BufferAttribute, BufferGeometry } from 'three'
import { FARTHEST } from './composition.js'

/** Edges of a facet, in rows and columns of the net. */
const FACET = { rows: 4, columns: 6 }
/** How far the net goes beyond the edges of the picture: the eye moves. */
const BEYOND = 1.7

/**
 * The ground as one net, finer toward the eye: its rows lie at distances that grow by a factor.
 *
 * @param {import('./composition.js').Composition} composition
 * @param {number} half  tangent of half the angle that is seen horizontally
 * @param {number} nearest  distance of the first row
 * @param {number} detail  1 at the level `low`
 */
export function makeGround({ height, cover, water }, half, nearest, detail) {
  const rows = Math.round(52 * Math.sqrt(detail))
  const columns = Math.round(110 * Math.sqrt(detail))
  const wide = Math.max(half, 0.2) * BEYOND
  const count = (rows + 1) * (columns + 1)
  const position = new Float32Array(count * 3)
  const growth = (FARTHEST / nearest) ** (1 / rows)
  const index = (/** @type {number} */ row,
    /** @type {number} */ column) => row * (columns + 1) + column

  for (let row = 0; row <= rows; row++) {
    const d = nearest * growth ** row
    for (let column = 0; column <= columns; column++) {
      const x = d * wide * (2 * column / columns - 1)
      position.set([x, height(x, d), -d], index(row, column) * 3)
    }
  }
  const normal = normalsOf(position, rows, columns)
  const { position: angular, normal: angularNormal } = cutFacets(position, rows, columns)

  const paints = new Float32Array(count * 4)
  const one = { a: 0, b: 0, share: 0, tint: 1 }
  for (let i = 0; i < count; i++) {
    const [x, y, z] = position.subarray(3 * i, 3 * i + 3)
    one.tint = 1
    cover(x, -z, y, 1 - normal[3 * i + 1], one)
    paints.set([one.a, one.b, Math.min(Math.max(one.share, 0), 1), one.tint], 4 * i)
  }

  // What lies under the water is not drawn: there is the mirror image.
  const dry = (/** @type {number} */ i) => (
    !water || position[3 * i + 1] > 0 || angular[3 * i + 1] > 0
  )
  /** @type {number[]} */
  const faces = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [a, b] = [index(row, column), index(row, column + 1)]
      const [c, d] = [index(row + 1, column), index(row + 1, column + 1)]
      if ([a, b, c, d].some(dry)) faces.push(a, b, c, b, d, c)
    }
  }
  const geometry = new BufferGeometry()
  for (const [name, values, size] of /** @type {[string, Float32Array, number][]} */ ([
    ['position', position, 3], ['normal', normal, 3], ['angular', angular, 3],
    ['angularNormal', angularNormal, 3], ['cover', paints, 4],
  ])) geometry.setAttribute(name, new BufferAttribute(values, size))
  geometry.setIndex(faces)
  return geometry
}

/**
 * @param {Float32Array} position
 * @param {number} rows
 * @param {number} columns
 */
function normalsOf(position, rows, columns) {
  const normal = new Float32Array(position.length)
  const at = (/** @type {number} */ row, /** @type {number} */ column) => {
    const i = (Math.min(Math.max(row, 0), rows) * (columns + 1)
      + Math.min(Math.max(column, 0), columns)) * 3
    return position.subarray(i, i + 3)
  }
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const [l, r] = [at(row, column - 1), at(row, column + 1)]
      const [n, f] = [at(row - 1, column), at(row + 1, column)]
      normal.set(cross(r, l, f, n), (row * (columns + 1) + column) * 3)
    }
  }
  return normal
}

/**
 * The upward normal of two ways across a surface: from l to r, and from n to f.
 *
 * @param {Float32Array} r
 * @param {Float32Array} l
 * @param {Float32Array} f
 * @param {Float32Array} n
 */
function cross(r, l, f, n) {
  const [ax, ay, az] = [r[0] - l[0], r[1] - l[1], r[2] - l[2]]
  const [bx, by, bz] = [f[0] - n[0], f[1] - n[1], f[2] - n[2]]
  const [x, y, z] = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
  const long = Math.hypot(x, y, z) || 1
  return [x / long, y / long, z / long]
}

/**
 * The same net with few large flat faces.
 *
 * @param {Float32Array} position
 * @param {number} rows
 * @param {number} columns
 */
function cutFacets(position, rows, columns) {
  const cut = position.slice()
  const normal = new Float32Array(position.length)
  const wide = columns + 1
  const at = (/** @type {number} */ row, /** @type {number} */ column) => {
    const i = (Math.min(row, rows) * wide + Math.min(column, columns)) * 3
    return position.subarray(i, i + 3)
  }
  for (let row = 0; row <= rows; row++) {
    const near = Math.floor(row / FACET.rows) * FACET.rows
    const v = (row - near) / FACET.rows
    for (let column = 0; column <= columns; column++) {
      const left = Math.floor(column / FACET.columns) * FACET.columns
      const u = (column - left) / FACET.columns
      const [nl, nr] = [at(near, left), at(near, left + FACET.columns)]
      const [fl, fr] = [at(near + FACET.rows, left), at(near + FACET.rows, left + FACET.columns)]
      const i = (row * wide + column) * 3
      // Two triangles to a facet.
      const lower = u + v < 1
      cut[i + 1] = lower
        ? nl[1] + u * (nr[1] - nl[1]) + v * (fl[1] - nl[1])
        : fr[1] + (1 - u) * (fl[1] - fr[1]) + (1 - v) * (nr[1] - fr[1])
      normal.set(lower ? cross(nr, nl, fl, nl) : cross(fr, fl, fr, nr), i)
    }
  }
  return { position: cut, normal }
}
