import { Light } from './light.js'

/** Pixels a side of what is painted; as in the protocol. */
const SIDE = 256
const QUALITY = 0.85
/** Milliseconds of silence after which the next picture goes out. */
const TIMEOUT = 2000
/** How much of the last painting stays in the next: the strokes flow and do not flicker. */
const STAYS = 0.45

/**
 * The living painting: the middle of the canvas, painted again and again by an engine while the
 * scene moves on. Small pictures go out, at most one in flight; the server answers when it has
 * the time.
 */
export class Living {
  /** Paintings shown since the page was opened. */
  painted = 0

  #engine = ''
  #number = 0
  #flying = false
  #timer = 0
  #small = new OffscreenCanvas(SIDE, SIDE)
  #light = new Light()
  /** When the last painting was shown. */
  #shown = 0

  /**
   * @param {import('../link/link.js').Link} link
   * @param {HTMLCanvasElement} canvas where the painting is shown
   */
  constructor(link, canvas) {
    this.link = link
    this.canvas = canvas
    canvas.width = SIDE
    canvas.height = SIDE
    canvas.dataset.shown = 'false'
  }

  get on() {
    return this.#engine !== ''
  }

  /** @param {string} engine */
  start(engine) {
    this.#engine = engine
    this.#land()
  }

  stop() {
    this.#engine = ''
    this.#land()
    this.canvas.dataset.shown = 'false'
  }

  /** Called when a frame of the scene has just been drawn. @param {HTMLCanvasElement} stage */
  step(stage) {
    if (!this.#engine || this.#flying || document.hidden) return
    const context = this.#small.getContext('2d')
    const side = Math.min(stage.width, stage.height)
    if (!context || !side) return
    context.drawImage(stage, (stage.width - side) / 2, (stage.height - side) / 2, side, side,
      0, 0, SIDE, SIDE)
    this.#flying = true
    this.#timer = window.setTimeout(() => this.#land(), TIMEOUT)
    this.#send(++this.#number)
  }

  /**
   * The server's answer.
   *
   * @param {number} number
   * @param {ArrayBuffer | null} jpeg null when there was no time for it
   */
  async hear(number, jpeg) {
    if (number !== this.#number || !this.on) return
    this.#land()
    if (!jpeg) return
    const bitmap = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }))
    const context = this.canvas.getContext('2d')
    if (context && this.on) {
      context.globalAlpha = this.#share(bitmap)
      context.drawImage(bitmap, 0, 0, SIDE, SIDE)
      this.canvas.dataset.shown = 'true'
      this.painted++
    }
    bitmap.close()
  }

  /** How much of a painting comes over the last one. @param {ImageBitmap} painting */
  #share(painting) {
    const now = performance.now()
    const seconds = (now - this.#shown) / 1000
    this.#shown = now
    if (this.canvas.dataset.shown === 'true') {
      return this.#light.share(painting, seconds, 1 - STAYS)
    }
    this.#light.begin(painting)
    return 1
  }

  /** @param {number} number */
  async #send(number) {
    const blob = await this.#small.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
    const jpeg = await blob.arrayBuffer()
    if (this.on && number === this.#number) this.link.canvas(number, jpeg, this.#engine)
  }

  /** Nothing is in flight any more. */
  #land() {
    clearTimeout(this.#timer)
    this.#flying = false
  }
}
