import { svg } from './element.js'

/**
 * A pose as a small figure of strokes. The poses that ship are drawn here; one that staff have
 * taught is drawn from what was recorded.
 *
 * @typedef {import('../protocol.js').PoseFigure} PoseFigure
 * @typedef {import('../protocol.js').ArmFigure} ArmFigure
 */

/**
 * Strokes from the neck at (0, -3): two arms, as paths.  As in a mirror, the visitor's left
 * arm is on the left.
 *
 * @type {Record<string, string>}
 */
const ARMS = {
  neutral: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-2 3.4 1 3.2 4',
  arms_up: 'M0-3 C-3-3-4.4-6-4.6-9 M0-3 C3-3 4.4-6 4.6-9',
  arms_out: 'M0-3 C-3-3.4-5-3.4-8-3.4 M0-3 C3-3.4 5-3.4 8-3.4',
  arms_crossed: 'M0-3 C-4-2-4 1 2.6 1 M0-3 C4-2 4 1-2.6 1',
  left_arm_up: 'M0-3 C-3-3-4.4-6-4.6-9 M0-3 C3-2 3.4 1 3.2 4',
  right_arm_up: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-3 4.4-6 4.6-9',
  left_arm_out: 'M0-3 C-3-3.4-5-3.4-8-3.4 M0-3 C3-2 3.4 1 3.2 4',
  right_arm_out: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-3.4 5-3.4 8-3.4',
  hands_on_hips: 'M0-3 C-7-2-7 2-1.4 2.6 M0-3 C7-2 7 2 1.4 2.6',
  hands_on_head: 'M0-3 C-8-3.5-7-9-1.4-7.4 M0-3 C8-3.5 7-9 1.4-7.4',
  hands_together: 'M0-3 C-4-1.5-4 2.4-.2-.4 M0-3 C4-1.5 4 2.4 .2-.4',
  wave: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C4 1 5.4-4 5-8',
  clap: 'M0-3 C-5-2-5 2-1.4-.6 M0-3 C5-2 5 2 1.4-.6',
  nod: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-2 3.4 1 3.2 4',
  shake: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-2 3.4 1 3.2 4',
  victory: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C4 1 5-4 5.2-8',
  thumbs_up: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3.4 1 6 1.6 6-2',
}

/**
 * What moves, or what a hand shows: small strokes beside it.
 *
 * @type {Record<string, string>}
 */
const MARKS = {
  wave: 'M3.4-10 C2.8-9.2 2.6-8.2 2.8-7.2 M6.6-10 C7.4-9.2 7.6-8.2 7.4-7.2',
  clap: 'M-3.2-2.4 L-4.2-3.4 M3.2-2.4 L4.2-3.4 M-4.2 0 H-5.6 M4.2 0 H5.6',
  nod: 'M2.8-6.4 L3.8-7.6 L4.8-6.4 M2.8-4.8 L3.8-3.6 L4.8-4.8',
  shake: 'M-2.8-6.8 L-4-5.6 L-2.8-4.4 M2.8-6.8 L4-5.6 L2.8-4.4',
  victory: 'M5.2-8 L4.4-10.6 M5.2-8 L6.8-10.4',
  thumbs_up: 'M6-2 V-4.6 M5-2 H7.2',
}

/** From body units to those of the drawing, and how far the shoulders are from the neck. */
const SCALE = 5.6
const SHOULDER = 1.2

/** What is drawn beside or instead of arms that hang. @typedef {{arms: string, marks: string}} Strokes */

/**
 * @param {string} name
 * @param {PoseFigure} [figure] of a pose that was taught
 * @returns {Strokes} paths; empty for a name that nobody has drawn
 */
export function strokesOf(name, figure) {
  if (figure) {
    const arms = [arm(figure.left, -1), arm(figure.right, 1)]
    return { arms: arms.map(({ line }) => line).join(' '), marks: arms.map(({ mark }) => mark).join(' ') }
  }
  const drawn = Object.hasOwn(ARMS, name)
  return { arms: drawn ? ARMS[name] : '', marks: Object.hasOwn(MARKS, name) ? MARKS[name] : '' }
}

/**
 * @param {ArmFigure} figure
 * @param {number} side -1 left, 1 right
 */
function arm({ elbow, wrist, moves }, side) {
  const [a, b] = [elbow, wrist].map(([x, y]) => [side * (x * SCALE + SHOULDER), -3 - y * SCALE])
  const [x, y] = b.map((value) => Math.max(-11, Math.min(11, value)))
  const line = `M0-3 C${points(side * SHOULDER, -3, a[0], a[1], x, y)}`
  const swing = [-1, 1].map((way) => `M${points(x + way * 1.7, y - 1.6)} `
    + `C${points(x + way * 2.3, y - 0.7, x + way * 2.3, y + 0.3, x + way * 1.9, y + 1.2)}`)
  return { line, mark: moves ? swing.join(' ') : '' }
}

/** @param {...number} values */
const points = (...values) => values.map((value) => value.toFixed(1)).join(' ')

/** Head, trunk and legs, which are the same in every pose. */
export const trunk = () => [
  svg('circle', { cy: -5.6, r: 1.5, class: 'pose-line' }),
  svg('path', { class: 'pose-line', d: 'M0-3 V3 M0 3 L-2.4 9 M0 3 L2.4 9' }),
]

/**
 * The whole drawing, without words: its name stands beside it.
 *
 * @param {string} name
 * @param {PoseFigure} [figure]
 */
export function drawing(name, figure) {
  const { arms, marks } = strokesOf(name, figure)
  return svg('svg', { 'class': 'pose-drawing', 'viewBox': '-10 -12.5 20 22.5', 'aria-hidden': 'true' },
    ...trunk(),
    svg('path', { class: 'pose-line', d: arms }),
    svg('path', { class: 'pose-line', d: marks }))
}
