/**
 * Takes JPEGs from a playing video. Scaling and encoding happen off the page's thread.
 *
 * @typedef {{jpeg: ArrayBuffer, bytes: number, width: number, height: number}} Picture
 */
export class Capture {
  #fresh = false
  /** @type {(() => void)[]} */
  #waiting = []
  /** @type {Map<number, (jpeg: ArrayBuffer) => void>} */
  #encoding = new Map()
  #id = 0

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video
    this.worker = new Worker(new URL('./encoder.js', import.meta.url), { type: 'module' })
    this.worker.onmessage = ({ data: { id, jpeg } }) => {
      this.#encoding.get(id)?.(jpeg)
      this.#encoding.delete(id)
    }
    this.#watch()
  }

  /**
   * The newest picture the camera has given, each one only once; null when it cannot be read,
   * as when the camera has just been taken away.
   *
   * @param {import('../link/size.js').FrameSize} size the largest the picture may be, as landscape
   * @returns {Promise<Picture | null>}
   */
  async grab(size) {
    if (!this.#fresh) await new Promise((/** @type {any} */ resolve) => this.#waiting.push(resolve))
    this.#fresh = false
    const { videoWidth, videoHeight } = this.video
    if (!videoWidth || !videoHeight) return null
    const { width, height } = fit(videoWidth, videoHeight, size)
    let bitmap
    try {
      bitmap = await createImageBitmap(this.video, {
        resizeWidth: width, resizeHeight: height, resizeQuality: 'medium',
      })
    } catch (error) {
      if (error instanceof DOMException) return null
      throw error
    }
    const id = ++this.#id
    const jpeg = await new Promise((/** @type {(jpeg: ArrayBuffer) => void} */ resolve) => {
      this.#encoding.set(id, resolve)
      this.worker.postMessage({ id, bitmap, quality: size.quality }, [bitmap])
    })
    return { jpeg, bytes: jpeg.byteLength, width, height }
  }

  /** Learns of every picture the camera presents. */
  #watch() {
    const presented = () => {
      this.#fresh = true
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
    const { video } = this
    const next = () => {
      presented()
      video.requestVideoFrameCallback(next)
    }
    // Browsers without the callback get the display's rhythm instead of the camera's.
    const nextDisplayed = () => {
      if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.paused) presented()
      requestAnimationFrame(nextDisplayed)
    }
    if (typeof video.requestVideoFrameCallback === 'function') video.requestVideoFrameCallback(next)
    else requestAnimationFrame(nextDisplayed)
  }
}

/**
 * The largest size of the same shape within a limit; the limit turns with a portrait picture.
 *
 * @param {number} width
 * @param {number} height
 * @param {{width: number, height: number}} limit
 */
function fit(width, height, limit) {
  const long = Math.max(limit.width, limit.height)
  const short = Math.min(limit.width, limit.height)
  const [across, down] = width >= height ? [long, short] : [short, long]
  const scale = Math.min(across / width, down / height, 1)
  return { width: Math.round(width * scale), height: Math.round(height * scale) }
}
