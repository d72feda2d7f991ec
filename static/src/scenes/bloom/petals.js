import { DynamicDrawUsage, InstancedBufferAttribute, Matrix4, Mesh, Vector3 } from 'three'
import { GROUND } from '../../stage/view.js'
import { Spring } from '../../stage/spring.js'
import { makeSheet } from './sheet.js'
import { Materials } from './material.js'
import { between, HEART, WHORL } from './whorl.js'

/**
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 * @typedef {import('../../stage/quality.js').Level} Level
 * @typedef {import('./gesture.js').Gesture} Gesture
 */

const DEGREE = Math.PI / 180
/** Angles from the axis, at base and tip: closed, open (inside and outside), and as thorns. */
const CLOSED = { base: 60 * DEGREE, tip: -62 * DEGREE }
const OPEN = {
  base: [24 * DEGREE, 84 * DEGREE],
  tip: [22 * DEGREE, 104 * DEGREE],
}
const THORNS = [12 * DEGREE, 112 * DEGREE]
/** How far a hand is felt by a petal, and by the surface. */
const REACH = 0.7
/** How far off the whole flower feels a hand, and how far it moves. */
const SHOVE = { reach: 1.4, far: 0.3 }
/** A turn of nothing would divide by nothing. */
const LEAST_TURN = 0.02
/** Seconds that a beat takes from the heart to the outer petals. */
const BEAT_WAY = 0.16
/** How deep in the room a hand is thought to be. */
const HAND_DEPTH = 0.35

const gravity = new Vector3()
const tip = new Vector3()
const away = new Vector3()
const inverse = new Matrix4()

