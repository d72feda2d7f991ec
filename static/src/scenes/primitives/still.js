import { Vector3 } from 'three'
import { GROUND } from '../../stage/view.js'

/**
 * The composition that is always there: a still life on the ground while nobody is near, which
 * rises and floats like a mobile when somebody comes.
 *
 * @typedef {import('../../protocol.js').Triple} Triple
 *
 * @typedef {object} StillForm
 * @property {string} kind
 * @property {string} substance
 * @property {number} size
 * @property {Triple} stretch
 * @property {number} tone  which of the palette's five colours, 0 dark to 4 light
 * @property {number} tint  how much of the colour's chroma it takes, 0 to 1
 * @property {{at: Triple, turn: Triple}} lying  place and Euler angles on the ground
 * @property {Triple} [tall]  place on the ground where the screen is taller than wide
 * @property {{at: Triple, turn: Triple}} floating
 * @property {Triple} spin  radians per second while floating
 */

const TABLE = GROUND + 0.15

/** @type {StillForm[]} */
export const STILL = [
  {
    kind: 'box', substance: 'stone', size: 1, stretch: [1.42, 0.134, 0.86], tone: 1, tint: 0.6,
    lying: { at: [0.06, GROUND + 0.075, 0], turn: [0, 0.1, 0] },
    floating: { at: [0.02, -0.8, -0.1], turn: [0.06, 0.22, -0.07] },
    spin: [0, 0.02, 0],
  },
  {
    kind: 'cone', substance: 'plaster', size: 0.62, stretch: [0.84, 1.42, 0.84], tone: 4, tint: 0.4,
    lying: { at: [-0.5, TABLE + 0.66, -0.14], turn: [0, 0.4, 0] },
    floating: { at: [-0.86, 0.14, -0.3], turn: [0.22, 0.5, 0.42] },
    spin: [0, 0.16, 0],
  },
  {
    kind: 'sphere', substance: 'glaze', size: 0.46, stretch: [1, 1, 1], tone: 2, tint: 1,
    lying: { at: [0.4, TABLE + 0.46, 0.02], turn: [0, 0, 0] },
    floating: { at: [0.1, 0.04, 0], turn: [0, 0, 0] },
    spin: [0.02, 0.1, 0],
  },
  {
    kind: 'ring', substance: 'bronze', size: 0.72, stretch: [1, 1, 1], tone: 3, tint: 0.7,
    lying: { at: [0.34, TABLE + 0.71, -0.32], turn: [-0.14, 0.34, 0] },
    floating: { at: [0.1, 0.04, 0], turn: [1.12, 0.34, 0.2] },
    spin: [0.05, 0.13, 0.03],
  },
  {
    kind: 'capsule', substance: 'velvet', size: 0.2, stretch: [1, 1.1, 1], tone: 2, tint: 1,
    lying: { at: [1.36, GROUND + 0.1, 0.5], turn: [1.57, 0.2, 1.1] },
    tall: [0.86, GROUND + 0.1, 0.82],
    floating: { at: [0.94, 0.46, 0.12], turn: [0.5, 0.2, 0.7] },
    spin: [0.07, 0.1, 0.02],
  },
  {
    kind: 'octahedron', substance: 'stone', size: 0.2, stretch: [1, 1, 1], tone: 3, tint: 0.6,
    lying: { at: [-1.24, GROUND + 0.118, 0.42], turn: [0.66, 0.2, 0.9] },
    tall: [-0.82, GROUND + 0.118, 0.78],
    floating: { at: [-0.3, 0.8, 0.2], turn: [0, 0.4, 0.12] },
    spin: [0, 0.24, 0],
  },
]

/** The ember: a small light among the forms, in the colour of the expression. */
export const EMBER = {
  size: 0.115,
  lying: /** @type {Triple} */ ([-0.02, TABLE + 0.115, 0.34]),
  floating: /** @type {Triple} */ ([-0.38, -0.2, 0.66]),
}

/** The mobile hangs narrower and higher where the screen is taller than wide. */
export const HANGING = {
  landscape: new Vector3(1, 1, 1),
  portrait: new Vector3(0.62, 1.2, 1),
  phone: new Vector3(0.6, 1.2, 1),
}
