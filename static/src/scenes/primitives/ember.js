import { Color, Mesh, PointLight, ShaderMaterial, SphereGeometry, Vector3 } from 'three'
import { setOklch } from '../../stage/colour.js'
import { Spring } from '../../stage/spring.js'
import { Steady } from '../../stage/steady.js'
import { EMBER } from './still.js'

const VERTEX = /* glsl */`
  varying vec3 vNormal;
  varying vec3 vView;
  void main() {
    vec4 view = modelViewMatrix * vec4(position, 1.0);
    vNormal = normalMatrix * normal;
    vView = -view.xyz;
    gl_Position = projectionMatrix * view;
  }
`
/** Like alabaster with a flame in it: brightest where the way through it is longest. */
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying vec3 vNormal;
  varying vec3 vView;
  void main() {
    float through = max(dot(normalize(vNormal), normalize(vView)), 0.0);
    gl_FragColor = vec4(colour * mix(0.32, 1.5, through * through), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`
const lying = new Vector3(...EMBER.lying)
const floating = new Vector3(...EMBER.floating)

/** A small warm light among the forms; it takes the colour of the expression. */
export class Ember {
  light = new PointLight(0xffffff, 1, 0, 2)
  #bright = new Steady(0.3)
  #wake = new Spring(0, 0.9, 0.8)
  #colour = new Color()

  /** @param {import('three').Scene} scene */
  constructor(scene) {
    this.mesh = new Mesh(
      new SphereGeometry(EMBER.size, 32, 24),
      new ShaderMaterial({
        uniforms: { colour: { value: new Color() } },
        vertexShader: VERTEX,
        fragmentShader: FRAGMENT,
      }),
    )
    scene.add(this.mesh, this.light)
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {number} dt
   * @param {number} time
   * @param {number} breath -1 to 1
   */
  update(state, dt, time, breath) {
    const { accent } = state.colour
    this.#wake.target = state.presence
    const wake = this.#wake.step(dt)
    const { position } = this.mesh
    position.lerpVectors(lying, floating, wake)
    position.x += wake * (0.12 * Math.sin(time * 0.37) + 0.3 * state.body.lean)
    position.y += wake * (0.09 * Math.sin(time * 0.29) + 0.2 * state.motion.lift)
    // A little above the middle, or its mirror image would lie on the ground as a spot.
    this.light.position.copy(position)
    this.light.position.y += 0.06

    const bright = this.#bright.step(0.34 + 0.2 * state.presence + 0.05 * breath, dt)
    setOklch(this.#colour, [0.76, Math.min(accent[1] * 1.5, 0.2), accent[2]])
    this.mesh.material.uniforms.colour.value.copy(this.#colour).multiplyScalar(5.5 * bright)
    this.mesh.scale.setScalar(1 + 0.03 * breath)
    this.light.color.copy(this.#colour)
    this.light.intensity = 4.2 * bright
  }
}
