import { element } from './element.js'
import { t } from './messages.js'

/** Seconds from one description to the next. */
const EVERY = 2

/**
 * The sculpture in words, for those who do not see it: its form and movement, never what anybody
 * feels. It is not read out by itself.
 */
export class Description {
  #since = EVERY

  constructor() {
    this.element = element('p', { 'class': 'unseen', 'id': 'seen', 'data-testid': 'seen' })
  }

  /**
   * Called on every display frame.
   *
   * @param {import('../stage/motion.js').LiveState} state
   * @param {number} count objects alive
   * @param {number} dt seconds
   */
  tick(state, count, dt) {
    this.#since += dt
    if (this.#since < EVERY) return
    this.#since = 0
    const text = describe(state, count)
    if (this.element.textContent !== text) this.element.textContent = text
  }
}

/**
 * @param {import('../stage/motion.js').LiveState} state
 * @param {number} count
 */
function describe({ present, form, motion, body }, count) {
  if (!present) return t('seen.rest')
  const { opening } = form
  const said = [
    t('seen.follows'),
    t(opening < 0.35 ? 'seen.closed' : opening < 0.7 ? 'seen.half' : 'seen.open'),
    t(motion.speed < 0.8 ? 'seen.slow' : 'seen.lively'),
  ]
  if (Math.abs(body.lean) > 0.25) said.push(t(body.lean < 0 ? 'seen.left' : 'seen.right'))
  if (count > 0) said.push(t('seen.forms', { count }))
  return said.join(' ')
}
