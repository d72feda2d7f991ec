import { loadBrushes, Painter } from '../art/painter.js'
import { Wipe } from '../art/wipe.js'
import { drawsInSoftware } from '../stage/software.js'
import { element } from './element.js'
import { isMessage, label, say } from './messages.js'

/** Milliseconds in which the picture grows out of its capture. */
const GROWTH = 3400
/** Milliseconds in which a picture is painted. */
const PAINTING = 9000
/** In how many steps where nothing may move, and where the processor draws. */
const STILLS = 4
const PLAIN_STEPS = 24
/** Pixels on the longer side while it is painted. */
const FINE = 1024
const PLAIN = 768
/** Milliseconds in which one picture takes the place of another. */
const FADE = 900

const movesNothing = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/**
 * @typedef {import('../art/strokes.js').Strokes} Strokes
 *
 * @typedef {object} RevealDeeds
 * @property {() => void} handled  somebody moves the divider
 * @property {(work: import('../art/easel.js').Work) => void} revealed  it is seen, whole
 */

/**
 * A capture, and the picture that grows out of it; then both, with a divider between them that
 * fingers, mouse and arrow keys move, and beside them a picture that the engine learned from.
 * What the critic has seen can be laid over the picture.
 */
export class Reveal {
  /** What is asked for now: an answer that comes later than the next question is dropped. */
  #asked = 0
  #reference = ''
  #look = ''
  #skipped = false

  /** @param {RevealDeeds} deeds */
  constructor(deeds) {
    this.deeds = deeds
    this.image = label(element('img', { 'class': 'print-image', 'data-testid': 'picture' }),
      'picture.alt')
    this.image.addEventListener('load', () => {
      const { naturalWidth, naturalHeight } = this.image
      this.pair.style.setProperty('--aspect', String(naturalWidth / naturalHeight))
    })
    this.made = label(element('canvas', { 'class': 'made', 'role': 'img', 'data-testid': 'made' }),
      'made.alt')
    this.slider = label(element('input', {
      'type': 'range', 'class': 'divider', 'min': '0', 'max': '100', 'value': '0',
      'data-testid': 'divider',
    }), 'made.divider')
    this.slider.addEventListener('input', () => {
      this.#divide(Number(this.slider.value))
      deeds.handled()
    })
    this.beside = label(element('img', { 'data-testid': 'reference' }), 'reference.alt')
    this.reference = element('figure', { class: 'reference' }, this.beside,
      say(element('figcaption'), 'reference.caption'))
    this.look = element('img', { 'class': 'shade', 'alt': '', 'data-testid': 'look' })
    this.pair = element('div', { class: 'pair' }, this.image, this.made, this.look, this.slider)
    this.pair.addEventListener('click', () => this.skip())
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
    if (!url) this.image.removeAttribute('src')
    else if (this.image.src !== url) this.image.src = url
    if (url) loadBrushes()
    this.#divide(0)
    this.#state('capture')
    this.#showReference(null)
    this.#showLook(null)
    this.explain(false)
  }

  /** @param {boolean} why the picture goes dark but for what the critic has seen */
  explain(why) {
    this.look.dataset.shown = String(why)
  }

  /** Whether a picture is coming into being before the visitor's eyes. */
  get busy() {
    return this.element.dataset.state === 'painting' || this.element.dataset.state === 'growing'
  }

  /** What is being painted or grows stays as it is. */
  stop() {
    this.#asked++
  }

  /** What is being painted or grows is finished at once, as soon as it is there. */
  skip() {
    this.#skipped = true
  }

