import { element, svg } from './element.js'
import { t } from './messages.js'

const RADIUS = 30
const LENGTH = 2 * Math.PI * RADIUS

/** A ring that closes before something is done, and the way to keep what is there. */
export class CountdownRing {
  #until = 0
  #length = 1

  /** @param {() => void} cancel */
  constructor(cancel) {
    this.ring = svg('circle', {
      'r': RADIUS, 'class': 'countdown-ring', 'transform': 'rotate(-90)',
      'stroke-dasharray': LENGTH, 'stroke-dashoffset': LENGTH,
    })
    this.text = element('span', { role: 'status' })
    this.keep = element('button', { 'type': 'button', 'data-testid': 'keep' }, t('countdown.keep'))
    this.keep.addEventListener('click', cancel)
    this.element = element('div', { class: 'countdown', 'data-testid': 'countdown' },
      svg('svg', { 'viewBox': '-32 -32 64 64', 'aria-hidden': 'true' },
        svg('circle', { r: RADIUS, class: 'countdown-track' }), this.ring),
      this.text, this.keep)
    this.show(null)
  }

  get running() {
    return this.element.dataset.shown === 'true'
  }

  /** @param {import('../protocol.js').Countdown | null} countdown */
  show(countdown) {
    const shown = countdown !== null
    this.element.dataset.shown = String(shown)
    this.element.inert = !shown
    if (!countdown) {
      this.text.textContent = ''
      return
    }
    this.#until = performance.now() + 1000 * countdown.remaining
    this.#length = 1000 * countdown.length
    const text = countdown.action === 'clear' ? t('countdown.clear')
      : countdown.action === 'capture' ? t('countdown.capture') : t('countdown.other')
    if (this.text.textContent !== text) this.text.textContent = text
  }

  /** Called on every display frame. */
  tick() {
    if (!this.running) return
    const left = Math.max(0, this.#until - performance.now()) / this.#length
    this.ring.setAttribute('stroke-dashoffset', String(LENGTH * Math.min(1, left)))
  }
}
