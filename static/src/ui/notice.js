import { element } from './element.js'
import { t } from './messages.js'

/**
 * The notice before the camera starts: what is seen, what becomes of it, and a choice that
 * nobody has ticked for the visitor.
 */
export class Notice {
  /**
   * @param {boolean} emotion whether expressions are read
   * @param {() => void} agreed
   */
  constructor(emotion, agreed) {
    this.choice = element('input', {
      type: 'checkbox', id: 'choice', 'data-testid': 'choice', autocomplete: 'off',
    })
    this.begin = element('button', {
      type: 'submit', class: 'begin', 'data-testid': 'begin', 'aria-disabled': 'true',
    }, t('notice.begin'))
    this.hint = element('p', { class: 'notice-hint', role: 'status' })
    const form = element('form', { class: 'notice-form' },
      element('label', { class: 'choice', for: 'choice' },
        this.choice, element('span', { class: 'tick', 'aria-hidden': 'true' }), t('notice.choice')),
      this.begin, this.hint)
    this.element = element('section', {
      class: 'notice', 'data-testid': 'notice', 'aria-labelledby': 'notice-title',
    },
    element('h1', { id: 'notice-title' }, t('notice.title')),
    element('div', { class: 'notice-text' },
      element('p', {}, t(emotion ? 'notice.emotion' : 'notice.movement')),
      element('p', {}, t('notice.privacy')),
      form))

    this.choice.addEventListener('change', () => {
      this.begin.setAttribute('aria-disabled', String(!this.choice.checked))
      this.hint.textContent = ''
    })
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      if (this.choice.checked) agreed()
      else this.hint.textContent = t('notice.unticked')
    })
  }

  /** Shows the notice, its choice unticked again. */
  show() {
    this.choice.checked = false
    this.begin.setAttribute('aria-disabled', 'true')
    this.hint.textContent = ''
    this.element.inert = false
    this.element.dataset.shown = 'true'
  }

  hide() {
    this.element.inert = true
    this.element.dataset.shown = 'false'
  }
}
