/**
 * One living flower of thin shells around a heart of light. While nobody is near it is a bud that
 * breathes; somebody comes, and it opens with the arms, is pulled by the lean of the body, gives
 * way to the hands, and takes its light from the turn of the head. What the expression makes
 * gathers around it as buds and seeds.
 */
import { Vector3 } from 'three'
import { Buds } from './bloom/buds.js'
import { gestureOf } from './bloom/gesture.js'
import { Heart } from './bloom/heart.js'
import { Petals } from './bloom/petals.js'
import { Pollen } from './bloom/pollen.js'
import { Contact } from './shared/contact.js'
import { Rhythm } from './shared/rhythm.js'
import { Room } from './shared/room.js'

export const parameters = {
  size: { value: 1, min: 0.5, max: 1.4, label: 'Size' },
  opening: { value: 1, min: 0, max: 2, label: 'How far the arms open it' },
  lean: { value: 1, min: 0, max: 2, label: 'How far the lean tilts gravity' },
  hands: { value: 1, min: 0, max: 2, label: 'Strength of the hands' },
  drift: { value: 1, min: 0, max: 3, label: 'Drift' },
  buds: { value: 0.85, min: 0.3, max: 2, label: 'Size of what is born' },
}

/**
 * @param {import('../stage/stage.js').SceneStage} stage
 * @returns {import('../stage/scenes.js').RunningScene}
 */
export function create(stage) {
  const { scene } = stage
  const rhythm = new Rhythm()
  const heart = new Heart(stage)
  const room = new Room(stage, heart.light)
  const contact = new Contact(scene)
  const petals = new Petals(stage, parameters)
  const pollen = new Pollen(stage, parameters)
  const buds = new Buds(stage, parameters)
  const middle = new Vector3()
  const shade = {
    position: petals.mesh.position, size: 0.75, stretch: new Vector3(1, 1, 1), depth: 0.1,
    scale: { value: 1 },
  }

  return {
    update(state, dt) {
      const step = rhythm.step(state, dt)
      const gesture = gestureOf(state, rhythm, parameters)
      petals.update(state, step, gesture, rhythm)
      petals.heart(middle)
      heart.update(state, step, gesture, rhythm, petals.mesh.matrixWorld)
      pollen.update(state, step, gesture, middle)
      buds.follow(state)
      buds.update(state, step, gesture, rhythm)
      shade.scale.value = gesture.size * (0.6 + 0.5 * gesture.open)
      contact.update([shade, ...buds.all])
      room.update(state, dt, rhythm.time, rhythm.breath)
      petals.materials.light(room.lamps)
    },

    setLevel(next) {
      petals.setLevel(next)
      heart.setLevel(next)
      pollen.setLevel(next)
      buds.setLevel(next)
      room.setLevel(next)
    },

    report: () => ({ forms: 1, objects: buds.born.size, leaving: buds.leaving.length }),

    dispose() {},
  }
}
