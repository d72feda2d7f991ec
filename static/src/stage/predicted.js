import { smoothing } from './spring.js'

/** How far ahead of its last sample a value is drawn: what the way to the page takes. */
const LEAD = 0.06
const FURTHEST = 0.16
const TRUST = 0.75
const HALF_LIFE = 0.045
const STALE = 0.25

/**
 * A measured value that comes 15 to 30 times a second, drawn at the display's rate and a little
 * ahead of its last sample, so that the form moves with the body and not behind it.
 *
 * The velocity comes from the samples; slow movement is trusted less, because there it is noise.
 */
export class Predicted {
  #sample = 0
  #velocity = 0
  #age = 0
  #fresh = true

  /**
   * @param {number} value
   * @param {number} threshold speed per second above which a movement is meant
   * @param {number} [fastest] speed per second that it never exceeds
   */
  constructor(value, threshold, fastest = Infinity) {
    this.value = value
    this.threshold = threshold
    this.fastest = fastest
    this.#sample = value
  }

  /** @param {number} sample */
  push(sample) {
    if (this.#fresh || this.#age > STALE) {
      this.#velocity = 0
      this.#fresh = false
    } else {
      const step = Math.max(this.#age, 1 / 60)
      this.#velocity += 0.5 * ((sample - this.#sample) / step - this.#velocity)
    }
    this.#sample = sample
    this.#age = 0
  }

  /** @param {number} dt seconds */
  step(dt) {
    this.#age += dt
    if (this.#age > STALE) this.#velocity *= 1 - smoothing(dt, 0.1)
    const meant = Math.min(1, Math.abs(this.#velocity) / this.threshold)
    const ahead = Math.min(this.#age + LEAD, FURTHEST) * TRUST * meant * meant
    const aim = this.#sample + this.#velocity * ahead
    const step = (aim - this.value) * smoothing(dt, HALF_LIFE)
    const most = this.fastest * dt
    this.value += Math.min(Math.max(step, -most), most)
    return this.value
  }

  /** Takes a value at once, as when a hand has just appeared. @param {number} value */
  jump(value) {
    this.value = value
    this.#sample = value
    this.#velocity = 0
    this.#age = 0
    this.#fresh = false
  }
}
