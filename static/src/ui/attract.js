import { element } from './element.js'
import { Figure } from './figure.js'
import { GESTURES, taughtGesture } from './gestures.js'
import { Line } from './line.js'
import { label, say } from './messages.js'

/** Seconds of one gesture. */
const EACH = 6.8
/** The invitation comes between the others, too: nobody has to wait for it. */
const ORDER = [0, 1, 2, 0, 3, 4, 5]
/** Longer than every spring: where somebody has asked for less movement, postures stand. */
const AT_ONCE = 10
/** The moment of each gesture that says most by itself. */
const TELLING = 3.6

/** What is seen beside the sculpture while nobody is there: a light figure that shows how. */
export class Attract {
  #time = 0
  #gestures = ORDER.map((number) => GESTURES[number])
  #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #figure = new Figure()
  #line = new Line('attract-line')

  /** @param {() => void} begin */
  constructor(begin) {
    const button = say(element('button', {
      'type': 'button', 'class': 'attract-begin', 'data-testid': 'attract-begin',
    }), 'attract.begin')
    button.addEventListener('click', begin)
    this.element = label(element('section', { 'class': 'attract', 'data-testid': 'attract' },
      this.#figure.element, this.#line.element, button), 'attract.label')
    this.hide()
  }

  /** @param {boolean} silent without the line, beside other words */
  show(silent) {
    this.element.dataset.silent = String(silent)
    if (this.element.dataset.shown === 'true') return
    this.element.dataset.shown = 'true'
    this.element.inert = false
    this.#time = 0
  }

  /** @param {import('../protocol.js').TaughtPose[]} poses those that do something are shown, too */
  teach(poses) {
    const taught = poses.filter(({ action }) => action).map(taughtGesture)
    this.#gestures = [...ORDER.map((number) => GESTURES[number]), ...taught]
  }

  hide() {
    this.element.dataset.shown = 'false'
    this.element.inert = true
  }

  /** Called on every display frame. @param {number} dt seconds */
  tick(dt) {
    if (this.element.dataset.shown !== 'true') return
    this.#time += dt
    const gesture = this.#gestures[Math.floor(this.#time / EACH) % this.#gestures.length]
    const [time, step] = this.#calm.matches ? [TELLING, AT_ONCE] : [this.#time % EACH, dt]
    this.#figure.show(gesture, time, step)
    this.#line.show(gesture.line, gesture.values)
    this.element.dataset.gesture = gesture.line
  }
}
