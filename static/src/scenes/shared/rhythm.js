import { smoothing } from '../../stage/spring.js'

/** @typedef {import('../../stage/motion.js').LiveState} LiveState */

/** Anger's beats in a second: form only, and well below three. */
const BEATS = 1.3
/** Abrupt movement goes by in so many steps a second. */
const STEPS = 1.9

/** How time passes for the forms: breath, beat, and a flow that can be jerky or stand still. */
export class Rhythm {
  /** Seconds that have passed for the forms: a frozen form has none. */
  time = 0
  /** -1 breathed out to 1 breathed in */
  breath = 0
  /** 1 at a beat, then falling toward 0 */
  beat = 0
  /** Where everything that drifts is on its way. */
  flow = 0
  #breathing = 0
  #flowing = 0
  #pace = 1
  #pulse = 0

  /**
   * The breath as it is where it arrives later.
   *
   * @param {number} share of a whole breath
   */
  breathAfter(share) {
    return Math.sin(this.#breathing - 2 * Math.PI * share)
  }

  /**
   * The beat as it is where it arrives later.
   *
   * @param {number} delay seconds
   */
  beatAfter(delay) {
    const beats = Math.max(this.time - delay, 0) * BEATS
    return this.#pulse * Math.exp(-3.2 * (beats % 1))
  }

  /**
   * @param {LiveState} state
   * @param {number} dt seconds
   * @returns {number} the step for the forms: shorter while they are coming to a halt
   */
  step({ motion, frozen }, dt) {
    this.#pace += ((frozen ? 0 : 1) - this.#pace) * smoothing(dt, 0.15)
    const step = dt * this.#pace
    this.time += step
    this.#breathing += step * motion.breath / 60 * 2 * Math.PI
    this.#pulse = motion.pulse
    this.breath = this.breathAfter(0)
    this.beat = this.beatAfter(0)
    this.#flowing += step * (0.25 + 0.55 * motion.speed)
    const steps = this.time * STEPS
    const stepped = Math.floor(steps) + smoothstep((steps % 1 - 0.6) / 0.4)
    this.flow = this.#flowing + motion.jerk * (stepped - steps) / STEPS
    return step
  }
}

/** @param {number} x */
function smoothstep(x) {
  const t = Math.min(Math.max(x, 0), 1)
  return t * t * (3 - 2 * t)
}
