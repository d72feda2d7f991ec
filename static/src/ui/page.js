import { cssOklch } from '../stage/colour.js'
import { Controls } from './controls.js'
import { CountdownRing } from './countdown.js'
import { element } from './element.js'
import { Help } from './help.js'
import { watchIdleness } from './idle.js'
import { Inset } from './inset.js'
import { Invitations } from './invitations.js'
import { Line } from './line.js'
import { t } from './messages.js'
import { Notice } from './notice.js'

/**
 * @typedef {import('../camera/camera.js').CameraState} CameraState
 * @typedef {import('../protocol.js').Status} Status
 *
 * @typedef {object} Situation  everything that decides which line is shown
 * @property {boolean} online
 * @property {boolean} contextLost
 * @property {Status} status
 * @property {CameraState} camera
 * @property {'notice' | 'camera' | 'replay'} mode
 *
 * @typedef {object} PageDeeds
 * @property {() => void} begin
 * @property {() => void} stop
 * @property {() => void} retry  asks for the camera once more
 * @property {() => void} more
 * @property {() => void} clear
 * @property {() => void} capture
 * @property {() => void} cancel
 */

/** Display frames from one change of the accent to the next: restyling is not free. */
const ACCENT_EVERY = 8

/** Everything that lies over the canvas. */
export class Page {
  #invitations = new Invitations()
  #trouble = ''
  #ticks = 0

  /**
   * @param {HTMLElement} root
   * @param {HTMLVideoElement} video
   * @param {boolean} emotion
   * @param {PageDeeds} deeds
   */
  constructor(root, video, emotion, deeds) {
    this.root = root
    this.line = new Line()
    this.notice = new Notice(emotion, deeds.begin)
    this.inset = new Inset(video, deeds.stop)
    this.countdown = new CountdownRing(deeds.cancel)
    this.help = new Help()
    const controls = new Controls({
      more: deeds.more,
      clear: deeds.clear,
      capture: deeds.capture,
      help: () => this.help.toggle(),
      words: () => this.inset.mixture.toggleWords(),
      cancel: () => {
        if (this.countdown.running) deeds.cancel()
        return this.countdown.running
      },
    })
    this.retry = element('button', {
      'type': 'button', 'class': 'retry', 'data-testid': 'retry', 'hidden': '',
    }, t('camera.again'))
    this.retry.addEventListener('click', deeds.retry)
    root.append(
      element('p', { class: 'name', 'aria-hidden': 'true' }, t('name')),
      controls.element,
      this.notice.element,
      element('main', { class: 'words' }, this.countdown.element, this.line.element, this.retry),
      this.inset.element,
      this.help.element)
    watchIdleness(root)
  }

  /** @param {Situation} situation */
  show(situation) {
    const { mode, camera } = situation
    this.root.dataset.mode = mode
    this.root.dataset.camera = camera
    if (mode === 'notice') this.notice.show()
    else this.notice.hide()
    if (mode === 'replay') this.inset.show('replay')
    else if (mode === 'camera' && camera === 'on') this.inset.show('camera')
    else this.inset.hide()
    this.retry.hidden = !(mode === 'camera' && camera === 'denied')
    this.#trouble = troubleLine(situation)
    if (this.#trouble) this.line.show(this.#trouble)
  }

  /**
   * Called on every display frame.
   *
   * @param {import('../stage/motion.js').LiveState} state
   * @param {number} dt seconds
   */
  tick(state, dt) {
    this.countdown.tick()
    if (this.#ticks++ % ACCENT_EVERY === 0) {
      this.root.style.setProperty('--accent', cssOklch(state.colour.accent))
    }
    if (this.#trouble) return
    const invitation = this.#invitations.step(state, dt)
    this.line.show(state.frozen ? t('line.frozen') : invitation ? t(invitation) : '')
  }
}

/**
 * What stands in the way, in words; empty when nothing does.
 *
 * @param {Situation} situation
 */
function troubleLine({ online, contextLost, status, camera, mode }) {
  if (contextLost) return t('line.context')
  if (!online) return t('line.offline')
  if (mode === 'camera') {
    if (camera === 'none' && !isSecureContext) return t('camera.insecure')
    if (camera !== 'on' && camera !== 'off') return t(`camera.${camera}`)
  }
  if (mode === 'notice') return ''
  if (status.state === 'paused') return t('line.paused')
  if (status.state === 'waiting') {
    const place = status.place ?? 1
    return place <= 1 ? t('line.next') : t('line.waiting', { place })
  }
  return ''
}
