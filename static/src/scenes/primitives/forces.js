import { Euler, Quaternion, Vector3 } from 'three'
import { GROUND } from '../../stage/view.js'

/**
 * @typedef {import('./body.js').Body} Body
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 *
 * @typedef {object} Air  what all forms share in one frame
 * @property {number} open  how far apart everything is; 1 is neither open nor closed
 * @property {Quaternion} tilt  the lean of the body and the slant of the feeling
 * @property {(home: Vector3, phase: number, share: number) => void} drift  moves a home a little
 *
 * @typedef {object} Strengths  the values of the scene's parameters
 * @property {number} hands
 * @property {number} lean
 */

const SUBSTEP = 1 / 60
const DAMPING = 0.78
/** Scene units a second: whatever pushes, no form comes and goes so fast that it flashes. */
const FASTEST = 3
const HAND_REACH = 0.75
const APART = 1.12
const away = new Vector3()
const hand = new Vector3()
const slant = new Euler()
const tilt = new Quaternion()

/**
 * @param {LiveState} state
 * @param {import('../shared/rhythm.js').Rhythm} rhythm
 * @param {{opening: {value: number}, drift: {value: number}}} parameters
 * @returns {Air}
 */
export function breathe({ form, motion, body, presence }, { flow, breath, beat }, parameters) {
  const far = (0.05 + 0.13 * motion.amplitude) * parameters.drift.value
  slant.set(0, 0, -0.28 * body.lean - 0.5 * form.diagonal * presence)
  return {
    open: (0.74 + 0.52 * parameters.opening.value * form.opening) * (1 - 0.42 * motion.fold)
      * (1 + 0.3 * motion.expand + 0.16 * beat),
    tilt: tilt.setFromEuler(slant),
    drift(home, phase, share) {
      home.x += far * share * Math.sin(flow * 1.1 + phase)
      home.y += far * share * (Math.sin(flow * 0.9 + phase * 1.7) + 0.35 * breath)
      home.z += far * share * Math.sin(flow * 0.8 + phase * 2.3)
    },
  }
}

/**
 * Moves all forms by one step: home, the hands, the lean, energy, and each other's company.
 *
 * @param {Body[]} bodies
 * @param {LiveState} state
 * @param {number} dt seconds
 * @param {{x: number, y: number, z: number}} spread
 * @param {Strengths} strength
 */
export function move(bodies, state, dt, spread, strength) {
  const steps = Math.ceil(dt / SUBSTEP)
  for (let i = 0; i < steps; i++) substep(bodies, state, dt / steps, spread, strength)
}

/**
 * @param {Body[]} bodies
 * @param {LiveState} state
 * @param {number} dt
 * @param {{x: number, y: number, z: number}} spread
 * @param {Strengths} strength
 */
function substep(bodies, { body: { hands, lean, energy } }, dt, spread, strength) {
  for (const each of bodies) {
    const { position, velocity, home, free } = each
    const damping = 2 * DAMPING * Math.sqrt(each.pull)
    velocity.x += dt * (each.pull * (home.x - position.x) - damping * velocity.x)
    velocity.y += dt * (each.pull * (home.y - position.y) - damping * velocity.y)
    velocity.z += dt * (each.pull * (home.z - position.z) - damping * velocity.z)
    if (free > 0.05) {
      velocity.x += dt * free * strength.lean * lean
      // Energy carries everything around the middle.
      const swirl = dt * free * 3.2 * energy
      velocity.x += swirl * position.z
      velocity.z -= swirl * position.x
      for (const { x, y, open, weight } of hands) {
        hand.set(x * spread.x, y * spread.y, 0.3)
        away.subVectors(position, hand)
        const near = Math.exp(-away.lengthSq() / (HAND_REACH * HAND_REACH))
        const push = strength.hands * weight * free * near * (2 * open - 0.9)
        velocity.addScaledVector(away.normalize(), push * dt)
      }
    }
  }
  keepApart(bodies, dt)
  for (const { position, velocity, depth, free } of bodies) {
    position.addScaledVector(velocity.clampLength(0, FASTEST), dt)
    const floor = GROUND + depth * 0.9
    if (free > 0.5 && position.y < floor) {
      position.y = floor
      velocity.y = Math.abs(velocity.y) * 0.2
    }
  }
}

/**
 * Forms that touch push each other away softly.
 *
 * @param {Body[]} bodies
 * @param {number} dt
 */
function keepApart(bodies, dt) {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i]
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j]
      const free = a.free * b.free
      // A ring is made to be passed through.
      if (free < 0.3 || a.kind === 'ring' || b.kind === 'ring') continue
      away.subVectors(a.position, b.position)
      const room = APART * (a.radius * a.scale.value + b.radius * b.scale.value)
      const distance = away.length()
      if (distance >= room || distance < 1e-4) continue
      away.multiplyScalar(free * 70 * (room - distance) * dt / distance)
      const share = b.radius / (a.radius + b.radius)
      a.velocity.addScaledVector(away, 2 * share)
      b.velocity.addScaledVector(away, -2 * (1 - share))
    }
  }
}
