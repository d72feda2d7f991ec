import { cssOklch } from '../stage/colour.js'
import { isOn } from '../art/easel.js'
import { hasLearned, painterOfOwn, painterOfWhatIsShown } from '../art/engines.js'
import { Alert } from './alert.js'
import { Announcer } from './announcer.js'
import { Attract } from './attract.js'
import { Controls } from './controls.js'
import { CountdownRing } from './countdown.js'
import { Description } from './description.js'
import { element } from './element.js'
import { Help } from './help.js'
import { watchIdleness } from './idle.js'
import { Inset } from './inset.js'
import { Invitations } from './invitations.js'
import { LanguageSwitch } from './language.js'
import { Line } from './line.js'
import { isMessage, say } from './messages.js'
import { Notice } from './notice.js'
import { Pictures } from './pictures.js'
import { Places } from './places.js'

/**
 * @typedef {import('../camera/camera.js').CameraState} CameraState
 * @typedef {import('../protocol.js').Status} Status
 * @typedef {import('./messages.js').MessageKey} MessageKey
 * @typedef {import('../art/easel.js').Work} Work
 * @typedef {{key: MessageKey, values?: import('./messages.js').Values}} Words
 *
 * @typedef {object} Situation  everything that decides what is shown
 * @property {import('../link/connection.js').ConnectionState} connection
 * @property {boolean} contextLost
 * @property {Status} status
 * @property {CameraState} camera
 * @property {'notice' | 'camera' | 'replay'} mode  notice: nobody has agreed yet
 * @property {import('../protocol.js').Way['state']} way  where the server has put this page
 *
 * @typedef {'attract' | 'notice' | 'waiting' | 'play' | 'capture' | 'goodbye' | 'replay'} Screen
 *
 * @typedef {object} PageDeeds
 * @property {() => void} begin
 * @property {() => void} stop
 * @property {() => void} touch  brings the notice
 * @property {() => void} retry  asks for the camera once more
 * @property {() => void} more
 * @property {() => void} clear
 * @property {() => void} scene
 * @property {() => void} capture
 * @property {() => void} cancel
 * @property {() => void} living  the living painting comes or goes
 * @property {(picture: import('./pictures.js').Picture, engine: string) => Work | null} paint
 * @property {() => void} felt  a capture becomes what the visitor shows
 * @property {(file: File) => void} own  a picture of the visitor's own
 * @property {(work: Work) => void} remove
 */

/** Display frames from one change of the accent to the next: restyling is not free. */
const ACCENT_EVERY = 8

/** Everything that lies over the canvas. */
export class Page {
  #invitations = new Invitations()
  /** @type {Words | null} */
  #trouble = null
  #ticks = 0
  /** @type {Screen | null} */
  #screen = null
  /** @type {import('../protocol.js').Engine[]} */
  #engines = []
  #takesOwn = false
  #scene = ''

  /**
   * @param {HTMLElement} root
   * @param {HTMLVideoElement} video
   * @param {import('./notice.js').House} house
   * @param {PageDeeds} deeds
   */
  constructor(root, video, house, deeds) {
    this.root = root
    this.announcer = new Announcer()
    this.description = new Description()
    this.attract = new Attract(deeds.touch)
    this.line = new Line('line')
    this.places = new Places()
    this.notice = new Notice(house, deeds.begin)
    this.inset = new Inset(video, house.emotion, deeds.stop)
    this.alert = new Alert()
    this.pictures = new Pictures({
      saved: () => {
        this.line.pass('line.saved')
        this.announcer.say('line.saved')
      },
      paint: deeds.paint,
      remove: deeds.remove,
      news: (work, looked) => this.#tell(work, looked),
    })
    this.countdown = new CountdownRing(deeds.cancel, (words) => this.announcer.say(words))
    this.help = new Help(house.emotion, house.dreams)
    this.language = new LanguageSwitch()
    this.controls = new Controls({
      more: deeds.more,
      clear: deeds.clear,
      scene: deeds.scene,
      capture: deeds.capture,
      felt: deeds.felt,
      own: deeds.own,
      living: deeds.living,
      save: () => this.pictures.saveIt(),
      help: () => this.help.toggle(),
      words: () => this.inset.mixture?.toggleWords(),
      language: () => this.language.toggle(),
      cancel: () => {
        if (this.help.element.open) return false // the dialog closes itself
        if (this.countdown.action) deeds.cancel()
        else if (this.pictures.looking) this.pictures.putAside()
        else return false
        return true
      },
    })
    this.retry = button('camera.again', 'retry', deeds.retry)
    this.back = button('camera.back', 'back', deeds.stop)
    this.canvas = element('canvas', { 'class': 'living', 'aria-hidden': 'true', 'data-testid': 'canvas' })
    root.append(
      this.canvas,
      this.announcer.element,
      this.description.element,
      element('div', { class: 'dusk' }),
      element('div', { class: 'head' },
        say(element('h1', { class: 'name' }), 'name'), this.language.element),
      this.controls.element,
      this.notice.element,
      this.attract.element,
      element('div', { class: 'words' }, this.countdown.element, this.places.element,
        this.line.element, element('div', { class: 'ways' }, this.retry, this.back)),
      this.inset.element,
      this.pictures.print.element,
      this.pictures.shelf,
      this.help.element)
    watchIdleness(root)
  }

