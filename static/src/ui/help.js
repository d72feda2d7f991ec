import { element } from './element.js'
import { t } from './messages.js'

/** The page about the page: a dialog, so that focus and Escape behave as everywhere. */
export class Help {
  constructor() {
    const close = element('button', {
      type: 'button', class: 'begin', 'data-testid': 'help-close',
    }, t('help.close'))
    /** @type {[string, string][]} */
    const keys = [
      ['M', t('help.more')], ['C', t('help.clear')], ['P', t('help.capture')],
      ['F', t('help.fullscreen')], ['W', t('help.words')], ['H', t('help.help')],
      ['Esc', t('help.escape')],
    ]
    this.element = element('dialog', {
      'class': 'help', 'data-testid': 'help-dialog', 'aria-labelledby': 'help-title',
    },
    element('h2', { id: 'help-title' }, t('help.title')),
    element('p', {}, t('help.body')),
    element('p', {}, t('help.hands')),
    element('p', {}, t('help.crossed')),
    element('dl', { 'aria-label': t('help.keys') },
      ...keys.flatMap(([key, does]) => [
        element('dt', {}, element('kbd', {}, key)), element('dd', {}, does),
      ])),
    element('p', { class: 'quiet' }, t('help.privacy')),
    close)
    close.addEventListener('click', () => this.element.close())
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close()
    })
  }

  toggle() {
    if (this.element.open) this.element.close()
    else this.element.showModal()
  }
}