/** The petals: each opens, bends and sways on springs of its own; one draw call for all. */
export class Petals {
  #arc = new InstancedBufferAttribute(new Float32Array(4 * WHORL.length), 4)
    .setUsage(DynamicDrawUsage)
  #build = new InstancedBufferAttribute(new Float32Array(4 * WHORL.length), 4)
    .setUsage(DynamicDrawUsage)
  /** The outer ones follow more slowly, and swing longer. */
  #springs = WHORL.map(({ layer }) => ({
    open: new Spring(0, 0.55 + 0.4 * layer, 0.7),
    bend: new Spring(0, 0.5 + 0.35 * layer, 0.42),
    sway: new Spring(0, 0.6 + 0.3 * layer, 0.38),
  }))
  /** The whole gives way to the hands. */
  #shove = { x: new Spring(0, 0.8, 0.5), y: new Spring(0, 0.8, 0.5) }
  /** Hands in the flower's own space: place and how strongly they push. */
  #hands = [new Vector3(), new Vector3()]
  #push = [0, 0]

  /**
   * @param {import('../../stage/stage.js').SceneStage} stage
   * @param {{hands: {value: number}, lean: {value: number}}} parameters
   */
  constructor({ scene, view, level }, parameters) {
    this.view = view
    this.parameters = parameters
    this.materials = new Materials(level)
    this.mesh = new Mesh(this.#makeGeometry(level), this.materials.material)
    this.mesh.customDepthMaterial = this.materials.shadow
    this.mesh.castShadow = true
    this.mesh.receiveShadow = true
    this.mesh.frustumCulled = false
    scene.add(this.mesh)
  }

  /** @param {Level} level */
  setLevel(level) {
    this.mesh.geometry.dispose()
    this.mesh.geometry = this.#makeGeometry(level)
    this.materials.setLevel(level)
    this.mesh.material = this.materials.material
    this.mesh.customDepthMaterial = this.materials.shadow
  }

  /**
   * @param {LiveState} state
   * @param {number} step seconds
   * @param {Gesture} gesture
   * @param {import('../shared/rhythm.js').Rhythm} rhythm
   */
  update(state, step, gesture, rhythm) {
    this.#place(gesture, step)
    this.#feelHands(state)
    // Down is where the body leans to, as the flower sees it.
    const lean = this.parameters.lean.value * state.body.lean
    gravity.set(Math.sin(0.9 * lean), -Math.cos(0.9 * lean), 0)
      .transformDirection(inverse.copy(this.mesh.matrixWorld).invert())
    for (let i = 0; i < WHORL.length; i++) this.#aim(i, step, gesture, rhythm, state)
    this.#arc.needsUpdate = true
    this.#build.needsUpdate = true
    this.materials.update(state, step, gesture, rhythm, this.#hands, this.#push)
  }

  /**
   * @param {Gesture} gesture
   * @param {number} step seconds
   */
  #place({ place, turn, size, open }, step) {
    const { mesh } = this
    mesh.quaternion.copy(turn)
    mesh.scale.setScalar(size)
    // The middle of what is seen, not the base, is at the optical centre.
    mesh.position.set(0, -size * (0.44 - 0.18 * Math.min(open, 1)), 0)
      .applyQuaternion(turn).add(place)
    mesh.position.x += this.#shove.x.step(step)
    mesh.position.y += this.#shove.y.step(step)
    mesh.position.y = Math.max(mesh.position.y, GROUND + 0.2)
    mesh.updateMatrixWorld()
  }

  /** @param {LiveState} state */
  #feelHands({ body: { hands } }) {
    const { spread } = this.view
    inverse.copy(this.mesh.matrixWorld).invert()
    this.#push.fill(0)
    this.#shove.x.target = this.#shove.y.target = 0
    for (let i = 0; i < hands.length; i++) {
      const { x, y, open, weight } = hands[i]
      this.#hands[i].set(x * spread.x, y * spread.y, HAND_DEPTH).applyMatrix4(inverse)
      // A spread hand pushes, a fist draws.
      this.#push[i] = this.parameters.hands.value * weight * (1.7 * open - 0.7)
      away.set(-x * spread.x, -y * spread.y, 0)
      const near = Math.exp(-away.lengthSq() / SHOVE.reach ** 2)
      away.normalize().multiplyScalar(SHOVE.far * near * this.#push[i])
      this.#shove.x.target += away.x
      this.#shove.y.target += away.y
    }
  }

  /**
   * @param {number} i
   * @param {number} step
   * @param {Gesture} gesture
   * @param {import('../shared/rhythm.js').Rhythm} rhythm
   * @param {LiveState} state
   */
  #aim(i, step, gesture, rhythm, { motion }) {
    const { layer, azimuth, length, width, base, phase } = WHORL[i]
    const { heavy, sharp, fold, shrink, burst, uneven } = gesture
    const springs = this.#springs[i]
    const beat = rhythm.beatAfter(BEAT_WAY * layer)
    const odd = uneven * Math.sin(phase * 2.1)

    springs.open.target = Math.min(gesture.open * (0.62 + 0.62 * layer), 1) * (1 + 0.35 * odd)
      + 0.035 * rhythm.breathAfter(0.12 * layer) + 0.16 * beat
    const open = Math.max(springs.open.step(step), -0.05)
    let low = CLOSED.base + (between(OPEN.base, layer) - CLOSED.base) * open
    let high = CLOSED.tip + (between(OPEN.tip, layer) - CLOSED.tip) * open
    const thorn = between(THORNS, layer) + 0.35 * odd
    low += (thorn - low) * 0.9 * sharp
    high += (thorn + 0.3 - high) * 0.9 * sharp

    const along = (low + high) / 2
    const cos = Math.cos(along)
    const sin = Math.sin(along)
    const c = Math.cos(azimuth)
    const s = Math.sin(azimuth)
    const outward = c * gravity.x + s * gravity.z
    const aside = c * gravity.z - s * gravity.x
    const limp = (0.16 + 0.5 * heavy) * (0.25 + 0.75 * layer) * (1 - 0.8 * sharp)
    let bend = limp * (cos * outward - sin * gravity.y)
      + heavy * 0.5 * layer * layer - 0.8 * fold * (1 + 0.8 * c) * (0.4 + 0.6 * layer)
      + gesture.sway * Math.sin(rhythm.flow * 1.3 + phase)
      + gesture.tremble * Math.sin(rhythm.time * 51 + phase * 7)
    let sway = 0.45 * limp * aside
      + 0.7 * gesture.sway * Math.sin(rhythm.flow * 0.9 + phase * 1.7)
      + 0.5 * gesture.tremble * Math.sin(rhythm.time * 43 + phase * 5)

    // Where the petal is now, roughly: two thirds along its arc.
    const far = base + 0.6 * length * sin
    tip.set(c * far, 0.6 * length * cos, s * far)
    for (const [h, push] of this.#push.entries()) {
      if (!push) continue
      away.subVectors(tip, this.#hands[h])
      const near = push * Math.exp(-away.lengthSq() / (REACH * REACH))
      away.normalize()
      bend += 1.1 * near * (cos * (c * away.x + s * away.z) - sin * away.y)
      sway += 0.6 * near * (c * away.z - s * away.x)
    }
    springs.bend.target = bend
    springs.sway.target = sway
    bend = springs.bend.step(step)
    const turn = high + bend - (low + 0.3 * bend)
    this.#arc.setXYZW(
      i,
      azimuth,
      low + 0.3 * bend,
      Math.abs(turn) < LEAST_TURN ? LEAST_TURN : turn,
      springs.sway.step(step),
    )
    this.#build.setXYZW(
      i,
      length * (1 + 0.45 * odd + 0.22 * beat + 0.1 * burst + 0.18 * sharp * Math.sin(phase * 3.7))
        * (1 - 0.08 * shrink),
      width * (1 - 0.25 * shrink - 0.3 * sharp - 0.15 * heavy + 0.06 * Math.max(motion.lift, 0)),
      base + 0.14 * burst + 0.1 * beat * layer,
      layer,
    )
  }

  /** @param {Level} level */
  #makeGeometry({ detail, fine }) {
    // A plain petal has no thickness and few corners: its shape is costly for the processor.
    const geometry = fine ? makeSheet(Math.floor(detail / 6), [1, -1]) : makeSheet(2, [1])
    geometry.instanceCount = WHORL.length
    geometry.setAttribute('arc', this.#arc)
    geometry.setAttribute('build', this.#build)
    return geometry
  }

  /**
   * Where the heart is, in scene units.
   *
   * @param {Vector3} target
   */
  heart(target) {
    return target.set(0, HEART, 0).applyMatrix4(this.mesh.matrixWorld)
  }
}
