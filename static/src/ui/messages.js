import de from './messages/de.js'
import en from './messages/en.js'

/**
 * The page's words. The language is the document's own (`<html lang>`); what was written by `say`
 * and `label` follows when it changes.
 *
 * @typedef {keyof typeof en} MessageKey
 * @typedef {keyof typeof LANGUAGES} Language
 * @typedef {Record<string, string | number>} Values  of a message's {placeholders}
 */

const LANGUAGES = { en, de }

/** @returns {Language} */
export function language() {
  const { lang } = document.documentElement
  return isLanguage(lang) ? lang : 'en'
}

/**
 * @param {string | null | undefined} name
 * @returns {name is Language}
 */
export const isLanguage = (name) => Object.hasOwn(LANGUAGES, name ?? '')

/** @returns {Language} the one that a switch leads to */
export const otherLanguage = () => (language() === 'en' ? 'de' : 'en')

/**
 * The text of a message, its placeholders filled in.
 *
 * @param {MessageKey} key
 * @param {Values} [values]
 */
export function t(key, values = {}) {
  return LANGUAGES[language()][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
}

/**
 * The word for a name that came from the server, such as a pose; a name without a message, such
 * as a pose that staff have just taught, is shown as it is.
 *
 * @param {string} group
 * @param {string} name
 */
export function word(group, name) {
  const key = `${group}.${name}`
  return isMessage(key) ? t(key) : name.replaceAll('_', ' ')
}

/** @param {string} key @returns {key is MessageKey} */
export const isMessage = (key) => Object.hasOwn(en, key)

/**
 * What a pose that staff have taught does, in words.
 *
 * @param {string} action as in the protocol; '' does nothing
 * @returns {MessageKey}
 */
export function lineOf(action) {
  const key = `taught.${action}`
  return Object.hasOwn(en, key) ? /** @type {MessageKey} */ (key) : 'taught.shown'
}

/**
 * Writes a message into an element, which has no other content.
 *
 * @template {Element} E
 * @param {E} element
 * @param {MessageKey} key
 * @param {Values} [values]
 * @returns {E}
 */
export function say(element, key, values = {}) {
  element.setAttribute('data-say', key)
  element.setAttribute('data-values', JSON.stringify(values))
  element.textContent = t(key, values)
  return element
}

/**
 * Writes the word for a name that came from the server; see `word`.
 *
 * @template {Element} E
 * @param {E} element
 * @param {string} group
 * @param {string} name
 * @returns {E}
 */
export function sayWord(element, group, name) {
  const key = `${group}.${name}`
  if (isMessage(key)) return say(element, key)
  element.textContent = word(group, name)
  return element
}

/** Takes the words out of an element. @param {Element} element */
export function silence(element) {
  element.removeAttribute('data-say')
  element.textContent = ''
}

/**
 * Names an element for those who do not see it; a picture is named by its `alt`.
 *
 * @template {Element} E
 * @param {E} element
 * @param {MessageKey} key
 * @param {Values} [values]
 * @returns {E}
 */
export function label(element, key, values = {}) {
  element.setAttribute('data-label', key)
  element.setAttribute('data-label-values', JSON.stringify(values))
  element.setAttribute(element instanceof HTMLImageElement ? 'alt' : 'aria-label', t(key, values))
  return element
}

/** Changes the language of the page and of all that was written. @param {Language} next */
export function speak(next) {
  document.documentElement.lang = next
  for (const element of document.querySelectorAll('[data-say]')) {
    const { key, values } = written(element, 'data-say', 'data-values')
    say(element, key, values)
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    const { key, values } = written(element, 'data-label', 'data-label-values')
    label(element, key, values)
  }
}

/**
 * @param {Element} element
 * @param {string} keyName
 * @param {string} valuesName
 */
function written(element, keyName, valuesName) {
  const key = /** @type {MessageKey} */ (element.getAttribute(keyName))
  return { key, values: JSON.parse(element.getAttribute(valuesName) ?? '{}') }
}
