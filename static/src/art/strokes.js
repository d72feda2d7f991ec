/** Bytes before the strokes, and of each. */
const HEAD = 16
export const STROKE = 12
const MAGIC = 0x4d505331 // MPS1
/** Shares of the longer side: 2^(10 n / 255) / 1024. */
const LENGTHS = Float32Array.from({ length: 256 }, (_, n) => 2 ** (10 * n / 255) / 1024)
/** A long stroke takes its time, and a short one is a touch: the brush speeds up with detail. */
const HURRY = 1.5

/** A painting's strokes in their order, as docs/painting.md describes them. */
export class Strokes {
  /** When each is laid, as shares of the time for all. @type {Float32Array} */
  #ends

  /**
   * @param {ArrayBuffer} buffer
   * @throws {Error} when these are no strokes
   */
  constructor(buffer) {
    const head = new DataView(buffer)
    const count = buffer.byteLength < HEAD ? 0 : head.getUint32(12, true)
    if (!count || head.getUint32(0) !== MAGIC || buffer.byteLength !== HEAD + STROKE * count) {
      throw new Error(`${buffer.byteLength} bytes are no painting's strokes.`)
    }
    this.count = count
    /** The picture's proportions. */
    this.width = head.getUint16(4, true)
    this.height = head.getUint16(6, true)
    /** sRGB of the bare canvas, 0 to 255. */
    this.ground = [head.getUint8(8), head.getUint8(9), head.getUint8(10)]
    /** How deep the light digs into the paint, 0 to 1. */
    this.relief = head.getUint8(11) / 255
    this.bytes = new Uint8Array(buffer, HEAD)
    this.#ends = new Float32Array(count)
    let sum = 0
    for (let n = 0; n < count; n++) {
      sum += LENGTHS[this.bytes[STROKE * n + 5]] ** HURRY
      this.#ends[n] = sum
    }
    for (let n = 0; n < count; n++) this.#ends[n] /= sum
  }

  /**
   * How many strokes are laid by then; the last of them may be on its way.
   *
   * @param {number} share of the time for all, 0 to 1
   * @returns {number} whole strokes and a part of one
   */
  laid(share) {
    if (share >= 1) return this.count
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#ends[middle] > share) high = middle
      else low = middle + 1
    }
    const begun = low ? this.#ends[low - 1] : 0
    return low + Math.max(0, share - begun) / (this.#ends[low] - begun)
  }
}
