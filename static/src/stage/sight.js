/**
 * @typedef {import('../protocol.js').Landmarks} Landmarks
 * @typedef {import('../protocol.js').Mask} Mask
 * @typedef {'face' | 'body' | 'leftHand' | 'rightHand'} Part
 */

/** A frame is read within this many; older pictures are let go. */
const MOST_KEPT = 4

/**
 * What the camera sees, as the tracker has read it: the landmarks of the last frame, and for a
 * scene that exports `sight = true` its picture and its mask. All three are of one and the same
 * frame, so what is drawn by them fits, however long the reading took. The pictures never leave
 * the page by this way and are let go with the visit.
 */
export class Sight {
  /** Whether a scene draws the picture; else none is kept. */
  wanted = false
  /** Width of the camera's picture divided by its height; the recordings are 4:3. */
  aspect = 4 / 3
  /** The number of the frame. */
  frame = 0
  /** @type {Landmarks | null} */
  landmarks = null
  /** @type {ImageBitmap | null} upside down, as textures are; null in a replay */
  picture = null
  /** @type {Mask | null} */
  mask = null

  /** @type {Map<number, ImageBitmap>} */
  #kept = new Map()

  /**
   * Keeps a picture until the server has read it.
   *
   * @param {number} frame
   * @param {ImageBitmap} picture
   */
  keep(frame, picture) {
    this.#kept.set(frame, picture)
    this.#forget(frame - MOST_KEPT)
  }

  /**
   * The server has read a frame.
   *
   * @param {number} frame
   * @param {Landmarks} landmarks
   * @param {Mask | null} mask
   */
  see(frame, landmarks, mask) {
    this.frame = frame
    this.landmarks = landmarks
    this.mask = mask
    this.picture?.close()
    this.picture = (mask && this.#kept.get(frame)) ?? null
    this.#kept.delete(frame)
    this.#forget(frame)
  }

  /** Forgets everything: nobody is seen any more. */
  clear() {
    this.landmarks = this.mask = null
    this.picture?.close()
    this.picture = null
    this.#forget(Infinity)
  }

  /**
   * Where a landmark is, as the visitor sees it in a mirror: x to the right and y up, -1 to 1.
   *
   * @template {{x: number, y: number}} P
   * @param {Part} part
   * @param {number} index MediaPipe's number of the point
   * @param {P} target
   * @returns {P | null} null while it is hidden
   */
  point(part, index, target) {
    const points = this.landmarks?.[part]
    if (!points || !(points[2 * index] >= 0)) return null
    target.x = 1 - 2 * points[2 * index]
    target.y = 1 - 2 * points[2 * index + 1]
    return target
  }

  /** @param {number} last the newest frame that is not worth keeping */
  #forget(last) {
    for (const [frame, picture] of this.#kept) {
      if (frame > last) continue
      picture.close()
      this.#kept.delete(frame)
    }
  }
}
