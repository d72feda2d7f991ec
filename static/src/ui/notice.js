import { element } from './element.js'
import { say, silence } from './messages.js'

/**
 * @typedef {import('./messages.js').MessageKey} MessageKey
 *
 * @typedef {object} House  what this installation does with its visitors
 * @property {boolean} emotion  expressions are read
 * @property {boolean} pictures  captures become pictures, which are kept until the visit is over
 * @property {boolean} dreams  there is a page that makes pictures of nothing
 */

/**
 * The notice before the camera starts: what is seen, what becomes of it, and a choice that
 * nobody has ticked for the visitor.
 */
export class Notice {
  /** @type {MessageKey | null} */
  #away = null

  /**
   * @param {House} house
   * @param {() => void} agreed
   */
  constructor({ emotion, pictures }, agreed) {
    this.choice = element('input', {
      type: 'checkbox', id: 'choice', 'data-testid': 'choice', autocomplete: 'off',
    })
    this.begin = say(element('button', {
      type: 'submit', class: 'begin', 'data-testid': 'begin', 'aria-disabled': 'true',
    }), 'notice.begin')
    this.hint = element('p', { class: 'notice-hint', role: 'status' })
    const form = element('form', { class: 'notice-form' },
      element('label', { class: 'choice', for: 'choice' }, this.choice,
        element('span', { class: 'tick', 'aria-hidden': 'true' }),
        say(element('span'), 'notice.choice')),
      this.begin, this.hint)
    this.element = element('section', {
      class: 'notice', 'data-testid': 'notice', 'aria-labelledby': 'notice-title',
    },
    say(element('h1', { id: 'notice-title' }), 'notice.title'),
    element('div', { class: 'notice-text' },
      say(element('p'), emotion ? 'notice.emotion' : 'notice.movement'),
      say(element('p'), pictures ? 'notice.pictures' : 'notice.privacy'),
      form))

    this.choice.addEventListener('change', () => this.#wait())
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      if (this.#away) say(this.hint, this.#away)
      else if (this.choice.checked) agreed()
      else say(this.hint, 'notice.unticked')
    })
  }

  /** Why nobody can begin just now; null when they can. @param {MessageKey | null} key */
  set away(key) {
    if (key === this.#away) return
    this.#away = key
    this.#wait()
  }

  /** For the choice, or for the server. */
  #wait() {
    this.begin.setAttribute('aria-disabled', String(!this.choice.checked || this.#away !== null))
    if (this.#away) say(this.hint, this.#away)
    else silence(this.hint)
  }

  /** Shows the notice, its choice unticked again; a notice that is there stays as it is. */
  show() {
    if (this.element.dataset.shown === 'true') return
    this.choice.checked = false
    this.#wait()
    this.element.inert = false
    // Whoever is at the keyboard goes on from here.
    if (this.element.dataset.shown === 'false') this.choice.focus({ preventScroll: true })
    this.element.dataset.shown = 'true'
  }

  hide() {
    this.element.inert = true
    this.element.dataset.shown = 'false'
  }
}
