import { Color, Mesh, ShaderMaterial, SphereGeometry } from 'three'

/**
 * @typedef {import('../../protocol.js').SceneObject} SceneObject
 * @typedef {import('../../stage/gathering.js').Thing} Thing
 */

const GOLDEN_ANGLE = 2.399963
/** No lantern hangs before the figure's face. */
const CLEAR = 0.62

const VERTEX = /* glsl */`
  varying vec3 vNormal;
  varying vec3 vView;
  varying float vHeight;
  void main() {
    vec4 view = modelViewMatrix * vec4(position, 1.0);
    vNormal = normalMatrix * normal;
    vView = -view.xyz;
    vHeight = position.y;
    gl_Position = projectionMatrix * view;
  }
`
/** Paper on thin ribs, with a flame low in it. */
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying vec3 vNormal;
  varying vec3 vView;
  varying float vHeight;
  void main() {
    float through = max(dot(normalize(vNormal), normalize(vView)), 0.0);
    float flame = exp(-2.2 * (vHeight + 0.35) * (vHeight + 0.35));
    float ribs = 0.9 + 0.1 * cos(vHeight * 26.0);
    gl_FragColor = vec4(colour * ribs * (0.16 + 1.25 * flame * through * through), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`

/** What the expression has made, hung up as paper lanterns in the colour of what it means. */
export class Lanterns {
  #paper = new SphereGeometry(1, 20, 14)

  constructor() {
    this.#paper.scale(0.8, 1, 0.8)
  }

  /**
   * @param {SceneObject} object
   * @returns {Thing}
   */
  make({ size }) {
    const colour = new Color()
    const material = new ShaderMaterial({
      uniforms: { colour: { value: colour } }, vertexShader: VERTEX, fragmentShader: FRAGMENT,
    })
    const shown = new Mesh(this.#paper, material)
    shown.userData.size = 0.4 * size + 0.02
    return { shown, colour, dispose: () => material.dispose() }
  }

  /**
   * @param {import('three').Object3D} shown
   * @param {SceneObject} object
   * @param {number} scale
   * @param {number} time seconds
   * @param {{x: number, y: number, z: number}} spread
   */
  place(shown, { id, position: [x, y, z] }, scale, time, spread) {
    const phase = id * GOLDEN_ANGLE
    const side = x === 0 ? Math.sign(Math.cos(phase)) : Math.sign(x)
    const across = Math.max(Math.abs(x * spread.x + 0.5 * Math.cos(phase)), CLEAR)
    shown.position.set(
      side * Math.min(across, spread.x) + 0.02 * Math.sin(time * 0.7 + phase),
      y * spread.y + 0.3 * Math.sin(phase) + 0.02 * Math.sin(time * 0.9 + phase) + 0.3 * (1 - scale),
      0.7 * z * spread.z - 0.35,
    )
    shown.rotation.z = 0.08 * Math.sin(time * 0.8 + phase)
    shown.scale.setScalar(shown.userData.size * scale)
  }

  dispose() {
    this.#paper.dispose()
  }
}
