/**
 * The developer's panel of `?debug`: what may be turned in the scene that is on, what a frame
 * costs, the SceneState as it came, and recordings of landmarks.
 */
import { GUI } from 'lil-gui'
import 'lil-gui.css'
import './panel.css'
import { TICK } from '../stage/clock.js'
import { element } from '../ui/element.js'
import { Recordings } from './recordings.js'

/**
 * @typedef {object} PanelParts
 * @property {import('../stage/stage.js').Stage} stage
 * @property {() => import('../protocol.js').SceneState | null} state
 * @property {() => string[]} replays  names of the recordings that come with Mien
 * @property {() => boolean} mayRecord  somebody who has agreed is before the camera
 * @property {(on: boolean) => void} record
 * @property {(name: string) => void} play
 */

/** Frames that the times are taken from. */
const FRAMES = 240
/** Display frames between two readings of the panel: it must not cost what it measures. */
const EVERY = 12
/** Width of the page below which the panel begins closed. */
const NARROW = 700

export class Panel {
  #ticks = 0
  /** @type {number[]} */
  #intervals = []
  /** @type {Record<string, import('../stage/scenes.js').Parameter>} */
  #parameters = {}

  /** @param {PanelParts} parts */
  constructor(parts) {
    const { stage, state } = parts
    this.stage = stage
    this.state = state
    this.gui = new GUI({ title: 'Workshop', injectStyles: false, closeFolders: false })
    this.gui.domElement.dataset.testid = 'panel'
    // What is typed here is no command of the page.
    this.gui.domElement.addEventListener('keydown', (event) => event.stopPropagation())

    this.choice = { scene: '' }
    this.scene = this.gui.add(this.choice, 'scene', stage.sceneNames)
      .onChange((/** @type {string} */ name) => stage.show(name))
    this.folder = this.gui.addFolder('Parameters')
    this.times = this.#text('Frames', 'frame-times')
    this.recordings = new Recordings(this.gui.addFolder('Recordings'), parts)
    this.live = this.#text('SceneState', 'scene-state')
    if (innerWidth < NARROW) this.gui.close()

    stage.clock.on(TICK.quality, () => {
      this.#intervals.push(stage.clock.interval)
      if (this.#intervals.length > FRAMES) this.#intervals.shift()
      if (this.#ticks++ % EVERY === 0) this.#read()
    })
  }

  /**
   * @param {number} seconds
   * @param {ArrayBuffer} file
   */
  recorded(seconds, file) {
    this.recordings.take(seconds, file)
  }

  #read() {
    const { stage } = this
    if (stage.parameters !== this.#parameters) this.#listParameters()
    if (stage.sceneName && stage.sceneName !== this.choice.scene) {
      this.choice.scene = stage.sceneName
      this.scene.options(stage.sceneNames)
      this.scene.updateDisplay()
    }
    const sorted = [...this.#intervals].sort((a, b) => a - b)
    const at = (/** @type {number} */ share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(1)
    const { calls, triangles } = stage.cost
    this.times.textContent = [
      `p50 ${at(0.5)} ms    p95 ${at(0.95)} ms`,
      `${calls} draw calls    ${triangles.toLocaleString('en')} triangles`,
      `quality ${stage.quality.level.name}    ${stage.canvas.width} × ${stage.canvas.height}`,
    ].join('\n')
    this.live.textContent = write(this.state())
    this.recordings.update()
  }

  #listParameters() {
    this.#parameters = this.stage.parameters
    for (const controller of [...this.folder.controllers]) controller.destroy()
    for (const parameter of Object.values(this.#parameters)) {
      const { min, max, label } = parameter
      this.folder.add(parameter, 'value', min, max, (max - min) / 200).name(label)
    }
  }

  /**
   * @param {string} title
   * @param {string} testid
   */
  #text(title, testid) {
    const text = element('pre', { 'class': 'reading', 'data-testid': testid })
    this.gui.addFolder(title).$children.append(text)
    return text
  }
}

/**
 * A value as lines of `name value`, one level after the other.
 *
 * @param {unknown} value
 * @param {string} [indent]
 * @returns {string}
 */
function write(value, indent = '') {
  if (value === null || typeof value !== 'object') return String(value)
  const entries = Object.entries(value)
  if (entries.every(([, each]) => each === null || typeof each !== 'object')) {
    const plain = entries.map(([name, each]) => (Array.isArray(value) ? each : `${name} ${each}`))
    return plain.join(Array.isArray(value) ? '  ' : `\n${indent}`) || '–'
  }
  return entries.map(([name, each]) => {
    const deep = each !== null && typeof each === 'object' && !Array.isArray(each)
    return deep
      ? `${name}\n${indent}  ${write(each, `${indent}  `)}`
      : `${name} ${write(each, `${indent}  `)}`
  }).join(`\n${indent}`)
}
