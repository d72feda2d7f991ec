import { element } from '../ui/element.js'
import { field } from './poses.js'
import { counted } from './state.js'

const ADDRESS = '/workshop/recordings.csv'

/** Recordings as Body Language Decoder CSVs, out and in. */
export class Files {
  /** @param {(message: string, bad: boolean) => void} tell */
  constructor(tell) {
    this.tell = tell
    this.people = element('select', { id: 'export-person' })
    this.link = element('a', {
      'class': 'button', 'href': ADDRESS, 'download': 'poses.csv', 'data-testid': 'export',
    }, 'Save as CSV')
    this.people.addEventListener('change', () => this.#aim())
    const file = element('input', {
      'type': 'file', 'id': 'import-file', 'accept': '.csv,text/csv', 'data-testid': 'import-file',
    })
    const person = element('input', {
      id: 'import-person', maxlength: '32', autocomplete: 'off', list: 'people',
    })
    const send = element('button', { 'type': 'button', 'data-testid': 'import' }, 'Bring it in')
    send.addEventListener('click', async () => {
      if (!file.files?.length) return tell('Choose a file first.', true)
      tell('', false)
      send.disabled = true
      await this.#send(file.files[0], person.value)
      send.disabled = false
      file.value = ''
    })
    this.element = element('section', { 'aria-labelledby': 'files' },
      element('h2', { id: 'files' }, 'Files'),
      element('p', {}, 'Recordings go out and come in as Body Language Decoder CSVs: class, then x, '
        + 'y, z and visibility of 33 points. There is no room for names of people in them.'),
      element('div', { class: 'columns' },
        element('div', {}, field('Recordings of', this.people), this.link),
        element('div', {}, field('A CSV', file), field('Who is in it', person), send)))
  }

  /** @param {import('./state.js').WorkshopState} state */
  show({ takes }) {
    const people = [...new Set(takes.map(({ person }) => person))].sort()
    const key = people.join('\n')
    if (this.people.dataset.key === key) return
    this.people.dataset.key = key
    const before = this.people.value
    this.people.replaceChildren(element('option', { value: '' }, 'everybody'),
      ...people.map((person) => element('option', { value: person }, person)))
    this.people.value = people.includes(before) ? before : ''
    this.#aim()
  }

  #aim() {
    const person = this.people.value
    this.link.href = ADDRESS + (person ? `?${new URLSearchParams({ person })}` : '')
  }

  /**
   * @param {File} file
   * @param {string} person
   */
  async #send(file, person) {
    const query = new URLSearchParams({ person, name: file.name })
    try {
      const answer = await fetch(`${ADDRESS}?${query}`, { method: 'POST', body: file })
      const { takes, merged, message } = await answer.json()
      if (!answer.ok) return this.tell(message, true)
      const together = Object.entries(merged).map(([pose, spellings]) => (
        ` “${pose}” is spelt in ${/** @type {string[]} */ (spellings).length} ways that look the same: `
        + 'they are one pose now.'))
      this.tell(`${counted(takes, 'recording')} from ${file.name}.${together.join('')}`, false)
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error
      this.tell('The file did not arrive. Is Mien running?', true)
    }
  }
}
