import { element } from './element.js'

/** More than this are not drawn: the line of text says the number. */
const MOST = 9

/** The line of those who wait, as a string of small lights: the last one is this visitor. */
export class Places {
  constructor() {
    this.element = element('div', {
      'class': 'places', 'data-testid': 'places', 'aria-hidden': 'true',
    })
  }

  /** @param {number} place 1 is next; 0 hides it */
  show(place) {
    const count = Math.min(place, MOST)
    this.element.dataset.shown = String(count > 0)
    while (this.element.children.length > count) this.element.firstElementChild?.remove()
    while (this.element.children.length < count) this.element.prepend(element('span'))
  }
}
