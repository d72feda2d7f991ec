/** A worker that makes JPEGs of pictures, so that the page's own thread can draw. */
import { drawTurned } from './turned.js'

const canvas = new OffscreenCanvas(1, 1)
const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
  // Read at once after each drawing, so it is kept away from the GPU, which is busy enough.
  canvas.getContext('2d', { alpha: false, willReadFrequently: true })
)

/**
 * @typedef {object} Order
 * @property {number} id
 * @property {VideoFrame | ImageBitmap} picture
 * @property {number} width
 * @property {number} height
 * @property {number} turn
 * @property {boolean} flip
 * @property {number} quality
 *
 * @param {MessageEvent<Order>} event
 */
self.onmessage = async ({ data: { id, picture, width, height, turn, flip, quality } }) => {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  drawTurned(context, picture, width, height, { turn, flip })
  picture.close()
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality })
  const jpeg = await blob.arrayBuffer()
  self.postMessage({ id, jpeg }, { transfer: [jpeg] })
}
