import { Scene, VSMShadowMap, WebGLRenderer } from 'three'
import { Clock, TICK } from './clock.js'
import { disposeTree, Environment } from './environment.js'
import { Finish } from './finish.js'
import { LEVELS, Quality } from './quality.js'
import { scenes, SCENES_CHANGED } from './scenes.js'
import { drawsInSoftware } from './software.js'
import { setTone } from './tone.js'
import { View } from './view.js'

/**
 * @typedef {import('./quality.js').Level} Level
 * @typedef {import('./sight.js').Sight} Sight
 *
 * @typedef {object} SceneStage  what a scene is given
 * @property {Scene} scene  an empty Three.js scene with the environment map
 * @property {View} view  the camera, the format of the screen, the spread of scene coordinates
 * @property {WebGLRenderer} renderer
 * @property {Level} level  the quality level it starts with
 * @property {Sight} sight  what the camera sees: landmarks, and the picture where the scene asks
 * @property {number} seed  a whole number; what a scene draws by lot follows from it
 *
 * @typedef {object} StageEvents
 * @property {(lost: boolean) => void} contextLost
 * @property {(state: import('./motion.js').LiveState) => void} state  once per display frame
 * @property {(scene: string, error: unknown) => void} broken  a scene could not be read, begun or
 *   drawn; the last one that worked goes on
 * @property {() => void} works  the scene that was asked for has drawn its first frame
 *
 * @typedef {object} Current  the scene that is on
 * @property {string} name
 * @property {import('./scenes.js').SceneModule} module
 * @property {import('./scenes.js').RunningScene} running
 * @property {Scene} scene
 * @property {boolean} works  it has drawn at least one frame
 */

const VEIL = 900
/** How many seeds there are to draw from. */
const SEEDS = 2 ** 31
const DENSEST = 2
/** Drawn by the processor, frames are rationed: it has the tracker to feed as well. */
const SOFTWARE_RATE = 30
const DEFAULT_SCENE = 'bloom'
/** Milliseconds before the default scene is tried again after it has failed. */
const PAUSE = 1000
/** Seconds after which a lost context is not coming back by itself. */
const PATIENCE = 20

/** The renderer, the clock, and the scene that is on. */
export class Stage {
  clock = new Clock()
  view = new View()
  contextLost = false
  /** @type {{width: number, height: number, bytes: number} | null} the last capture */
  captured = null
  /** What the last frame cost: draw calls, passes (pictures drawn, shadows apart), triangles. */
  cost = { calls: 0, passes: 0, triangles: 0 }

