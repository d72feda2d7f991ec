/**
 * Simple forms in a dark room. While nobody is near they are a still life with a small light in
 * it. Somebody comes, and the still life rises and becomes a mobile that opens with the arms,
 * leans with the body and takes its light from the turn of the head; what the expression makes
 * gathers around it.
 */
import { Cloud } from './primitives/cloud.js'
import { Contact } from './shared/contact.js'
import { Ember } from './primitives/ember.js'
import { breathe, move } from './primitives/forces.js'
import { takeLights } from './primitives/lights.js'
import { Mobile } from './primitives/mobile.js'
import { Rhythm } from './shared/rhythm.js'
import { Room } from './shared/room.js'
import { Samples } from './primitives/samples.js'
import { Solids } from './primitives/solid.js'

export const parameters = {
  size: { value: 1.25, min: 0.5, max: 2.5, label: 'Size of what is born' },
  drift: { value: 1, min: 0, max: 3, label: 'Drift' },
  hands: { value: 16, min: 0, max: 40, label: 'Strength of the hands' },
  lean: { value: 5, min: 0, max: 12, label: 'Strength of the lean' },
  opening: { value: 1, min: 0, max: 2, label: 'How far the arms open the form' },
}

/**
 * @param {import('../stage/stage.js').SceneStage} stage
 * @returns {import('../stage/scenes.js').RunningScene}
 */
export function create(stage) {
  const { scene, view } = stage
  let { level } = stage
  let solids = new Solids(level)
  const rhythm = new Rhythm()
  const ember = new Ember(scene)
  const room = new Room(stage, ember.light)
  const contact = new Contact(scene)
  const mobile = new Mobile(stage, solids)
  const cloud = new Cloud(stage, solids, parameters)
  const samples = new Samples()
  samples.prepare(stage, solids.get('sphere'), level)

  return {
    update(state, dt) {
      const step = rhythm.step(state, dt)
      const air = breathe(state, rhythm, parameters)
      cloud.follow(state, level)
      cloud.aim(state, step, air)
      mobile.aim(state, step, air)
      const bodies = [...mobile.bodies, ...cloud.bodies]
      move(bodies, state, step, view.spread, {
        hands: parameters.hands.value, lean: parameters.lean.value,
      })
      for (const body of bodies) body.show(state, dt, rhythm.time, rhythm.breath)
      cloud.sweep()
      contact.update(bodies)
      ember.update(state, step, rhythm.time, rhythm.breath)
      room.update(state, dt, rhythm.time, rhythm.breath)
      if (!level.fine) takeLights(scene, room, ember.light)
    },

    setLevel(next) {
      level = next
      solids.dispose()
      solids = new Solids(next)
      cloud.solids = solids
      for (const body of [...mobile.bodies, ...cloud.bodies]) body.dress(solids.get(body.kind), next)
      room.setLevel(next)
      samples.prepare(stage, solids.get('sphere'), next)
    },

    report: () => ({
      forms: mobile.forms.length, objects: cloud.born.size, leaving: cloud.leaving.length,
    }),

    dispose() {
      solids.dispose()
      samples.dispose()
    },
  }
}
