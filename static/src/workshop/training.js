import { element } from '../ui/element.js'
import { named, ORDINARY, percent } from './state.js'

/**
 * @typedef {import('./state.js').WorkshopState} WorkshopState
 * @typedef {import('./state.js').Table} Table
 */

/** Share of mistakes from which they are named. */
const WORTH_SAYING = 0.02
/** Share of a pose that must be recognised before visitors meet it. */
const RECOGNISED = 0.5

/** Trains, shows how far it is, and how good the newest version is. */
export class Training {
  #key = ''

  /** @param {(event: string) => void} say */
  constructor(say) {
    this.button = element('button', { 'type': 'button', 'data-testid': 'train' }, 'Train')
    this.button.addEventListener('click', () => say('train'))
    this.bar = element('progress', { 'max': '1', 'aria-label': 'Training' })
    this.what = element('span', { class: 'quiet', role: 'status' })
    this.figures = element('div', { 'data-testid': 'figures' })
    this.element = element('section', { 'aria-labelledby': 'train' },
      element('h2', { id: 'train' }, 'Train'),
      element('p', {}, 'It learns from everything above. Visitors notice nothing of it.'),
      element('div', { class: 'row' }, this.button, this.bar, this.what),
      this.figures)
  }

  /** @param {WorkshopState} state */
  show(state) {
    this.button.disabled = state.progress !== null
      || !state.takes.some(({ pose }) => pose !== ORDINARY)
    this.progress(state.progress)
    const newest = state.versions.at(-1)
    const key = JSON.stringify(newest?.figures ?? null) + newest?.number
    if (key === this.#key) return
    this.#key = key
    if (newest?.figures) this.figures.replaceChildren(...this.#about(newest))
    else this.figures.replaceChildren()
  }

  /** @param {import('./state.js').Progress} progress */
  progress(progress) {
    this.bar.hidden = progress === null
    if (progress) this.bar.value = progress.share
    this.what.textContent = progress?.what ?? ''
    if (progress) this.button.disabled = true
  }

  /** @param {import('./state.js').Version} version */
  #about({ number, figures }) {
    const { recording, person, alarms } = figures
    const table = person?.judged ? person : recording
    const unit = person?.judged ? 'people' : 'recordings'
    const said = []
    said.push(element('h3', {}, `Version ${number}`))
    if (table.judged) {
      said.push(element('p', { 'class': 'figure', 'data-testid': 'accuracy' },
        element('strong', {}, percent(table.accuracy ?? 0)),
        ` right on ${unit} it had not seen: each was left out once.`))
      const missed = missedOf(table)
      if (missed.length) {
        said.push(element('p', { 'class': 'trouble', 'data-testid': 'missed' },
          `It misses ${missed.join(', ')}: do not publish it yet. Record ${missed.length > 1
            ? 'them' : 'it'} more often and more alike, then train again.`))
      }
      said.push(confusion(table))
    }
    if (table.not_judged.length) {
      said.push(element('p', { class: 'quiet' },
        `Nothing says yet how well it reads ${table.not_judged.map(named).join(', ')}: record it `
        + `${unit === 'people' ? 'with another person' : 'once more'}.`))
    }
    const worst = Object.entries(alarms.by_pose).sort(([, a], [, b]) => b.share - a.share)[0]
    said.push(
      element('p', {}, `Set off by mistake in ${percent(alarms.ordinary)} of ordinary behaviour and `
        + `in ${percent(alarms.shipped)} of the poses that ship.`
        + (worst?.[1].share >= WORTH_SAYING
          ? ` Most of all by “${named(worst[0])}”, which is read as “${named(worst[1].as)}” in `
            + `${percent(worst[1].share)} of the cases: record ordinary behaviour that looks like it.`
          : '')),
      element('p', {}, `The poses that ship are right in ${percent(alarms.right_now)} of the cases; `
        + `without the taught ones ${percent(alarms.right_before)}.`),
      element('p', { class: 'quiet' }, 'Both are counted on synthetic people it has not seen.'))
    return said
  }
}

/**
 * The poses of which less than half is recognised, with how much is.
 *
 * @param {Table} table
 */
export function missedOf({ columns = [], confusion: rows = [] }) {
  return columns.flatMap((name, index) => {
    const sum = rows[index]?.reduce((a, b) => a + b, 0) ?? 0
    if (!sum || name === ORDINARY) return []
    const share = rows[index][index] / sum
    return share < RECOGNISED ? [`“${named(name)}” (${percent(share)} recognised)`] : []
  })
}

/** @param {Table} table */
function confusion({ columns = [], confusion: rows = [] }) {
  const heads = columns.map((name) => element('th', { scope: 'col' }, short(name)))
  const body = rows.map((counts, index) => {
    const sum = counts.reduce((a, b) => a + b, 0)
    const cells = counts.map((count, column) => {
      const right = column === index || (columns[index] === ORDINARY && column >= index)
      const cell = element('td', { class: right ? 'right' : 'wrong' },
        sum ? (count ? percent(count / sum) : '·') : '')
      cell.style.setProperty('--share', String(sum ? count / sum : 0))
      return cell
    })
    return element('tr', {}, element('th', { scope: 'row' }, named(columns[index])), ...cells)
  })
  return element('div', {
    'class': 'wide', 'tabindex': '0', 'role': 'region', 'aria-label': 'What was read as what, a table',
  }, element('table', { 'class': 'confusion', 'data-testid': 'confusion' },
    element('caption', {}, 'Shown (rows) and what was read (columns)'),
    element('thead', {}, element('tr', {}, element('td'), ...heads)),
    element('tbody', {}, ...body)))
}

/** @param {string} name */
const short = (name) => (name === ORDINARY ? 'Nothing' : named(name))