  /** @type {Current | null} */
  #current = null
  /** What worked before, to go back to. @type {Current | null} */
  #before = null
  /** The scene that was asked for, also while it is broken and another one is on. */
  #wanted = /** @type {string | null} */ (null)
  /** @type {Finish | null} */
  #finish = null
  #environment
  #scenes = scenes
  /** @type {((blob: Blob | null) => void)[]} */
  #captures = []
  #change = Promise.resolve()
  #seed
  #frozen = false

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('./motion.js').Motion} motion  what the scenes follow
   * @param {StageEvents} events
   * @param {string | null} level the name of a quality level to stay at
   * @param {Sight} sight
   * @param {number | null} seed  what scenes draw by lot follows from it; null draws one for each
   * @throws {Error} when the browser has no WebGL 2
   */
  constructor(canvas, motion, events, level, sight, seed = null) {
    const software = drawsInSoftware()
    /** Whether the processor draws, which has the tracker to feed as well. */
    this.software = software
    this.canvas = canvas
    this.motion = motion
    this.events = events
    this.sight = sight
    this.#seed = seed
    this.renderer = new WebGLRenderer({
      canvas, antialias: !software, alpha: false, powerPreference: 'high-performance',
    })
    setTone(this.renderer, software)
    // A frame has several passes, and its cost is their sum.
    this.renderer.info.autoReset = false
    this.renderer.shadowMap.type = VSMShadowMap
    this.#environment = new Environment(this.renderer)

    const pinned = LEVELS.findIndex(({ name }) => name === level)
    const start = software ? 0 : LEVELS.length - 1
    this.quality = new Quality(pinned < 0 ? start : pinned, pinned >= 0, () => this.#setLevel())

    new ResizeObserver(() => this.#resize()).observe(canvas)
    this.#watchContext()
    this.#setLevel()

    const { clock } = this
    clock.on(TICK.state, (dt) => {
      const state = motion.step(dt)
      for (const { name, argument } of state.actions) {
        if (name === 'scene') this.show(argument ?? this.#nextName())
      }
      this.#frozen = state.frozen
    })
    clock.on(TICK.scene, (dt) => this.#try((current) => current.running.update(motion.state, dt)))
    clock.on(TICK.view, (dt, time) => this.view.step(motion.state, this.#frozen ? 0 : dt, time))
    clock.on(TICK.render, () => this.#try((current) => {
      this.renderer.info.reset()
      this.#render()
      if (current.works || this.contextLost) return
      current.works = true
      if (current.name === this.#chosen) events.works()
    }))
    clock.on(TICK.capture, () => this.#takeCaptures())
    clock.on(TICK.page, () => events.state(motion.state))
    clock.on(TICK.quality, () => {
      if (!this.contextLost) this.quality.learn(clock.interval)
    })
    document.addEventListener('visibilitychange', () => this.quality.forget())
    addEventListener(SCENES_CHANGED, (event) => {
      this.#scenes = /** @type {CustomEvent} */ (event).detail ?? this.#scenes
      this.#change = this.#change.then(() => this.#load(this.#chosen))
    })
    if (software) clock.rate = SOFTWARE_RATE
    clock.start()
  }

  get sceneName() {
    return this.#current?.name ?? null
  }

  /** What was asked for, if there is such a scene. */
  get #chosen() {
    return this.#wanted !== null && this.#wanted in this.#scenes ? this.#wanted : DEFAULT_SCENE
  }

  /** The names of all scenes. */
  get sceneNames() {
    return Object.keys(this.#scenes)
  }

  /** What a designer may turn in the scene that is on. */
  get parameters() {
    return this.#current?.module.parameters ?? {}
  }

  /** What the graphics card keeps for all that was drawn. */
  get kept() {
    const { memory, programs } = this.renderer.info
    return { ...memory, programs: programs?.length ?? 0 }
  }

  /** What the running scene tells about itself. */
  get report() {
    return this.#current?.running.report?.() ?? {}
  }

  /**
   * Changes to another scene through a moment of darkness.
   *
   * @param {string | null} wanted an unknown name is the default scene, until a file of that name
   *   is there
   */
  show(wanted) {
    this.#change = this.#change.then(async () => {
      this.#wanted = wanted
      const name = this.#chosen
      if (name === this.sceneName) return
      if (this.#current) await this.#veil(true)
      await this.#load(name)
      await this.#veil(false)
    })
    return this.#change
  }

  /**
   * A picture of the canvas, at least as fine as the page's own pixels.
   *
   * @returns {Promise<Blob | null>} a PNG; null when the browser could not make it
   */
  capture() {
    return new Promise((resolve) => this.#captures.push(resolve))
  }

  /**
   * Reads a scene's file and begins it. When that fails, the scene that is on stays; when there is
   * none, the default one takes its place.
   *
   * @param {string} name
   */
  async #load(name) {
    const file = this.#scenes[name]
    if (!file) return
    try {
      await this.#begin(name, await file())
    } catch (error) {
      this.events.broken(name, error)
      if (!this.#current && name !== DEFAULT_SCENE) await this.#load(DEFAULT_SCENE)
    }
  }

  /**
   * Makes a scene, then lets it take the place of the one that is on.
   *
   * @param {string} name
   * @param {import('./scenes.js').SceneModule} module
   * @param {boolean} [works] it is known to: it has been on before
   * @throws whatever the scene throws; then nothing has changed
   */
  async #begin(name, module, works = false) {
    const scene = new Scene()
    this.#environment.light(scene)
    let running
    try {
      running = await module.create({
        scene,
        view: this.view,
        renderer: this.renderer,
        level: this.quality.level,
        sight: this.sight,
        seed: this.#seed ?? Math.floor(Math.random() * SEEDS),
      })
    } catch (error) {
      disposeTree(scene)
      throw error
    }
    if (this.#current?.works) this.#before = this.#current
    this.#end()
    this.#current = { name, module, running, scene, works }
    this.sight.wanted = module.sight === true
    this.motion.recall()
    this.quality.forget()
  }

  #end() {
    const ending = this.#current
    if (!ending) return
    this.#current = null
    try {
      ending.running.dispose()
    } catch (error) {
      this.events.broken(ending.name, error)
    }
    disposeTree(ending.scene)
  }

  /**
   * Does something with the scene that is on. A scene that fails is ended, and what worked before
   * it begins again: the clock never stops.
   *
   * @param {(current: Current) => void} act
   */
  #try(act) {
    const current = this.#current
    if (!current) return
    try {
      act(current)
    } catch (error) {
      this.events.broken(current.name, error)
      this.#end()
      const before = this.#before
      this.#before = null
      this.#change = this.#change.then(async () => {
        if (before) return this.#again(before)
        // What fails again and again must not keep the page from everything else.
        await new Promise((resolve) => setTimeout(resolve, PAUSE))
        await this.#load(DEFAULT_SCENE)
      })
    }
  }

  /** Begins once more what has worked. @param {Current} current */
  async #again({ name, module }) {
    try {
      await this.#begin(name, module, true)
    } catch (error) {
      this.events.broken(name, error)
    }
  }

  #nextName() {
    const names = this.sceneNames
    return names[(names.indexOf(this.sceneName ?? '') + 1) % names.length]
  }

  /** @param {boolean} dark */
  async #veil(dark) {
    this.canvas.dataset.veiled = String(dark)
    await new Promise((resolve) => setTimeout(resolve, dark ? VEIL : 0))
  }

  #setLevel() {
    const { level } = this.quality
    this.renderer.shadowMap.enabled = level.shadow > 0
    this.#finish?.dispose()
    this.#finish = level.fine ? new Finish(level.glow) : null
    this.#try(({ running }) => running.setLevel?.(level))
    this.#resize()
  }

  #resize(ratio = this.#ratio()) {
    const { clientWidth, clientHeight } = this.canvas
    if (!clientWidth || !clientHeight) return
    this.view.resize(clientWidth, clientHeight)
    this.renderer.setPixelRatio(ratio)
    this.renderer.setSize(clientWidth, clientHeight, false)
    this.#finish?.resize(this.canvas.width, this.canvas.height)
  }

  #ratio() {
    const { clientWidth, clientHeight } = this.canvas
    const affordable = Math.sqrt(this.quality.level.pixels / (clientWidth * clientHeight || 1))
    return Math.min(devicePixelRatio, DENSEST, affordable)
  }

  #render() {
    if (!this.#current || this.contextLost) return
    const { scene } = this.#current
    const { camera } = this.view
    const { info } = this.renderer
    const before = info.render.frame
    info.reset()
    if (this.#finish) this.#finish.render(this.renderer, scene, camera, this.clock.time)
    else this.renderer.render(scene, camera)
    const { calls, triangles, frame } = info.render
    this.cost = { calls, passes: frame - before, triangles }
  }

  /** The drawing buffer is only readable right after it was drawn, so it is drawn for the picture. */
  #takeCaptures() {
    if (this.#captures.length === 0 || !this.#current || this.contextLost) return
    const captures = this.#captures.splice(0)
    const coarse = this.#ratio() < 1
    if (coarse) this.#resize(1)
    this.#render()
    const { width, height } = this.canvas
    this.canvas.toBlob((blob) => {
      this.captured = { width, height, bytes: blob?.size ?? 0 }
      for (const done of captures) done(blob)
    }, 'image/png')
    if (coarse) {
      this.#resize()
      this.#render()
    }
    this.quality.forget()
  }

  /**
   * What was made for a context is let go while the context is lost, when that costs nothing, and
   * made again when there is a new one.
   */
  #watchContext() {
    const { events } = this
    let reload = 0
    /** @type {Current | null} */
    let interrupted = null
    this.canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault()
      this.contextLost = true
      interrupted = this.#current
      this.#end()
      this.#finish?.dispose()
      this.#finish = null
      this.#environment.dispose()
      events.contextLost(true)
      // A browser that has lost the context too often gives none back until the page is new.
      reload = window.setTimeout(() => location.reload(), 1000 * PATIENCE)
    })
    this.canvas.addEventListener('webglcontextrestored', () => {
      clearTimeout(reload)
      this.contextLost = false
      this.#setLevel()
      const current = interrupted
      if (current) this.#change = this.#change.then(() => this.#again(current))
      events.contextLost(false)
    })
  }
}
