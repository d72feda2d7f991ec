import { Euler, Quaternion, Vector2, Vector3 } from 'three'
import { smoothing } from '../../stage/spring.js'
import { DISTANCE } from './frame.js'

/** Of the face mesh: forehead, chin, the sides of the face. */
const FOREHEAD = 10
const CHIN = 152
const SIDES = [234, 454]
/** While nobody is there what the head wears floats in the middle, this large. */
const REST = { size: 0.6, tilt: -0.3 }
const HALF_LIFE = { place: 0.025, turn: 0.06, come: 0.35 }

const forehead = new Vector2()
const chin = new Vector2()
const left = new Vector2()
const right = new Vector2()
const wanted = new Vector3()
const turned = new Quaternion()
const euler = new Euler(0, 0, 0, 'YXZ')

/** Where the head is in the picture that is shown, by the landmarks of that very frame. */
export class Head {
  /** The middle of the head, before the camera. */
  place = new Vector3()
  turn = new Quaternion()
  /** Height of the face in scene units. */
  size = REST.size
  /** 0 to 1: whether there is a head at all. */
  weight = 0

  /** @param {import('../../stage/sight.js').Sight} sight */
  constructor(sight) {
    this.sight = sight
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {import('./frame.js').Frame} frame
   * @param {number} dt seconds
   */
  update({ body: { head } }, frame, dt) {
    const { sight, weight } = this
    const seen = sight.point('face', FOREHEAD, forehead) && sight.point('face', CHIN, chin)
      && sight.point('face', SIDES[0], left) && sight.point('face', SIDES[1], right)
    this.weight += ((seen ? 1 : 0) - weight) * smoothing(dt, HALF_LIFE.come)
    // On its way to or from a head it drifts; on the head it holds on.
    const hold = seen && weight > 0.7
    const share = smoothing(dt, hold ? HALF_LIFE.place : HALF_LIFE.come)
    let size = REST.size
    if (seen) {
      const middle = left.add(right).multiplyScalar(0.5)
      frame.place(middle.x, 0.5 * middle.y + 0.25 * (forehead.y + chin.y), 0, wanted)
      size = Math.hypot(
        (forehead.x - chin.x) * frame.halfWidth, (forehead.y - chin.y) * frame.halfHeight,
      ) / Math.max(Math.cos((head?.pitch ?? 0) * Math.PI / 180), 0.6)
      const roll = Math.atan2(
        (chin.x - forehead.x) * frame.halfWidth, (forehead.y - chin.y) * frame.halfHeight,
      )
      euler.set(-(head?.pitch ?? 0) * Math.PI / 180, (head?.yaw ?? 0) * Math.PI / 180, roll)
    } else {
      const { screen } = frame
      wanted.set(
        (screen.left + screen.right) / 2, screen.bottom + 0.56 * (screen.top - screen.bottom), wanted.z,
      )
      euler.set(REST.tilt, 0, 0)
    }
    wanted.z = -DISTANCE
    this.place.lerp(wanted, share)
    this.size += (size - this.size) * share
    this.turn.slerp(turned.setFromEuler(euler), smoothing(dt, hold ? HALF_LIFE.turn : HALF_LIFE.come))
  }
}
