import { drawing } from '../ui/drawing.js'
import { element } from '../ui/element.js'
import { ask } from './dialog.js'
import { ACTIONS, counted, figureOf, named, ORDINARY } from './state.js'

/**
 * @typedef {import('./state.js').WorkshopState} WorkshopState
 * @typedef {import('./state.js').Pose} Pose
 */

/** The poses that are taught, of which one is chosen; a new one, and what each of them does. */
export class Poses {
  chosen = ORDINARY
  /** @type {WorkshopState | null} */
  #state = null
  /** The pose that has just been made is chosen when it is there. */
  #awaited = ''

  /**
   * @param {(event: string, data: Record<string, unknown>) => void} say
   * @param {() => void} changed
   */
  constructor(say, changed) {
    this.say = say
    this.changed = changed
    this.cards = element('div', {
      'class': 'poses', 'role': 'radiogroup', 'aria-labelledby': 'which', 'data-testid': 'poses',
    })
    const add = element('button', { 'type': 'button', 'data-testid': 'new-pose' }, 'A new pose')
    add.addEventListener('click', () => this.#edit(null))
    this.change = element('button', { 'type': 'button', 'class': 'plain', 'data-testid': 'change-pose' },
      'Change what it does')
    this.change.addEventListener('click', () => this.#edit(this.#pose()))
    this.remove = element('button', { 'type': 'button', 'class': 'plain', 'data-testid': 'remove-pose' },
      'Remove it')
    this.remove.addEventListener('click', () => this.#remove())
    this.element = element('div', {},
      element('h2', { id: 'which' }, 'Which pose?'),
      this.cards,
      element('div', { class: 'row' }, add, this.change, this.remove))
    this.cards.addEventListener('change', (event) => {
      this.chosen = /** @type {HTMLInputElement} */ (event.target).value
      this.#choose()
    })
  }

  /** @param {WorkshopState} state */
  show(state) {
    this.#state = state
    const names = [ORDINARY, ...state.poses.map(({ name }) => name)]
    if (names.includes(this.#awaited)) {
      this.chosen = this.#awaited
      this.#awaited = ''
    }
    if (!names.includes(this.chosen)) this.chosen = ORDINARY
    const focused = document.activeElement instanceof HTMLInputElement
      && this.cards.contains(document.activeElement)
    this.cards.replaceChildren(
      this.#card(ORDINARY, 'Standing, talking, looking around: what must set nothing off'),
      ...state.poses.map(({ name, action, hold }) => this.#card(name,
        action ? `${ACTIONS[action]}, held for ${hold} s` : ACTIONS[''])))
    if (focused) this.cards.querySelector('input:checked')?.dispatchEvent(new Event('refocus'))
    this.#choose()
  }

  /**
   * @param {string} name
   * @param {string} does
   */
  #card(name, does) {
    const state = /** @type {WorkshopState} */ (this.#state)
    const takes = state.takes.filter(({ pose }) => pose === name)
    const input = element('input', { type: 'radio', name: 'pose', value: name })
    input.checked = name === this.chosen
    input.addEventListener('refocus', () => input.focus())
    return element('label', { 'class': 'pose-card', 'data-pose': name }, input,
      drawing(name, figureOf(state, name)),
      element('span', {},
        element('span', { class: 'pose-name' }, named(name)),
        element('span', { class: 'quiet' }, does),
        element('span', { class: 'quiet' }, counted(takes.length, 'recording'))))
  }

  #pose() {
    return this.#state?.poses.find(({ name }) => name === this.chosen) ?? null
  }

  #choose() {
    this.change.hidden = this.remove.hidden = this.#pose() === null
    this.changed()
  }

  async #remove() {
    const count = this.#state?.takes.filter(({ pose }) => pose === this.chosen).length ?? 0
    const sure = await ask(`Remove “${named(this.chosen)}”?`,
      `Its ${counted(count, 'recording')} will be gone. What is published goes on until you publish `
      + 'another version.', 'Remove it')
    if (sure) this.say('remove', { pose: this.chosen })
  }

  /** @param {Pose | null} pose null: a new one */
  #edit(pose) {
    const state = /** @type {WorkshopState} */ (this.#state)
    const name = element('input', {
      id: 'pose-name', maxlength: '32', required: '', autocomplete: 'off', list: 'pose-names',
      value: pose?.name ?? '',
    })
    name.readOnly = pose !== null
    const free = state.teachable.filter((one) => !state.poses.some((other) => other.name === one))
    const known = element('datalist', { id: 'pose-names' },
      ...free.map((one) => element('option', { value: named(one) })))
    const action = element('select', { id: 'pose-action' },
      ...Object.entries(ACTIONS).map(([value, text]) => element('option', { value }, text)))
    action.value = pose?.action ?? 'more'
    const hold = element('input', {
      id: 'pose-hold', type: 'number', min: '0.5', max: '10', step: '0.5', required: '',
      value: String(pose?.hold ?? 1),
    })
    const cancel = element('button', { type: 'button', class: 'plain' }, 'Cancel')
    const form = element('form', { 'method': 'dialog', 'data-testid': 'pose-form' },
      element('h2', { id: 'pose-title' }, pose ? named(pose.name) : 'A new pose'),
      ...(pose ? [] : [field('Its name', name), known,
        element('p', { class: 'quiet' }, free.length
          ? `Or one that is read already but has never been seen on a real person: ${free.map(named).join(', ')}.`
          : '')]),
      field('What it does', action),
      field('Held for (seconds)', hold),
      element('p', { class: 'quiet' }, 'It does so once it has been trained and published.'),
      element('div', { class: 'row' },
        element('button', { 'data-testid': 'pose-save' }, pose ? 'Save' : 'Add'), cancel))
    const dialog = element('dialog', { 'class': 'card', 'aria-labelledby': 'pose-title' }, form)
    cancel.addEventListener('click', () => dialog.close())
    form.addEventListener('submit', () => {
      this.#awaited = pose ? '' : free.find((one) => named(one) === name.value.trim()) ?? name.value.trim()
      this.say('pose', {
        name: pose ? pose.name : this.#awaited, action: action.value, hold: Number(hold.value),
      })
    })
    dialog.addEventListener('close', () => dialog.remove())
    document.body.append(dialog)
    dialog.showModal()
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} input
 */
export function field(text, input) {
  return element('div', { class: 'field' }, element('label', { for: input.id }, text), input)
}
