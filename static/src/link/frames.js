import { AdaptiveSize } from './size.js'

/**
 * @typedef {import('./link.js').Link} Link
 * @typedef {import('../camera/capture.js').Capture} Capture
 * @typedef {import('../stage/sight.js').Sight} Sight
 */

const TIMEOUT = 2000
const MEASURE_EVERY = 8

/**
 * Sends camera pictures, at most one in flight: the next goes out when the server says `next`,
 * or after two seconds of silence. Nothing ever queues, so what the server sees is always new.
 */
export class FrameFlow {
  /** Frames sent since the page was opened. */
  sent = 0
  /** Frames the server took and dropped. */
  taken = 0
  dropped = 0
  /** The last journey of a frame to the server, in milliseconds; 0 before it is measured. */
  journey = 0
  /** @type {{width: number, height: number, bytes: number} | null} the last picture sent */
  picture = null

  #open = false
  #waiting = false
  #sentAt = 0
  #timer = 0
  #number = 0
  #rate = 30
  #size = new AdaptiveSize({ width: 640, height: 480, quality: 0.8 })

  /**
   * @param {Pick<Link, 'frame' | 'roundTrip'>} link
   * @param {Capture} capture
   * @param {Pick<Sight, 'wanted' | 'keep' | 'aspect'>} sight keeps the pictures while a scene draws them
   */
  constructor(link, capture, sight) {
    this.link = link
    this.capture = capture
    this.sight = sight
  }

  /** @param {{width: number, height: number, quality: number, rate: number}} frame */
  configure({ width, height, quality, rate }) {
    this.#size = new AdaptiveSize({ width, height, quality })
    this.#rate = rate
  }

  /** Starts sending; the camera is on and the server is ready. */
  open() {
    if (this.#open) return
    this.#open = true
    this.#waiting = false
    this.#send()
  }

  close() {
    this.#open = false
    clearTimeout(this.#timer)
  }

  /**
   * The server's answer to a frame.
   *
   * @param {number} number
   * @param {string} outcome taken or dropped
   */
  next(number, outcome) {
    if (outcome === 'taken') this.taken++
    else this.dropped++
    if (number === this.#number && this.#waiting) this.#proceed()
  }

  #proceed() {
    this.#waiting = false
    clearTimeout(this.#timer)
    if (this.#open) this.#send()
  }

  async #send() {
    this.#waiting = true
    this.#timer = window.setTimeout(() => this.#proceed(), TIMEOUT)
    const number = ++this.#number

    const rest = 1000 / this.#rate - (performance.now() - this.#sentAt)
    if (rest > 4) await new Promise((resolve) => setTimeout(resolve, rest - 4))
    const picture = await this.capture.grab(this.#size.current, this.sight.wanted)
    if (!this.#open || !picture || number !== this.#number) return picture?.kept?.close()

    this.#sentAt = performance.now()
    if (picture.kept) this.sight.keep(number, picture.kept)
    this.link.frame(number, picture.jpeg, picture.kept !== null)
    this.sight.aspect = picture.width / picture.height
    this.sent++
    this.picture = { width: picture.width, height: picture.height, bytes: picture.bytes }
    if (this.sent % MEASURE_EVERY === 1) this.#measure()
  }

  async #measure() {
    try {
      this.journey = await this.link.roundTrip()
    } catch {
      // No answer within five seconds is the slowest journey there is.
      this.journey = 5000
    }
    this.#size.learn(this.journey)
  }
}
