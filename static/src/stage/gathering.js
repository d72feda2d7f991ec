import { setOklch } from './colour.js'
import { Spring } from './spring.js'

/**
 * @typedef {import('./motion.js').LiveState} LiveState
 * @typedef {import('../protocol.js').SceneObject} SceneObject
 *
 * @typedef {object} Thing  how a scene shows one object of the SceneState
 * @property {import('three').Object3D} shown
 * @property {import('three').Color} colour  given the object's colour, by what it means
 * @property {() => void} [dispose]  frees what is its own
 *
 * @typedef {object} Member
 * @property {SceneObject} object
 * @property {Thing} thing
 * @property {Spring} scale
 */

/** The objects of the SceneState: born with a spring, gone with grace, coloured by meaning. */
export class Gathering {
  /** @type {Map<number, Member>} */
  #members = new Map()
  /** @type {Member[]} */
  #leaving = []

  /**
   * @param {import('three').Object3D} parent
   * @param {(object: SceneObject) => Thing} make
   */
  constructor(parent, make) {
    this.parent = parent
    this.make = make
  }

  /** How many there are, without those that are leaving. */
  get size() {
    return this.#members.size
  }

  /**
   * @param {LiveState} state
   * @param {number} dt seconds
   * @param {(shown: import('three').Object3D, object: SceneObject, scale: number) => void} place
   *   puts each where it belongs; `scale` is 0 before birth, 1 when grown
   */
  update({ reset, remove, add, colour }, dt, place) {
    if (reset) {
      const living = new Set(add.map(({ id }) => id))
      for (const id of this.#members.keys()) if (!living.has(id)) this.#remove(id)
    }
    for (const id of remove) this.#remove(id)
    for (const object of add) this.#add(object)
    for (const { object, thing } of this.#members.values()) {
      setOklch(thing.colour, colour.meanings[object.meaning ?? ''] ?? object.colour)
    }
    this.#leaving = this.#leaving.filter((member) => !this.#swept(member))
    for (const { object, thing, scale } of [...this.#members.values(), ...this.#leaving]) {
      place(thing.shown, object, Math.max(scale.step(dt), 0))
    }
  }

  dispose() {
    for (const { thing } of [...this.#members.values(), ...this.#leaving]) thing.dispose?.()
  }

  /** @param {SceneObject} object */
  #add(object) {
    if (this.#members.has(object.id)) return
    const thing = this.make(object)
    const scale = new Spring(0, 1.1, 0.62)
    scale.target = 1
    this.parent.add(thing.shown)
    this.#members.set(object.id, { object, thing, scale })
  }

  /** @param {number} id */
  #remove(id) {
    const member = this.#members.get(id)
    if (!member) return
    this.#members.delete(id)
    member.scale = new Spring(member.scale.value, 0.9, 0.95)
    member.scale.target = 0
    this.#leaving.push(member)
  }

  /** @param {Member} member */
  #swept({ thing, scale }) {
    if (scale.value > 0.01) return false
    this.parent.remove(thing.shown)
    thing.dispose?.()
    return true
  }
}
