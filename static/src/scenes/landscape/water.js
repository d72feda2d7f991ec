import { BufferAttribute, BufferGeometry, Color, Mesh, ShaderMaterial } from 'three'
import { AIR } from './air.js'
import { FARTHEST } from './composition.js'
import { GRAIN } from './skin.js'

const ROWS = 14
const COLUMNS = 8
/** How far it goes beyond the edges of the picture. */
const BEYOND = 1.7

const VERTEX = /* glsl */`
  varying vec3 vPlace;
  void main() {
    vPlace = position;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  }
`
/**
 * What is under it is the mirror image, drawn before; this is the water's own colour, the ripples
 * that mirror another part of the sky, and the sun's path.
 *
 * @param {boolean} fine
 */
const fragment = (fine) => /* glsl */`
  uniform vec3 own;
  uniform vec3 bright;
  uniform vec3 sparks;
  uniform float rough;
  uniform float flow;
  varying vec3 vPlace;
  ${AIR}
  ${fine ? GRAIN : ''}

  void main() {
    float far = -vPlace.z;
    float rows = log2(far);
    float s = vPlace.x / far;
    float swell = sin(31.0 * rows + 1.4 * flow + 1.6 * sin(23.0 * s + 5.0 * rows) + 1.3 * sin(61.0 * s - 17.0 * rows));
    float ripple = sin(71.0 * rows + 2.3 * flow + 3.0 * sin(57.0 * s - 0.7 * flow + 9.0 * rows));
    ${fine ? `
      vec3 at = vec3(34.0 * s, 60.0 * rows + 1.2 * flow, 0.4 * flow);
      swell = 0.4 * swell + 1.3 * (grain(at) - 0.5);
      ripple = 0.4 * ripple + 1.5 * (grain(at * vec3(2.6, 2.4, 2.0)) - 0.5);
    ` : ''}
    float wave = 0.55 * swell + 0.45 * ripple;
    float steep = eye / far;
    float sky = 0.5 + wave * (0.25 + 0.3 * rough);
    vec3 colour = mix(own, bright, clamp(sky, 0.0, 1.0));
    float path = s - sunSeen.x / max(-sunSeen.z, 0.05);
    path = exp(-path * path * (90.0 + 400.0 * steep));
    colour += sparks * path * smoothstep(0.25, 0.9, wave + 0.25 * rough);
    float alpha = clamp(0.16 + 0.9 * steep + 0.4 * rough * (0.4 + 0.6 * wave) + 0.14 * wave
      + 0.6 * path * smoothstep(0.3, 0.9, wave), 0.0, 0.92);
    colour = distant(colour, vPlace);
    ${fine ? '' : 'colour = pow(CustomToneMapping(colour), vec3(1.0 / 2.2));'}
    gl_FragColor = vec4(colour, alpha);
  }
`

/** The surface of the water, at height 0. */
export class Water {
  #uniforms
  mesh

  /**
   * @param {import('./air.js').Air} air
   * @param {number} half  tangent of half the angle that is seen horizontally
   * @param {number} nearest
   * @param {import('../../stage/quality.js').Level} level
   */
  constructor(air, half, nearest, level) {
    this.#uniforms = {
      ...air,
      own: { value: new Color() }, bright: { value: new Color() },
      sparks: { value: new Color() }, rough: { value: 0 },
    }
    this.mesh = new Mesh(makeNet(half, nearest), this.#makeMaterial(level))
    this.mesh.renderOrder = -2
    this.mesh.frustumCulled = false
  }

  /** @param {import('../../stage/quality.js').Level} level */
  setLevel(level) {
    this.mesh.material.dispose()
    this.mesh.material = this.#makeMaterial(level)
  }

  /**
   * @param {import('./weather.js').Weather} weather
   * @param {import('./colours.js').Colours} colours
   * @param {number} rough  0 to 1
   */
  update(weather, { linear }, rough) {
    const { own, bright, sparks, rough: waves } = this.#uniforms
    const light = 0.12 + 0.5 * weather.now.day
    own.value.copy(linear.water).multiplyScalar(0.62 * light)
    bright.value.copy(weather.horizon).lerp(weather.zenith, 0.45)
    sparks.value.copy(weather.sun).multiplyScalar(0.4 * weather.clear)
    waves.value = rough
  }

  /** @param {{fine: boolean}} level */
  #makeMaterial({ fine }) {
    return new ShaderMaterial({
      uniforms: this.#uniforms, vertexShader: VERTEX, fragmentShader: fragment(fine),
      transparent: true, depthWrite: false,
    })
  }
}

/**
 * @param {number} half
 * @param {number} nearest
 */
function makeNet(half, nearest) {
  const position = []
  const index = []
  const wide = Math.max(half, 0.2) * BEYOND
  for (let row = 0; row <= ROWS; row++) {
    const d = nearest * (FARTHEST / nearest) ** (row / ROWS)
    for (let column = 0; column <= COLUMNS; column++) {
      position.push(d * wide * (2 * column / COLUMNS - 1), 0, -d)
      if (row === ROWS || column === COLUMNS) continue
      const a = row * (COLUMNS + 1) + column
      const c = a + COLUMNS + 1
      index.push(a, a + 1, c, a + 1, c + 1, c)
    }
  }
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(position), 3))
  geometry.setIndex(index)
  return geometry
}
