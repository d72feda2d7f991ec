import { savePng } from '../save.js'
import { element } from './element.js'
import { label, say } from './messages.js'

/** The most that are kept in a visit; the oldest leaves first. */
const MOST = 4

/**
 * @typedef {object} Picture
 * @property {Blob} blob  a PNG
 * @property {string} url
 * @property {Date} when
 * @property {HTMLButtonElement} button  on the shelf
 */

/**
 * The pictures a visitor has kept: the newest one large, to be looked at and saved, then small on
 * a shelf, until the visit ends. They are nowhere but in this page.
 */
export class Pictures {
  /** @type {Picture[]} */
  #kept = []
  #number = 0
  /** @type {Picture | null} */
  #looked = null

  /** @param {() => void} saved */
  constructor(saved) {
    this.saved = saved
    this.image = label(element('img', { 'class': 'print-image', 'data-testid': 'picture' }),
      'picture.alt')
    this.save = button('picture.save', 'picture-save', () => this.saveIt())
    this.aside = button('picture.aside', 'picture-aside', () => this.putAside())
    this.save.setAttribute('aria-keyshortcuts', 'S')
    this.print = label(element('div', { 'class': 'print', 'role': 'group', 'data-testid': 'print' },
      this.image, element('div', { class: 'print-row' }, this.save, this.aside)), 'picture.label')
    this.shelf = label(element('div', { 'class': 'shelf', 'role': 'group', 'data-testid': 'shelf' }),
      'picture.shelf')
    this.shelf.hidden = true
    this.putAside()
  }

  get count() {
    return this.#kept.length
  }

  /** Whether the large picture is shown. */
  get looking() {
    return this.print.dataset.shown === 'true'
  }

  /** Whether somebody at the keyboard is about to do something with the large picture. */
  get held() {
    return this.print.contains(document.activeElement)
  }

  /** @param {Blob} blob a PNG */
  add(blob) {
    const number = ++this.#number
    const url = URL.createObjectURL(blob)
    const small = label(element('button', {
      'type': 'button', 'class': 'kept', 'data-testid': 'kept',
    }, element('img', { src: url, alt: '' })), 'picture.again', { number })
    const picture = { blob, url, when: new Date(), button: small }
    small.addEventListener('click', () => {
      this.#look(picture)
      this.save.focus({ preventScroll: true })
    })
    this.#kept.push(picture)
    this.shelf.append(small)
    this.shelf.hidden = false
    if (this.#kept.length > MOST) this.#drop(this.#kept[0])
    this.#look(picture)
  }

  /** Saves the picture that is looked at, or else the newest one. */
  saveIt() {
    const picture = this.#looked ?? this.#kept.at(-1)
    if (!picture) return
    savePng(picture.blob, picture.when)
    this.putAside()
    this.saved()
  }

  /** The large picture goes to the shelf. */
  putAside() {
    if (this.held) this.#looked?.button.focus({ preventScroll: true })
    this.#looked = null
    this.print.dataset.shown = 'false'
    this.print.inert = true
  }

  /** The visit has ended: nothing stays. */
  clear() {
    for (const picture of [...this.#kept]) this.#drop(picture)
    this.#number = 0
    this.shelf.hidden = true
    this.image.removeAttribute('src')
    this.putAside()
  }

  /** @param {Picture} picture */
  #look(picture) {
    this.#looked = picture
    this.image.src = picture.url
    this.print.inert = false
    this.print.dataset.shown = 'true'
  }

  /** @param {Picture} picture */
  #drop(picture) {
    picture.button.remove()
    URL.revokeObjectURL(picture.url)
    this.#kept = this.#kept.filter((one) => one !== picture)
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
