import { KINDS } from '../art/own.js'
import { element } from './element.js'
import { label, say } from './messages.js'

/**
 * @typedef {object} Deeds what the buttons and keys do
 * @property {() => void} more
 * @property {() => void} clear
 * @property {() => void} scene
 * @property {() => void} capture
 * @property {() => void} felt
 * @property {(file: File) => void} own
 * @property {() => void} living
 * @property {() => void} save
 * @property {() => void} help
 * @property {() => void} words
 * @property {() => void} language
 * @property {() => boolean} cancel whether there was something to cancel
 */

const canFillScreen = () => document.fullscreenEnabled

function toggleFullscreen() {
  if (!canFillScreen()) return
  if (document.fullscreenElement) document.exitFullscreen()
  else document.documentElement.requestFullscreen()
}

/** The row of controls, and the keys that do the same. */
export class Controls {
  /** @param {Deeds} deeds */
  constructor(deeds) {
    /**
     * @param {string} name
     * @param {import('./messages.js').MessageKey} text
     * @param {string} key
     * @param {() => void} act
     */
    const button = (name, text, key, act) => {
      const made = element('button', {
        'type': 'button', 'data-testid': name, 'aria-keyshortcuts': key,
      }, say(element('span'), text), element('kbd', { 'aria-hidden': 'true' }, key))
      made.addEventListener('click', act)
      return made
    }
    const fullscreen = button('fullscreen', 'controls.fullscreen', 'F', toggleFullscreen)
    fullscreen.hidden = !canFillScreen()
    document.addEventListener('fullscreenchange', () => {
      const words = /** @type {HTMLElement} */ (fullscreen.firstChild)
      say(words, document.fullscreenElement ? 'controls.window' : 'controls.fullscreen')
    })
    const felt = () => {
      if (!this.felt.hidden) deeds.felt()
    }
    this.felt = button('felt', 'controls.felt', 'E', felt)
    this.felt.hidden = true
    const file = element('input', { type: 'file', accept: KINDS.join(), hidden: '', 'data-testid': 'own-file' })
    file.addEventListener('change', () => {
      const chosen = file.files?.[0]
      if (chosen) deeds.own(chosen)
      file.value = '' // the same one may be chosen again
    })
    const choose = () => {
      if (!this.own.hidden) file.click()
    }
    this.own = button('own', 'controls.own', 'O', choose)
    this.own.hidden = true
    this.living = button('living', 'controls.living', 'V', deeds.living)
    this.living.hidden = true
    this.element = label(element('nav', { class: 'controls' },
      button('more', 'controls.more', 'M', deeds.more),
      button('clear', 'controls.clear', 'C', deeds.clear),
      button('scene', 'controls.scene', 'N', deeds.scene),
      button('capture', 'controls.capture', 'P', deeds.capture),
      this.felt,
      this.living,
      this.own,
      fullscreen,
      button('help', 'controls.help', 'H', deeds.help), file), 'controls.label')

    /** @type {Record<string, () => void>} */
    const keys = {
      'm': deeds.more, 'c': deeds.clear, 'n': deeds.scene, 'p': deeds.capture, 's': deeds.save,
      'e': felt, 'o': choose, 'v': deeds.living,
      'f': toggleFullscreen, 'h': deeds.help, '?': deeds.help, 'w': deeds.words, 'l': deeds.language,
    }
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
      if (event.key === 'Escape') {
        if (deeds.cancel()) event.preventDefault()
        return
      }
      const act = keys[event.key.toLowerCase()]
      if (!act) return
      event.preventDefault()
      act()
    })
  }
}
