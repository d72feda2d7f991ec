import { element } from './element.js'
import { say, silence } from './messages.js'

/**
 * @typedef {import('./messages.js').MessageKey} MessageKey
 * @typedef {import('./messages.js').Values} Values
 */

const FADE = 500
/** Characters from which a line is an explanation and set smaller. */
const LONG = 44

/** One line of text. It leaves before the next one comes. */
export class Line {
  /** @type {[MessageKey | null, Values]} */
  #staying = [null, {}]
  #shown = ''
  #passing = 0
  #fading = 0

  /** @param {string} testid */
  constructor(testid) {
    this.element = element('p', { 'class': 'line', 'data-testid': testid })
  }

  /**
   * @param {MessageKey | null} key of what stays until another one comes; null for silence
   * @param {Values} [values]
   */
  show(key, values = {}) {
    this.#staying = [key, values]
    if (!this.#passing) this.#change(key, values)
  }

  /**
   * Says something for a while, then returns to the line that stays.
   *
   * @param {MessageKey} key
   * @param {number} [seconds]
   */
  pass(key, seconds = 3.5) {
    clearTimeout(this.#passing)
    this.#change(key, {})
    this.#passing = window.setTimeout(() => {
      this.#passing = 0
      this.#change(...this.#staying)
    }, seconds * 1000)
  }

  /**
   * @param {MessageKey | null} key
   * @param {Values} values
   */
  #change(key, values) {
    const wanted = key === null ? '' : key + JSON.stringify(values)
    if (wanted === this.#shown) return
    this.#shown = wanted
    this.element.dataset.shown = 'false'
    clearTimeout(this.#fading)
    this.#fading = window.setTimeout(() => {
      if (key === null) silence(this.element)
      else say(this.element, key, values)
      this.element.classList.toggle('long', (this.element.textContent ?? '').length > LONG)
      this.element.dataset.shown = String(key !== null)
    }, FADE)
  }
}
