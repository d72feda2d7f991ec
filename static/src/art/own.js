/** The kinds of files that are taken. */
export const KINDS = ['image/png', 'image/jpeg']
/** Bytes of a file: more is no picture of somebody's telephone. */
const MOST_BYTES = 40_000_000
/** The longest side that engines take, in pixels. */
const LONGEST = 1024

/**
 * A picture of the visitor's own, as the server takes it: small, and nothing but its pixels. Where
 * and when it was taken stays in the file, which the page reads and nobody else.
 *
 * @param {File} file
 * @returns {Promise<Blob | null>} a PNG; null when it is no picture that the browser can read
 */
export async function ownPicture(file) {
  if (!KINDS.includes(file.type) || file.size > MOST_BYTES) return null
  let bitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    return null
  }
  const factor = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height))
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * factor)), Math.max(1, Math.round(bitmap.height * factor)))
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return canvas.convertToBlob({ type: 'image/png' })
}
