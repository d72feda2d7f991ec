/**
 * Pictures of scenes without a visitor: the page that `python -m server.captures` opens. It
 * draws with the scenes, the tone and the finish of the page itself, and is told everything.
 */
import { Scene, VSMShadowMap, WebGLRenderer } from 'three'
import { disposeTree, Environment } from './stage/environment.js'
import { Finish } from './stage/finish.js'
import { Motion } from './stage/motion.js'
import { LEVELS } from './stage/quality.js'
import { Random } from './stage/random.js'
import { scenes } from './stage/scenes.js'
import { Sight } from './stage/sight.js'
import { setTone } from './stage/tone.js'
import { View } from './stage/view.js'

/** Seconds between two frames while the scene settles: the longest that a clock takes whole. */
const STEP = 0.1

/**
 * @typedef {object} Wish
 * @property {string} scene
 * @property {string} level
 * @property {number} seed
 * @property {number} size  edge of the picture in pixels
 * @property {number} finer  pixels that are drawn for each of the picture's, in each direction
 * @property {number} seconds  for which the state has been so
 * @property {import('./protocol.js').SceneState} state
 *
 * @typedef {{scene: Scene, running: import('./stage/scenes.js').RunningScene}} Drawn
 */

/** Draws one picture after another. */
class Captures {
  #canvas = document.createElement('canvas')
  #picture = document.createElement('canvas')
  #renderer = new WebGLRenderer({ canvas: this.#canvas, antialias: false, alpha: false })
  #environment
  /** @type {Finish | null} */
  #finish = null
  #level = ''
  /** The last one keeps its shaders for the next. @type {Drawn | null} */
  #last = null

  constructor() {
    setTone(this.#renderer, false)
    this.#renderer.shadowMap.type = VSMShadowMap
    this.#environment = new Environment(this.#renderer)
  }

  /**
   * @param {Wish} wish
   * @returns {Promise<string>} a PNG in base64
   * @throws {Error} when there is no such scene or level, or the scene fails
   */
  async draw({ scene: name, level: wanted, seed, size, finer, seconds, state }) {
    const level = LEVELS.find((one) => one.name === wanted)
    if (!level || !scenes[name]) throw new Error(`There is no scene ${name} or no level ${wanted}.`)
    Math.random = lot(seed)
    this.#setLevel(level, size * finer)
    const view = new View()
    view.resize(size * finer, size * finer)
    const motion = new Motion()
    const scene = new Scene()
    this.#environment.light(scene)
    const module = await scenes[name]()
    const running = await module.create({
      scene, view, renderer: this.#renderer, level, sight: new Sight(), seed,
    })
    motion.push(state)
    const again = { ...state, add: [], remove: [], actions: [], reset: false }
    let time = 0
    for (; time < seconds; time += STEP) {
      running.update(motion.step(STEP), STEP)
      view.step(motion.state, STEP, time)
      // After a silence nobody would be thought to be there.
      if (time % 1 < STEP) motion.push(again)
    }
    if (this.#finish) this.#finish.render(this.#renderer, scene, view.camera, time)
    else this.#renderer.render(scene, view.camera)
    const picture = await this.#reduce(size)
    this.#end()
    this.#last = { scene, running }
    return picture
  }

  /**
   * @param {import('./stage/quality.js').Level} level
   * @param {number} edge
   */
  #setLevel(level, edge) {
    if (level.name !== this.#level) {
      this.#level = level.name
      this.#renderer.shadowMap.enabled = level.shadow > 0
      this.#finish?.dispose()
      // Edges are smooth by what is averaged later.
      this.#finish = level.fine ? new Finish(level.glow, 0) : null
    }
    if (this.#canvas.width === edge) return
    this.#renderer.setPixelRatio(1)
    this.#renderer.setSize(edge, edge, false)
    this.#finish?.resize(edge, edge)
  }

  /** The drawing, smaller: each pixel is the mean of those it covers. @param {number} size */
  async #reduce(size) {
    this.#picture.width = this.#picture.height = size
    const context = /** @type {CanvasRenderingContext2D} */ (this.#picture.getContext('2d'))
    context.imageSmoothingQuality = 'high'
    context.drawImage(this.#canvas, 0, 0, size, size)
    const url = this.#picture.toDataURL('image/png')
    return url.slice(url.indexOf(',') + 1)
  }

  #end() {
    this.#last?.running.dispose()
    if (this.#last) disposeTree(this.#last.scene)
  }
}

/** Math.random for scenes that draw by lot. @param {number} seed */
function lot(seed) {
  const random = new Random(seed)
  return () => random.next()
}

Object.defineProperty(window, 'captures', { value: new Captures() })
