import { strokesOf, trunk } from './drawing.js'
import { svg } from './element.js'
import { language, t, word } from './messages.js'

const RADIUS = 14
const LENGTH = 2 * Math.PI * RADIUS

/** The pose as a small figure, and how sure the program is of it as a fine ring around it. */
export class PoseRing {
  #shown = ''
  /** @type {Map<string, import('../protocol.js').PoseFigure>} */
  #taught = new Map()

  constructor() {
    this.ring = svg('circle', {
      'r': RADIUS, 'class': 'pose-ring', 'transform': 'rotate(-90)',
      'stroke-dasharray': LENGTH, 'stroke-dashoffset': LENGTH,
    })
    this.arms = svg('path', { class: 'pose-line' })
    this.marks = svg('path', { class: 'pose-line' })
    this.title = svg('title')
    this.element = svg('svg', {
      'class': 'pose', 'data-testid': 'pose', 'viewBox': '-16 -16 32 32', 'role': 'img',
    },
    this.title,
    svg('circle', { r: RADIUS, class: 'pose-track' }),
    this.ring,
    ...trunk(),
    this.arms,
    this.marks)
  }

  /** @param {import('../protocol.js').Pose} pose */
  show({ name, confidence }) {
    this.ring.setAttribute('stroke-dashoffset', String(LENGTH * (1 - confidence)))
    const shown = `${name} ${language()}`
    if (shown === this.#shown) return
    this.#shown = shown
    this.element.dataset.pose = name
    this.title.textContent = t('pose.label', { pose: word('pose', name) })
    const { arms, marks } = strokesOf(name, this.#taught.get(name))
    this.arms.setAttribute('d', arms)
    this.marks.setAttribute('d', marks)
  }

  /** @param {import('../protocol.js').TaughtPose[]} poses that staff have taught */
  teach(poses) {
    this.#taught = new Map(poses.map(({ name, figure }) => [name, figure]))
    this.#shown = ''
  }
}
