import { element, svg } from './element.js'
import { say, silence } from './messages.js'

const RADIUS = 30
const LENGTH = 2 * Math.PI * RADIUS
/** @type {Record<string, import('./messages.js').MessageKey>} */
const WORDS = {
  clear: 'countdown.clear', capture: 'countdown.capture', scene: 'countdown.scene',
}

/** A ring that closes before something is done, and the way to keep what is there. */
export class CountdownRing {
  #until = 0
  #length = 1
  #action = ''

  /**
   * @param {() => void} cancel
   * @param {(words: import('./messages.js').MessageKey) => void} begun
   */
  constructor(cancel, begun) {
    this.begun = begun
    this.ring = svg('circle', {
      'r': RADIUS, 'class': 'countdown-ring', 'transform': 'rotate(-90)',
      'stroke-dasharray': LENGTH, 'stroke-dashoffset': LENGTH,
    })
    this.text = element('span')
    this.keep = say(element('button', { 'type': 'button', 'data-testid': 'keep' }), 'countdown.keep')
    this.keep.addEventListener('click', cancel)
    this.element = element('div', { class: 'countdown', 'data-testid': 'countdown' },
      svg('svg', { 'viewBox': '-32 -32 64 64', 'aria-hidden': 'true' },
        svg('circle', { r: RADIUS, class: 'countdown-track' }), this.ring),
      this.text, this.keep)
    this.show(null)
  }

  /** What it counts down to; empty when it does not. */
  get action() {
    return this.#action
  }

  /** @param {import('../protocol.js').Countdown | null} countdown */
  show(countdown) {
    const action = countdown?.action ?? ''
    if (countdown) {
      this.#until = performance.now() + 1000 * countdown.remaining
      this.#length = 1000 * countdown.length
    }
    if (action === this.#action && this.element.dataset.shown) return
    this.#action = action
    this.element.dataset.shown = String(action !== '')
    this.element.inert = action === ''
    if (!action) return silence(this.text)
    const words = WORDS[action] ?? 'countdown.other'
    say(this.text, words)
    this.begun(words)
  }

  /** Called on every display frame. */
  tick() {
    if (!this.#action) return
    const left = Math.max(0, this.#until - performance.now()) / this.#length
    this.ring.setAttribute('stroke-dashoffset', String(LENGTH * Math.min(1, left)))
  }
}
