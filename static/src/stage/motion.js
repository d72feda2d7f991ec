import { mixOklch } from './colour.js'
import { Predicted } from './predicted.js'
import { rest } from './rest.js'
import { smoothing } from './spring.js'

/**
 * @typedef {import('../protocol.js').SceneState} SceneState
 * @typedef {import('../protocol.js').SceneObject} SceneObject
 * @typedef {import('../protocol.js').Head} Head
 * @typedef {import('../protocol.js').Hand} Hand
 *
 * @typedef {Head & {weight: number}} LiveHead  weight 0 to 1 grows when it comes into view
 * @typedef {Hand & {weight: number}} LiveHand
 *
 * @typedef {object} LiveAdditions
 * @property {number} presence  0 to 1: nobody to somebody, eased
 * @property {SceneState['body'] & {head: LiveHead | null, hands: LiveHand[]}} body
 *
 * @typedef {SceneState & LiveAdditions} LiveState
 * A SceneState at the display's rate: everything that flows is eased and the body is predicted;
 * `add`, `remove`, `actions` and `reset` are filled for one tick only.
 */

const HALF_LIFE = { affect: 0.3, colour: 0.35, form: 0.28, motion: 0.25, presence: 0.4 }
/** The ground is the dark behind everything: so dark that no change of it can be a flash. */
const LIGHTEST_GROUND = 0.25
/** Per second, as fast as people open their arms and lean: what swings faster would flash. */
const FASTEST = { opening: 2.5, lean: 2 }
/** Seconds without news after which nobody is thought to be there. */
const SILENCE = 1.5
const HEAD_THRESHOLDS = { x: 0.25, y: 0.25, size: 0.15, yaw: 15, pitch: 15, roll: 15 }
const HAND_THRESHOLDS = { x: 0.35, y: 0.35, open: 1 }

/** Turns the SceneStates of the server into one LiveState per display frame. */
export class Motion {
  /** @type {Map<number, SceneObject>} what is alive, also for a scene that starts later */
  objects = new Map()

  #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #target = rest()
  #silence = 0
  #held = 0
  #opening = new Predicted(0.2, 0.6, FASTEST.opening)
  #lean = new Predicted(0, 0.5, FASTEST.lean)
  #head = new Part(HEAD_THRESHOLDS)
  #hands = { left: new Part(HAND_THRESHOLDS), right: new Part(HAND_THRESHOLDS) }

  /** @type {{add: SceneObject[], remove: number[], actions: SceneState['actions'], reset: boolean}} */
  #news = { add: [], remove: [], actions: [], reset: false }

  constructor() {
    /** @type {LiveState} */
    this.state = { ...rest(), presence: 0, body: { ...rest().body, head: null, hands: [] } }
  }

  /** @param {SceneState} state as it came from the server */
  push(state) {
    this.#target = state
    this.#silence = 0
    this.#opening.push(state.form.opening)
    this.#lean.push(state.body.lean)
    this.#head.push(state.body.head)
    for (const side of /** @type {const} */ (['left', 'right'])) {
      this.#hands[side].push(state.body.hands.find((hand) => hand.side === side) ?? null)
    }

    if (state.reset) {
      this.objects.clear()
      this.#news = { add: [], remove: [], actions: [], reset: true }
    }
    for (const id of state.remove) this.objects.delete(id)
    for (const object of state.add) this.objects.set(object.id, object)
    this.#news.add.push(...state.add)
    this.#news.remove.push(...state.remove)
    this.#news.actions.push(...state.actions)
  }

  /** The visitor has gone for good: everything returns to rest. */
  rest() {
    this.push({ ...rest(), reset: true })
  }

  /** Forms hold still for a while, as if the visitor had asked for it. @param {number} seconds */
  hold(seconds) {
    this.#held = seconds
  }

  /** Tells everything that is alive once more, to a scene that has just begun. */
  recall() {
    this.#news.add = [...this.objects.values()]
    this.#news.remove = []
    this.#news.reset = true
  }

