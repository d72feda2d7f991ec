/**
 * The one order in which everything happens on each display frame; docs/scenes.md explains it.
 * A lower number runs first.
 */
export const TICK = /** @type {const} */ ({
  state: 10,
  scene: 30,
  view: 40,
  render: 50,
  capture: 60,
  page: 70,
  quality: 80,
})

/** Milliseconds by which the display's own clock may be early. */
const SLACK = 4
/** The longest step in seconds: after a pause the scene goes on, it does not jump. */
export const LONGEST_STEP = 0.1

/**
 * Calls its listeners once per display frame, in their fixed order.
 *
 * @typedef {(dt: number, time: number) => void} Tick  seconds since the last frame, clamped, and
 *   their sum
 */
export class Clock {
  /** Seconds of clamped time since the start. */
  time = 0
  /** Frames since the start. */
  frames = 0
  /** The last interval between display frames in milliseconds, not clamped. */
  interval = 0
  /** The most frames per second. */
  rate = Infinity

  #last = 0
  /** When the next frame is due, in milliseconds. */
  #due = 0
  /** @type {{order: number, tick: Tick}[]} */
  #listeners = []

  /**
   * @param {number} order one of TICK
   * @param {Tick} tick
   */
  on(order, tick) {
    this.#listeners.push({ order, tick })
    this.#listeners.sort((a, b) => a.order - b.order)
  }

  start() {
    requestAnimationFrame(this.#frame)
  }

  #frame = (/** @type {number} */ now) => {
    requestAnimationFrame(this.#frame)
    if (now < this.#due - SLACK) return
    // After a late frame the next one comes sooner, and so the pace is held.
    const pace = 1000 / this.rate
    this.#due = Math.max(this.#due + pace, now - pace / 2)
    this.interval = this.#last ? now - this.#last : 0
    this.#last = now
    const dt = Math.min(this.interval / 1000, LONGEST_STEP)
    this.time += dt
    this.frames++
    for (const { tick } of this.#listeners) tick(dt, this.time)
  }
}
