/**
 * How large and how fine the pictures are that go to the server.
 *
 * @typedef {{width: number, height: number, quality: number}} FrameSize
 */

const SLOW = 160
const FAST = 70
const PATIENCE_DOWN = 3
const PATIENCE_UP = 15
const LADDER = [
  { scale: 1, quality: 1 },
  { scale: 0.8, quality: 0.95 },
  { scale: 0.65, quality: 0.9 },
  { scale: 0.5, quality: 0.8 },
]

/**
 * Steps the size down after three slow journeys in a row, and up again after fifteen fast ones.
 * A journey is the time in milliseconds from sending a frame until the server has all of it.
 */
export class AdaptiveSize {
  #step = 0
  #slow = 0
  #fast = 0

  /** @param {FrameSize} largest what the server asked for */
  constructor(largest) {
    this.largest = largest
  }

  /** @returns {FrameSize} */
  get current() {
    const { scale, quality } = LADDER[this.#step]
    return {
      width: Math.round(this.largest.width * scale),
      height: Math.round(this.largest.height * scale),
      quality: this.largest.quality * quality,
    }
  }

  /** @param {number} journey milliseconds */
  learn(journey) {
    this.#slow = journey > SLOW ? this.#slow + 1 : 0
    this.#fast = journey < FAST ? this.#fast + 1 : 0
    if (this.#slow >= PATIENCE_DOWN && this.#step < LADDER.length - 1) this.#move(1)
    else if (this.#fast >= PATIENCE_UP && this.#step > 0) this.#move(-1)
  }

  /** @param {number} steps */
  #move(steps) {
    this.#step += steps
    this.#slow = 0
    this.#fast = 0
  }
}
