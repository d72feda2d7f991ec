/**
 * A damped spring, solved exactly, so that it is stable at any step.
 *
 * With damping ratio z < 1 and natural frequency w the distance from the target is
 * e^(-zwt) (x0 cos(wd t) + (v0 + zw x0)/wd sin(wd t)), wd = w sqrt(1 - z²).
 */
export class Spring {
  velocity = 0

  /**
   * @param {number} value
   * @param {number} [settle] seconds until it has settled within two per cent
   * @param {number} [damping] ratio, 0 to 1 (excluded); lower swings longer
   */
  constructor(value, settle = 0.7, damping = 0.72) {
    this.value = value
    this.target = value
    this.damping = damping
    this.frequency = 4 / (settle * damping)
  }

  /** @param {number} dt seconds */
  step(dt) {
    const { damping: z, frequency: w } = this
    const wd = w * Math.sqrt(1 - z * z)
    const x = this.value - this.target
    const v = this.velocity
    const decay = Math.exp(-z * w * dt)
    const cos = Math.cos(wd * dt)
    const sin = Math.sin(wd * dt)
    const swing = (v + z * w * x) / wd
    this.value = this.target + decay * (x * cos + swing * sin)
    this.velocity = decay * (v * cos - (w * w * x + z * w * v) / wd * sin)
    return this.value
  }
}

/**
 * The share of a distance that exponential smoothing covers in one step.
 *
 * @param {number} dt seconds
 * @param {number} halfLife seconds until half the distance is left
 */
export const smoothing = (dt, halfLife) => 1 - 2 ** (-dt / halfLife)
