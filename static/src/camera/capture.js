import { drawTurned } from './turned.js'

/**
 * Takes JPEGs from a playing video. Scaling and encoding happen off the page's thread.
 *
 * @typedef {object} Picture
 * @property {ArrayBuffer} jpeg
 * @property {number} bytes
 * @property {number} width  pixels
 * @property {number} height
 * @property {ImageBitmap | null} kept  the same picture, upside down as textures are
 */
export class Capture {
  #fresh = false
  /** @type {(() => void)[]} */
  #waiting = []
  /** @type {Map<number, (jpeg: ArrayBuffer) => void>} */
  #encoding = new Map()
  #id = 0

  /** @param {import('./camera.js').Camera} camera */
  constructor(camera) {
    this.camera = camera
    this.video = camera.video
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
   * @param {boolean} keep whether the page wants the picture, too
   * @returns {Promise<Picture | null>}
   */
  async grab(size, keep) {
    if (!this.#fresh) await new Promise((/** @type {any} */ resolve) => this.#waiting.push(resolve))
    this.#fresh = false
    const { videoWidth, videoHeight } = this.video
    if (!videoWidth || !videoHeight) return null
    const { turn, mirror } = this.camera.wish
    const stand = { turn, flip: !mirror }
    const sideways = turn % 180 !== 0
    const { width, height } = sideways
      ? fit(videoHeight, videoWidth, size) : fit(videoWidth, videoHeight, size)
    let picture
    let kept = null
    try {
      picture = await takePicture(this.video)
      if (keep) {
        kept = await createImageBitmap(this.#standing(picture, width, height, stand), {
          imageOrientation: 'flipY', resizeWidth: width, resizeHeight: height,
        })
      }
    } catch (error) {
      if (error instanceof DOMException) return null
      throw error
    }
    const id = ++this.#id
    const jpeg = await new Promise((/** @type {(jpeg: ArrayBuffer) => void} */ resolve) => {
      this.#encoding.set(id, resolve)
      this.worker.postMessage(
        { id, picture, width, height, ...stand, quality: size.quality }, [picture])
    })
    return { jpeg, bytes: jpeg.byteLength, width, height, kept }
  }

  /**
   * The picture as it is sent.
   *
   * @param {VideoFrame | ImageBitmap} picture
   * @param {number} width
   * @param {number} height
   * @param {import('./turned.js').Stand} stand
   */
  #standing(picture, width, height, stand) {
    if (!stand.turn && !stand.flip) return picture
    const canvas = new OffscreenCanvas(width, height)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
    drawTurned(context, picture, width, height, stand)
    return canvas
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
 * The picture a video shows, to be handed to the worker. A VideoFrame is handed over as it is;
 * browsers without it copy.
 *
 * @param {HTMLVideoElement} video
 * @returns {Promise<VideoFrame | ImageBitmap>}
 */
async function takePicture(video) {
  return typeof VideoFrame === 'function' ? new VideoFrame(video) : createImageBitmap(video)
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
