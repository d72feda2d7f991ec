import { Float32BufferAttribute, InstancedBufferGeometry, Sphere, Vector3 } from 'three'

/**
 * The geometry that all petals share: a net in the coordinates of a petal, which the vertex
 * shader turns into a curved shell (`shape.js`).
 *
 * A petal is divided into few large facets, each of them into many small triangles. Every vertex
 * knows its own place and the corners of its facet, so that the shell can go from curved to cut
 * and back, with exact normals and true edges at every stage between.
 */

/** Places of the facets' corners: u from edge to edge, v from base to tip. */
const ACROSS = [-1, -0.36, 0.36, 1]
const ALONG = [0, 0.25, 0.55, 0.8, 1]

/** @typedef {[number, number]} Place */

/** @type {Place[][]} three corners each, counter-clockwise seen from the axis */
const FACETS = []
for (let row = 0; row + 1 < ALONG.length; row++) {
  for (let column = 0; column + 1 < ACROSS.length; column++) {
    const [left, right] = [ACROSS[column], ACROSS[column + 1]]
    const [low, high] = [ALONG[row], ALONG[row + 1]]
    const middle = (left + right) / 2
    // At base and tip a petal has no width: one facet, not two.
    if (row === 0) FACETS.push([[middle, low], [right, high], [left, high]])
    else if (high === 1) FACETS.push([[left, low], [right, low], [middle, high]])
    else if (middle < 0) {
      FACETS.push([[left, low], [right, low], [right, high]], [[left, low], [right, high], [left, high]])
    } else {
      FACETS.push([[left, low], [right, low], [left, high]], [[right, low], [right, high], [left, high]])
    }
  }
}

/**
 * A place inside a facet. Near base and tip u belongs to the corners that are not the pole.
 *
 * @param {Place[]} corners
 * @param {number[]} weights
 * @returns {Place}
 */
function placeIn(corners, weights) {
  let u = 0
  let v = 0
  let share = 0
  for (const [i, [cu, cv]] of corners.entries()) {
    v += weights[i] * cv
    if (cv === 0 || cv === 1) continue
    u += weights[i] * cu
    share += weights[i]
  }
  return [share > 1e-6 ? u / share : 0, v]
}

/**
 * @param {number} divisions of a facet's edge
 * @param {number[]} sides 1: of the axis, -1: the other
 * @returns {InstancedBufferGeometry} the net lying flat: `position` = (u, v, 0), `normal` = (0, 0, 1)
 *   on the side of the axis and (0, 0, -1) on the other; `cornersAB` and `cornerC` = the facet's
 *   corners, `weights` = the shares of the corners A and B
 */
export function makeSheet(divisions, sides) {
  /** @type {number[]} */
  const position = []
  /** @type {number[]} */
  const normal = []
  /** @type {number[]} */
  const cornersAB = []
  /** @type {number[]} */
  const cornerC = []
  /** @type {number[]} */
  const shares = []
  /** @type {number[]} */
  const index = []
  for (const side of sides) {
    for (const corners of FACETS) {
      const first = shares.length / 2
      for (let row = 0; row <= divisions; row++) {
        for (let i = 0; i <= row; i++) {
          const a = 1 - row / divisions
          const c = i / divisions
          const b = 1 - a - c
          position.push(...placeIn(corners, [a, b, c]), 0)
          normal.push(0, 0, side)
          cornersAB.push(...corners[0], ...corners[1])
          cornerC.push(...corners[2])
          shares.push(a, b)
        }
      }
      for (let row = 0; row < divisions; row++) {
        for (let i = 0; i <= row; i++) {
          const above = first + row * (row + 1) / 2 + i
          const below = first + (row + 1) * (row + 2) / 2 + i
          face(index, above, below, below + 1, side)
          if (i < row) face(index, above, below + 1, above + 1, side)
        }
      }
    }
  }
  const geometry = new InstancedBufferGeometry()
  geometry.setIndex(index)
  geometry.setAttribute('position', new Float32BufferAttribute(position, 3))
  geometry.setAttribute('normal', new Float32BufferAttribute(normal, 3))
  geometry.setAttribute('cornersAB', new Float32BufferAttribute(cornersAB, 4))
  geometry.setAttribute('cornerC', new Float32BufferAttribute(cornerC, 2))
  geometry.setAttribute('weights', new Float32BufferAttribute(shares, 2))
  geometry.boundingSphere = new Sphere(new Vector3(), 2.2)
  return geometry
}

/**
 * @param {number[]} index
 * @param {number} a
 * @param {number} b
 * @param {number} c
 * @param {number} side
 */
function face(index, a, b, c, side) {
  if (side > 0) index.push(a, b, c)
  else index.push(a, c, b)
}
