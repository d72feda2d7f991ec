import { isOn } from '../art/easel.js'
import { hasLearned } from '../art/engines.js'
import { element } from './element.js'
import { isMessage, label, say, sayWord } from './messages.js'
import { Reveal } from './reveal.js'

/**
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./pictures.js').Work} Work
 *
 * @typedef {object} PrintDeeds
 * @property {() => void} save
 * @property {() => void} aside
 * @property {(engine: string) => void} choose  what the picture becomes, or shows
 * @property {() => void} cancel  what it is becoming
 * @property {() => void} remove  it, here and on the server
 * @property {() => void} handled  somebody is busy with it
 * @property {(work: Work) => void} revealed  it has come into being before the visitor's eyes
 */

/** A share of seven below which nothing stands out. */
const MOST = 0.2

/** The picture that is looked at: large, with what can be done with it. */
export class Print {
  /** @type {Map<string, HTMLButtonElement>} */
  #engines = new Map()
  #shown = ''
  /** @type {Picture | null} */
  #picture = null
  /** @type {import('./messages.js').MessageKey | null} what there is to say about the picture */
  #said = null
  /** The message that says whose hand has painted it; '' where it is not painted. */
  #hand = ''
  /** @type {import('../protocol.js').Engine[]} */
  #known = []

  /** @param {PrintDeeds} deeds */
  constructor(deeds) {
    this.deeds = deeds
    this.reveal = new Reveal({
      handled: deeds.handled,
      revealed: (work) => {
        this.#dress()
        deeds.revealed(work)
      },
    })
    this.bar = label(element('progress', {
      'class': 'becoming', 'max': '1', 'data-testid': 'becoming',
    }), 'becoming.label')
    this.save = button('picture.save', 'picture-save', deeds.save)
    this.save.setAttribute('aria-keyshortcuts', 'S')
    this.why = button('picture.why', 'picture-why', () => {
      this.#explain(this.why.getAttribute('aria-pressed') !== 'true')
      deeds.handled()
    })
    this.cancel = button('picture.cancel', 'picture-cancel', deeds.cancel)
    this.skip = button('picture.skip', 'picture-skip', () => this.reveal.skip())
    this.skip.classList.add('skip')
    this.remove = button('picture.delete', 'picture-delete', deeds.remove)
    this.caption = element('p', { 'class': 'caption', 'data-testid': 'caption', 'hidden': '' })
    this.offered = element('div', { class: 'print-engines' })
    // a browser leaves a button that is half to be seen where it is
    this.offered.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLElement) this.#middle(target)
    })
    this.row = element('div', { class: 'print-row' }, this.skip, this.offered,
      element('div', { class: 'print-deeds' }, this.save, this.why, this.cancel, this.remove,
        button('picture.aside', 'picture-aside', deeds.aside)))
    this.element = label(element('div', {
      'class': 'print', 'role': 'group', 'data-testid': 'print',
    }, this.reveal.element, this.caption, this.bar, this.row), 'picture.label')
  }

  /**
   * One quiet button for each engine.
   *
   * @param {import('../protocol.js').Engine[]} engines
   * @param {boolean} saving whether pictures can be saved
   */
  offer(engines, saving) {
    for (const old of this.#engines.values()) old.remove()
    this.#engines.clear()
    this.#known = engines
    this.save.hidden = !saving
    for (const { name } of engines) {
      const made = sayWord(element('button', { 'type': 'button', 'data-testid': `engine-${name}` }),
        'engine', name)
      made.addEventListener('click', () => this.deeds.choose(name))
      this.#engines.set(name, made)
      this.offered.append(made)
    }
  }

  /** Shows a picture as it is now. @param {Picture} picture */
  show(picture) {
    this.#picture = picture
    const work = picture.works.get(picture.shown)
    const made = work && (work.picture || work.strokes)
    const wanted = `${picture.url} ${made ? work.id : ''}`
    if (wanted !== this.#shown) {
      this.#shown = wanted
      this.reveal.capture(picture.url, picture.own)
      if (made) this.reveal.show(work)
      this.#explain(false)
    }
    this.element.inert = false
    this.element.dataset.shown = 'true'
    this.#dress()
  }

  /** What can be done with the picture, and what there is to say about it. */
  #dress() {
    const picture = this.#picture
    if (!picture) return
    const work = picture.works.get(picture.shown)
    const on = work !== undefined && isOn(work)
    const done = work?.state === 'done' && !this.reveal.busy
    const here = this.#known.filter((engine) => hasLearned(engine, picture.scene))
    for (const [name, made] of this.#engines) {
      made.setAttribute('aria-pressed', String(picture.shown === name && done))
      made.hidden = !here.some((engine) => engine.name === name)
    }
    this.offered.hidden = on || here.length === 0
    this.#middle(this.#engines.get(picture.shown))
    this.cancel.hidden = !on
    this.skip.hidden = !this.reveal.busy
    this.remove.hidden = ![...picture.works.values()].some(({ state }) => state === 'done')
    this.bar.hidden = !on || this.reveal.busy
    // Before the worker has begun nobody knows how far it is.
    if (work?.state === 'working') this.bar.value = work.progress
    else this.bar.removeAttribute('value')
    this.#said = done ? this.#about(picture, work) : null
    this.#hand = done && work.hand ? `hand.${work.hand}` : ''
    this.why.hidden = !(done && (work.look || this.#hand))
    this.#explain(!this.why.hidden && this.why.getAttribute('aria-pressed') === 'true')
  }

  /**
   * What there is to say about a picture.
   *
   * @param {Picture} picture
   * @param {import('./pictures.js').Work} work
   * @returns {import('./messages.js').MessageKey | null}
   */
  #about({ own }, { scores, face, emotion }) {
    if (own && emotion) return face ? 'own.face' : 'own.faceless'
    if (!scores) return null
    const [name, share] = Object.entries(scores).reduce((a, b) => (b[1] > a[1] ? b : a))
    const key = `reads.${name}`
    return share >= MOST && isMessage(key) ? key : 'reads.differ'
  }

  /** @param {boolean} why it is said whose hand painted, and shown what the critic has seen */
  #explain(why) {
    this.why.setAttribute('aria-pressed', String(why))
    this.#tell(why && isMessage(this.#hand) ? this.#hand : this.#said)
    this.reveal.explain(why)
  }

  /** Scrolls the row so that what is pressed can be seen. @param {HTMLElement} [pressed] */
  #middle(pressed) {
    if (!pressed) return
    this.offered.scrollLeft = pressed.offsetLeft
      - (this.offered.clientWidth - pressed.offsetWidth) / 2
  }

  /** @param {import('./messages.js').MessageKey | null} key */
  #tell(key) {
    this.caption.hidden = key === null
    if (key) say(this.caption, key)
  }

  hide() {
    if (this.reveal.busy) {
      this.#shown = '' // looked at again, it begins again
      this.reveal.stop()
    }
    this.element.dataset.shown = 'false'
    this.element.inert = true
  }

  /** Nothing stays. */
  clear() {
    this.#shown = ''
    this.#picture = null
    this.reveal.capture('', false)
    this.#tell(null)
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
