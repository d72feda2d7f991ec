/**
 * OKLCH (Björn Ottosson, "A perceptual color space for image processing", 2020) to the linear
 * sRGB that Three.js calculates with.
 *
 * @typedef {import('../protocol.js').Oklch} Oklch
 * @typedef {[number, number, number]} Rgb
 */

const GAMUT_STEPS = 12
const ROOM = 1e-4

/**
 * @param {Oklch} colour
 * @returns {Rgb} linear sRGB, possibly outside 0 to 1
 */
function toLinear([lightness, chroma, hue]) {
  const angle = hue * Math.PI / 180
  const a = chroma * Math.cos(angle)
  const b = chroma * Math.sin(angle)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

/** @param {Rgb} rgb */
const inGamut = (rgb) => rgb.every((v) => v >= -ROOM && v <= 1 + ROOM)

/**
 * Linear sRGB of an OKLCH colour. A colour that the screen cannot show keeps its lightness and
 * hue and loses chroma until it can.
 *
 * @param {Oklch} colour
 * @returns {Rgb} each 0 to 1
 */
export function oklchToLinear([lightness, chroma, hue]) {
  const l = Math.min(Math.max(lightness, 0), 1)
  let rgb = toLinear([l, chroma, hue])
  if (!inGamut(rgb)) {
    let low = 0
    let high = chroma
    for (let i = 0; i < GAMUT_STEPS; i++) {
      const middle = (low + high) / 2
      if (inGamut(toLinear([l, middle, hue]))) low = middle
      else high = middle
    }
    rgb = toLinear([l, low, hue])
  }
  return /** @type {Rgb} */ (rgb.map((v) => Math.min(Math.max(v, 0), 1)))
}

/**
 * Gives a Three.js colour the value of an OKLCH colour.
 *
 * @param {import('three').Color} target
 * @param {Oklch} colour
 */
export function setOklch(target, colour) {
  const [r, g, b] = oklchToLinear(colour)
  target.r = r
  target.g = g
  target.b = b
  return target
}

/**
 * A colour on the way from one to another, around the shorter arc of hues. A grey has no hue of
 * its own, so it takes the other's.
 *
 * @param {Oklch} from
 * @param {Oklch} to
 * @param {number} share 0 to 1
 * @returns {Oklch}
 */
export function mixOklch(from, to, share) {
  const turn = ((to[2] - from[2] + 540) % 360) - 180
  const start = from[1] < 0.004 ? to[2] : from[2]
  const arc = from[1] < 0.004 || to[1] < 0.004 ? 0 : turn
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    (start + arc * share + 360) % 360,
  ]
}

/** @param {Oklch} colour */
export const cssOklch = ([l, c, h]) => `oklch(${l.toFixed(4)} ${c.toFixed(4)} ${h.toFixed(2)})`
