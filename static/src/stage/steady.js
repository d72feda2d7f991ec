import { smoothing } from './spring.js'

/**
 * A brightness that cannot flash, whatever it is asked to follow.
 *
 * A general flash is a pair of opposing changes of at least a tenth of full brightness (WCAG 2.2,
 * 2.3.1). At no more than RATE per second such a pair takes 0.2 / RATE seconds, so there are
 * never more than RATE / 0.2 = 2.5 in a second.
 */
const RATE = 0.5
const HALF_LIFE = 0.3

export class Steady {
  /**
   * @param {number} value as a share of the brightest the light may be
   */
  constructor(value) {
    this.value = value
  }

  /**
   * @param {number} target 0 to 1
   * @param {number} dt seconds
   */
  step(target, dt) {
    const step = (target - this.value) * smoothing(dt, HALF_LIFE)
    const most = RATE * dt
    this.value += Math.min(Math.max(step, -most), most)
    return this.value
  }
}
