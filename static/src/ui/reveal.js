import { Wipe } from '../art/wipe.js'
import { element } from './element.js'
import { label, say } from './messages.js'

/** Milliseconds in which the picture grows out of its capture. */
const GROWTH = 3400
/** Where the divider comes to rest: so much of the capture is seen, in percent. */
const REST = 34
/** Where it rests when the picture stands by itself: it is seen whole. */
const WHOLE = 0

/**
 * A capture, and the picture that grows out of it; then both, with a divider between them that
 * fingers, mouse and arrow keys move, and beside them a picture that the engine learned from.
 * What the critic has seen can be laid over the picture.
 */
export class Reveal {
  #drawing = 0
  /** What is asked for now: an answer that comes later than the next question is dropped. */
  #asked = 0
  #reference = ''
  #look = ''

  /** @param {() => void} handled somebody moves the divider */
  constructor(handled) {
    this.image = label(element('img', { 'class': 'print-image', 'data-testid': 'picture' }),
      'picture.alt')
    this.made = label(element('canvas', { 'class': 'made', 'role': 'img', 'data-testid': 'made' }),
      'made.alt')
    this.slider = label(element('input', {
      'type': 'range', 'class': 'divider', 'min': '0', 'max': '100', 'value': '0',
      'data-testid': 'divider',
    }), 'made.divider')
    this.slider.addEventListener('input', () => {
      this.#divide(Number(this.slider.value))
      handled()
    })
    this.beside = label(element('img', { 'data-testid': 'reference' }), 'reference.alt')
    this.reference = element('figure', { class: 'reference' }, this.beside,
      say(element('figcaption'), 'reference.caption'))
    this.look = element('img', { 'class': 'shade', 'alt': '', 'data-testid': 'look' })
    this.pair = element('div', { class: 'pair' }, this.image, this.made, this.look, this.slider)
    this.element = element('div', { class: 'reveal' }, this.pair, this.reference)
    this.capture('', false)
  }

  /**
   * Shows a capture alone.
   *
   * @param {string} url
   * @param {boolean} own it is a picture of the visitor's own
   */
  capture(url, own) {
    label(this.image, own ? 'picture.own' : 'picture.alt')
    this.#asked++
    cancelAnimationFrame(this.#drawing)
    if (!url) this.image.removeAttribute('src')
    else if (this.image.src !== url) this.image.src = url
    this.#state('capture')
    this.#showReference(null)
    this.#showLook(null)
    this.explain(false)
  }

  /** @param {boolean} why the picture goes dark but for what the critic has seen */
  explain(why) {
    this.look.dataset.shown = String(why)
  }

  /**
   * Shows what the capture has become.
   *
   * @param {import('../art/easel.js').Work} work that is done
   * @param {boolean} byItself there is nothing of the capture in it
   * @param {boolean} grows before the visitor's eyes, for the first time
   */
  async show({ engine, picture, reference, look }, byItself, grows) {
    if (!picture) return
    const rest = byItself ? WHOLE : REST
    this.element.dataset.engine = engine
    label(this.made, engine === 'felt' ? 'made.triptych' : 'made.alt')
    const asked = ++this.#asked
    cancelAnimationFrame(this.#drawing)
    const bitmap = await createImageBitmap(picture)
    await this.image.decode()
    if (asked !== this.#asked) return bitmap.close()
    this.made.width = bitmap.width
    this.made.height = bitmap.height
    this.#divide(0)
    this.#showReference(reference)
    this.#showLook(look)
    const context = /** @type {CanvasRenderingContext2D} */ (this.made.getContext('2d'))
    if (!grows || matchMedia('(prefers-reduced-motion: reduce)').matches) {
      context.drawImage(bitmap, 0, 0)
      bitmap.close()
      this.#rest(rest)
      return
    }
    const wipe = new Wipe(this.image, this.image.naturalWidth, this.image.naturalHeight)
    const began = performance.now()
    this.#state('growing')
    const draw = () => {
      const share = Math.min((performance.now() - began) / GROWTH, 1)
      context.clearRect(0, 0, bitmap.width, bitmap.height)
      context.drawImage(bitmap, 0, 0)
      if (share < 1) {
        wipe.cut(context, share * share * (3 - 2 * share))
        this.#drawing = requestAnimationFrame(draw)
      } else {
        bitmap.close()
        this.#rest(rest)
      }
    }
    draw()
  }

  /** @param {number} share of the capture that is seen, in percent */
  #rest(share) {
    this.#state('made')
    // The divider is seen at the edge first, and glides in: it tells that it can be moved.
    requestAnimationFrame(() => requestAnimationFrame(() => this.#divide(share)))
  }

  /** @param {number} share percent */
  #divide(share) {
    this.slider.value = String(share)
    this.pair.style.setProperty('--seen', `${share}%`)
  }

  /** @param {'capture' | 'growing' | 'made'} state */
  #state(state) {
    this.element.dataset.state = state
    this.made.hidden = state === 'capture'
    this.slider.hidden = state !== 'made'
  }

  /** @param {Blob | null} reference */
  #showReference(reference) {
    URL.revokeObjectURL(this.#reference)
    this.#reference = reference ? URL.createObjectURL(reference) : ''
    if (reference) this.beside.src = this.#reference
    else this.beside.removeAttribute('src')
    this.reference.hidden = !reference
  }

  /** @param {Blob | null} look */
  #showLook(look) {
    URL.revokeObjectURL(this.#look)
    this.#look = look ? URL.createObjectURL(look) : ''
    if (look) this.look.src = this.#look
    else this.look.removeAttribute('src')
  }
}
