import { Euler, Quaternion, Vector3 } from 'three'
import { setOklch } from '../../stage/colour.js'
import { Spring, smoothing } from '../../stage/spring.js'
import { Body } from './body.js'
import { HANGING, STILL } from './still.js'

/**
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 * @typedef {import('../../stage/stage.js').SceneStage} SceneStage
 */

/** How strongly the forms are held: lying, and how much less when they float. */
const HOLD = { lying: 30, floating: 16 }
/** The opening at which the mobile hangs as it was composed. */
const COMPOSED = 0.98
const offset = new Vector3()

/** The still life that rises and becomes a mobile. */
export class Mobile {
  /**
   * @param {SceneStage} stage
   * @param {import('./solid.js').Solids} solids
   */
  constructor({ scene, view, level }, solids) {
    this.view = view
    this.forms = STILL.map((form, index) => {
      const body = new Body({ ...form, phase: index * 1.7 }, solids.get(form.kind), level)
      body.position.set(...form.lying.at)
      body.scale.target = 1
      scene.add(body.mesh)
      return {
        form,
        body,
        // One after the other, they do not jump up together.
        wake: new Spring(0, 0.9 + 0.16 * index, 0.8),
        lying: new Quaternion().setFromEuler(new Euler(...form.lying.turn)),
        floating: new Quaternion().setFromEuler(new Euler(...form.floating.turn)),
      }
    })
  }

  get bodies() {
    return this.forms.map(({ body }) => body)
  }

  /**
   * Says where each form wants to be, and turns and colours it.
   *
   * @param {LiveState} state
   * @param {number} step seconds
   * @param {import('./forces.js').Air} air
   */
  aim({ presence, motion, colour }, step, { open, tilt, drift }) {
    const tall = this.view.format !== 'landscape'
    for (const { form, body, wake, lying, floating } of this.forms) {
      wake.target = presence
      const awake = wake.step(step)
      body.free = Math.min(Math.max(awake, 0), 1)
      body.pull = HOLD.lying + (HOLD.floating - HOLD.lying) * body.free
      offset.set(...form.floating.at)
        .multiplyScalar(open / COMPOSED)
        .multiply(HANGING[this.view.format])
        .applyQuaternion(tilt)
      offset.y += 0.16 * motion.lift
      drift(offset, body.phase, 0.6)
      const ground = tall && form.tall ? form.tall : form.lying.at
      body.home.set(...ground).lerp(offset, awake)

      body.turn(step * (0.4 + 1.4 * motion.speed) * body.free)
      // On the ground each lies again as it was laid.
      const target = floating.clone().premultiply(tilt)
      body.rotation.slerp(lying.clone().slerp(target, body.free), smoothing(step, 0.3 + 5 * body.free))
      const [lightness, chroma, hue] = colour.palette[form.tone]
      setOklch(body.materials.colour, [lightness, chroma * form.tint, hue])
    }
  }
}
