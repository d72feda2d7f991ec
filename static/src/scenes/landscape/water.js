import { BufferAttribute, BufferGeometry, Color, Mesh, ShaderMaterial } from 'three'
import { AIR } from './air.js'
import { FARTHEST } from './composition.js'
import { GRAIN } from './material.js'

const ROWS = 36
const COLUMNS = 24
/** How far it goes beyond the edges of the picture. */
const BEYOND = 1.7

/**
 * What is under it is the mirror image, drawn before; this is the water's own colour, the ripples
 * that mirror another part of the sky, and the sun's path. All but the waves themselves is known at
 * the corners of the net.
 *
 * @param {boolean} fine  whether a later pass gives the tone
 */
const vertex = (fine) => /* glsl */`
  uniform vec3 own;
  uniform vec3 bright;
  uniform vec3 sparks;
  uniform float rough;
  uniform float flow;
  varying vec3 vOwn;
  varying vec3 vBright;
  varying vec3 vSparks;
  varying vec4 vWave;  // across, along; share of its own colour; how bright the sun's path is
  ${AIR}
  #include <common>
  #include <tonemapping_pars_fragment>

  vec3 seen(vec3 colour) {
    return ${fine ? 'colour' : 'shownAs(colour)'};
  }

  void main() {
    float far = -position.z;
    float s = position.x / far;
    float path = s - sunSeen.x / max(-sunSeen.z, 0.05);
    float steep = eye / far;
    path = exp(-path * path * (90.0 + 400.0 * steep));
    vOwn = seen(distant(own, position));
    vBright = seen(distant(bright, position));
    vSparks = seen(distant(bright + sparks, position)) - vBright;
    vWave = vec4(s, log2(far), 0.16 + 0.9 * steep + 0.16 * rough, path);
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  }
`

/** @param {boolean} fine */
const fragment = (fine) => /* glsl */`
  uniform float rough;
  uniform float flow;
  varying vec3 vOwn;
  varying vec3 vBright;
  varying vec3 vSparks;
  varying vec4 vWave;
  ${fine ? GRAIN : ''}

  void main() {
    float s = vWave.x;
    float rows = vWave.y;
    float swell = sin(31.0 * rows + 1.4 * flow + 1.8 * sin(23.0 * s + 5.0 * rows));
    float ripple = sin(71.0 * rows + 2.3 * flow + 40.0 * s + 2.5 * swell);
    ${fine ? `
      vec3 at = vec3(34.0 * s, 60.0 * rows + 1.2 * flow, 0.4 * flow);
      swell = 0.4 * swell + 1.3 * (grain(at) - 0.5);
      ripple = 0.4 * ripple + 1.5 * (grain(at * vec3(2.6, 2.4, 2.0)) - 0.5);
    ` : ''}
    float wave = 0.55 * swell + 0.45 * ripple;
    float glint = vWave.w * clamp(1.6 * wave + 0.4 * rough - 0.4, 0.0, 1.0);
    vec3 colour = mix(vOwn, vBright,
      clamp(0.5 + wave * (0.25 + 0.3 * rough), 0.0, 1.0)) + glint * vSparks;
    gl_FragColor = vec4(colour,
      clamp(vWave.z + (0.14 + 0.24 * rough) * wave + 0.6 * glint, 0.0, 0.92));
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
      uniforms: this.#uniforms, vertexShader: vertex(fine), fragmentShader: fragment(fine),
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
