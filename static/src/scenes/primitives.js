/**
 * Simple forms in a dark room. While nobody is near they are a still life with a small light in
 * it. Somebody comes, and the still life rises and becomes a mobile that opens with the arms,
 * leans with the body and takes its light from the turn of the head; what the expression makes
 * gathers around it.
 */
import { Euler, Quaternion, Vector3 } from 'three'
import { setOklch } from '../stage/colour.js'
import { Spring, smoothing } from '../stage/spring.js'
import { Body } from './primitives/body.js'
import { Contact } from './primitives/contact.js'
import { Ember } from './primitives/ember.js'
import { move } from './primitives/forces.js'
import { Room } from './primitives/room.js'
import { chooseSubstance } from './primitives/skin.js'
import { makeSolid } from './primitives/solid.js'
import { STILL } from './primitives/still.js'

/**
 * @typedef {import('../protocol.js').SceneObject} SceneObject
 * @typedef {import('../stage/motion.js').LiveState} LiveState
 * @typedef {import('../stage/stage.js').SceneStage} SceneStage
 */

export const parameters = {
  size: { value: 1.25, min: 0.5, max: 2.5, label: 'Size of what is born' },
  drift: { value: 1, min: 0, max: 3, label: 'Drift' },
  hands: { value: 16, min: 0, max: 40, label: 'Strength of the hands' },
  lean: { value: 5, min: 0, max: 12, label: 'Strength of the lean' },
  opening: { value: 1, min: 0, max: 2, label: 'How far the arms open the form' },
}

/** No more than this is drawn, whatever arrives; the oldest leave first. */
const MOST = 48
const BEATS = 1.3
/** How far up or down forms gather: the picture has an edge. */
const HIGHEST = 1.15
/** Radius of the cloud that things born at one place gather in. */
const CLOUD = 0.46

