/**
 * Augmented reality: the mirrored camera picture, graded into the dark room, wears light. A corona
 * of leaves stands behind the head and a wreath goes around it; hands give off sparks; what the
 * expression makes floats before and behind the visitor. The mask of the same frame hides what is
 * behind them.
 *
 * The picture stays in this page: see `stage/sight.js`. In a replay there is none, and the figure
 * is drawn by its landmarks.
 */
import { DirectionalLight, Group } from 'three'
import { setOklch } from '../stage/colour.js'
import { Gathering } from '../stage/gathering.js'
import { smoothing } from '../stage/spring.js'
import { Corona } from './ar/corona.js'
import { Figure } from './ar/figure.js'
import { Frame } from './ar/frame.js'
import { Head } from './ar/head.js'
import { Pearls } from './ar/pearls.js'
import { Person } from './ar/person.js'
import { Sparks } from './ar/sparks.js'

/** The camera's picture is drawn, so the page keeps it and the server sends its mask. */
export const sight = true

export const parameters = {
  room: { value: 0.05, min: 0, max: 0.6, label: 'Light in the room' },
  person: { value: 0.74, min: 0.3, max: 1.6, label: 'Light on the visitor' },
  rim: { value: 0.24, min: 0, max: 2, label: 'Light along their outline' },
  corona: { value: 1, min: 0.4, max: 1.8, label: 'Size of the corona' },
  sparks: { value: 1, min: 0, max: 2, label: 'Sparks of the hands' },
}

/**
 * @param {import('../stage/stage.js').SceneStage} stage
 * @returns {import('../stage/scenes.js').RunningScene}
 */
export function create(stage) {
  const { scene, view } = stage
  // Everything is placed as the camera sees it, so it hangs on the camera.
  const group = new Group()
  scene.add(view.camera)
  view.camera.add(group)
  const frame = new Frame(view.camera, stage.sight)
  const person = new Person(group, stage.sight)
  const head = new Head(stage.sight)
  const corona = new Corona(group, stage.level)
  const figure = new Figure(group, stage.sight)
  const sparks = new Sparks(group, stage.sight)
  const pearls = new Pearls(stage.level)
  const gathering = new Gathering(group, (object) => pearls.make(object))
  const key = new DirectionalLight(0xffffff, 2.4)
  const rim = new DirectionalLight(0xffffff, 1.6)
  rim.position.set(2.5, 1.5, -3)
  group.add(key, key.target, rim, rim.target)
  scene.environmentIntensity = 0.75
  let time = 0
  let turn = 0

  return {
    update(state, dt) {
      const { colour, motion, body, frozen } = state
      const step = frozen ? 0 : dt
      time += step
      frame.update(body.head, dt)
      head.update(state, frame, dt)

      turn += ((body.head?.weight ?? 0) * (body.head?.yaw ?? 0) / 45 - turn) * smoothing(dt, 0.2)
      key.position.set(-2.4 + 2 * turn, 2.6, 2.8)
      setOklch(key.color, [0.94, 0.02 + 0.05 * colour.accent[1], colour.accent[2]])
      setOklch(rim.color, [0.78, colour.accent[1], colour.accent[2]])

      person.update(state, frame, head, dt, {
        room: parameters.room.value, person: parameters.person.value, rim: parameters.rim.value,
      })
      const breath = Math.sin(2 * Math.PI * time * motion.breath / 60)
      corona.update(state, head, step, breath, parameters.corona.value)
      figure.update(state, frame, 1 - person.shown)
      sparks.update(state, frame, step, parameters.sparks.value)
      gathering.update(state, dt, (shown, object, scale) => {
        pearls.place(shown, object, scale, frame, head, time)
      })
    },

    setLevel(level) {
      corona.setLevel(level)
      pearls.setLevel(level)
    },

    report: () => ({
      objects: gathering.size,
      picture: person.shown,
      frame: person.frame,
      head: head.place.toArray(),
      occluded: person.masked,
      sparks: sparks.count,
    }),

    dispose() {
      view.camera.remove(group)
      scene.add(group)
      person.dispose()
      gathering.dispose()
      pearls.dispose()
    },
  }
}
