/** A worker that turns pictures into JPEGs, so that the page's own thread can draw. */

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
 * @property {number} quality
 *
 * @param {MessageEvent<Order>} event
 */
self.onmessage = async ({ data: { id, picture, width, height, quality } }) => {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  context.drawImage(picture, 0, 0, width, height)
  picture.close()
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality })
  const jpeg = await blob.arrayBuffer()
  self.postMessage({ id, jpeg }, { transfer: [jpeg] })
}
