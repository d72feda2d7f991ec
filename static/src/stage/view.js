import { PerspectiveCamera } from 'three'
import { smoothing } from './spring.js'

/**
 * A composition for each shape of screen. The origin of every scene is the optical centre; a
 * sculpture stays within about 1.2 of it, and the ground lies at GROUND.
 *
 * @typedef {object} Framing
 * @property {number} fov  vertical, degrees
 * @property {number} height  scene units that must be visible vertically
 * @property {number} width  scene units that must be visible horizontally
 * @property {number} centre  where the optical centre lies, as a share of the height from the top
 * @property {number} rise  how far the camera stands above the origin
 * @property {{x: number, y: number, z: number}} spread  scene units of a scene coordinate of 1
 */

export const GROUND = -1.05

/** @type {Record<'landscape' | 'portrait' | 'phone', Framing>} */
const FRAMINGS = {
  landscape: {
    fov: 21, height: 3.5, width: 3.6, centre: 0.455, rise: 1.05,
    spread: { x: 1.7, y: 0.95, z: 0.9 },
  },
  portrait: {
    fov: 25, height: 4.6, width: 2.85, centre: 0.43, rise: 1.3,
    spread: { x: 0.9, y: 1.3, z: 0.9 },
  },
  phone: {
    fov: 27, height: 4.7, width: 2.7, centre: 0.42, rise: 1.3,
    spread: { x: 0.84, y: 1.25, z: 0.8 },
  },
}
/** How much higher the sculpture stands while the notice needs the lower part of the screen. */
const RAISED = { landscape: 0.12, portrait: 0.1, phone: 0.13 }
const PARALLAX = { x: 0.55, y: 0.3 }
const DRIFT = 0.12

/** The camera: composed for the screen, drifting slightly, leaning with the visitor's head. */
export class View {
  camera = new PerspectiveCamera(21, 1, 0.5, 60)
  /** @type {keyof typeof FRAMINGS} */
  format = 'landscape'
  #x = 0
  #y = 0
  #distance = 9
  #raised = 0
  #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #size = { width: 1, height: 1 }
  /** Whether the lower part of the screen is taken. */
  raise = false

  get spread() {
    return FRAMINGS[this.format].spread
  }

  /**
   * The composition of this screen without drift and parallax, for scenes that compose a view of
   * their own: `fov` vertical, in radians; `aspect`; the camera's `distance` from the origin and its
   * `rise` above it; `centre`, where the origin lies as a share of the height from the top.
   */
  get frame() {
    const { fov, rise, centre } = FRAMINGS[this.format]
    const { aspect } = this.camera
    return { fov: fov * Math.PI / 180, aspect, distance: this.#distance, rise, centre }
  }

  /**
   * @param {number} width page pixels
   * @param {number} height page pixels
   */
  resize(width, height) {
    const aspect = width / height
    this.format = aspect >= 0.95 ? 'landscape' : Math.min(width, height) < 600 ? 'phone' : 'portrait'
    const framing = FRAMINGS[this.format]
    const { camera } = this
    camera.fov = framing.fov
    camera.aspect = aspect
    const visible = Math.max(framing.height, framing.width / aspect)
    this.#distance = visible / 2 / Math.tan(framing.fov * Math.PI / 360)
    this.#size = { width, height }
    this.#raised = this.raise ? 1 : 0
  }

  /**
   * @param {import('./motion.js').LiveState} state
   * @param {number} dt seconds
   * @param {number} time seconds
   */
  step({ body: { head } }, dt, time) {
    const share = smoothing(dt, 0.22)
    const weight = this.#calm.matches ? 0 : head?.weight ?? 0
    this.#x += ((head?.x ?? 0) * weight * PARALLAX.x - this.#x) * share
    this.#y += ((head?.y ?? 0) * weight * PARALLAX.y - this.#y) * share
    this.#raised += ((this.raise ? 1 : 0) - this.#raised) * smoothing(dt, 0.35)
    const { width, height } = this.#size
    const centre = FRAMINGS[this.format].centre - RAISED[this.format] * this.#raised
    this.camera.setViewOffset(width, height, 0, (0.5 - centre) * height, width, height)
    this.camera.position.set(
      this.#x + DRIFT * Math.sin(time * 0.11),
      FRAMINGS[this.format].rise + this.#y + DRIFT * 0.4 * Math.sin(time * 0.083),
      this.#distance,
    )
    this.camera.lookAt(0, 0, 0)
  }
}
