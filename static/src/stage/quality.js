/**
 * How much the renderer does, from the least to the most. `scale` multiplies the page's own
 * pixels and may use a dense screen only where `dense` says so.
 *
 * @typedef {object} Level
 * @property {string} name
 * @property {number} scale  drawn pixels per page pixel
 * @property {number} dense  the most drawn pixels per page pixel on a dense screen
 * @property {number} shadow  edge of the shadow map in texels; 0 draws none
 * @property {boolean} fine  physical materials with coats, sheen and grain of their own
 * @property {boolean} finish  the picture is drawn into a buffer, then graded with fine grain
 * @property {boolean} glow  bloom and glass
 * @property {number} detail  subdivisions of a form
 * @property {number} dust  motes in the light
 */

/** @type {Level[]} */
export const LEVELS = [
  {
    name: 'minimal', scale: 0.5, dense: 0.5, shadow: 0, fine: false, finish: false, glow: false,
    detail: 12, dust: 120,
  },
  {
    name: 'low', scale: 0.8, dense: 1, shadow: 0, fine: false, finish: false, glow: false,
    detail: 16, dust: 300,
  },
  {
    name: 'medium', scale: 1, dense: 1.25, shadow: 1024, fine: true, finish: true, glow: false,
    detail: 22, dust: 600,
  },
  {
    name: 'high', scale: 1, dense: 1.75, shadow: 2048, fine: true, finish: true, glow: true,
    detail: 30, dust: 900,
  },
]

const WINDOW = 1.5
const FEWEST = 4
/** Frames after a change that say nothing yet: buffers and shaders are being made. */
const SETTLING = 6
/** A frame is late when it takes this much longer than the display's own pace. */
const LATE = 1.45
const PACE = 1000 / 60
const PATIENCE_UP = 12
const PATIENCE_MOST = 600

/**
 * Chooses the level: one step down after a second and a half of late frames, one up after a calm
 * while. A step up that had to be taken back is not tried again for twice as long each time. When
 * a step down gains nothing, the display itself is slow: its pace is accepted and the step
 * taken back.
 */
export class Quality {
  #pace = PACE
  #intervals = /** @type {number[]} */ ([])
  #elapsed = 0
  #calm = 0
  #patience = PATIENCE_UP
  #before = 0
  #climbed = false
  #settling = SETTLING

  /**
   * @param {number} start index into LEVELS
   * @param {boolean} pinned stays where it is
   * @param {(level: Level) => void} changed
   */
  constructor(start, pinned, changed) {
    this.index = start
    this.pinned = pinned
    this.changed = changed
  }

  get level() {
    return LEVELS[this.index]
  }

  /** @param {number} interval milliseconds between two display frames */
  learn(interval) {
    if (this.pinned || interval <= 0 || this.#settling-- > 0) return
    this.#intervals.push(interval)
    this.#elapsed += interval / 1000
    if (this.#elapsed < WINDOW || this.#intervals.length < FEWEST) return
    const median = this.#intervals.sort((a, b) => a - b)[this.#intervals.length >> 1]
    this.#judge(median, this.#elapsed)
    this.#intervals = []
    this.#elapsed = 0
  }

  /** The tab was away or the scene is being made: what was measured says nothing. */
  forget() {
    this.#intervals = []
    this.#elapsed = 0
    this.#settling = SETTLING
  }

  /**
   * @param {number} median milliseconds
   * @param {number} seconds
   */
  #judge(median, seconds) {
    const before = this.#before
    this.#before = 0
    if (median > this.#pace * LATE) {
      this.#calm = 0
      if (before && median > before * 0.9 && median < 45) {
        this.#pace = median
        this.#move(1)
      } else if (this.index > 0) {
        if (this.#climbed) this.#patience = Math.min(this.#patience * 2, PATIENCE_MOST)
        this.#climbed = false
        this.#before = median
        this.#move(-1)
      }
      return
    }
    this.#calm += seconds
    if (this.#calm > this.#patience && this.index < LEVELS.length - 1) {
      this.#calm = 0
      this.#climbed = true
      this.#move(1)
    }
  }

  /** @param {number} steps */
  #move(steps) {
    this.index = Math.min(Math.max(this.index + steps, 0), LEVELS.length - 1)
    this.forget()
    this.changed(this.level)
  }
}
