import { element } from './element.js'

const FADE = 500

/** The one line of text. It leaves before the next one comes, and is read out politely. */
export class Line {
  #staying = ''
  #shown = ''
  #passing = 0
  #fading = 0

  constructor() {
    this.element = element('p', {
      class: 'line', 'data-testid': 'line', role: 'status', 'aria-live': 'polite',
    })
  }

  /** @param {string} text that stays until another one comes; empty for silence */
  show(text) {
    this.#staying = text
    if (!this.#passing) this.#change(text)
  }

  /**
   * Says something for a while, then returns to the line that stays.
   *
   * @param {string} text
   * @param {number} [seconds]
   */
  pass(text, seconds = 3.5) {
    clearTimeout(this.#passing)
    this.#change(text)
    this.#passing = window.setTimeout(() => {
      this.#passing = 0
      this.#change(this.#staying)
    }, seconds * 1000)
  }

  /** @param {string} text */
  #change(text) {
    if (text === this.#shown) return
    this.#shown = text
    this.element.dataset.shown = 'false'
    clearTimeout(this.#fading)
    this.#fading = window.setTimeout(() => {
      this.element.textContent = text
      this.element.dataset.shown = String(text !== '')
    }, FADE)
  }
}
