import { Connection } from '../link/connection.js'

/**
 * @typedef {object} Wish  docs/protocol.md, "Dreams"
 * @property {string} style
 * @property {Record<string, number>} mixture
 * @property {number} count
 * @property {number} seed
 * @property {'pictures' | 'sheet' | 'walk'} form
 * @property {number} [picture]
 *
 * @typedef {object} Dreamt
 * @property {number} id
 * @property {number} number  which of its answers this is
 * @property {number} of  how many there are
 * @property {'pictures' | 'sheet' | 'walk'} form
 *
 * @typedef {object} Handlers  told only of the newest dream
 * @property {(about: Dreamt, file: ArrayBuffer) => void} dreamt
 * @property {() => void} waiting
 * @property {() => void} failed
 * @property {(state: import('../link/connection.js').ConnectionState) => void} connection
 */

/**
 * The connection of the page. A sheet is asked for when the one before has come, so that a slow
 * machine is never asked for more than it makes; of all that is wanted meanwhile, the newest.
 */
export class DreamLink {
  #id = 0
  /** A sheet is on its way. */
  #coming = false
  /** @type {Wish | null} */
  #next = null

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.connection = new Connection('/generate', (state) => {
      if (state === 'online') this.#coming = false
      handlers.connection(state)
    })
    this.socket = this.connection.socket
    const { socket } = this
    socket.on('dreamt', (/** @type {Dreamt} */ about, /** @type {ArrayBuffer} */ file) => {
      if (about.id === this.#id) handlers.dreamt(about, file)
      this.#goOn(about.id)
    })
    socket.on('waiting', ({ id }) => {
      if (id === this.#id) handlers.waiting()
    })
    const fail = (/** @type {number} */ id) => {
      if (id === this.#id) handlers.failed()
      this.#goOn(id)
    }
    socket.on('failed', ({ id }) => fail(id))
    socket.on('problem', () => fail(this.#id))
  }

  /** Asks for this instead of all before. @param {Wish} wish */
  ask(wish) {
    if (this.connection.state !== 'online') return
    if (this.#coming && wish.form === 'sheet') {
      this.#next = wish
      return
    }
    this.#next = null
    this.#coming = wish.form === 'sheet'
    this.socket.emit('dream', { id: ++this.#id, ...wish })
  }

  /** Nothing is wanted any more. */
  wake() {
    this.#id++
    this.#next = null
    this.#coming = false
    if (this.connection.state === 'online') this.socket.emit('wake')
  }

  /** @param {number} id of the dream that has had an answer */
  #goOn(id) {
    if (!this.#coming || id !== this.#id) return
    this.#coming = false
    if (this.#next) this.ask(this.#next)
  }
}
