import { element } from '../ui/element.js'

/**
 * Asks before something is gone, or done that visitors will meet.
 *
 * @param {string} question
 * @param {string} explanation
 * @param {string} yes what the button says
 * @param {string} no
 * @returns {Promise<boolean>}
 */
export function ask(question, explanation, yes, no = 'Keep it') {
  const dialog = element('dialog', { 'class': 'card', 'aria-labelledby': 'ask-title' },
    element('h2', { id: 'ask-title' }, question),
    element('p', {}, explanation),
    element('form', { method: 'dialog', class: 'row' },
      element('button', { 'value': 'yes', 'class': 'grave', 'data-testid': 'ask-yes' }, yes),
      element('button', { 'value': '', 'class': 'plain', 'autofocus': '' }, no)))
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
  })
}
