import { element } from './element.js'
import { label, say } from './messages.js'

/** @typedef {import('./messages.js').MessageKey} MessageKey */

/**
 * The hue of each expression, as in server/stage/mappings.toml, around the circle so that
 * neighbours blend well. None is brighter than another: none looks better.
 *
 * @type {[string, string][]}
 */
export const COLOURS = [
  ['neutral', 'oklch(0.76 0.025 70)'],
  ['happy', 'oklch(0.76 0.14 82)'],
  ['disgust', 'oklch(0.72 0.12 128)'],
  ['sad', 'oklch(0.7 0.11 250)'],
  ['fear', 'oklch(0.7 0.13 300)'],
  ['surprise', 'oklch(0.72 0.14 345)'],
  ['angry', 'oklch(0.7 0.16 27)'],
]
const WHISPER = 0.06

/** The expression as a soft band of colours that run into each other; words only when asked. */
export class Mixture {
  constructor() {
    this.band = element('span', { class: 'mixture-band', 'aria-hidden': 'true' })
    this.words = element('p', {
      class: 'mixture-words', id: 'mixture-words', 'data-testid': 'mixture-words', hidden: '',
    })
    this.button = label(element('button', {
      'type': 'button', 'class': 'mixture', 'data-testid': 'mixture', 'aria-expanded': 'false',
      'aria-controls': 'mixture-words',
    }, this.band), 'mixture.label')
    this.element = element('div', { class: 'mixture-room', hidden: '' }, this.button, this.words)
    this.button.addEventListener('click', () => this.toggleWords())
    /** @type {Map<string, HTMLElement>} */
    this.spans = new Map(COLOURS.map(([name, colour]) => {
      const span = say(element('span'), /** @type {MessageKey} */ (`expression.${name}`))
      span.style.color = colour.replace(/[\d.]+/, '0.82') // light enough to be read over a scene
      return [name, span]
    }))
    this.words.append(...this.spans.values())
  }

  toggleWords() {
    this.words.hidden = !this.words.hidden
    this.button.setAttribute('aria-expanded', String(!this.words.hidden))
  }

  /**
   * @param {Record<string, number> | null} mixture shares that sum to 1
   * @param {number} certainty 0 to 1
   */
  show(mixture, certainty) {
    this.element.hidden = mixture === null
    if (!mixture) return
    let passed = 0
    const stops = COLOURS.map(([name, colour]) => {
      const share = mixture[name] ?? 0
      const middle = passed + share / 2
      passed += share
      return { colour, share, middle }
    }).filter(({ share }) => share > 0.02)
      .map(({ colour, middle }) => `${colour} ${(100 * middle).toFixed(1)}%`)
    if (stops.length === 1) stops.push(stops[0])
    this.band.style.backgroundImage = `linear-gradient(90deg in oklch, ${stops.join(', ')})`
    this.band.style.opacity = (0.25 + 0.75 * certainty).toFixed(2)

    if (this.words.hidden) return
    for (const [name, span] of this.spans) {
      const share = mixture[name] ?? 0
      span.hidden = share < WHISPER
      span.style.fontWeight = String(Math.round(300 + 400 * share))
    }
  }
}
