import { drawing } from '../ui/drawing.js'
import { element } from '../ui/element.js'
import { ask } from './dialog.js'
import { counted, named, percent } from './state.js'
import { missedOf } from './training.js'

/** @typedef {import('./state.js').WorkshopState} WorkshopState */

/** Every version, the newest first, and the model that ships: any of them can be published. */
export class Versions {
  #key = ''

  /** @param {(event: string, data: Record<string, unknown>) => void} say */
  constructor(say) {
    this.say = say
    this.list = element('ul', { 'class': 'versions', 'data-testid': 'versions' })
    this.element = element('section', { 'aria-labelledby': 'publish' },
      element('h2', { id: 'publish' }, 'Publish'),
      element('p', {}, 'The installation uses it at once; whoever is playing plays on. '
        + 'You can always go back.'),
      this.list)
  }

  /** @param {WorkshopState} state */
  show({ versions, live }) {
    const key = JSON.stringify([versions, live])
    if (key === this.#key) return
    this.#key = key
    const focused = document.activeElement?.id
    this.list.replaceChildren(
      ...versions.toReversed().map((version) => this.#row(version)),
      element('li', { 'data-live': String(live === null), 'data-version': 'none' },
        element('div', {}, element('strong', {}, 'The model that ships'),
          element('span', { class: 'quiet' }, 'None of what was taught here')),
        this.#publish(null, live === null, [])))
    if (focused) document.getElementById(focused)?.focus()
  }

  /** @param {import('./state.js').Version} version */
  #row(version) {
    const { number, live, broken } = version
    const row = element('li', { 'data-live': String(live), 'data-version': String(number) })
    const title = element('strong', {}, `Version ${number}`)
    if (broken) {
      row.append(element('div', {}, title, element('span', { class: 'trouble' },
        'It is damaged and cannot be used.')), this.#remove(number))
      return row
    }
    const made = new Date(1000 * version.made).toLocaleString('en-GB', {
      day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit',
    })
    const { recording, person } = version.figures
    const table = person?.judged ? person : recording
    const about = [
      made, `${counted(version.takes, 'recording')} of ${version.people === 1 ? 'one person' : `${version.people} people`}`,
      table.judged ? `${percent(table.accuracy ?? 0)} right` : '',
    ].filter(Boolean).join(' · ')
    const lines = [title, element('span', { class: 'quiet' }, about)]
    const missed = missedOf(table)
    if (missed.length) {
      lines.push(element('span', { class: 'trouble' }, `It misses ${missed.join(', ')}.`))
    }
    if (version.gone) {
      lines.push(element('span', { class: 'quiet' },
        `It learnt from ${counted(version.gone, 'recording')} that ${version.gone === 1 ? 'has' : 'have'} been removed since.`))
    }
    const drawn = element('div', { class: 'drawn' }, ...version.poses.map(({ name, figure }) => (
      element('span', {}, drawing(name, figure), named(name)))))
    row.append(element('div', {}, ...lines, drawn),
      element('div', { class: 'row' }, this.#publish(number, live, missed),
        ...(live ? [] : [this.#remove(number)])))
    return row
  }

  /**
   * @param {number | null} number
   * @param {boolean} live
   * @param {string[]} missed poses that it hardly recognises
   */
  #publish(number, live, missed) {
    if (live) return element('span', { 'class': 'live', 'data-testid': 'live' }, 'In use')
    const button = element('button', { type: 'button', id: `publish-${number}` },
      number === null ? 'Go back to the model that ships' : 'Publish')
    if (number !== null) button.setAttribute('aria-label', `Publish version ${number}`)
    button.addEventListener('click', async () => {
      if (missed.length && !await ask(`Publish version ${number} all the same?`,
        `It misses ${missed.join(', ')}: visitors will show that, and mostly nothing will happen.`,
        'Publish it', 'Not yet')) return
      this.say('publish', { version: number })
    })
    return button
  }

  /** @param {number} number */
  #remove(number) {
    const button = element('button', { type: 'button', class: 'plain' }, 'Remove')
    button.setAttribute('aria-label', `Remove version ${number}`)
    button.addEventListener('click', () => this.say('remove', { version: number }))
    return button
  }
}
