import { Camera } from '../camera/camera.js'
import { Capture } from '../camera/capture.js'
import { FrameFlow } from '../link/frames.js'
import { readLandmarks } from '../protocol.js'
import { Constellation } from '../ui/constellation.js'
import { element } from '../ui/element.js'
import { t } from '../ui/messages.js'

/**
 * @typedef {import('./link.js').WorkshopLink} WorkshopLink
 */

/** Milliseconds until a place is asked for again. */
const AGAIN = 2000
const NO_PLACE = 'Visitors have taken every place. It begins by itself when one is free.'

/**
 * The camera with its notice, its sign and the way to stop it; over the picture the points that
 * are read from it, and the countdown of a recording.
 */
export class Mirror {
  /** @type {'ready' | 'paused' | 'full' | 'off'} */
  status = 'off'

  #wanted = false
  #timer = 0
  #ends = 0

  /**
   * @param {WorkshopLink} link
   * @param {(seeing: boolean) => void} changed
   */
  constructor(link, changed) {
    this.link = link
    this.changed = changed
    this.camera = new Camera(() => this.#change())
    this.frames = new FrameFlow(link, new Capture(this.camera), {
      wanted: false, keep: () => {}, aspect: 4 / 3,
    })
    const canvas = element('canvas', { class: 'constellation' })
    this.constellation = new Constellation(canvas)
    this.count = element('p', { 'class': 'count', 'data-testid': 'count', 'aria-hidden': 'true' })
    this.glass = element('div', {
      'class': 'glass', 'role': 'img', 'aria-label': 'What the camera sees, mirrored',
    }, this.camera.video, canvas)
    this.words = element('p', { 'class': 'mirror-words', 'role': 'status' })
    const choice = element('input', { 'type': 'checkbox', 'id': 'choice', 'data-testid': 'choice' })
    const start = element('button', { 'type': 'button', 'data-testid': 'camera-on', 'disabled': '' },
      'Turn the camera on')
    choice.addEventListener('change', () => { start.disabled = !choice.checked })
    start.addEventListener('click', () => this.start())
    this.notice = element('div', { class: 'mirror-notice' },
      element('p', {}, 'A camera sees whoever stands before it. Kept are only the 33 points of the '
        + 'body of what you record, with the name you type: never a picture, never the face.'),
      element('label', { class: 'tick-row', for: 'choice' }, choice,
        element('span', {}, 'Whoever is recorded has agreed.')),
      start)
    const stop = element('button', { 'type': 'button', 'class': 'plain', 'data-testid': 'camera-off' },
      'Stop')
    stop.setAttribute('aria-label', 'Stop the camera')
    stop.addEventListener('click', () => {
      choice.checked = false
      start.disabled = true
      this.stop()
      choice.focus()
    })
    this.sign = element('div', { class: 'sign-row' },
      element('span', { 'class': 'sign', 'data-testid': 'camera-sign' }, 'Camera on'), stop)
    this.element = element('section', { 'class': 'mirror', 'aria-label': 'The camera' },
      element('div', { class: 'frame' }, this.glass, this.count, this.notice), this.sign, this.words)
    this.#change()
  }

  /** Whether the body is being read. */
  get seeing() {
    return this.camera.state === 'on' && this.status === 'ready'
  }

  start() {
    this.#wanted = true
    this.camera.start()
  }

  stop() {
    this.#wanted = false
    this.link.say('camera', { on: false })
    this.camera.stop()
    this.countDown(null)
  }

  /** @param {boolean} online */
  online(online) {
    this.status = 'off'
    this.countDown(null)
    if (online) this.#ask()
    this.#change()
  }

  /** The server's answer. @param {'ready' | 'paused' | 'full' | 'off'} status */
  told(status) {
    this.status = status
    this.#change()
  }

  /** @param {ArrayBuffer} packet */
  show(packet) {
    this.constellation.draw(readLandmarks(packet))
  }

  /**
   * Counts down to a recording and through it; null ends it.
   *
   * @param {{countdown: number, length: number} | null} recording seconds
   */
  countDown(recording) {
    clearInterval(this.#ends)
    this.element.dataset.recording = 'no'
    this.count.textContent = ''
    if (!recording) return
    const begins = performance.now() + 1000 * recording.countdown
    const ends = begins + 1000 * recording.length
    const tick = () => {
      const now = performance.now()
      const left = Math.max(1, Math.ceil(((now < begins ? begins : ends) - now) / 1000))
      this.element.dataset.recording = now < begins ? 'soon' : 'now'
      this.count.textContent = String(left)
      if (now > ends) this.countDown(null)
    }
    this.#ends = window.setInterval(tick, 100)
    tick()
  }

  #ask() {
    clearTimeout(this.#timer)
    if (this.#wanted && this.camera.state === 'on') this.link.say('camera', { on: true })
  }

  #change() {
    const { state } = this.camera
    if (!this.element) return
    if (state === 'on' && this.status === 'off') this.#ask()
    clearTimeout(this.#timer)
    if (state === 'on' && this.status === 'full') {
      this.#timer = window.setTimeout(() => this.#ask(), AGAIN)
    }
    if (this.seeing) this.frames.open()
    else this.frames.close()
    const off = state === 'off'
    this.notice.hidden = !off
    this.sign.hidden = off
    this.element.dataset.camera = state
    if (off) this.constellation.draw(null)
    if (!off && state !== 'on') {
      const insecure = state === 'none' && !isSecureContext
      this.words.textContent = t(insecure ? 'camera.insecure' : `camera.${state}`)
    } else if (state === 'on' && this.status === 'full') this.words.textContent = NO_PLACE
    else if (state === 'on' && this.status === 'paused') this.words.textContent = t('line.paused')
    else this.words.textContent = ''
    this.changed(this.seeing)
  }
}
