import { Vector3 } from 'three'
import { smoothing } from '../../stage/spring.js'

/** How far before the camera the visitor stands, in scene units. */
export const DISTANCE = 6
/** Where the head is wanted, as a share of the height above the middle of the screen. */
const HEAD_AT = 0.12
const HALF_LIFE = 0.9
const corner = new Vector3()

/**
 * Where the camera's picture lies before the camera: it fills the screen, whatever their shapes,
 * and moves slowly within it so that the head stays in view.
 */
export class Frame {
  /** The middle of the picture, and half its size, in scene units at DISTANCE. */
  x = 0
  y = 0
  halfWidth = 1
  halfHeight = 1
  /** The screen at DISTANCE. */
  screen = { left: -1, right: 1, bottom: -1, top: 1 }
  #panX = 0
  #panY = 0

  /**
   * @param {import('three').PerspectiveCamera} camera
   * @param {import('../../stage/sight.js').Sight} sight
   */
  constructor(camera, sight) {
    this.camera = camera
    this.sight = sight
  }

  /**
   * @param {import('../../stage/motion.js').LiveHead | null} head
   * @param {number} dt seconds
   */
  update(head, dt) {
    const { screen } = this
    this.#unproject(-1, -1)
    screen.left = corner.x
    screen.bottom = corner.y
    this.#unproject(1, 1)
    screen.right = corner.x
    screen.top = corner.y
    const width = screen.right - screen.left
    const height = screen.top - screen.bottom
    this.halfHeight = Math.max(height, width / this.sight.aspect) / 2
    this.halfWidth = this.halfHeight * this.sight.aspect

    const slackX = Math.max(this.halfWidth - width / 2, 0)
    const slackY = Math.max(this.halfHeight - height / 2, 0)
    if (head) {
      const share = smoothing(dt, HALF_LIFE)
      this.#panX += (-head.x - this.#panX) * share
      this.#panY += (HEAD_AT * height / this.halfHeight - head.y - this.#panY) * share
    }
    this.x = (screen.left + screen.right) / 2 + clamp(this.#panX * this.halfWidth, slackX)
    this.y = (screen.bottom + screen.top) / 2 + clamp(this.#panY * this.halfHeight, slackY)
  }

  /**
   * A place in the mirrored picture (x and y from -1 to 1, y up) before the camera.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} nearer  scene units toward the camera; the size on the screen stays
   * @param {Vector3} target
   */
  place(x, y, nearer, target) {
    const share = (DISTANCE - nearer) / DISTANCE
    return target.set(
      (this.x + x * this.halfWidth) * share, (this.y + y * this.halfHeight) * share, nearer - DISTANCE,
    )
  }

  /** @param {number} x @param {number} y of the screen, -1 to 1 */
  #unproject(x, y) {
    corner.set(x, y, 0.5).applyMatrix4(this.camera.projectionMatrixInverse)
    corner.multiplyScalar(DISTANCE / -corner.z)
  }
}

/** @param {number} value @param {number} most */
const clamp = (value, most) => Math.min(Math.max(value, -most), most)
