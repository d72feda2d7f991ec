/** Pixels along the longer side of the mask: soft edges need no more. */
const FINE = 192
/** Width of the soft edge, as a share of the whole way. */
const SOFT = 0.22
/** How much the light decides, and how much the distance from its middle. */
const LIGHT = 0.45

/**
 * The way in which one picture grows out of another: along its form. It begins where the light
 * is gathered and goes from bright to dark, and covers as much in its first second as in its last.
 */
export class Wipe {
  #canvas
  #context
  #mask
  /** When each pixel turns, 0 to 1. @type {Float32Array} */
  #order

  /**
   * @param {CanvasImageSource} capture whose form it follows
   * @param {number} width of the capture
   * @param {number} height
   */
  constructor(capture, width, height) {
    const scale = FINE / Math.max(width, height)
    const wide = Math.max(1, Math.round(width * scale))
    const high = Math.max(1, Math.round(height * scale))
    this.#canvas = new OffscreenCanvas(wide, high)
    this.#context = /** @type {OffscreenCanvasRenderingContext2D} */ (
      this.#canvas.getContext('2d', { willReadFrequently: true }))
    // Drawn twice, once very small: what is left is the form without its grain.
    const small = new OffscreenCanvas(Math.ceil(wide / 6), Math.ceil(high / 6))
    small.getContext('2d')?.drawImage(capture, 0, 0, small.width, small.height)
    this.#context.drawImage(small, 0, 0, wide, high)
    this.#mask = this.#context.getImageData(0, 0, wide, high)
    this.#order = orderOf(this.#mask)
  }

  /**
   * Leaves of what is drawn in a context only what has turned so far.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {number} share of the way, 0 to 1
   */
  cut(context, share) {
    const { data } = this.#mask
    const front = share * (1 + SOFT)
    for (let i = 0; i < this.#order.length; i++) {
      const turned = (front - this.#order[i]) / SOFT
      data[4 * i + 3] = turned <= 0 ? 0 : turned >= 1 ? 255 : 255 * turned * turned * (3 - 2 * turned)
    }
    this.#context.putImageData(this.#mask, 0, 0)
    context.globalCompositeOperation = 'destination-in'
    context.drawImage(this.#canvas, 0, 0, context.canvas.width, context.canvas.height)
    context.globalCompositeOperation = 'source-over'
  }
}

/**
 * When each pixel turns: its rank by brightness and by nearness to the middle of the light.
 *
 * @param {ImageData} picture
 * @returns {Float32Array} 0 to 1, each value as often as any other
 */
export function orderOf({ data, width, height }) {
  const count = width * height
  const light = new Float32Array(count)
  let sum = 0
  let x = 0
  let y = 0
  for (let i = 0; i < count; i++) {
    const bright = (0.2126 * data[4 * i] + 0.7152 * data[4 * i + 1] + 0.0722 * data[4 * i + 2]) / 255
    light[i] = bright
    // The square: a dark ground does not pull the middle to the middle of the picture.
    sum += bright * bright
    x += bright * bright * (i % width)
    y += bright * bright * Math.floor(i / width)
  }
  x = sum ? x / sum : width / 2
  y = sum ? y / sum : height / 2
  const far = Math.hypot(width, height) / 2
  const late = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const distance = Math.hypot(i % width - x, Math.floor(i / width) - y) / far
    late[i] = (1 - LIGHT) * distance + LIGHT * (1 - light[i])
  }
  const ranked = Uint32Array.from(late.keys()).sort((a, b) => late[a] - late[b])
  const order = new Float32Array(count)
  for (let rank = 0; rank < count; rank++) order[ranked[rank]] = rank / count
  return order
}
