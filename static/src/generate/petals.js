import { COLOURS } from '../ui/mixture.js'

/**
 * @typedef {object} Petal  one expression of the flower
 * @property {string} name
 * @property {number} angle  radians, clockwise from the top
 * @property {[number, number, number]} colour  OKLCH
 *
 * @typedef {Record<string, number>} Shares  by expression, 0 to 1; they need not sum to 1
 */

const FIRST = COLOURS.findIndex(([name]) => name === 'happy')

/**
 * The seven around the circle, the first at the top; neighbours blend well.
 *
 * @type {Petal[]}
 */
export const PETALS = COLOURS.map((_, turn) => {
  const [name, css] = COLOURS[(FIRST + turn) % COLOURS.length]
  const [lightness, chroma, hue] = css.match(/[\d.]+/g)?.map(Number) ?? []
  return { name, angle: (turn / COLOURS.length) * 2 * Math.PI, colour: [lightness, chroma, hue] }
})

/**
 * The groups of `python -m gan_cut generate`, as in models/core/emotions.py.
 *
 * @type {Record<'positive' | 'negative' | 'neutral', Shares>}
 */
export const GROUPS = {
  positive: { happy: 1 },
  negative: { angry: 1, disgust: 1, fear: 1, sad: 1 },
  neutral: { neutral: 1 },
}

/**
 * A mixture to ask for: a flower that is closed is calm.
 *
 * @param {Shares} shares
 * @returns {Shares}
 */
export const asked = (shares) => (
  Object.values(shares).some((share) => share > 0) ? shares : { neutral: 1 }
)

/** The colour that a mixture has as a whole, for CSS. @param {Shares} shares */
export function colourOf(shares) {
  const mixture = asked(shares)
  const whole = Object.values(mixture).reduce((sum, share) => sum + share, 0)
  const mean = [0, 0, 0]
  for (const { name, colour: [lightness, chroma, hue] } of PETALS) {
    const share = (mixture[name] ?? 0) / whole
    const turn = hue * Math.PI / 180
    mean[0] += share * lightness
    mean[1] += share * chroma * Math.cos(turn)
    mean[2] += share * chroma * Math.sin(turn)
  }
  return `oklab(${mean.map((value) => value.toFixed(4)).join(' ')})`
}