  /** What is shown. @returns {Screen | null} */
  get screen() {
    return this.#screen
  }

  /** @param {Situation} situation */
  show(situation) {
    const { mode, camera, status } = situation
    const before = this.#screen
    const screen = screenOf(situation)
    this.#screen = screen
    this.root.dataset.screen = screen
    this.root.dataset.camera = camera
    this.notice.away = awayWords(situation.connection)
    if (screen === 'notice') this.notice.show()
    else this.notice.hide()
    if (screen === 'attract' || screen === 'waiting') this.attract.show(screen === 'waiting')
    else this.attract.hide()
    if (mode === 'replay') this.inset.show('replay')
    else if (mode === 'camera' && camera === 'on') this.inset.show('camera')
    else this.inset.hide()
    if (before === 'capture' && screen !== 'capture' && !this.pictures.held) this.pictures.putAside()
    this.places.show(screen === 'waiting' ? status.place ?? 1 : 0)
    this.retry.hidden = !(mode === 'camera' && camera === 'denied')
    this.back.hidden = !(mode === 'camera' && camera !== 'on' && camera !== 'hidden')

    this.#trouble = trouble(situation)
    if (this.#trouble) {
      this.line.show(this.#trouble.key, this.#trouble.values)
      this.announcer.say(this.#trouble.key, this.#trouble.values)
    } else if (screen === 'play' && camera === 'on') this.announcer.invite('said.play')
    if (screen === before) return
    if (screen === 'capture') this.announcer.say('line.kept')
    if (screen === 'goodbye') this.announcer.say('line.goodbye')
    if (screen === 'notice' || screen === 'attract') this.announcer.forget()
  }

  /** @param {import('../protocol.js').TaughtPose[]} poses all that staff have taught */
  teach(poses) {
    this.inset.pose.teach(poses)
    this.help.teach(poses)
    this.attract.teach(poses)
  }

  /** @param {import('../protocol.js').Countdown | null} countdown */
  countDown(countdown) {
    this.countdown.show(countdown)
    this.root.dataset.countdown = this.countdown.action
  }

  /**
   * @param {Blob | null} blob the capture; null when the browser could not make it
   * @param {string} scene
   * @param {string} engine by which it becomes something at once; '' leaves it as it is
   * @param {boolean} own it is no capture but a picture of the visitor's own
   */
  keep(blob, scene, engine, own = false) {
    if (!blob) {
      this.line.pass(own ? 'line.unread' : 'line.unsaved')
      this.announcer.say(own ? 'line.unread' : 'line.unsaved')
      return
    }
    this.pictures.add(blob, scene, engine, own)
    if (this.#screen !== 'capture' && !this.pictures.held) this.pictures.putAside()
  }

  /**
   * What the house offers to make of captures.
   *
   * @param {import('../protocol.js').Welcome['art']} art
   * @param {boolean} saving whether pictures can be saved
   */
  offer({ engines, sound, own }, saving) {
    this.#engines = engines
    this.#takesOwn = own
    this.pictures.offer(engines, saving)
    this.alert.sound = sound
    this.#offerHere()
  }

  /** Engines are offered where they have learned the scene. @param {string} scene */
  set scene(scene) {
    if (scene === this.#scene) return
    this.#scene = scene
    this.#offerHere()
  }

  #offerHere() {
    const here = this.#engines.filter((engine) => hasLearned(engine, this.#scene))
    const felt = painterOfWhatIsShown(here) !== ''
    const takesOwn = this.#takesOwn && painterOfOwn(this.#engines) !== ''
    const living = here.some(({ live }) => live)
    this.controls.felt.hidden = !felt
    this.controls.own.hidden = !takesOwn
    this.controls.living.hidden = !living
    this.help.offer({
      E: felt, O: takesOwn, V: living || this.#engines.some(({ live }) => live), S: this.pictures.saving,
    })
  }

  /** The visit is over: what was the visitor's is gone. */
  forget() {
    this.countDown(null)
    this.pictures.clear()
    this.alert.clear()
    this.help.close()
  }

  /**
   * Called on every display frame.
   *
   * @param {import('../stage/motion.js').LiveState} state
   * @param {number} objects alive
   * @param {number} dt seconds
   */
  tick(state, objects, dt) {
    this.countdown.tick()
    this.attract.tick(dt)
    this.description.tick(state, objects, dt)
    if (this.#ticks++ % ACCENT_EVERY === 0) {
      this.root.style.setProperty('--accent', cssOklch(state.colour.accent))
    }
    if (this.#trouble) return
    const words = this.#say(state, dt)
    this.line.show(words?.key ?? null, words?.values)
  }

  /**
   * A picture is done or has failed: said once, gently.
   *
   * @param {Work} work
   * @param {boolean} looked whether it is before the visitor's eyes
   */
  #tell(work, looked) {
    if (work.state === 'done') {
      this.alert.ready(looked)
      const words = this.#of('became', work)
      this.announcer.say(words)
      if (!looked) this.line.pass(words)
      return
    }
    this.line.pass(failure(work.code), 6)
    this.announcer.say(failure(work.code))
  }

  /**
   * @param {import('../stage/motion.js').LiveState} state
   * @param {number} dt
   * @returns {Words | null}
   */
  #say(state, dt) {
    const screen = this.#screen
    if (screen === 'goodbye') return { key: 'line.goodbye' }
    if (screen === 'notice' || screen === 'attract') return null
    const { work } = this.pictures
    if (work) return this.#becoming(work)
    if (screen === 'capture') return { key: 'line.kept' }
    const invitation = this.#invitations.step(state, dt)
    if (state.frozen) return { key: 'line.frozen' }
    if (invitation && screen === 'play') this.announcer.invite(invitation)
    return invitation && { key: invitation }
  }

  /**
   * What is said about an engine's doing; of an expression only where one was read.
   *
   * @param {'becoming' | 'became'} doing
   * @param {Work} work
   * @returns {MessageKey}
   */
  #of(doing, { engine, emotion }) {
    const key = `${doing}.${engine}`
    const speaks = this.#engines.some(({ name, reads }) => name === engine && reads)
    return isMessage(key) && (emotion || !speaks) ? key : `${doing}.other`
  }

  /** @param {Work} work @returns {Words} */
  #becoming(work) {
    if (this.pictures.revealing) return { key: this.#of('becoming', work) }
    if (!isOn(work)) return { key: this.#of('became', work) }
    if (work.state === 'sending') return { key: 'line.art.sending' }
    if (work.state === 'working') return { key: this.#of('becoming', work) }
    const { before } = work
    if (before === 0) return { key: 'line.art.soon' }
    return before === 1 ? { key: 'line.art.next' } : { key: 'line.art.waiting', values: { before } }
  }
}

/**
 * @param {MessageKey} key
 * @param {string} testid
 * @param {() => void} act
 */
function button(key, testid, act) {
  const made = say(element('button', { 'type': 'button', 'data-testid': testid, 'hidden': '' }), key)
  made.addEventListener('click', act)
  return made
}

/** @param {string} code @returns {MessageKey} */
function failure(code) {
  if (code === 'full' || code === 'enough' || code === 'too-fast') return 'line.art.full'
  return code === 'no-space' ? 'line.art.room' : 'line.art.failed'
}

/**
 * Why the server cannot be spoken to; null when it can.
 *
 * @param {import('../link/connection.js').ConnectionState} connection
 * @returns {MessageKey | null}
 */
function awayWords(connection) {
  if (connection === 'online') return null
  return `line.${connection}`
}

/**
 * @param {Situation} situation
 * @returns {Screen}
 */
function screenOf({ mode, way, camera, status }) {
  if (mode === 'replay') return 'replay'
  if (mode === 'notice') return way === 'attract' || way === 'goodbye' ? way : 'notice'
  if (way === 'capture') return 'capture'
  return camera === 'on' && status.state === 'waiting' ? 'waiting' : 'play'
}

/**
 * What stands in the way, in words; null when nothing does.
 *
 * @param {Situation} situation
 * @returns {Words | null}
 */
function trouble({ connection, contextLost, status, camera, mode }) {
  if (contextLost) return { key: 'line.context' }
  const away = awayWords(connection)
  if (away) return { key: away }
  if (mode === 'notice') return null
  if (mode === 'camera') {
    if (camera === 'none' && !isSecureContext) return { key: 'camera.insecure' }
    if (camera !== 'on' && camera !== 'off') return { key: `camera.${camera}` }
  }
  if (status.state === 'paused') return { key: 'line.paused' }
  if (status.state === 'waiting') {
    const place = status.place ?? 1
    return place <= 1 ? { key: 'line.next' } : { key: 'line.waiting', values: { place } }
  }
  return null
}
