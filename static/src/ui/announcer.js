import { element } from './element.js'
import { say, silence } from './messages.js'

/**
 * What a screen reader is told, without chatter: the same thing is not said twice in a row, and
 * invitations are said once in a visit.
 */
export class Announcer {
  #last = ''
  /** @type {Set<string>} */
  #invited = new Set()

  constructor() {
    this.element = element('p', {
      'class': 'unseen', 'role': 'status', 'aria-live': 'polite', 'data-testid': 'announcer',
    })
  }

  /**
   * @param {import('./messages.js').MessageKey} key
   * @param {import('./messages.js').Values} [values]
   */
  say(key, values = {}) {
    const said = key + JSON.stringify(values)
    if (said === this.#last) return
    this.#last = said
    say(this.element, key, values)
  }

  /** @param {import('./messages.js').MessageKey} key */
  invite(key) {
    if (this.#invited.has(key)) return
    this.#invited.add(key)
    this.say(key)
  }

  /** The next visitor has heard nothing yet. */
  forget() {
    this.#last = ''
    this.#invited.clear()
    silence(this.element)
  }
}
