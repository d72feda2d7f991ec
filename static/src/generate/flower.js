import { cssOklch } from '../stage/colour.js'
import { element } from '../ui/element.js'
import { label, say } from '../ui/messages.js'
import { colourOf, PETALS } from './petals.js'

/**
 * @typedef {import('./petals.js').Shares} Shares
 * @typedef {import('./petals.js').Petal} Petal
 * @typedef {import('../ui/messages.js').MessageKey} MessageKey
 */

/** Shares of the flower's side: its heart, the end of an arm, and where the words stand. */
const HEART = 0.07
const REACH = 0.345
const WORDS = 0.43
/** Nearer to the middle than this a finger has no direction: the petal it holds goes on. */
const HELD = 0.085
const HALF_LIFE = 90
/** Breaths of twelve a minute, and how deep they are. */
const BREATH = 5000
const DEPTH = 0.02
/** Milliseconds between two drawings of a flower that only breathes. */
const BREATHING = 60
/** Of light, from the rim of a petal to its middle. */
const LAYERS = 16

/**
 * A flower of seven petals of light: the longer a petal, the more of its expression is in the
 * mixture. A finger that goes around shapes them all; each is also a slider for keys and screen
 * readers, and its word takes it alone.
 */
export class Flower {
  /** @type {Map<string, HTMLInputElement>} */
  #sliders = new Map()
  /** Lengths as they are drawn, which follow the sliders. @type {Map<string, number>} */
  #drawn = new Map(PETALS.map(({ name }) => [name, 0]))
  /** @type {Petal | null} */
  #holding = null
  #still = matchMedia('(prefers-reduced-motion: reduce)')
  /** Nothing moves but its breath. */
  #resting = false
  #last = 0

