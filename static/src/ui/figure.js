import { Spring } from '../stage/spring.js'
import { svg } from './element.js'

/**
 * @typedef {import('./gestures.js').Gesture} Gesture
 * @typedef {import('./gestures.js').Arm} ArmPosture
 * @typedef {[number, number]} Point
 */

/**
 * Where the joints are, in the figure's own units: the heart is near 0, -34; y points down. Of
 * pairs the right one.
 *
 * @type {Record<string, Point>}
 */
const SKELETON = {
  head: [0, -66],
  chin: [0, -54],
  neck: [0, -47],
  shoulder: [15.5, -43],
  rib: [12, -25],
  waist: [9, -11],
  hip: [11, 4],
  groin: [0, 9],
  knee: [12.5, 37],
  foot: [13, 70],
}
const LENGTH = { upper: 26, lower: 24, palm: 5 }
/** Each finger, thumb first: its direction in degrees from the forearm's, and its length. */
const FINGERS = [[52, 6.4], [20, 10], [6, 10.8], [-7, 10], [-21, 8]]
const HEAD = { stars: 13, width: 8.4, height: 11.4 }
const SPARKS = 16
const SETTLE = { limb: 0.85, finger: 0.55, spark: 1.1, light: 0.9 }
const VIEW = '-104 -132 216 210'

/**
 * A figure of stars and fine lines that shows the gestures, moved by springs; sparks around it
 * show what each of them does.
 */
export class Figure {
  #left = new Limb()
  #right = new Limb()
  #lean = new Spring(0, SETTLE.limb)
  #sparks = Array.from({ length: SPARKS }, () => ({
    x: new Spring(0, SETTLE.spark, 0.8), y: new Spring(-34, SETTLE.spark, 0.8),
  }))
  #light = new Spring(0, SETTLE.light, 0.95)
  #joined = new Spring(0, SETTLE.light, 0.95)

  constructor() {
    this.lines = svg('path', { class: 'figure-lines' })
    this.legs = svg('path', { class: 'figure-legs' })
    this.halo = svg('path', { class: 'figure-halo' })
    this.stars = svg('path', { class: 'figure-stars' })
    this.small = svg('path', { class: 'figure-small' })
    this.edge = svg('path', { class: 'figure-edge' })
    this.sparks = svg('path', { class: 'figure-sparks' })
    this.element = svg('svg', { 'class': 'figure', 'viewBox': VIEW, 'aria-hidden': 'true' },
      this.edge, this.halo, this.legs, this.lines, this.small, this.stars, this.sparks)
  }

  /**
   * @param {Gesture} gesture
   * @param {number} time seconds since the gesture began
   * @param {number} dt seconds; a long one settles everything at once
   */
  show({ posture, sparks }, time, dt) {
    const { left, right, lean } = posture(time)
    this.#left.follow(left, dt)
    this.#right.follow(right, dt)
    this.#lean.target = lean
    this.#lean.step(dt)

    const { place, light, joined } = sparks(time)
    this.#light.target = light
    this.#joined.target = joined
    this.#light.step(dt)
    this.#joined.step(dt)
    const points = this.#sparks.map(({ x, y }, index) => {
      [x.target, y.target] = place(index, SPARKS)
      return /** @type {Point} */ ([x.step(dt), y.step(dt)])
    })
    this.#drawBody()
    draw(this.sparks, dots(points))
    draw(this.edge, `${way(points)}Z`)
    this.sparks.style.opacity = this.#light.value.toFixed(3)
    this.edge.style.opacity = Math.max(0, this.#joined.value).toFixed(3)
  }

  #drawBody() {
    const tilt = Math.tan(this.#lean.value * Math.PI / 180)
    /** @type {(side: number, joint: string) => Point} */
    const at = (side, joint) => {
      const [x, y] = SKELETON[joint]
      return [side * x - tilt * (y - SKELETON.foot[1]) * 0.6, y]
    }
    const sides = [-1, 1]
    const hands = [
      this.#left.points(-1, at(-1, 'shoulder')), this.#right.points(1, at(1, 'shoulder')),
    ]
    const flank = ['shoulder', 'rib', 'waist', 'hip']
    const trunk = sides.flatMap((side) => flank.map((joint) => at(side, joint)))
    const fingers = hands.flatMap((hand) => hand.fingers)
    draw(this.lines, [
      way([at(1, 'chin'), at(1, 'neck')]),
      ...sides.map((side) => way([
        at(1, 'neck'), ...flank.map((joint) => at(side, joint)), at(1, 'groin'),
      ])),
      ...hands.map(({ arm }) => way(arm)),
      ...fingers.map(way),
    ].join(''))
    const legs = sides.map((side) => ['hip', 'knee', 'foot'].map((joint) => at(side, joint)))
    draw(this.legs, legs.map(way).join(''))
    const stars = dots([
      at(1, 'neck'), at(1, 'groin'), ...trunk, ...hands.flatMap(({ arm }) => arm.slice(1, 3)),
      ...legs.flatMap((leg) => leg.slice(1)),
    ])
    draw(this.stars, stars)
    draw(this.halo, stars)
    const [x, y] = at(1, 'head')
    const face = Array.from({ length: HEAD.stars }, (_, i) => {
      const angle = 2 * Math.PI * i / HEAD.stars + Math.PI / 2
      return /** @type {Point} */ (
        [x + HEAD.width * Math.cos(angle), y + HEAD.height * Math.sin(angle)])
    })
    draw(this.small, dots([...face, ...fingers.map(([, tip]) => tip)]))
  }
}

