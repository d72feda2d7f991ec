/**
 * @typedef {import('./messages.js').MessageKey} MessageKey
 * @typedef {import('../protocol.js').SceneState} SceneState
 */

const EACH = 9
/** @type {MessageKey[]} */
const LINES = [
  'line.move', 'line.arms', 'line.head', 'line.hands', 'line.capture', 'line.scene', 'line.still',
]
const ABSENCE = 3

/**
 * Which line invites the visitor: come closer while nobody is there, then what can be done, one
 * thing after the other, then silence until somebody new comes.
 */
export class Invitations {
  #here = 0
  #away = ABSENCE
  #several = 0

  /**
   * @param {SceneState} state
   * @param {number} dt seconds
   * @returns {MessageKey | null}
   */
  step(state, dt) {
    if (!state.present) {
      this.#away += dt
      if (this.#away < ABSENCE) return this.#line()
      this.#here = 0
      return 'line.closer'
    }
    this.#away = 0
    this.#here += dt
    this.#several = state.people > 1 ? this.#several + dt : 0
    // Said once each time that others step in beside the visitor.
    if (this.#several > 1 && this.#several < 1 + EACH) return 'line.several'
    return this.#line()
  }

  #line() {
    return LINES[Math.floor(this.#here / EACH)] ?? null
  }
}
