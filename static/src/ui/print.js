import { isOn } from '../art/easel.js'
import { element } from './element.js'
import { label, say, sayWord } from './messages.js'
import { Reveal } from './reveal.js'

/**
 * @typedef {import('./pictures.js').Picture} Picture
 *
 * @typedef {object} PrintDeeds
 * @property {() => void} save
 * @property {() => void} aside
 * @property {(engine: string) => void} choose  what the picture becomes, or shows
 * @property {() => void} cancel  what it is becoming
 * @property {() => void} remove  it, here and on the server
 * @property {() => void} handled  somebody is busy with it
 */

/** The picture that is looked at: large, with what can be done with it. */
export class Print {
  /** @type {Map<string, HTMLButtonElement>} */
  #engines = new Map()
  #shown = ''

  /** @param {PrintDeeds} deeds */
  constructor(deeds) {
    this.deeds = deeds
    this.reveal = new Reveal(deeds.handled)
    this.bar = label(element('progress', {
      'class': 'becoming', 'max': '1', 'data-testid': 'becoming',
    }), 'becoming.label')
    this.save = button('picture.save', 'picture-save', deeds.save)
    this.save.setAttribute('aria-keyshortcuts', 'S')
    this.cancel = button('picture.cancel', 'picture-cancel', deeds.cancel)
    this.remove = button('picture.delete', 'picture-delete', deeds.remove)
    this.row = element('div', { class: 'print-row' }, this.save, this.cancel, this.remove,
      button('picture.aside', 'picture-aside', deeds.aside))
    this.element = label(element('div', {
      'class': 'print', 'role': 'group', 'data-testid': 'print',
    }, this.reveal.element, this.bar, this.row), 'picture.label')
  }

  /** One quiet button for each engine. @param {string[]} names */
  offer(names) {
    for (const old of this.#engines.values()) old.remove()
    this.#engines.clear()
    for (const name of names) {
      const made = sayWord(element('button', { 'type': 'button', 'data-testid': `engine-${name}` }),
        'engine', name)
      made.addEventListener('click', () => this.deeds.choose(name))
      this.#engines.set(name, made)
      this.cancel.before(made)
    }
  }

  /**
   * Shows a picture as it is now.
   *
   * @param {Picture} picture
   * @param {boolean} paints whether it can become something
   * @param {boolean} [grows] what it has become is seen for the first time
   */
  show(picture, paints, grows = false) {
    const work = picture.works.get(picture.shown)
    const done = work?.state === 'done'
    const on = work !== undefined && isOn(work)
    for (const [name, made] of this.#engines) {
      made.hidden = !paints || on
      made.setAttribute('aria-pressed', String(picture.shown === name && done))
    }
    this.cancel.hidden = !on
    this.remove.hidden = ![...picture.works.values()].some(({ state }) => state === 'done')
    this.bar.hidden = !on
    // Before the worker has begun nobody knows how far it is.
    if (work?.state === 'working') this.bar.value = work.progress
    else this.bar.removeAttribute('value')
    const wanted = `${picture.url} ${done ? work.id : ''}`
    if (wanted !== this.#shown) {
      this.#shown = wanted
      this.reveal.capture(picture.url)
      if (done && work.picture) this.reveal.show(work.picture, work.reference, grows)
    }
    this.element.inert = false
    this.element.dataset.shown = 'true'
  }

  hide() {
    this.element.dataset.shown = 'false'
    this.element.inert = true
  }

  /** Nothing stays. */
  clear() {
    this.#shown = ''
    this.reveal.capture('')
    this.hide()
  }
}

/**
 * @param {import('./messages.js').MessageKey} key
 * @param {string} testid
 * @param {() => void} act
 */
function button(key, testid, act) {
  const made = say(element('button', { 'type': 'button', 'data-testid': testid }), key)
  made.addEventListener('click', act)
  return made
}
