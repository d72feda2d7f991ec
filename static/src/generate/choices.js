import { element } from '../ui/element.js'
import { label, say } from '../ui/messages.js'

/**
 * @typedef {import('../ui/messages.js').MessageKey} MessageKey
 *
 * @typedef {object} Deeds
 * @property {() => void} style  another one is chosen
 * @property {() => void} count
 * @property {() => void} seed
 * @property {() => void} again  the same ones once more
 * @property {(name: 'positive' | 'negative' | 'neutral') => void} group
 */

/** As in server/art/generation_requests.py, and the most that one asks for. */
const STYLES = ['landscape', 'flower-painting', 'portrait', 'abstract']
const MOST = 20
const SEEDS = 10000
/** How many at first: fewer where the screen is small. */
const FIRST = matchMedia('(max-width: 600px)').matches ? 6 : 12

/** What is chosen beside the flower: style, groups, how many, and which. */
export class Choices {
  style = STYLES[0]
  count = FIRST
  seed = Math.floor(Math.random() * SEEDS)

  /** @param {Deeds} deeds */
  constructor(deeds) {
    this.styles = label(element('div', { 'class': 'styles', 'role': 'radiogroup' },
      ...STYLES.map((style) => this.#style(style, deeds.style))), 'generate.styles')
    const groups = /** @type {const} */ (['positive', 'negative', 'neutral'])
    this.groups = element('div', { class: 'groups' }, ...groups.map((name) => (
      button(`generate.${name}`, `group-${name}`, () => deeds.group(name)))))

    const told = element('output', { for: 'count' }, String(this.count))
    const count = element('input', {
      'type': 'range', 'id': 'count', 'min': '1', 'max': String(MOST), 'value': String(this.count),
      'data-testid': 'count',
    })
    count.addEventListener('input', () => {
      told.textContent = count.value
      this.count = Number(count.value)
      deeds.count()
    })
    const seed = element('input', {
      'type': 'text', 'id': 'seed', 'inputmode': 'numeric', 'pattern': '[0-9]{1,9}', 'maxlength': '9',
      'autocomplete': 'off', 'data-testid': 'seed',
    })
    seed.value = String(this.seed)
    seed.addEventListener('change', () => {
      if (/^\d{1,9}$/.test(seed.value)) {
        this.seed = Number(seed.value)
        deeds.seed()
      } else seed.value = String(this.seed)
    })
    const others = button('generate.others', 'others', () => {
      this.seed = Math.floor(Math.random() * SEEDS)
      seed.value = String(this.seed)
      deeds.seed()
    })
    others.classList.add('others')
    this.row = element('div', { class: 'row' },
      element('div', { class: 'count' },
        say(element('label', { for: 'count' }), 'generate.count'), count, told),
      element('div', { class: 'seed' },
        say(element('label', { for: 'seed' }), 'generate.seed'), seed),
      element('div', { class: 'deeds' }, others, button('generate.again', 'again', deeds.again)))
  }

  /** @param {string} style @param {() => void} chosen */
  #style(style, chosen) {
    const input = element('input', {
      'type': 'radio', 'name': 'style', 'value': style, 'data-testid': `style-${style}`,
    })
    input.checked = style === this.style
    input.addEventListener('change', () => {
      this.style = style
      chosen()
    })
    const key = /** @type {MessageKey} */ (`generate.${style.split('-')[0]}`)
    return element('label', { class: 'style' }, input, say(element('span'), key))
  }
}

/** @param {MessageKey} key @param {string} id @param {() => void} press */
function button(key, id, press) {
  const made = say(element('button', { 'type': 'button', 'data-testid': id }), key)
  made.addEventListener('click', press)
  return made
}
