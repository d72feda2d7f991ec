import {
  AdditiveBlending, BufferAttribute, BufferGeometry, Color, DynamicDrawUsage, Points, ShaderMaterial,
  Vector2, Vector3,
} from 'three'
import { setOklch } from '../../stage/colour.js'

/** @typedef {import('../../stage/sight.js').Part} Part */

/** The parts, how many points each has, and how large a point is, as a share of a face's. */
const PARTS = /** @type {[Part, number, number][]} */ ([
  ['face', 468, 1], ['body', 33, 3.2], ['leftHand', 21, 2], ['rightHand', 21, 2],
])
/** MediaPipe's body landmarks of the face, which the face mesh shows better. */
const BODY_HEAD = 11
const COUNT = PARTS.reduce((sum, [, count]) => sum + count, 0)
/** Size of a point of the face as a share of the picture's height. */
const SIZE = 0.0042
const AWAY = 1e4

const VERTEX = /* glsl */`
  attribute float large;
  uniform float height;
  void main() {
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
    gl_PointSize = max(large * height, 1.5);
  }
`
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  void main() {
    float d = length(gl_PointCoord - 0.5) * 2.0;
    gl_FragColor = vec4(colour * smoothstep(1.0, 0.1, d), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`

/** The visitor as a constellation, where there is no picture of them. */
export class Figure {
  #colour = new Color()
  #at = new Vector2()
  #place = new Vector3()

  /**
   * @param {import('three').Object3D} parent
   * @param {import('../../stage/sight.js').Sight} sight
   */
  constructor(parent, sight) {
    this.sight = sight
    const geometry = new BufferGeometry()
    this.points = new BufferAttribute(new Float32Array(3 * COUNT), 3).setUsage(DynamicDrawUsage)
    const large = PARTS.flatMap(([, count, size]) => Array(count).fill(size * SIZE))
    geometry.setAttribute('position', this.points)
    geometry.setAttribute('large', new BufferAttribute(new Float32Array(large), 1))
    this.stars = new Points(geometry, new ShaderMaterial({
      uniforms: { colour: { value: this.#colour }, height: { value: 1 } },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      blending: AdditiveBlending,
      transparent: true,
      depthWrite: false,
    }))
    this.stars.frustumCulled = false
    this.stars.renderOrder = 1
    this.stars.onBeforeRender = (renderer) => {
      this.stars.material.uniforms.height.value = renderer.domElement.height
    }
    parent.add(this.stars)
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {import('./frame.js').Frame} frame
   * @param {number} weight 0 to 1
   */
  update({ colour: { accent }, presence }, frame, weight) {
    this.stars.visible = weight > 0.02
    if (!this.stars.visible) return
    setOklch(this.#colour, [0.86, 0.6 * accent[1], accent[2]]).multiplyScalar(0.7 * weight * presence)
    let i = 0
    for (const [part, count] of PARTS) {
      for (let index = 0; index < count; index++, i++) {
        const seen = (part !== 'body' || index >= BODY_HEAD) && this.sight.point(part, index, this.#at)
        if (seen) frame.place(this.#at.x, this.#at.y, 0, this.#place)
        else this.#place.setScalar(AWAY)
        this.points.setXYZ(i, this.#place.x, this.#place.y, this.#place.z)
      }
    }
    this.points.needsUpdate = true
  }
}
