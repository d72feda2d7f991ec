/**
 * How much the renderer does, from the least to the most.
 *
 * @typedef {object} Level
 * @property {string} name
 * @property {number} pixels  the most that are drawn; a larger screen gets fewer for each of its own
 * @property {number} shadow  edge of the shadow map in texels; 0 draws none
 * @property {boolean} fine  physical materials with grain, drawn into a buffer and graded
 * @property {boolean} glow  bloom and glass
 * @property {number} detail  subdivisions of a form
 * @property {number} dust  motes in the light
 * @property {Budget} budget  what a frame of any scene may cost, with everything that can be born
 *
 * @typedef {object} Budget
 * @property {number} calls  draw calls, shadows and glow among them
 * @property {number} passes  pictures drawn on the way to the screen, shadows apart
 * @property {number} triangles
 */

/** @type {Level[]} */
export const LEVELS = [
  {
    name: 'minimal', pixels: 3.6e5, shadow: 0, fine: false, glow: false, detail: 15, dust: 120,
    budget: { calls: 60, passes: 1, triangles: 150_000 },
  },
  {
    name: 'low', pixels: 1.1e6, shadow: 0, fine: false, glow: false, detail: 22, dust: 300,
    budget: { calls: 60, passes: 1, triangles: 250_000 },
  },
  {
    name: 'medium', pixels: 2.4e6, shadow: 1024, fine: true, glow: false, detail: 30, dust: 600,
    budget: { calls: 120, passes: 2, triangles: 700_000 },
  },
  {
    name: 'high', pixels: 5e6, shadow: 2048, fine: true, glow: true, detail: 40, dust: 900,
    budget: { calls: 150, passes: 15, triangles: 1_200_000 },
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
