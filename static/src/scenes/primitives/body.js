import { Euler, Mesh, Quaternion, Vector3 } from 'three'
import { Spring } from '../../stage/spring.js'
import { SOFTNESS } from './solid.js'
import { Materials } from './material.js'

/**
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 * @typedef {import('../../stage/quality.js').Level} Level
 * @typedef {import('../../protocol.js').Triple} Triple
 */

/** All three waves of a surface are at their beginning again; keeps the shader's numbers small. */
const WAVE_PERIOD = 200 * Math.PI
const turn = new Quaternion()
const euler = new Euler()

/** One form: where it is, how it moves, what it wears. */
export class Body {
  position = new Vector3()
  velocity = new Vector3()
  /** Where it wants to be, in scene units. */
  home = new Vector3()
  rotation = new Quaternion()
  /** 0 to 1 and a little over: born, and gone. */
  scale = new Spring(0, 0.9, 0.6)
  leaving = false
  /** How far it is its own, and not on the ground: 1 for what the expression has made. */
  free = 1
  /** How strongly it is pulled home, per second squared. */
  pull = 14

  /**
   * @param {object} description
   * @param {string} description.kind
   * @param {string} description.substance
   * @param {number} description.size
   * @param {Triple} [description.stretch]
   * @param {Triple} description.spin
   * @param {number} description.phase  any number of its own
   * @param {import('three').BufferGeometry} geometry
   * @param {Level} level
   */
  constructor({ kind, substance, size, stretch = [1, 1, 1], spin, phase }, geometry, level) {
    this.kind = kind
    this.substance = substance
    this.size = size
    this.stretch = new Vector3(...stretch)
    this.radius = size * Math.cbrt(stretch[0] * stretch[1] * stretch[2])
    /** How far it reaches down when it lies flat. */
    this.depth = Math.min(this.radius, size * stretch[1])
    this.spin = spin
    this.phase = phase
    this.materials = new Materials(substance, size, level)
    this.mesh = new Mesh(geometry, this.materials.material)
    this.mesh.castShadow = true
    this.mesh.receiveShadow = true
    this.mesh.customDepthMaterial = this.materials.shadow
  }

  /**
   * Makes the same form in another quality.
   *
   * @param {import('three').BufferGeometry} geometry
   * @param {Level} level
   */
  dress(geometry, level) {
    const { colour, flow } = this.materials
    this.materials.dispose()
    this.materials = new Materials(this.substance, this.size, level)
    this.materials.colour.copy(colour)
    this.materials.flow.value = flow.value
    this.mesh.geometry = geometry
    this.mesh.material = this.materials.material
    this.mesh.customDepthMaterial = this.materials.shadow
  }

  leave() {
    this.leaving = true
    this.scale = new Spring(this.scale.value, 0.8, 0.95)
    this.scale.target = 0
  }

  get gone() {
    return this.leaving && this.scale.value < 0.01
  }

  /**
   * Gives the form the shape and place of this moment.
   *
   * @param {LiveState} state
   * @param {number} dt
   * @param {number} time
   * @param {number} breath -1 to 1
   */
  show(state, dt, time, breath) {
    const { form, motion } = state
    const [sharp, middle, round] = SOFTNESS[this.kind]
    const r = form.roundness
    const soft = r < 0.6
      ? sharp + (middle - sharp) * (r / 0.6)
      : middle + (round - middle) * ((r - 0.6) / 0.4)
    const hard = Math.max(form.facets - 0.08, 0) * 0.85 + Math.max(0.5 - r, 0) * 0.5
    const live = 0.25 + 0.75 * this.free
    this.materials.shape.value.set(
      soft,
      Math.min(hard, 1) * live,
      (0.008 + 0.05 * motion.amplitude * form.noise + 0.012 * motion.tremble) * live,
      1.1 + 4.2 * form.noise,
    )
    this.materials.swell.value = (0.012 + 0.02 * motion.amplitude) * breath * live
    const { flow } = this.materials
    flow.value = (flow.value + dt * (0.25 + 0.9 * motion.speed + 9 * motion.tremble)) % WAVE_PERIOD

    const { mesh, size, stretch } = this
    const lean = 1 + 0.5 * form.asymmetry * Math.sin(this.phase * 2.1) * live
    mesh.scale.copy(stretch).multiplyScalar(size * Math.max(this.scale.step(dt), 0))
    mesh.scale.x *= lean
    mesh.scale.y /= Math.sqrt(lean)
    mesh.position.copy(this.position)
    const tremble = 0.014 * motion.tremble * this.free
    mesh.position.x += tremble * Math.sin(time * 61 + this.phase * 7)
    mesh.position.y += tremble * Math.sin(time * 53 + this.phase * 5)
    mesh.quaternion.copy(this.rotation)
  }

  /**
   * Turns by its own spin.
   *
   * @param {number} angle seconds of spin
   */
  turn(angle) {
    const [x, y, z] = this.spin
    turn.setFromEuler(euler.set(x * angle, y * angle, z * angle))
    this.rotation.premultiply(turn).normalize()
  }
}
