import { element } from '../ui/element.js'
import { label } from '../ui/messages.js'

/** Pixels a side of a picture's canvas: what the server sends at most. */
const SIDE = 256
/** How much of a newer picture shows at each sheet, and at each step of a picture's coming. */
const BLEND = 0.62
const STEP = 0.22
const STEPS = 16

/** The pictures side by side, as large as they can be. Each opens when it is pressed. */
export class Pictures {
  /** @type {Tile[]} */
  #tiles = []

  /** @param {(tile: Tile) => void} open */
  constructor(open) {
    this.open = open
    this.list = element('ul', { 'class': 'sheet', 'data-testid': 'sheet' })
    this.element = label(element('section', { class: 'pictures' }, this.list), 'generate.pictures')
    new ResizeObserver(() => this.#fit()).observe(this.element)
  }

  /** How many there are. @param {number} count */
  set count(count) {
    while (this.#tiles.length > count) this.#tiles.pop()?.element.remove()
    while (this.#tiles.length < count) {
      const tile = new Tile(this.#tiles.length, () => this.open(tile))
      this.#tiles.push(tile)
      this.list.append(tile.element)
    }
    for (const tile of this.#tiles) tile.name(count)
    this.#fit()
  }

  /** How many can be saved: they are there in full size. */
  get made() {
    return this.#tiles.filter(({ file }) => file).length
  }

  /** All of them are to be made anew; what is seen stays until then. */
  renew() {
    for (const tile of this.#tiles) tile.file = null
  }

  /** They leave, for others to come. */
  clear() {
    for (const tile of this.#tiles) tile.clear()
  }

  /** @param {number} number @param {Blob} file a PNG */
  async show(number, file) {
    await this.#tiles[number]?.show(file)
  }

  /** Shows all of them small, for a moment. @param {Blob} file side by side */
  async sketch(file) {
    const all = await createImageBitmap(file)
    for (const [number, tile] of this.#tiles.entries()) {
      const x = number * all.height
      if (x < all.width) tile.sketch(all, x)
    }
    all.close()
  }

  /** As many columns as make the pictures largest. */
  #fit() {
    const { clientWidth, clientHeight: height } = this.element
    const { paddingLeft, paddingRight } = getComputedStyle(this.element)
    const width = clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
    const count = this.#tiles.length
    if (!width || !height || !count) return
    const gap = Number.parseFloat(getComputedStyle(this.list).columnGap)
    const sizes = Array.from({ length: count }, (_, index) => {
      const columns = index + 1
      const rows = Math.ceil(count / columns)
      return Math.min((width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows)
    })
    const size = Math.max(...sizes)
    this.list.style.setProperty('--columns', String(sizes.indexOf(size) + 1))
    this.list.style.setProperty('--tile', `${Math.floor(size)}px`)
  }
}

/** One picture. */
export class Tile {
  /** @type {Blob | null} */
  #file = null
  #coming = 0

  /** @param {number} number @param {() => void} open */
  constructor(number, open) {
    this.number = number
    this.canvas = element('canvas', { width: String(SIDE), height: String(SIDE), 'aria-hidden': 'true' })
    this.button = element('button', {
      'type': 'button', 'class': 'tile', 'data-made': 'false', 'data-whole': 'false',
      'data-testid': 'tile',
    }, this.canvas)
    this.button.addEventListener('click', () => {
      if (this.button.dataset.made === 'true') open()
    })
    this.element = element('li', {}, this.button)
  }

  /** The picture in full size, a PNG; null until it is there. */
  get file() {
    return this.#file
  }

  set file(file) {
    this.#file = file
    this.button.dataset.whole = String(file !== null)
  }

  /** @param {number} count */
  name(count) {
    label(this.button, 'generate.picture', { number: this.number + 1, count })
  }

  clear() {
    this.file = null
    this.button.dataset.made = 'false'
  }

  /** @param {ImageBitmap} all @param {number} x where this one begins */
  sketch(all, x) {
    cancelAnimationFrame(this.#coming)
    this.file = null
    this.#paint(all, x, all.height, BLEND)
  }

  /** @param {Blob} file */
  async show(file) {
    this.file = file
    const picture = await createImageBitmap(file)
    if (this.file !== file) return
    cancelAnimationFrame(this.#coming)
    const come = (/** @type {number} */ left) => {
      this.#paint(picture, 0, picture.height, left ? STEP : 1)
      if (left) this.#coming = requestAnimationFrame(() => come(left - 1))
      else picture.close()
    }
    come(this.button.dataset.made === 'true' ? STEPS : 0)
  }

  /**
   * @param {ImageBitmap} picture
   * @param {number} x
   * @param {number} side
   * @param {number} opacity over what is there
   */
  #paint(picture, x, side, opacity) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'))
    context.imageSmoothingQuality = 'high'
    context.globalAlpha = this.button.dataset.made === 'true' ? opacity : 1
    context.drawImage(picture, x, 0, side, side, 0, 0, SIDE, SIDE)
    this.button.dataset.made = 'true'
  }
}