  /**
   * @param {() => void} moved while a hand or key moves it
   * @param {() => void} settled when it rests
   */
  constructor(moved, settled) {
    this.moved = moved
    this.settled = settled
    this.canvas = element('canvas', { 'aria-hidden': 'true' })
    const sliders = PETALS.map((petal) => this.#slider(petal))
    const words = PETALS.map((petal) => this.#word(petal))
    this.element = label(element('div', {
      'class': 'flower', 'role': 'group', 'data-testid': 'flower',
    }, this.canvas, ...sliders, ...words), 'generate.petals')
    const { element: root } = this
    root.addEventListener('pointerdown', (event) => this.#take(event))
    root.addEventListener('pointermove', (event) => {
      if (this.#holding) this.#shape(event)
    })
    for (const end of ['pointerup', 'pointercancel']) root.addEventListener(end, () => this.#letGo())
    const draw = (/** @type {number} */ now) => {
      this.#draw(now)
      requestAnimationFrame(draw)
    }
    requestAnimationFrame(draw)
  }

  /** @returns {Shares} */
  get shares() {
    return Object.fromEntries([...this.#sliders].map(([name, { value }]) => [name, Number(value) / 100]))
  }

  /** Shapes the whole flower. @param {Shares} shares */
  set shares(shares) {
    for (const [name, slider] of this.#sliders) slider.value = String(100 * (shares[name] ?? 0))
    this.moved()
    this.settled()
  }

  /** @param {Petal} petal */
  #slider({ name }) {
    const slider = label(element('input', {
      'type': 'range', 'min': '0', 'max': '100', 'step': '5', 'value': '0',
      'data-testid': `petal-${name}`,
    }), /** @type {MessageKey} */ (`expression.${name}`))
    slider.addEventListener('input', () => this.moved())
    slider.addEventListener('change', () => this.settled())
    this.#sliders.set(name, slider)
    return slider
  }

  /** @param {Petal} petal */
  #word({ name, angle }) {
    const word = say(element('button', { 'type': 'button', 'class': 'petal-word' }),
      /** @type {MessageKey} */ (`expression.${name}`))
    word.style.left = `${50 + 100 * WORDS * Math.sin(angle)}%`
    word.style.top = `${50 - 100 * WORDS * Math.cos(angle)}%`
    word.addEventListener('click', () => { this.shares = { [name]: 1 } })
    return word
  }

  /** @param {PointerEvent} event */
  #take(event) {
    if (event.button !== 0 || event.target instanceof HTMLButtonElement) return
    const { distance, petal } = this.#at(event)
    if (distance > REACH + 0.06) return
    event.preventDefault()
    this.element.setPointerCapture(event.pointerId)
    this.#holding = petal
    this.#shape(event)
  }

  /** @param {PointerEvent} event */
  #shape(event) {
    const { distance, petal } = this.#at(event)
    if (distance > HELD) this.#holding = petal
    const slider = this.#sliders.get(this.#holding?.name ?? '')
    const length = Math.min(Math.max((distance - HEART) / (REACH - HEART), 0), 1)
    const value = String(Math.round(20 * length) * 5)
    if (!slider || slider.value === value) return
    slider.value = value
    this.moved()
  }

  #letGo() {
    if (!this.#holding) return
    this.#holding = null
    this.settled()
  }

  /**
   * Where a finger is: how far from the middle in shares of the side, and at whose petal.
   *
   * @param {PointerEvent} event
   */
  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect()
    const x = (clientX - left - width / 2) / width
    const y = (clientY - top - height / 2) / height
    const turn = (Math.atan2(x, -y) + 2 * Math.PI) / (2 * Math.PI)
    const petal = PETALS[Math.round(turn * PETALS.length) % PETALS.length]
    return { distance: Math.hypot(x, y), petal }
  }

  /** @param {number} now milliseconds */
  #draw(now) {
    const side = this.element.clientWidth
    if (!side || (this.#resting && now - this.#last < BREATHING)) return
    const passed = Math.min(now - this.#last, 100)
    this.#last = now
    const step = this.#still.matches ? 1 : 1 - 2 ** (-passed / HALF_LIFE)
    const breath = this.#still.matches ? 1 : 1 + DEPTH * Math.sin(now * 2 * Math.PI / BREATH)
    const scale = Math.min(devicePixelRatio, 2)
    const { canvas } = this
    if (canvas.width !== Math.round(side * scale)) {
      canvas.width = canvas.height = Math.round(side * scale)
    }
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.clearRect(0, 0, side, side)
    context.translate(side / 2, side / 2)
    this.#resting = true
    const tips = PETALS.map((petal) => {
      const aim = Number(this.#sliders.get(petal.name)?.value) / 100
      const before = this.#drawn.get(petal.name) ?? 0
      const length = before + (aim - before) * step
      if (Math.abs(aim - length) > 0.002) this.#resting = false
      this.#drawn.set(petal.name, length)
      return { petal, length, radius: side * (HEART + (REACH - HEART) * length) }
    })
    for (const { petal } of tips) arm(context, petal, side)
    context.globalCompositeOperation = 'lighter'
    for (const { petal, length, radius } of tips) leaf(context, petal, length, radius * breath, side, scale)
    context.globalCompositeOperation = 'source-over'
    heart(context, side * HEART * 0.72 * breath, colourOf(this.shares))
    for (const { petal, radius } of tips) {
      bead(context, petal, radius, side)
      const slider = this.#sliders.get(petal.name)
      slider?.style.setProperty('--x', `${(Math.sin(petal.angle) * radius).toFixed(1)}px`)
      slider?.style.setProperty('--y', `${(-Math.cos(petal.angle) * radius).toFixed(1)}px`)
    }
  }
}

/**
 * Where a petal may go.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Petal} petal
 * @param {number} side
 */
function arm(context, { angle, colour }, side) {
  context.save()
  context.rotate(angle)
  context.lineWidth = 1
  const light = context.createLinearGradient(0, -side * HEART, 0, -side * REACH)
  light.addColorStop(0, 'oklch(0.93 0.014 80 / 0)')
  light.addColorStop(1, 'oklch(0.93 0.014 80 / 0.3)')
  context.strokeStyle = light
  context.beginPath()
  context.moveTo(0, -side * HEART)
  context.lineTo(0, -side * REACH)
  context.stroke()
  context.fillStyle = cssOklch(colour)
  context.globalAlpha = 0.5
  context.beginPath()
  context.arc(0, -side * REACH, Math.max(2, side * 0.006), 0, 2 * Math.PI)
  context.fill()
  context.restore()
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Petal} petal
 * @param {number} length 0 to 1
 * @param {number} radius of its tip
 * @param {number} side
 * @param {number} scale device pixels of a pixel: shadows know no others
 */
function leaf(context, { angle, colour }, length, radius, side, scale) {
  if (length < 0.005) return
  const half = side * (0.045 + 0.085 * length)
  const [lightness, chroma, hue] = colour
  const tint = (/** @type {number} */ l, /** @type {number} */ alpha) => (
    `oklch(${l} ${chroma} ${hue} / ${alpha})`)
  context.save()
  context.rotate(angle)
  context.shadowColor = tint(lightness, 0.7)
  context.shadowBlur = side * 0.07 * scale
  const light = context.createRadialGradient(0, 0, 0, 0, 0, radius)
  light.addColorStop(0, tint(lightness, 0.012))
  light.addColorStop(0.5, tint(lightness * 0.9, 0.056))
  light.addColorStop(0.88, tint(lightness, 0.085))
  light.addColorStop(1, tint(lightness, 0.05))
  context.fillStyle = light
  for (let layer = LAYERS; layer > 0; layer--) {
    const wide = half * (layer / LAYERS)
    context.beginPath()
    context.moveTo(0, 0)
    context.bezierCurveTo(wide * 0.55, -radius * 0.3, wide * 1.5, -radius * 0.72, 0, -radius)
    context.bezierCurveTo(-wide * 1.5, -radius * 0.72, -wide * 0.55, -radius * 0.3, 0, 0)
    context.fill()
    context.shadowColor = 'transparent'
  }
  context.restore()
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} radius
 * @param {string} colour
 */
function heart(context, radius, colour) {
  const light = context.createRadialGradient(0, 0, 0, 0, 0, radius * 1.5)
  light.addColorStop(0, 'oklch(0.96 0.02 85 / 0.9)')
  light.addColorStop(0.35, colour)
  light.addColorStop(1, 'oklch(0.15 0.01 60 / 0)')
  context.fillStyle = light
  context.beginPath()
  context.arc(0, 0, radius * 1.5, 0, 2 * Math.PI)
  context.fill()
}

/**
 * What a finger takes hold of.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Petal} petal
 * @param {number} radius
 * @param {number} side
 */
function bead(context, { angle, colour }, radius, side) {
  const size = Math.max(5, side * 0.0145)
  context.beginPath()
  context.arc(Math.sin(angle) * radius, -Math.cos(angle) * radius, size, 0, 2 * Math.PI)
  context.fillStyle = 'oklch(0.17 0.012 60)'
  context.fill()
  context.lineWidth = Math.max(1.5, side * 0.005)
  context.strokeStyle = cssOklch(colour)
  context.stroke()
}
