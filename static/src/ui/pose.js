import { svg } from './element.js'
import { language, t, word } from './messages.js'

/**
 * The pose as a small figure, and how sure the program is of it as a fine ring around it.
 * Strokes from the neck at (0, -3): two arms, as paths.  As in a mirror, the visitor's left
 * arm is on the left.
 *
 * @type {Record<string, string>}
 */
const ARMS = {
  neutral: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-2 3.4 1 3.2 4',
  arms_up: 'M0-3 C-3-3-4.4-6-4.6-9 M0-3 C3-3 4.4-6 4.6-9',
  arms_out: 'M0-3 C-3-3.4-5-3.4-8-3.4 M0-3 C3-3.4 5-3.4 8-3.4',
  arms_crossed: 'M0-3 C-4-2-4 1 2.6 1 M0-3 C4-2 4 1-2.6 1',
  left_arm_up: 'M0-3 C-3-3-4.4-6-4.6-9 M0-3 C3-2 3.4 1 3.2 4',
  right_arm_up: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-3 4.4-6 4.6-9',
  left_arm_out: 'M0-3 C-3-3.4-5-3.4-8-3.4 M0-3 C3-2 3.4 1 3.2 4',
  right_arm_out: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-3.4 5-3.4 8-3.4',
  hands_on_hips: 'M0-3 C-7-2-7 2-1.4 2.6 M0-3 C7-2 7 2 1.4 2.6',
  hands_on_head: 'M0-3 C-8-3.5-7-9-1.4-7.4 M0-3 C8-3.5 7-9 1.4-7.4',
  hands_together: 'M0-3 C-4-1.5-4 2.4-.2-.4 M0-3 C4-1.5 4 2.4 .2-.4',
  wave: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C4 1 5.4-4 5-8',
  clap: 'M0-3 C-5-2-5 2-1.4-.6 M0-3 C5-2 5 2 1.4-.6',
  nod: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-2 3.4 1 3.2 4',
  shake: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3-2 3.4 1 3.2 4',
  victory: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C4 1 5-4 5.2-8',
  thumbs_up: 'M0-3 C-3-2-3.4 1-3.2 4 M0-3 C3.4 1 6 1.6 6-2',
}

/**
 * What moves, or what a hand shows: small strokes beside it.
 *
 * @type {Record<string, string>}
 */
const MARKS = {
  wave: 'M3.4-10 C2.8-9.2 2.6-8.2 2.8-7.2 M6.6-10 C7.4-9.2 7.6-8.2 7.4-7.2',
  clap: 'M-3.2-2.4 L-4.2-3.4 M3.2-2.4 L4.2-3.4 M-4.2 0 H-5.6 M4.2 0 H5.6',
  nod: 'M2.8-6.4 L3.8-7.6 L4.8-6.4 M2.8-4.8 L3.8-3.6 L4.8-4.8',
  shake: 'M-2.8-6.8 L-4-5.6 L-2.8-4.4 M2.8-6.8 L4-5.6 L2.8-4.4',
  victory: 'M5.2-8 L4.4-10.6 M5.2-8 L6.8-10.4',
  thumbs_up: 'M6-2 V-4.6 M5-2 H7.2',
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
    this.marks = svg('path', { class: 'pose-line' })
    this.title = svg('title')
    this.element = svg('svg', {
      'class': 'pose', 'data-testid': 'pose', 'viewBox': '-16 -16 32 32', 'role': 'img',
    },
    this.title,
    svg('circle', { r: RADIUS, class: 'pose-track' }),
    this.ring,
    svg('circle', { cy: -5.6, r: 1.5, class: 'pose-line' }),
    svg('path', { class: 'pose-line', d: 'M0-3 V3 M0 3 L-2.4 9 M0 3 L2.4 9' }),
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
    this.arms.setAttribute('d', ARMS[name] ?? '')
    this.marks.setAttribute('d', MARKS[name] ?? '')
  }
}
