import {
  AdditiveBlending, BufferAttribute, BufferGeometry, Color, DynamicDrawUsage, Points, ShaderMaterial,
  Vector2, Vector3,
} from 'three'
import { setOklch } from '../../stage/colour.js'

const MOST = 260
/** Seconds a spark lives, and how many a second each fingertip gives. */
const LIFE = 1.5
const RATE = 13
/** Of MediaPipe's hand: the five fingertips, and the knuckle in the middle. */
const FINGERTIPS = [4, 8, 12, 16, 20]
const MIDDLE = 9
/** MediaPipe's wrists of the body, for hands too far away to be read; the visitor's own sides. */
const WRISTS = { leftHand: 15, rightHand: 16 }
/** Size of a spark as a share of the picture's height. */
const SIZE = 0.011

const VERTEX = /* glsl */`
  attribute float age;
  uniform float height;
  varying float vAge;
  void main() {
    vAge = age;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
    gl_PointSize = age < 1.0 ? max(height * (1.0 - 0.7 * age), 1.5) : 0.0;
  }
`
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  uniform vec3 core;
  varying float vAge;
  void main() {
    float d = length(gl_PointCoord - 0.5) * 2.0;
    float light = pow(max(1.0 - d, 0.0), 2.0) * smoothstep(0.0, 0.12, vAge) * pow(1.0 - vAge, 1.5);
    gl_FragColor = vec4(mix(colour, core, pow(max(1.0 - d, 0.0), 3.0)) * light, 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`

/** Sparks that rise from the fingertips, more of them the wider the hand is open. */
export class Sparks {
  #colour = new Color()
  #core = new Color()
  #at = new Vector2()
  #place = new Vector3()
  /** @type {Vector3[]} */
  #speeds = Array.from({ length: MOST }, () => new Vector3())
  #next = 0
  #due = 0

  /**
   * @param {import('three').Object3D} parent
   * @param {import('../../stage/sight.js').Sight} sight
   */
  constructor(parent, sight) {
    this.sight = sight
    const geometry = new BufferGeometry()
    this.places = new BufferAttribute(new Float32Array(3 * MOST), 3).setUsage(DynamicDrawUsage)
    this.ages = new BufferAttribute(new Float32Array(MOST).fill(1), 1).setUsage(DynamicDrawUsage)
    geometry.setAttribute('position', this.places)
    geometry.setAttribute('age', this.ages)
    this.points = new Points(geometry, new ShaderMaterial({
      uniforms: {
        colour: { value: this.#colour }, core: { value: this.#core }, height: { value: 1 },
      },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      blending: AdditiveBlending,
      transparent: true,
      depthWrite: false,
    }))
    this.points.frustumCulled = false
    this.points.renderOrder = 2
    this.points.onBeforeRender = (renderer) => {
      this.points.material.uniforms.height.value = SIZE * renderer.domElement.height
    }
    parent.add(this.points)
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {import('./frame.js').Frame} frame
   * @param {number} dt seconds
   * @param {number} share of the usual number
   */
  update({ body, colour, motion }, frame, dt, share) {
    const [lightness, chroma, hue] = colour.meanings.fire ?? colour.accent
    setOklch(this.#colour, [lightness, chroma, hue])
    setOklch(this.#core, [0.95, 0.03, hue])
    const { array: ages } = this.ages
    for (let i = 0; i < MOST; i++) {
      if (ages[i] >= 1) continue
      ages[i] = Math.min(ages[i] + dt / LIFE, 1)
      const speed = this.#speeds[i]
      speed.y += 0.32 * dt
      speed.multiplyScalar(1 - 1.1 * dt)
      this.places.setXYZ(
        i,
        this.places.getX(i) + (speed.x + 0.05 * Math.sin(9 * ages[i] + i)) * dt,
        this.places.getY(i) + speed.y * dt,
        this.places.getZ(i) + speed.z * dt,
      )
    }
    this.#due = Math.min(this.#due + RATE * share * dt, 2)
    while (this.#due >= 1) {
      this.#due--
      for (const side of /** @type {const} */ (['left', 'right'])) {
        const hand = body.hands.find((each) => each.side === side)
        this.#give(side === 'left' ? 'leftHand' : 'rightHand', frame, hand?.open ?? 0.3, motion.speed)
      }
    }
    this.places.needsUpdate = this.ages.needsUpdate = true
  }

  /** How many there are at the moment. */
  get count() {
    return [...this.ages.array].filter((age) => age < 1).length
  }

  /**
   * A spark from each fingertip that is seen; from the wrist, where only that is.
   *
   * @param {'leftHand' | 'rightHand'} part
   * @param {import('./frame.js').Frame} frame
   * @param {number} open 0 to 1
   * @param {number} speed
   */
  #give(part, frame, open, speed) {
    const hand = this.sight.point(part, MIDDLE, this.#at)
    if (!hand) {
      if (this.sight.point('body', WRISTS[part], this.#at)) this.#light(frame, 0.2, speed)
      return
    }
    for (const tip of FINGERTIPS) {
      if (Math.random() > 0.25 + 0.75 * open || !this.sight.point(part, tip, this.#at)) continue
      this.#light(frame, 0.12 + 0.3 * open, speed)
    }
  }

  /**
   * @param {import('./frame.js').Frame} frame
   * @param {number} push
   * @param {number} speed
   */
  #light(frame, push, speed) {
    frame.place(this.#at.x, this.#at.y, 0.05, this.#place)
    const i = this.#next
    this.#next = (i + 1) % MOST
    this.places.setXYZ(i, this.#place.x, this.#place.y, this.#place.z)
    this.ages.setX(i, 0)
    const angle = Math.random() * 2 * Math.PI
    const fast = push * (0.4 + 0.6 * Math.random()) * (0.6 + 0.4 * speed)
    this.#speeds[i].set(fast * Math.cos(angle), fast * Math.sin(angle) + 0.1, 0.2 * Math.random())
  }
}
