import { savePng, saveWebp } from '../save.js'
import { element } from '../ui/element.js'
import { label, say } from '../ui/messages.js'
import { moving } from './webp.js'

/** @typedef {import('./pictures.js').Tile} Tile */

/** Milliseconds that each frame of a walk is seen. */
const FRAME = 140
/** Pixels a side of the canvas, at most those of a picture. */
const SIDE = 256

/**
 * One picture, large: it can be saved, and walk through all expressions and back, as often as
 * somebody looks.
 */
export class Look {
  /** @type {Tile | null} */
  #tile = null
  /** Frames of the walk. @type {Uint8Array[]} */
  #files = []
  /** Those that can be shown already. @type {ImageBitmap[]} */
  #frames = []
  /** How many there will be. */
  #length = 0
  #side = 0
  /** Where the walk is, in frames. */
  #at = 0
  #last = 0
  #walking = false
  #opened = 0
  #decoding = Promise.resolve()

  /**
   * @param {(tile: Tile) => void} walk asks for the frames
   * @param {() => void} closed
   * @param {boolean} saving whether pictures can be saved here
   */
  constructor(walk, closed, saving) {
    this.walk = walk
    this.canvas = label(element('canvas', {
      width: String(SIDE), height: String(SIDE), role: 'img', 'data-testid': 'look-picture',
    }), 'generate.large')
    this.save = say(button('look-save', () => this.#save()), 'picture.save')
    this.saving = saving
    this.save.hidden = !saving
    this.wander = button('look-wander', () => this.#wander())
    this.film = say(button('look-film', () => this.#saveFilm()), 'generate.film')
    const close = say(button('look-close', () => this.element.close()), 'help.close')
    this.element = label(element('dialog', { 'class': 'look', 'data-testid': 'look' },
      this.canvas, element('div', { class: 'look-row' }, this.save, this.wander, this.film, close)),
    'generate.large')
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close()
    })
    this.element.addEventListener('close', () => {
      this.#forget()
      this.#tile = null
      closed()
    })
  }

  get isOpen() {
    return this.element.open
  }

  /** @param {Tile} tile */
  open(tile) {
    this.#forget()
    this.#tile = tile
    this.#draw(tile.canvas, 1)
    this.save.disabled = !tile.file
    this.#name()
    this.element.showModal()
  }

  /** The picture that is looked at has come in full size. */
  refresh() {
    if (!this.#tile) return
    this.save.disabled = !this.#tile.file
    if (!this.#walking && !this.#frames.length) this.#draw(this.#tile.canvas, 1)
  }

  /** @param {number} of how many frames @param {ArrayBuffer} file a WebP; they come in order */
  frame(of, file) {
    const opened = this.#opened
    this.#length = of
    this.#files.push(new Uint8Array(file))
    this.#decoding = this.#decoding.then(async () => {
      const picture = await createImageBitmap(new Blob([file], { type: 'image/webp' }))
      if (opened !== this.#opened) return picture.close()
      this.#frames.push(picture)
      this.#side = picture.width
      this.#name()
    })
  }

  /** The walk has failed, or its connection is lost: it can be begun anew. */
  stop() {
    if (this.#frames.length < this.#length || !this.#length) this.#forget()
    this.#name()
  }

  #wander() {
    if (!this.#tile) return
    this.#walking = !this.#walking
    if (this.#walking) {
      if (!this.#frames.length) this.walk(this.#tile)
      this.#last = performance.now()
      requestAnimationFrame((now) => this.#step(now))
    }
    this.#name()
  }

  /** One frame runs into the next; where the next is not there yet, it waits. @param {number} now */
  #step(now) {
    if (!this.#walking) return
    const whole = this.#frames.length === this.#length
    const next = this.#at + (now - this.#last) / FRAME
    this.#last = now
    if (this.#frames.length) {
      this.#at = whole ? next % this.#frames.length : Math.min(next, this.#frames.length - 1)
      const here = Math.floor(this.#at)
      this.#draw(this.#frames[here], 1)
      this.#draw(this.#frames[(here + 1) % this.#frames.length], this.#at - here)
    }
    requestAnimationFrame((later) => this.#step(later))
  }

  /** @param {CanvasImageSource} picture @param {number} opacity */
  #draw(picture, opacity) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'))
    context.imageSmoothingQuality = 'high'
    context.globalAlpha = opacity
    context.drawImage(picture, 0, 0, SIDE, SIDE)
  }

  #save() {
    if (this.#tile?.file) savePng(this.#tile.file, new Date())
  }

  #saveFilm() {
    saveWebp(moving(this.#files, this.#side, FRAME), new Date())
  }

  #name() {
    say(this.wander, this.#walking ? 'generate.stay' : 'generate.wander')
    this.film.hidden = !this.saving || !this.#frames.length || this.#frames.length < this.#length
  }

  #forget() {
    this.#opened++
    this.#walking = false
    for (const frame of this.#frames) frame.close()
    this.#frames = []
    this.#files = []
    this.#length = this.#at = 0
  }
}

/** @param {string} id @param {() => void} press */
function button(id, press) {
  const made = element('button', { 'type': 'button', 'data-testid': id })
  made.addEventListener('click', press)
  return made
}