  /**
   * @param {number} dt seconds
   * @returns {LiveState} the same object each time
   */
  step(dt) {
    const { state } = this
    this.#silence += dt
    this.#held -= dt
    if (this.#silence > SILENCE) this.#fallSilent()
    const target = this.#target

    state.time = target.time
    state.frame = target.frame
    state.present = target.present
    state.people = target.people
    state.mixture = target.mixture
    state.expression = target.expression
    state.face = target.face
    state.certainty = target.certainty
    state.pose = target.pose
    state.countdown = target.countdown
    state.frozen = target.frozen || this.#held > 0

    const presence = target.present ? 1 : 0
    state.presence += (presence - state.presence) * smoothing(dt, HALF_LIFE.presence)
    ease(state.affect, target.affect, smoothing(dt, HALF_LIFE.affect))
    ease(state.form, target.form, smoothing(dt, HALF_LIFE.form))
    ease(state.motion, target.motion, smoothing(dt, HALF_LIFE.motion))
    const share = smoothing(dt, HALF_LIFE.colour)
    const [lightness, chroma, hue] = target.colour.ground
    /** @type {import('../protocol.js').Oklch} */
    const ground = [Math.min(lightness, LIGHTEST_GROUND), chroma, hue]
    state.colour = {
      accent: mixOklch(state.colour.accent, target.colour.accent, share),
      palette: target.colour.palette.map((to, i) => mixOklch(state.colour.palette[i] ?? to, to, share)),
      ground: mixOklch(state.colour.ground, ground, share),
      meanings: target.colour.meanings,
    }

    state.form.opening = this.#opening.step(dt)
    state.body.lean = this.#lean.step(dt)
    state.body.openness += (target.body.openness - state.body.openness) * smoothing(dt, 0.1)
    state.body.energy += (target.body.energy - state.body.energy) * smoothing(dt, 0.12)
    state.body.head = /** @type {LiveHead | null} */ (this.#head.step(dt))
    state.body.hands = []
    for (const side of /** @type {const} */ (['left', 'right'])) {
      const hand = this.#hands[side].step(dt)
      if (hand) state.body.hands.push(/** @type {LiveHand} */ ({ side, ...hand }))
    }

    if (this.#calm.matches) calmDown(state)

    state.add = this.#news.add
    state.remove = this.#news.remove
    state.actions = this.#news.actions
    state.reset = this.#news.reset
    this.#news = { add: [], remove: [], actions: [], reset: false }
    return state
  }

  /** Without news the body is let go, but not what it has made. */
  #fallSilent() {
    if (!this.#target.present) return
    const { body, form, pose } = rest()
    this.#target = { ...this.#target, present: false, people: 0, body, pose, countdown: null }
    this.#opening.push(form.opening)
    this.#lean.push(0)
    this.#head.push(null)
    this.#hands.left.push(null)
    this.#hands.right.push(null)
  }
}

/**
 * For visitors who have asked their system for less movement: only slow and small ones remain.
 *
 * @param {LiveState} state
 */
function calmDown({ motion, body }) {
  motion.speed = Math.min(motion.speed, 0.3)
  motion.amplitude = Math.min(motion.amplitude, 0.15)
  motion.jerk = motion.tremble = motion.pulse = motion.expand = 0
  body.energy = Math.min(body.energy, 0.1)
}

/**
 * @param {Record<string, any>} values
 * @param {Record<string, any>} targets
 * @param {number} share
 */
function ease(values, targets, share) {
  for (const name in targets) {
    values[name] = (values[name] ?? 0) + (targets[name] - (values[name] ?? 0)) * share
  }
}

/** A part of the body that comes and goes: its numbers predicted, its weight eased. */
class Part {
  #weight = 0
  #seen = false
  /** @type {Record<string, Predicted>} */
  #values = {}

  /** @param {Record<string, number>} thresholds */
  constructor(thresholds) {
    for (const name in thresholds) this.#values[name] = new Predicted(0, thresholds[name])
  }

  /** @param {object | null} sample */
  push(sample) {
    if (sample) {
      const samples = /** @type {Record<string, number>} */ (sample)
      for (const name in this.#values) {
        if (this.#weight < 0.02) this.#values[name].jump(samples[name])
        else this.#values[name].push(samples[name])
      }
    }
    this.#seen = sample !== null
  }

  /**
   * @param {number} dt
   * @returns {Record<string, number> | null}
   */
  step(dt) {
    this.#weight += ((this.#seen ? 1 : 0) - this.#weight) * smoothing(dt, 0.16)
    if (this.#weight < 0.01) return null
    /** @type {Record<string, number>} */
    const part = { weight: this.#weight }
    for (const name in this.#values) part[name] = this.#values[name].step(dt)
    return part
  }
}
