import { BufferAttribute, BufferGeometry, Color, LineSegments, ShaderMaterial } from 'three'
import { Random } from '../../stage/random.js'

const MOST = 700
/** Distances between which it falls. */
const NEAR = 5
const FAR = 26

const VERTEX = /* glsl */`
  attribute vec4 drop; // tangent across, phase, distance share, end of the streak
  uniform float fallen;
  uniform float strength;
  uniform float snow;
  uniform float eye;
  uniform float side;
  uniform vec2 wind;
  varying float vAlpha;
  void main() {
    float far = mix(${NEAR.toFixed(1)}, ${FAR.toFixed(1)}, drop.z);
    float height = 0.6 * far;
    float down = fract(drop.y + fallen * mix(1.0, 0.13, snow) * (0.8 + 0.5 * drop.z) * 6.0 / far);
    float streak = mix(0.028, 0.006, snow) * far * drop.w;
    vec3 place = vec3(
      drop.x * 1.5 * side * far + (wind.y * 0.25 + 0.06) * (height * (1.0 - down) + streak)
        + snow * 0.2 * sin(6.0 * down + 20.0 * drop.y),
      eye + height * (0.55 - down) + streak, -far);
    gl_Position = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
    float rank = fract(drop.y * 7.3 + drop.x);
    vAlpha = smoothstep(rank, rank + 0.2, strength * 1.2) * (0.5 - 0.25 * drop.z) * mix(1.0, 1.7,
      snow)
      * smoothstep(0.0, 0.08, down) * smoothstep(1.0, 0.9, down);
  }
`
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying float vAlpha;
  void main() {
    gl_FragColor = vec4(colour, vAlpha);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`

/** Rain of sadness; in winter it is snow. */
export class Rain {
  #uniforms
  lines

  /**
   * @param {import('./air.js').Air} air
   * @param {number} seed
   */
  constructor(air, seed) {
    this.#uniforms = {
      ...air, fallen: { value: 0 }, strength: { value: 0 }, snow: { value: 0 },
      colour: { value: new Color() },
    }
    this.lines = new LineSegments(makeDrops(seed), new ShaderMaterial({
      uniforms: this.#uniforms, vertexShader: VERTEX, fragmentShader: FRAGMENT,
      transparent: true, depthWrite: false,
    }))
    this.lines.frustumCulled = false
    this.lines.renderOrder = 10
  }

  /**
   * @param {import('./weather.js').Weather} weather
   * @param {number} winter  0 to 1
   * @param {number} dt seconds
   */
  update({ now: { rain }, cloud }, winter, dt) {
    const { fallen, strength, snow, colour } = this.#uniforms
    fallen.value += dt
    strength.value = rain
    snow.value = winter
    this.lines.visible = rain > 0.02
    colour.value.copy(cloud).multiplyScalar(1.1)
  }

  /** @param {import('../../stage/quality.js').Level} level */
  setLevel({ dust }) {
    this.lines.geometry.setDrawRange(0, 2 * Math.min(Math.round(1.2 * dust), MOST))
  }
}

/** @param {number} seed */
function makeDrops(seed) {
  const random = new Random(seed ^ 0x4a1)
  const drops = new Float32Array(MOST * 8)
  for (let i = 0; i < MOST; i++) {
    const one = [random.between(-1, 1), random.next(), random.next()]
    drops.set([...one, 0, ...one, 1], 8 * i)
  }
  const geometry = new BufferGeometry()
  geometry.setAttribute('drop', new BufferAttribute(drops, 4))
  return geometry
}