/** @param {SceneStage} stage */
export function create({ scene, view, level }) {
  let detail = level.detail
  let time = 0
  let breathing = 0
  let pace = 1
  /** @type {Map<string, import('three').BufferGeometry>} */
  const solids = new Map()
  const solid = (/** @type {string} */ kind) => {
    const made = solids.get(kind) ?? makeSolid(kind, detail)
    solids.set(kind, made)
    return made
  }
  const room = new Room(scene, level)
  const ember = new Ember(scene)
  const contact = new Contact(scene)
  const still = STILL.map((form, index) => {
    const body = new Body({ ...form, phase: index * 1.7 }, solid(form.kind), level)
    body.position.set(...form.lying.at)
    body.scale.target = 1
    body.pull = 30
    scene.add(body.mesh)
    return {
      form,
      body,
      wake: new Spring(0, 0.9 + 0.16 * index, 0.8),
      lying: new Quaternion().setFromEuler(new Euler(...form.lying.turn)),
      floating: new Quaternion().setFromEuler(new Euler(...form.floating.turn)),
    }
  })
  /** @type {Map<number, {body: Body, object: SceneObject}>} */
  const born = new Map()
  /** @type {Body[]} */
  const leaving = []
  const offset = new Vector3()

  /** @param {SceneObject} object */
  const add = (object) => {
    if (born.has(object.id)) return
    const { id, kind, size, spin, colour } = object
    const body = new Body(
      { kind, size: size * parameters.size.value, spin, phase: id * 2.399, substance: chooseSubstance(kind, id) },
      solid(kind), level)
    setOklch(body.skin.colour, colour)
    place(object, offset, 1)
    // It comes from below and behind, and gathers.
    body.position.copy(offset).multiplyScalar(0.55)
    body.position.y -= 0.35
    body.position.z -= 0.5
    body.scale.target = 1
    scene.add(body.mesh)
    born.set(id, { body, object })
    if (born.size > MOST) remove(born.keys().next().value ?? id)
  }
  /** @param {number} id */
  const remove = (id) => {
    const gone = born.get(id)
    if (!gone) return
    born.delete(id)
    gone.body.leave()
    leaving.push(gone.body)
  }
  /**
   * @param {SceneObject} object
   * @param {Vector3} target
   * @param {number} open
   */
  const place = ({ id, position: [x, y, z] }, target, open) => {
    // Around its place, each in a direction of its own (Fibonacci's sphere).
    const height = 1 - 2 * ((id * 0.618034) % 1)
    const ring = CLOUD * Math.sqrt(1 - height * height)
    return target.set(
      x * view.spread.x + ring * Math.cos(id * 2.399963),
      y * view.spread.y + CLOUD * height,
      z * view.spread.z + ring * Math.sin(id * 2.399963),
    ).multiplyScalar(open)
  }

  return {
    /**
     * @param {LiveState} state
     * @param {number} dt
     */
    update(state, dt) {
      if (state.reset) for (const id of [...born.keys()]) remove(id)
      for (const id of state.remove) remove(id)
      for (const object of state.add) add(object)

      // A frozen form comes to a halt softly, and starts again softly.
      pace += ((state.frozen ? 0 : 1) - pace) * smoothing(dt, 0.15)
      const step = dt * pace
      time += step
      const { form, motion } = state
      breathing += step * motion.breath / 60 * 2 * Math.PI
      const breath = Math.sin(breathing)
      const beat = motion.pulse * Math.exp(-3.2 * ((time * BEATS) % 1))
      const open = (0.74 + 0.52 * parameters.opening.value * form.opening) * (1 - 0.42 * motion.fold)
        * (1 + 0.3 * motion.expand + 0.16 * beat)
      const drifting = 0.05 + 0.13 * motion.amplitude
      // Abrupt movement: time itself goes by in steps.
      const ticks = time * 1.9
      const stepped = Math.floor(ticks) + smooth(0.6, 1, ticks % 1)
      const flow = (time + motion.jerk * (stepped / 1.9 - time)) * (0.25 + 0.55 * motion.speed)
      /**
       * @param {Vector3} home
       * @param {number} phase
       * @param {number} share
       */
      const drift = (home, phase, share) => {
        const far = drifting * share * parameters.drift.value
        home.x += far * Math.sin(flow * 1.1 + phase)
        home.y += far * (Math.sin(flow * 0.9 + phase * 1.7) + 0.35 * breath)
        home.z += far * Math.sin(flow * 0.8 + phase * 2.3)
      }

      const sway = offset.set(0, 0, -0.28 * state.body.lean - 0.5 * form.diagonal * state.presence)
      const tilt = new Quaternion().setFromEuler(new Euler(0, 0, sway.z))
      for (const { form: { lying, floating, tone, tint }, body, wake, ...turns } of still) {
        wake.target = state.presence
        const awake = wake.step(step)
        body.free = Math.min(Math.max(awake, 0), 1)
        body.pull = 30 - 14 * body.free
        offset.set(...floating.at)
          .multiplyScalar(open / 0.98)
          .multiply(view.spread.x < 1.2 ? PORTRAIT : LANDSCAPE)
          .applyQuaternion(tilt)
        offset.y += 0.16 * motion.lift
        drift(offset, body.phase, 0.6)
        body.home.set(...lying.at).lerp(offset, awake)
        body.turn(step * (0.4 + 1.4 * motion.speed) * body.free)
        // Back on the ground each form lies again as it was laid.
        const target = turns.lying.clone().slerp(turns.floating.clone().premultiply(tilt), body.free)
        body.rotation.slerp(target, smoothing(step, 0.3 + 5 * body.free))
        const [lightness, chroma, hue] = state.colour.palette[tone]
        setOklch(body.skin.colour, [lightness, chroma * tint, hue])
      }
      for (const { body, object } of born.values()) {
        place(object, body.home, open)
        body.home.applyQuaternion(tilt)
        body.home.y += 0.24 * motion.lift
        body.home.y = HIGHEST * Math.tanh(body.home.y / HIGHEST)
        drift(body.home, body.phase, 1)
        body.turn(step * (0.3 + motion.speed))
      }
      for (const body of leaving) {
        body.home.y += step * (motion.lift < 0 ? -0.5 : 0.5)
        body.turn(step * 2)
      }

      const bodies = [
        ...still.map(({ body }) => body), ...[...born.values()].map(({ body }) => body), ...leaving,
      ]
      move(bodies, state, step, view.spread, {
        hands: parameters.hands.value, lean: parameters.lean.value, drift: parameters.drift.value,
      })
      for (const body of bodies) body.show(state, dt, time, breath)
      contact.update(bodies)
      for (let i = leaving.length - 1; i >= 0; i--) {
        if (!leaving[i].gone) continue
        const [body] = leaving.splice(i, 1)
        scene.remove(body.mesh)
        body.skin.dispose()
      }
      room.update(state, dt, time, breath)
      ember.update(state, step, time, breath)
    },

    /** @param {import('../stage/quality.js').Level} next */
    setLevel(next) {
      level = next
      detail = next.detail
      for (const made of solids.values()) made.dispose()
      solids.clear()
      const bodies = [
        ...still.map(({ body }) => body), ...[...born.values()].map(({ body }) => body), ...leaving,
      ]
      for (const body of bodies) body.dress(solid(body.kind), next)
      room.setLevel(next)
    },

    report: () => ({ forms: still.length, objects: born.size, leaving: leaving.length }),

    /** The stage frees what is in the scene; the geometries are shared and kept here. */
    dispose() {
      for (const made of solids.values()) made.dispose()
    },
  }
}

const LANDSCAPE = new Vector3(1, 1, 1)
const PORTRAIT = new Vector3(0.82, 1.12, 1)

/**
 * @param {number} from
 * @param {number} to
 * @param {number} value
 */
function smooth(from, to, value) {
  const x = Math.min(Math.max((value - from) / (to - from), 0), 1)
  return x * x * (3 - 2 * x)
}
