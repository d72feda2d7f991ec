import { element } from './element.js'
import { isLanguage, otherLanguage, say, speak } from './messages.js'

const REMEMBERED = 'mien.language'

/**
 * The language of the house (`?lang=de`), or the one chosen on this device before, or the first
 * of the browser's that the page speaks; else English.
 *
 * @param {string | null} house
 * @returns {import('./messages.js').Language}
 */
export function firstLanguage(house) {
  const wanted = [house, remembered(), ...navigator.languages.map((tag) => tag.split('-')[0])]
  return wanted.find(isLanguage) ?? 'en'
}

/** The button that changes to the other language; it is named in that language. */
export class LanguageSwitch {
  constructor() {
    this.element = element('button', {
      'type': 'button', 'class': 'language', 'data-testid': 'language', 'aria-keyshortcuts': 'L',
    })
    this.element.addEventListener('click', () => this.toggle())
    this.#name()
  }

  toggle() {
    const next = otherLanguage()
    remember(next)
    this.change(next)
  }

  /** @param {import('./messages.js').Language} next */
  change(next) {
    speak(next)
    this.#name()
  }

  #name() {
    say(this.element, 'language.other')
    this.element.lang = otherLanguage()
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED)
  } catch (error) {
    return unkept(error)
  }
}

/** @param {string} language */
function remember(language) {
  try {
    localStorage.setItem(REMEMBERED, language)
  } catch (error) {
    unkept(error)
  }
}

/**
 * A browser may keep nothing for pages: then the choice lasts as long as the page.
 *
 * @param {unknown} error
 */
function unkept(error) {
  if (!(error instanceof DOMException)) throw error
  return null
}
