/** A worker that turns pictures into JPEGs, so that the page's own thread can draw. */

const canvas = new OffscreenCanvas(1, 1)
const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
  canvas.getContext('2d', { alpha: false, willReadFrequently: true })
)

/** @param {MessageEvent<{id: number, bitmap: ImageBitmap, quality: number}>} event */
self.onmessage = async ({ data: { id, bitmap, quality } }) => {
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width
    canvas.height = bitmap.height
  }
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality })
  const jpeg = await blob.arrayBuffer()
  self.postMessage({ id, jpeg }, { transfer: [jpeg] })
}