  /**
   * Shows what the capture has become: the first time it comes into being, stroke by stroke where
   * it has strokes, which begins before the picture is there.
   *
   * @param {import('../art/easel.js').Work} work
   */
  async show(work) {
    this.element.dataset.engine = work.engine
    const alt = `made.${work.engine}`
    label(this.made, isMessage(alt) ? alt : 'made.alt')
    const asked = ++this.#asked
    /** @returns {Promise<boolean>} once the next frame is due: whether this is still wanted */
    const frame = () => new Promise((resolve) => {
      requestAnimationFrame(() => resolve(asked === this.#asked))
    })
    this.#skipped = work.seen
    if (!work.seen && work.strokes && !(await this.#paint(work.strokes, frame))) return
    while (!work.picture) if (!(await frame())) return
    const bitmap = await createImageBitmap(work.picture)
    if (asked === this.#asked) await this.#finish(work, bitmap, frame)
    bitmap.close()
  }

  /**
   * Strokes are laid in their order; without movement, four states one after another.
   *
   * @param {Strokes} strokes
   * @param {() => Promise<boolean>} frame
   * @returns {Promise<boolean>} whether it is still wanted; it may be that nothing could be painted
   */
  async #paint(strokes, frame) {
    this.#state('painting')
    this.made.width = this.made.height = 1
    let painter
    let software
    try {
      software = drawsInSoftware()
      painter = new Painter(strokes, await loadBrushes(), software ? PLAIN : FINE)
    } catch (error) {
      console.warn('Strokes cannot be laid.', error)
      return frame()
    }
    this.made.width = painter.canvas.width
    this.made.height = painter.canvas.height
    const still = movesNothing()
    const steps = still ? STILLS : software ? PLAIN_STEPS : Infinity
    try {
      const began = performance.now()
      let laid = 0
      // What is painted comes slowly over what was seen: at once it would be a flash.
      let since = began
      let covered = 0
      while ((laid < 1 || covered < 1) && !this.#skipped && !painter.lost) {
        if (!(await frame())) return false
        const now = performance.now()
        const share = Math.min((now - began) / PAINTING, 1)
        const wanted = steps === Infinity ? share : Math.ceil(share * steps) / steps
        if (wanted > laid) {
          laid = wanted
          painter.lay(laid)
          if (still) {
            since = now
            covered = 0
          }
        } else if (covered === 1) continue
        covered = this.#cover(painter.canvas, covered, Math.min((now - since) / FADE, 1))
      }
      // The last of four states is looked at, too.
      while (still && performance.now() - began < PAINTING && !this.#skipped) {
        if (!(await frame())) return false
      }
      return true
    } finally {
      painter.dispose()
    }
  }

  /**
   * The picture itself, whole: what will be saved is what is seen.
   *
   * @param {import('../art/easel.js').Work} work that is done
   * @param {ImageBitmap} bitmap
   * @param {() => Promise<boolean>} frame
   */
  async #finish(work, bitmap, frame) {
    const painted = this.element.dataset.state === 'painting' && this.made.width > 1
    const before = painted ? await createImageBitmap(this.made) : null
    this.made.width = bitmap.width
    this.made.height = bitmap.height
    this.#showReference(work.reference)
    this.#showLook(work.look)
    const context = /** @type {CanvasRenderingContext2D} */ (this.made.getContext('2d'))
    if (before) {
      context.drawImage(before, 0, 0, bitmap.width, bitmap.height)
      before.close()
      if (!(await this.#fade(bitmap, frame))) return
    } else if (work.seen || movesNothing()) context.drawImage(bitmap, 0, 0)
    else if (!(await this.#grow(bitmap, frame))) return
    this.#state('made')
    work.seen = true
    this.deeds.revealed(work)
  }

  /**
   * A picture without strokes grows out of its capture, along its form.
   *
   * @param {ImageBitmap} bitmap
   * @param {() => Promise<boolean>} frame
   * @returns {Promise<boolean>} whether it is still wanted
   */
  async #grow(bitmap, frame) {
    await this.image.decode()
    const context = /** @type {CanvasRenderingContext2D} */ (this.made.getContext('2d'))
    const wipe = new Wipe(this.image, this.image.naturalWidth, this.image.naturalHeight)
    const began = performance.now()
    this.#state('growing')
    for (let share = 0; share < 1;) {
      if (!(await frame())) return false
      share = this.#skipped ? 1 : Math.min((performance.now() - began) / GROWTH, 1)
      context.clearRect(0, 0, bitmap.width, bitmap.height)
      context.drawImage(bitmap, 0, 0)
      if (share < 1) wipe.cut(context, share * share * (3 - 2 * share))
    }
    return true
  }

  /**
   * @param {CanvasImageSource} source takes the place of what is seen
   * @param {() => Promise<boolean>} frame
   * @returns {Promise<boolean>} whether it is still wanted
   */
  async #fade(source, frame) {
    const began = performance.now()
    for (let covered = 0; covered < 1;) {
      const share = this.#skipped ? 1 : Math.min((performance.now() - began) / FADE, 1)
      covered = this.#cover(source, covered, share)
      if (covered < 1 && !(await frame())) return false
    }
    return true
  }

  /**
   * Draws a picture over what is seen.
   *
   * @param {CanvasImageSource} source
   * @param {number} before share by which it has covered it already
   * @param {number} share by which it then covers it
   * @returns {number} that share
   */
  #cover(source, before, share) {
    const { width, height } = this.made
    const context = /** @type {CanvasRenderingContext2D} */ (this.made.getContext('2d'))
    context.globalAlpha = before < 1 ? (share - before) / (1 - before) : 1
    context.drawImage(source, 0, 0, width, height)
    return share
  }

  /** @param {number} share percent */
  #divide(share) {
    this.slider.value = String(share)
    this.pair.style.setProperty('--seen', `${share}%`)
  }

  /** @param {'capture' | 'painting' | 'growing' | 'made'} state */
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
