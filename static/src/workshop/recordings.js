import { element } from '../ui/element.js'
import { ask } from './dialog.js'
import { counted, named, ORDINARY } from './state.js'

/** @typedef {import('./state.js').WorkshopState} WorkshopState */

/** What is recorded, by pose and person; one recording or one person can be removed. */
export class Recordings {
  #key = ''

  /** @param {(event: string, data: Record<string, unknown>) => void} say */
  constructor(say) {
    this.say = say
    this.element = element('section', { 'aria-labelledby': 'recorded' })
  }

  /** @param {WorkshopState} state */
  show({ poses, takes }) {
    const key = JSON.stringify([poses, takes])
    if (key === this.#key) return
    this.#key = key
    const open = this.element.querySelector('details')?.open ?? false
    const people = [...new Set(takes.map(({ person }) => person))].sort()
    const names = [ORDINARY, ...poses.map(({ name }) => name)]
    const title = element('h2', { id: 'recorded' }, 'What is recorded')
    if (!takes.length) {
      this.element.replaceChildren(title, element('p', { class: 'quiet' },
        'Nothing yet. Two or three recordings of each pose will do; more people make it sure.'))
      return
    }
    const head = people.map((person) => {
      const forget = element('button', { 'type': 'button', 'class': 'plain', 'data-forget': person },
        'Remove')
      forget.setAttribute('aria-label', `Remove everything of ${person}`)
      forget.addEventListener('click', () => this.#forget(person, takes))
      return element('th', { scope: 'col' }, element('span', {}, person), forget)
    })
    const table = element('table', { 'data-testid': 'counts' },
      element('caption', { class: 'unseen' }, 'Recordings of each pose and person'),
      element('thead', {}, element('tr', {}, element('td'), ...head)),
      element('tbody', {}, ...names.map((name) => element('tr', {},
        element('th', { scope: 'row' }, named(name)),
        ...people.map((person) => element('td', {}, String(takes
          .filter((take) => take.pose === name && take.person === person).length || '·')))))))
    const each = element('details', {}, element('summary', {}, 'Each recording'),
      element('ul', { class: 'takes' }, ...takes.toReversed().map((take) => this.#row(take))))
    each.open = open
    this.element.replaceChildren(title, element('div', {
      'class': 'wide', 'tabindex': '0', 'role': 'region', 'aria-label': 'Recordings, a table',
    }, table), each)
  }

  /** @param {import('./state.js').Take} take */
  #row(take) {
    const remove = element('button', { type: 'button', class: 'plain' }, 'Remove')
    const when = new Date(1000 * take.made).toLocaleString('en-GB', {
      day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit',
    })
    remove.setAttribute('aria-label', `Remove ${named(take.pose)} of ${take.person}, ${when}`)
    remove.addEventListener('click', () => this.say('remove', { take: take.id }))
    return element('li', {}, element('span', {}, named(take.pose)),
      element('span', { class: 'quiet' }, `${take.person}, ${take.seconds} s, ${when}`), remove)
  }

  /**
   * @param {string} person
   * @param {import('./state.js').Take[]} takes
   */
  async #forget(person, takes) {
    const count = takes.filter((take) => take.person === person).length
    const sure = await ask(`Remove everything of ${person}?`,
      `${counted(count, 'recording')} will be gone for good. Versions that learnt from them hold no `
      + 'recording; they are listed below and can be removed, too, once another one is published.',
      'Remove everything')
    if (sure) this.say('remove', { person })
  }
}
