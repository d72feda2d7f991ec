import { Connection } from '../link/connection.js'

/**
 * @typedef {object} Handlers
 * @property {(welcome: {frame: {width: number, height: number, quality: number, rate: number}}) => void} welcome
 * @property {(state: import('./state.js').WorkshopState) => void} state
 * @property {(status: {state: 'ready' | 'paused' | 'full' | 'off'}) => void} status
 * @property {(answer: {number: number, outcome: string}) => void} next
 * @property {(news: {beliefs: Record<string, number>, confidence: number}, points: ArrayBuffer) => void} seen
 * @property {(news: {pose: string, person: string, countdown: number, length: number}) => void} recording
 * @property {(news: {kept: boolean, message: string}) => void} recorded
 * @property {(progress: import('./state.js').Progress) => void} progress
 * @property {(message: {kind: string, message?: string, version?: number}) => void} trained
 * @property {(problem: {message: string}) => void} problem
 * @property {(state: import('../link/connection.js').ConnectionState) => void} connection
 */

const EVENTS = /** @type {const} */ ([
  'welcome', 'state', 'status', 'next', 'seen', 'recording', 'recorded', 'progress', 'trained',
  'problem',
])

/** The workshop's connection to the server; it reconnects by itself. */
export class WorkshopLink {
  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.connection = new Connection('/workshop', handlers.connection)
    this.socket = this.connection.socket
    const { socket } = this
    for (const event of EVENTS) socket.on(event, /** @type {any} */ (handlers[event]))
    socket.on('connect_error', ({ message }) => {
      // Staff no more: another password was made, or twelve hours are over. The door is next.
      if (message === 'staff') location.reload()
    })
  }

  /**
   * @param {string} event
   * @param {Record<string, unknown>} [data]
   */
  say(event, data = {}) {
    if (this.connection.state === 'online') this.socket.emit(event, data)
  }

  /**
   * Sends one picture; it is dropped, not queued, when the connection is not ready for it.
   *
   * @param {number} number
   * @param {ArrayBuffer} jpeg
   */
  frame(number, jpeg) {
    this.socket.volatile.emit('frame', number, jpeg)
  }

  /** Milliseconds of one round trip. @returns {Promise<number>} */
  async roundTrip() {
    const sent = performance.now()
    await this.socket.timeout(5000).emitWithAck('clock')
    return performance.now() - sent
  }
}
