import {
  AdditiveBlending, BufferGeometry, Color, Float32BufferAttribute, Points, ShaderMaterial, Vector3,
  Vector4,
} from 'three'
import { smoothing } from '../../stage/spring.js'
import { Steady } from '../../stage/steady.js'
import { setOklch } from '../../stage/colour.js'

/**
 * Grains that rise from the heart. Where each is has a closed form: its age is a share of `flow`,
 * and the age says how far out, how far down gravity has taken it, and how far round it has been
 * stirred; so nothing has to be remembered from frame to frame.
 */
const VERTEX = /* glsl */`
  attribute vec4 seed; // all 0 to 1
  uniform float flow;
  uniform float stir;
  uniform float scale;
  uniform float reach;
  uniform vec3 heart;
  uniform vec3 fall;
  uniform vec4 hands[2];
  varying float vLight;
  void main() {
    float age = fract(flow + seed.w);
    float round = 6.2831853 * (seed.x + age * (0.25 + 1.6 * stir) * (0.5 + seed.z));
    float high = mix(-0.15, 1.0, seed.y);
    float out_ = reach * (0.1 + sqrt(age) * (0.45 + 0.75 * seed.z));
    vec3 p = vec3(cos(round) * sqrt(1.0 - high * high * 0.8), high, sin(round) * sqrt(1.0 - high * high * 0.8));
    p = heart + p * out_ + fall * age * age;
    p += (0.03 + 0.22 * stir) * sin(vec3(5.1, 4.3, 4.7) * (age + seed.zxy) * 3.0 + p.yzx * 4.0);
    for (int i = 0; i < 2; i++) {
      vec3 away = p - hands[i].xyz;
      p += away * hands[i].w * exp(-dot(away, away) * 3.5);
    }
    vec4 view = modelViewMatrix * vec4(p, 1.0);
    gl_Position = projectionMatrix * view;
    gl_PointSize = scale * (0.35 + 0.8 * seed.z * seed.z) * smoothstep(0.0, 0.3, age) / -view.z;
    vLight = smoothstep(0.06, 0.3, age) * (1.0 - smoothstep(0.45, 1.0, age)) * (0.4 + 0.6 * seed.y);
  }
`
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying float vLight;
  void main() {
    float d = length(gl_PointCoord - 0.5) * 2.0;
    gl_FragColor = vec4(colour * vLight * smoothstep(1.0, 0.0, d), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`
/** Size of a grain as a share of the picture's height, at one scene unit from the camera. */
const GRAIN = 0.055
const MOST = 900
/** Lives of a grain in a second, at rest. */
const PACE = 0.07

/** Pollen: it rises with joy, falls with sadness, and the body's energy stirs it. */
export class Pollen {
  #light = new Steady(0.3)

  /**
   * @param {import('../../stage/stage.js').SceneStage} stage
   * @param {{drift: {value: number}, hands: {value: number}}} parameters
   */
  constructor({ scene, renderer, view, level }, parameters) {
    this.renderer = renderer
    this.view = view
    this.parameters = parameters
    this.points = makePoints()
    this.setLevel(level)
    scene.add(this.points)
  }

  /** @param {import('../../stage/quality.js').Level} level */
  setLevel({ dust }) {
    this.points.geometry.setDrawRange(0, Math.min(dust, MOST))
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {number} step seconds
   * @param {import('./gesture.js').Gesture} gesture
   * @param {Vector3} heart
   */
  update({ motion, body, colour, presence }, step, gesture, heart) {
    const { uniforms } = this.points.material
    const { spread } = this.view
    const drift = this.parameters.drift.value
    uniforms.heart.value.copy(heart)
    uniforms.flow.value = (uniforms.flow.value
      + step * PACE * (0.4 + 0.6 * drift + 0.6 * motion.speed)) % 1
    uniforms.stir.value += (drift * body.energy - uniforms.stir.value) * smoothing(step, 0.35)
    const reach = 0.55 + 0.75 * Math.min(gesture.open, 1) - 0.2 * gesture.shrink + 0.4 * body.energy
    uniforms.reach.value += (reach - uniforms.reach.value) * smoothing(step, 0.4)
    uniforms.fall.value.set(0.9 * body.lean, 0.25 + 0.9 * motion.lift, 0)
    for (const [i, place] of uniforms.hands.value.entries()) {
      const hand = body.hands[i]
      place.w = hand ? 0.8 * hand.weight * (1.7 * hand.open - 0.7) : 0
      if (hand) {
        place.x = hand.x * spread.x
        place.y = hand.y * spread.y
        place.z = 0.3
      }
    }
    uniforms.scale.value = GRAIN * this.renderer.domElement.height
    const light = this.#light.step(0.3 + 0.3 * presence + 0.3 * body.energy, step)
    setOklch(uniforms.colour.value, [0.84, Math.min(colour.accent[1], 0.14), colour.accent[2]])
    uniforms.colour.value.multiplyScalar(0.9 * light)
  }
}

function makePoints() {
  const seeds = []
  for (let i = 0; i < 4 * MOST; i++) seeds.push(Math.random())
  const geometry = new BufferGeometry()
  // The shader makes the places; three counts the points by this attribute.
  geometry.setAttribute('position', new Float32BufferAttribute(new Float32Array(3 * MOST), 3))
  geometry.setAttribute('seed', new Float32BufferAttribute(seeds, 4))
  const points = new Points(geometry, new ShaderMaterial({
    uniforms: {
      flow: { value: 0 }, stir: { value: 0 }, scale: { value: 26 }, reach: { value: 0.6 },
      heart: { value: new Vector3() }, fall: { value: new Vector3() },
      hands: { value: [new Vector4(), new Vector4()] },
      colour: { value: new Color() },
    },
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    blending: AdditiveBlending,
    depthWrite: false,
    transparent: true,
  }))
  points.frustumCulled = false
  return points
}
