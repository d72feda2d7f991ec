/**
 * How the petals stand around the heart, as data: one spiral of the golden angle, as in a
 * magnolia or a pine cone, so that none hides another.
 *
 * @typedef {object} Petal
 * @property {number} layer  0 at the heart to 1 outside
 * @property {number} azimuth  radians around the axis
 * @property {number} length  scene units, like the others
 * @property {number} width  half of it
 * @property {number} base  how far from the axis it begins
 * @property {number} phase  any number of its own
 */

const PETALS = 26
export const GOLDEN_ANGLE = 2.399963
/** From the innermost to the outermost petal. */
const LENGTH = [0.52, 1.02]
const WIDTH = [0.2, 0.4]
const BASE = [0.05, 0.11]

/** @param {number[]} range @param {number} share 0 to 1 */
export const between = ([from, to], share) => from + (to - from) * share

/** @type {Petal[]} */
export const WHORL = Array.from({ length: PETALS }, (_, index) => {
  const layer = index / (PETALS - 1)
  return {
    layer,
    azimuth: (index * GOLDEN_ANGLE) % (2 * Math.PI),
    length: between(LENGTH, layer ** 0.8),
    width: between(WIDTH, layer),
    base: between(BASE, layer),
    phase: index * 1.7,
  }
})

/** Where the light is, on the axis above the ground of the flower. */
export const HEART = 0.24
