import { Connection } from './connection.js'

/**
 * @typedef {import('../protocol.js').Welcome} Welcome
 * @typedef {import('../protocol.js').Status} Status
 * @typedef {import('../protocol.js').Problem} Problem
 * @typedef {import('../protocol.js').SceneState} SceneState
 *
 * @typedef {object} LinkHandlers
 * @property {(welcome: Welcome) => void} welcome
 * @property {(status: Status) => void} status
 * @property {(number: number, outcome: string) => void} next
 * @property {(state: SceneState, landmarks: ArrayBuffer | null, mask: ArrayBuffer | null) => void} scene
 * @property {(visit: import('../protocol.js').Visit) => void} visit
 * @property {(art: import('../protocol.js').Art) => void} art
 * @property {(number: number, jpeg: ArrayBuffer | null) => void} painted
 * @property {(seconds: number, file: ArrayBuffer) => void} recorded  0 seconds: nothing was seen
 * @property {(wish: import('../protocol.js').CameraWish) => void} camera  staff want it otherwise
 * @property {(problem: Problem) => void} problem
 * @property {(way: import('../protocol.js').Way) => void} way
 * @property {(poses: import('../protocol.js').TaughtPose[]) => void} poses  that staff have taught
 * @property {(state: import('./connection.js').ConnectionState) => void} connection
 * @property {() => void} ended  the connection was away for so long that consent has ended
 */

/**
 * What the page says to the server and hears from it. After a lost connection it asks again for
 * what was running: the camera the visitor had agreed to, or the replay. The consent belongs to a
 * person: when the connection is away for longer than a visitor may be, it ends.
 */
export class Link {
  /** @type {{camera: true} | {replay: string} | null} */
  #running = null
  #absence = 20
  #ending = 0
  /** Of the visit, so that it goes on with its pictures when the connection was lost. */
  #token = ''

  /** @param {LinkHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers
    this.connection = new Connection('/', (state) => {
      if (state === 'online') {
        clearTimeout(this.#ending)
        this.#ending = 0
        handlers.connection(state)
        this.#announce()
        return
      }
      handlers.connection(state)
      if (!this.#ending && this.#running && 'camera' in this.#running) this.#endLater()
    })
    this.socket = this.connection.socket
    const { socket } = this
    socket.on('welcome', (welcome) => {
      this.#absence = welcome.absence
      handlers.welcome(welcome)
    })
    socket.on('camera', handlers.camera)
    socket.on('way', handlers.way)
    socket.on('status', handlers.status)
    socket.on('next', ({ number, outcome }) => handlers.next(number, outcome))
    socket.on('scene', (state, landmarks, mask) => (
      handlers.scene(state, landmarks ?? null, mask ?? null)
    ))
    socket.on('poses', ({ poses }) => handlers.poses(poses))
    socket.on('visit', (visit) => {
      this.#token = visit.token
      handlers.visit(visit)
    })
    socket.on('art', handlers.art)
    socket.on('painted', ({ number }, jpeg) => handlers.painted(number, jpeg ?? null))
    socket.on('recorded', ({ seconds }, file) => handlers.recorded(seconds, file))
    socket.on('problem', handlers.problem)
  }

  get online() {
    return this.connection.state === 'online'
  }

  /** Somebody is at the page. */
  touch() {
    this.#emit('touch')
  }

  /**
   * The camera is on and the visitor has agreed to it; told once for each visit, and again after
   * a reconnection.
   */
  consent() {
    if (this.#running && 'camera' in this.#running) return
    this.#running = { camera: true }
    this.#announce()
  }

  /** The camera is off, or the replay has ended. */
  stop() {
    this.#token = ''
    if (!this.#running) return
    this.#running = null
    this.#emit('stop')
  }

  /** @param {string} name of a recorded session */
  replay(name) {
    this.#running = { replay: name }
    this.#announce()
  }

  /**
   * How the page is, for the desk.
   *
   * @param {{camera: string, scene: string, quality: string, rate: number, hidden: boolean}} news
   */
  screen(news) {
    this.#emit('screen', news)
  }

  /** Begins to record the landmarks of this visit, or asks for what was recorded. @param {boolean} on */
  record(on) {
    this.#emit('record', { on })
  }

  /**
   * @param {string} name clear, more, capture, cancel, freeze or scene
   * @param {string | null} [argument]
   */
  command(name, argument = null) {
    this.#emit('command', { name, argument })
  }

  /**
   * @param {'cancel' | 'delete'} name
   * @param {string} id of a picture in the making, or made
   */
  art(name, id) {
    this.#emit('art', { name, id })
  }

  /**
   * Sends one picture of the canvas to be painted; dropped, not queued, as a frame is.
   *
   * @param {number} number
   * @param {ArrayBuffer} jpeg
   * @param {string} engine
   */
  canvas(number, jpeg, engine) {
    this.socket.volatile.emit('canvas', number, jpeg, { engine })
  }

  /**
   * Sends one picture. It is dropped, not queued, when the connection is not ready for it.
   *
   * @param {number} number
   * @param {ArrayBuffer} jpeg
   * @param {boolean} mask asks where people are in it
   */
  frame(number, jpeg, mask) {
    this.socket.volatile.emit('frame', number, jpeg, { crop: false, mask })
  }

  /**
   * The time of one round trip, in milliseconds. Sent right behind a frame it also counts the
   * time the frame took to travel, but not the time the tracker takes to read it.
   *
   * @returns {Promise<number>}
   */
  async roundTrip() {
    const sent = performance.now()
    await this.socket.timeout(5000).emitWithAck('clock')
    return performance.now() - sent
  }

  /** The person who has agreed may be gone when the connection comes back. */
  #endLater() {
    this.#ending = window.setTimeout(() => {
      this.#ending = 0
      this.#running = null
      this.#token = ''
      this.handlers.ended()
    }, this.#absence * 1000)
  }

  #announce() {
    if (!this.#running) return
    if ('camera' in this.#running) this.#emit('consent', this.#token ? { token: this.#token } : {})
    else this.#emit('replay', { name: this.#running.replay })
  }

  /**
   * Emits only while online: socket.io would otherwise keep everything for later.
   *
   * @param {string} event
   * @param {...unknown} values
   */
  #emit(event, ...values) {
    if (this.online) this.socket.emit(event, ...values)
  }
}
