import { io } from 'socket.io-client'

/**
 * What is known of the connection; it is measured, never believed.
 *
 * connecting  nothing is known yet
 * online      the server has said `welcome`
 * offline     it cannot be reached, or has nothing to say
 * full        it is there, but lets no further page in
 *
 * @typedef {'connecting' | 'online' | 'offline' | 'full'} ConnectionState
 */

/** Milliseconds after which a page that is still connecting says so. */
const SLOW = 3000
/** Milliseconds in which a server says something, or it is tried anew. */
const SILENCE = 10_000
/** Milliseconds from one attempt to the next: the first, and the longest. */
const FIRST = 700
const LONGEST = 10_000
/** Milliseconds for which a server that could not be reached is not asked why. */
const REST = 20_000

/**
 * A connection to the server: websocket only. It is tried again by itself, slower and slower, so
 * that a stopped server does not fill the console, whatever has refused or ended it.
 */
export class Connection {
  /** @type {ConnectionState} */
  state = 'connecting'

  #timer = 0
  #refusals = 0
  #unreached = -Infinity

  /**
   * @param {string} namespace
   * @param {(state: ConnectionState) => void} changed
   */
  constructor(namespace, changed) {
    this.changed = changed
    this.socket = io(namespace, {
      transports: ['websocket'],
      reconnectionDelay: FIRST,
      reconnectionDelayMax: LONGEST,
      randomizationFactor: 0.4,
      timeout: SILENCE,
    })
    this.#wait(SLOW, () => this.#become('offline'))
    const { socket } = this
    socket.on('connect', () => {
      // What the server says first comes before its answer to the connection, and is heard before.
      if (this.state === 'online') return
      this.#wait(SILENCE, () => {
        socket.disconnect()
        this.#tryAgain()
      })
    })
    socket.on('welcome', () => {
      clearTimeout(this.#timer)
      this.#refusals = 0
      this.#become('online')
    })
    socket.on('disconnect', (reason) => {
      this.#become('offline')
      // The other cases socket.io looks after itself.
      if (reason === 'io server disconnect') this.#tryAgain()
    })
    socket.on('connect_error', () => {
      this.#askWhy()
      if (!socket.active) this.#tryAgain()
    })
  }

  #tryAgain() {
    this.#wait(Math.min(FIRST * 2 ** ++this.#refusals, LONGEST), () => this.socket.connect())
  }

  /** A refused websocket says no reason; a server that answers otherwise has no room for it. */
  async #askWhy() {
    if (performance.now() - this.#unreached < REST) return
    let answers = false
    try {
      const signal = AbortSignal.timeout(SILENCE)
      answers = (await fetch('/static/icon.svg', { method: 'HEAD', cache: 'no-store', signal })).ok
    } catch {
      this.#unreached = performance.now()
    }
    if (!this.socket.connected) this.#become(answers ? 'full' : 'offline')
  }

  /** @param {number} ms @param {() => void} act */
  #wait(ms, act) {
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(act, ms)
  }

  /** @param {ConnectionState} state */
  #become(state) {
    if (state === this.state) return
    this.state = state
    this.changed(state)
  }
}
