import { svg } from './element.js'
import { language, t, word } from './messages.js'

/**
 * The pose as a small figure, and how sure the program is of it as a fine ring around it.
 * Strokes from the neck at (0, -3): two arms, as paths.
 *
 * @type {Record<string, string>}
 */
const ARMS = {
  neutral: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-2 3.4 1 3.2 4',
  arms_up: 'M0-3 C-3-3-4.4-6-4.6-9 M0-3 C3-3 4.4-6 4.6-9',
  arms_out: 'M0-3 C-3-3.4-5-3.4-8-3.4 M0-3 C3-3.4 5-3.4 8-3.4',
  arms_crossed: 'M0-3 C-4-2-4 1 2.6 1 M0-3 C4-2 4 1-2.6 1',
  victory: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C4 1 5-4 5.2-8',
}
const RADIUS = 14
const LENGTH = 2 * Math.PI * RADIUS

export class PoseRing {
  #shown = ''

  constructor() {
    this.ring = svg('circle', {
      'r': RADIUS, 'class': 'pose-ring', 'transform': 'rotate(-90)',
      'stroke-dasharray': LENGTH, 'stroke-dashoffset': LENGTH,
    })
    this.arms = svg('path', { class: 'pose-line' })
    this.title = svg('title')
    this.element = svg('svg', {
      'class': 'pose', 'data-testid': 'pose', 'viewBox': '-16 -16 32 32', 'role': 'img',
    },
    this.title,
    svg('circle', { r: RADIUS, class: 'pose-track' }),
    this.ring,
    svg('circle', { cy: -5.6, r: 1.5, class: 'pose-line' }),
    svg('path', { class: 'pose-line', d: 'M0-3 V3 M0 3 L-2.4 9 M0 3 L2.4 9' }),
    this.arms)
  }

  /** @param {import('../protocol.js').Pose} pose */
  show({ name, confidence }) {
    this.ring.setAttribute('stroke-dashoffset', String(LENGTH * (1 - confidence)))
    const shown = `${name} ${language()}`
    if (shown === this.#shown) return
    this.#shown = shown
    this.element.dataset.pose = name
    this.title.textContent = t('pose.label', { pose: word('pose', name) })
    this.arms.setAttribute('d', ARMS[name] ?? '')
  }
}
