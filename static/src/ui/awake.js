/** Keeps the display from going dark while somebody plays, where the browser can. */
export class Awake {
  #wanted = false
  #asking = false
  /** @type {WakeLockSentinel | null} */
  #lock = null

  constructor() {
    document.addEventListener('visibilitychange', () => this.#ask())
  }

  /** @param {boolean} wanted */
  keep(wanted) {
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    if (wanted) this.#ask()
    else {
      this.#lock?.release()
      this.#lock = null
    }
  }

  /** Browsers take it back whenever the page is not in view. */
  async #ask() {
    if (!this.#wanted || this.#asking || document.hidden || !navigator.wakeLock) return
    if (this.#lock && !this.#lock.released) return
    this.#asking = true
    try {
      this.#lock = await navigator.wakeLock.request('screen')
    } catch (error) {
      // A battery that is low, say: the display then does as its machine is set.
      if (!(error instanceof DOMException)) throw error
    } finally {
      this.#asking = false
    }
    if (!this.#wanted) this.#lock?.release()
  }
}
