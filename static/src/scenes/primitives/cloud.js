import { Vector3 } from 'three'
import { setOklch } from '../../stage/colour.js'
import { Body } from './body.js'
import { chooseSubstance } from './material.js'

/**
 * @typedef {import('../../protocol.js').SceneObject} SceneObject
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 * @typedef {import('../../stage/stage.js').SceneStage} SceneStage
 */

/** No more than this is drawn, whatever arrives; the oldest leave first. */
const MOST = 48
/** Radius of the cloud that things born at one place gather in. */
const RADIUS = 0.46
/** How far up or down forms gather: the picture has an edge. */
const HIGHEST = 1.15
const GOLDEN_ANGLE = 2.399963
const GOLDEN_RATIO = 0.618034
const place = new Vector3()

/** What the expression has made: born with a spring, gone with grace. */
export class Cloud {
  /** @type {Map<number, {body: Body, object: SceneObject}>} */
  born = new Map()
  /** @type {Body[]} */
  leaving = []

  /**
   * @param {SceneStage} stage
   * @param {import('./solid.js').Solids} solids
   * @param {{size: {value: number}}} parameters
   */
  constructor({ scene, view }, solids, parameters) {
    this.scene = scene
    this.view = view
    this.solids = solids
    this.parameters = parameters
  }

  get bodies() {
    return [...[...this.born.values()].map(({ body }) => body), ...this.leaving]
  }

  /**
   * Takes in who is new and who has to go.
   *
   * @param {LiveState} state
   * @param {import('../../stage/quality.js').Level} level
   */
  follow({ reset, remove, add }, level) {
    if (reset) for (const id of [...this.born.keys()]) this.#remove(id)
    for (const id of remove) this.#remove(id)
    for (const object of add) this.#add(object, level)
  }

  /**
   * Says where each form wants to be, and turns it.
   *
   * @param {LiveState} state
   * @param {number} step seconds
   * @param {import('./forces.js').Air} air
   */
  aim({ motion }, step, { open, tilt, drift }) {
    for (const { body, object } of this.born.values()) {
      this.#place(object, body.home, open)
      body.home.applyQuaternion(tilt)
      body.home.y += 0.24 * motion.lift
      body.home.y = HIGHEST * Math.tanh(body.home.y / HIGHEST)
      drift(body.home, body.phase, 1)
      body.turn(step * (0.3 + motion.speed))
    }
    for (const body of this.leaving) {
      body.home.y += step * (motion.lift < 0 ? -0.5 : 0.5)
      body.turn(step * 2)
    }
  }

  /** Takes those out of the scene that have gone. */
  sweep() {
    this.leaving = this.leaving.filter((body) => {
      if (body.gone) {
        this.scene.remove(body.mesh)
        body.materials.dispose()
      }
      return !body.gone
    })
  }

  /**
   * @param {SceneObject} object
   * @param {import('../../stage/quality.js').Level} level
   */
  #add(object, level) {
    const { id, kind, size, spin, colour } = object
    if (this.born.has(id)) return
    const body = new Body({
      kind,
      substance: chooseSubstance(kind, id),
      size: size * this.parameters.size.value,
      spin,
      phase: id * GOLDEN_ANGLE,
    }, this.solids.get(kind), level)
    setOklch(body.materials.colour, colour)
    // It comes from below and behind, and gathers.
    this.#place(object, body.position, 0.55)
    body.position.y -= 0.35
    body.position.z -= 0.5
    body.scale.target = 1
    this.scene.add(body.mesh)
    this.born.set(id, { body, object })
    if (this.born.size > MOST) this.#remove(this.born.keys().next().value ?? id)
  }

  /** @param {number} id */
  #remove(id) {
    const gone = this.born.get(id)
    if (!gone) return
    this.born.delete(id)
    gone.body.leave()
    this.leaving.push(gone.body)
  }

  /**
   * Around the object's place, each in a direction of its own (Fibonacci's sphere).
   *
   * @param {SceneObject} object
   * @param {Vector3} target
   * @param {number} open
   */
  #place({ id, position: [x, y, z] }, target, open) {
    const { spread } = this.view
    const height = 1 - 2 * ((id * GOLDEN_RATIO) % 1)
    const ring = Math.sqrt(1 - height * height)
    place.set(ring * Math.cos(id * GOLDEN_ANGLE), height, ring * Math.sin(id * GOLDEN_ANGLE))
    target.set(x * spread.x, y * spread.y, z * spread.z)
      .addScaledVector(place, RADIUS)
      .multiplyScalar(open)
  }
}
