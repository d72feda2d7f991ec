import { element } from '../ui/element.js'
import { named, percent } from './state.js'

/** How many are shown: what is believed, and what it may be confused with. */
const MOST = 3
/** Milliseconds that are looked back. */
const BACK = 5000

/** What the newest version believes just now, and what it has read lately. */
export class Beliefs {
  /** @type {{time: number, name: string}[]} */
  #lately = []

  constructor() {
    this.bars = Array.from({ length: MOST }, () => {
      const name = element('span', { class: 'belief-name' })
      const bar = element('span', { class: 'belief-bar' })
      const row = element('div', { 'class': 'belief', 'data-testid': 'belief' }, name, bar)
      return { row, name, bar }
    })
    this.lately = element('p', { 'class': 'quiet', 'data-testid': 'lately' })
    this.of = element('p', { class: 'quiet' })
    this.element = element('section', { class: 'beliefs', hidden: '' },
      element('h2', {}, 'What it believes'),
      element('div', { 'data-testid': 'beliefs', 'aria-hidden': 'true' },
        ...this.bars.map(({ row }) => row)),
      this.lately, this.of)
  }

  /** @param {import('./state.js').WorkshopState} state */
  about({ versions }) {
    const newest = versions.at(-1)
    this.of.textContent = newest
      ? `As version ${newest.number} reads it, the newest one.`
      : 'As the model that ships reads it: nothing has been trained yet.'
  }

  hide() {
    this.element.hidden = true
    this.#lately = []
  }

  /** @param {Record<string, number>} beliefs share of each pose */
  show(beliefs) {
    this.element.hidden = false
    const sorted = Object.entries(beliefs).sort(([, a], [, b]) => b - a)
    for (const [index, { row, name, bar }] of this.bars.entries()) {
      const [pose, share] = sorted[index] ?? ['', 0]
      row.dataset.pose = pose
      row.style.visibility = pose ? 'visible' : 'hidden'
      name.textContent = pose && named(pose)
      bar.style.setProperty('--share', share.toFixed(3))
    }
    const now = performance.now()
    this.#lately = this.#lately.filter(({ time }) => now - time < BACK)
    if (sorted.length) this.#lately.push({ time: now, name: sorted[0][0] })
    /** @type {Map<string, number>} */
    const counts = new Map()
    for (const { name } of this.#lately) counts.set(name, (counts.get(name) ?? 0) + 1)
    const said = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3)
      .map(([name, count]) => `${named(name)} ${percent(count / this.#lately.length)}`)
    this.lately.textContent = said.length ? `The last five seconds: ${said.join(', ')}` : ''
  }
}
