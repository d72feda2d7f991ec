import { element } from './element.js'
import { t } from './messages.js'

/**
 * @typedef {object} Deeds what the buttons and keys do
 * @property {() => void} more
 * @property {() => void} clear
 * @property {() => void} capture
 * @property {() => void} help
 * @property {() => void} words
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
     * @param {string} text
     * @param {string} key
     * @param {() => void} act
     */
    const button = (name, text, key, act) => {
      const made = element('button', {
        'type': 'button', 'data-testid': name, 'aria-keyshortcuts': key,
      }, element('span', {}, text), element('kbd', { 'aria-hidden': 'true' }, key))
      made.addEventListener('click', act)
      return made
    }
    const fullscreen = button('fullscreen', t('controls.fullscreen'), 'F', toggleFullscreen)
    fullscreen.hidden = !canFillScreen()
    document.addEventListener('fullscreenchange', () => {
      const label = /** @type {HTMLElement} */ (fullscreen.firstChild)
      label.textContent = t(document.fullscreenElement ? 'controls.window' : 'controls.fullscreen')
    })
    this.element = element('nav', { 'class': 'controls', 'aria-label': t('controls.label') },
      button('more', t('controls.more'), 'M', deeds.more),
      button('clear', t('controls.clear'), 'C', deeds.clear),
      button('capture', t('controls.capture'), 'P', deeds.capture),
      fullscreen,
      button('help', t('controls.help'), 'H', deeds.help))

    /** @type {Record<string, () => void>} */
    const keys = {
      'm': deeds.more, 'c': deeds.clear, 'p': deeds.capture, 'f': toggleFullscreen,
      'h': deeds.help, '?': deeds.help, 'w': deeds.words,
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