/** One arm with its hand. */
class Limb {
  #upper = new Spring(10, SETTLE.limb)
  #lower = new Spring(5, SETTLE.limb, 0.62)
  #spread = new Spring(0, SETTLE.finger, 0.85)
  #fingers = FINGERS.map(() => new Spring(0.5, SETTLE.finger, 0.8))

  /**
   * @param {ArmPosture} posture
   * @param {number} dt
   */
  follow({ upper, lower, spread, fingers }, dt) {
    this.#upper.target = upper
    this.#lower.target = lower
    this.#spread.target = spread
    fingers.forEach((length, index) => { this.#fingers[index].target = length })
    for (const spring of [this.#upper, this.#lower, this.#spread, ...this.#fingers]) spring.step(dt)
  }

  /**
   * @param {number} side -1 left, 1 right
   * @param {Point} shoulder
   * @returns {{arm: Point[], fingers: [Point, Point][]}} from the shoulder to the palm, and each
   *   finger from the palm to its tip
   */
  points(side, shoulder) {
    const lower = this.#lower.value
    const elbow = along(shoulder, side, this.#upper.value, LENGTH.upper)
    const wrist = along(elbow, side, lower, LENGTH.lower)
    const palm = along(wrist, side, lower, LENGTH.palm)
    const fingers = FINGERS.map(([direction, length], index) => /** @type {[Point, Point]} */ (
      [palm, along(palm, side, lower + direction * (0.35 + this.#spread.value),
        length * Math.max(this.#fingers[index].value, 0.05))]))
    return { arm: [shoulder, elbow, wrist, palm], fingers }
  }
}

/**
 * @param {Point} from
 * @param {number} side
 * @param {number} angle degrees: 0 down, 90 outward
 * @param {number} length
 * @returns {Point}
 */
function along([x, y], side, angle, length) {
  const radians = angle * Math.PI / 180
  return [x + side * length * Math.sin(radians), y + length * Math.cos(radians)]
}

/** @param {Point[]} points */
const way = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`

/** A line of no length has a round end: a dot. @param {Point[]} points */
const dots = (points) => points.map((point) => `${way([point])}h0`).join('')

/**
 * @param {SVGPathElement} path
 * @param {string} d
 */
const draw = (path, d) => path.setAttribute('d', d)
