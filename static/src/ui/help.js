import { drawing } from './drawing.js'
import { element } from './element.js'
import { lineOf, say } from './messages.js'

/** @typedef {import('./messages.js').MessageKey} MessageKey */

/** @type {[string, MessageKey][]} */
const KEYS = [
  ['M', 'help.more'], ['C', 'help.clear'], ['N', 'help.scene'], ['P', 'help.capture'],
  ['S', 'help.save'], ['E', 'help.felt'], ['V', 'help.living'], ['O', 'help.own'],
  ['F', 'help.fullscreen'], ['W', 'help.words'], ['L', 'language.other'],
  ['H', 'help.help'], ['Esc', 'help.escape'],
]
/** What is there only where expressions are read. @type {MessageKey[]} */
const READING = ['help.words']
/** @type {MessageKey[]} */
const TEXT = ['help.body', 'help.hands', 'help.up', 'help.victory', 'help.crossed']

/** The page about the page: a dialog, so that focus and Escape behave as everywhere. */
export class Help {
  /**
   * @param {boolean} emotion whether expressions are read
   * @param {boolean} dreams whether there is a page /generate to go to
   */
  constructor(emotion, dreams) {
    const close = say(element('button', {
      type: 'button', class: 'begin', 'data-testid': 'help-close',
    }), 'help.close')
    this.taught = element('ul', { 'class': 'taught', 'data-testid': 'help-taught', 'hidden': '' })
    this.keys = new Map(KEYS.filter(([, key]) => emotion || !READING.includes(key))
      .map(([key, does]) => [key, element('div', {},
        element('dt', {}, element('kbd', {}, key)), say(element('dd'), does))]))
    this.element = element('dialog', {
      'class': 'help', 'data-testid': 'help-dialog', 'aria-labelledby': 'help-title',
    },
    say(element('h2', { id: 'help-title' }), 'help.title'),
    ...TEXT.map((key) => say(element('p'), key)),
    this.taught,
    say(element('h3'), 'help.keys'),
    element('dl', {}, ...this.keys.values()),
    say(element('p', { class: 'quiet' }), 'help.privacy'),
    ...(dreams ? [linkToDreams()] : []),
    close)
    close.addEventListener('click', () => this.close())
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.close()
    })
  }

  /** @param {Record<string, boolean>} keys  which do something in this house */
  offer(keys) {
    for (const [key, does] of Object.entries(keys)) {
      const row = this.keys.get(key)
      if (row) row.hidden = !does
    }
  }

  /** @param {import('../protocol.js').TaughtPose[]} poses that staff have taught */
  teach(poses) {
    this.taught.hidden = poses.length === 0
    this.taught.replaceChildren(...poses.map(({ name, action, figure }) => element('li', {},
      drawing(name, figure), say(element('span'), lineOf(action), { pose: name }))))
  }

  toggle() {
    if (this.element.open) this.close()
    else this.element.showModal()
  }

  close() {
    this.element.close()
  }
}

/** To the page that makes pictures of nothing, in the house's language; from there it comes back. */
function linkToDreams() {
  const house = new URLSearchParams(location.search).get('lang')
  const href = `/generate${house ? `?${new URLSearchParams({ lang: house })}` : ''}#visit`
  return element('p', {}, say(element('a', { href, 'class': 'elsewhere', 'data-testid': 'to-generate' }),
    'generate.title'))
}
