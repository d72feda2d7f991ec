import {
  AdditiveBlending, BufferAttribute, BufferGeometry, CircleGeometry, Color, DataTexture, Group,
    LinearFilter,
  Mesh, NormalBlending, PlaneGeometry, Points, RedFormat, ShaderMaterial,
} from 'three'
import { AIR } from './air.js'
import { makeNoise, Random, smoothstep } from '../../stage/random.js'

/** Distance of the sky, and of what hangs in it. */
const FAR = { sky: 56, clouds: 52 }
/** Tangents of the angles over which clouds are spread to each side. */
const SPREAD = 0.85
const STARS = 150
const TILE = 64
const TILES = 2

/** Of vertex shaders: pixel shaders have it. */
const TONE = /* glsl */`
  #include <common>
  #include <tonemapping_pars_fragment>
`
/** @param {boolean} fine  whether a later pass gives the tone */
const shown = (fine) => (fine ? '' : 'colour = shownAs(colour);')

const DOME = /* glsl */`
  uniform vec3 zenith;
  uniform vec3 horizon;

  /** The water mirrors it, so below the horizon it is upside down. */
  vec3 skyColour(vec3 way) {
    float up = abs(way.y);
    vec3 colour = mix(horizon, zenith, 1.0 - exp(-6.5 * up));
    float toward = max(dot(vec3(way.x, up, way.z), sunSeen), 0.0);
    float near = toward * toward;
    near *= near;
    near *= near;
    return colour + glow * (0.35 * near + 0.6 * pow(near, 9.0) + 0.8 * pow(near, 60.0));
  }
`

const cloudVertex = (/** @type {boolean} */ fine, /** @type {number} */ mirrored) => /* glsl */`
  attribute vec4 puff;   // tangents across and up, rank, which picture
  attribute vec4 shape;  // of the corner: across and up; half width and height
  uniform float flow;
  uniform float drift;
  uniform float cover;
  uniform float part;
  uniform float side;
  uniform vec4 hands[2];
  uniform vec3 cloud;
  uniform vec3 shade;
  varying vec2 vUv;
  varying vec4 vColour;
  ${AIR}
  ${TONE}

  void main() {
    vec2 at = puff.xy;
    at.x = mod(at.x + drift * (0.7 + 0.6 * puff.z) + ${SPREAD.toFixed(2)},
      ${(2 * SPREAD).toFixed(2)})
      - ${SPREAD.toFixed(2)};
    // The arms part the clouds, hands push them away.
    at.x += part * 0.35 * side * (at.x < 0.0 ? -1.0 : 1.0) * exp(-abs(at.x) / side);
    for (int i = 0; i < 2; i++) {
      vec2 away = at - hands[i].xy;
      float near = dot(away, away) / (side * side);
      at += hands[i].w * 0.4 * side * normalize(away + 1e-4) * exp(-3.0 * near);
    }
    float edge = smoothstep(${SPREAD.toFixed(2)}, ${(SPREAD - 0.12).toFixed(2)}, abs(at.x));
    float alpha = edge * smoothstep(puff.z - 0.15, puff.z + 0.15, 0.12 + cover);
    // What is not there must not be drawn.
    vec2 corner = shape.xy * shape.zw * step(0.01, alpha);
    vec3 place = vec3((at + corner) * ${FAR.clouds.toFixed(1)}, -${FAR.clouds.toFixed(1)});
    place.y = ${mirrored.toFixed(1)} * max(place.y, 0.0) + eye;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
    vUv = (shape.xy * 0.5 + 0.5 + vec2(mod(puff.w, 2.0), floor(puff.w / 2.0))) / 2.0;

    vec3 way = normalize(vec3(at + corner, -1.0));
    float toward = max(dot(way, sunSeen), 0.0);
    toward *= toward;
    toward *= toward;
    float above = 0.5 + 0.5 * shape.y;
    vec3 colour = mix(shade, cloud, smoothstep(0.05, 0.95, above * 0.8 + 0.28 * puff.z));
    colour += glow * pow(toward, 6.0) * (0.15 + 0.25 * above);
    // The lowest are the farthest.
    colour = mix(colour, haze, 0.75 * exp(-16.0 * max(at.y, 0.0)));
    ${shown(fine)}
    vColour = vec4(colour, alpha);
  }
`
const CLOUD_FRAGMENT = /* glsl */`
  uniform sampler2D picture;
  varying vec2 vUv;
  varying vec4 vColour;
  void main() {
    gl_FragColor = vec4(vColour.rgb, vColour.a * texture2D(picture, vUv).r);
  }
`

/** The sky: its colours, the sun or the moon, and clouds that can be pushed. */
export class Sky {
  group = new Group()
  #uniforms
  #dome
  #disc
  #halo
  #stars
  #clouds
  #mirrored
  #picture

  /**
   * @param {import('./air.js').Air} air
   * @param {number} seed
   * @param {boolean} water
   * @param {import('../../stage/quality.js').Level} level
   */
  constructor(air, seed, water, level) {
    const random = new Random(seed ^ 0xc10d)
    this.#picture = paintPuffs(seed)
    this.#uniforms = {
      ...air,
      zenith: { value: new Color() }, horizon: { value: new Color() },
      cloud: { value: new Color() }, shade: { value: new Color() },
      cover: { value: 0 }, drift: { value: random.between(0, 2) }, part: { value: 0 },
      picture: { value: this.#picture },
    }
    this.air = air
    this.#dome = new Mesh(new PlaneGeometry(2, 1, 24, 48), this.#makeDome(level))
    this.#dome.renderOrder = 3
    this.#dome.frustumCulled = false

    this.#disc = new Mesh(new CircleGeometry(1, 40), makeDisc(false))
    this.#halo = new Mesh(new CircleGeometry(1, 40), makeDisc(true))
    this.#disc.renderOrder = -8
    this.#halo.renderOrder = -9
    const puffs = makeClouds(random)
    this.#clouds = new Mesh(puffs, this.#makeClouds(level, 1))
    this.#mirrored = new Mesh(puffs, this.#makeClouds(level, -1))
    this.#mirrored.visible = water
    for (const one of [this.#clouds, this.#mirrored]) {
      one.frustumCulled = false
      one.renderOrder = -7
    }
    this.#stars = new Points(scatterStars(random), makeStars())
    this.#stars.frustumCulled = false
    this.#stars.renderOrder = -9
    this.group.add(this.#dome, this.#stars, this.#halo, this.#disc, this.#clouds, this.#mirrored)
    this.setLevel(level)
  }

  /** @param {import('../../stage/quality.js').Level} level */
  setLevel(level) {
    for (const mesh of [this.#dome, this.#clouds, this.#mirrored]) mesh.material.dispose()
    this.#dome.material = this.#makeDome(level)
    this.#clouds.material = this.#makeClouds(level, 1)
    this.#mirrored.material = this.#makeClouds(level, -1)
  }

  /**
   * @param {import('./weather.js').Weather} weather
   * @param {number} drift  how far the wind moves the clouds in this frame
   * @param {number} open  how far the arms part them, 0 to 1
   * @param {number} top  tangent of the highest angle that is seen
   */
  update(weather, drift, open, top) {
    const { zenith, horizon, cloud, shade, cover, drift: way, part } = this.#uniforms
    zenith.value.copy(weather.zenith)
    horizon.value.copy(weather.horizon)
    cloud.value.copy(weather.cloud)
    shade.value.copy(weather.shade)
    cover.value = weather.now.cover
    way.value = (way.value + drift) % (2 * SPREAD)
    part.value = open

    // Seen through a narrow window the sun would never be in the picture: it is lowered.
    const { sunSeen, eye } = this.air
    const up = top * (0.1 + 0.75 * weather.now.height)
    sunSeen.value.set(Math.tan(Math.min(Math.max(weather.azimuth, -1.3), 1.3)), up, -1).normalize()
    const { rain, day } = weather.now
    const night = smoothstep(0.35, 0.1, day)
    this.#stars.visible = night > 0
    this.#stars.material.uniforms.alpha.value = night
    this.#stars.material.uniforms.eye.value = eye.value
    const clear = smoothstep(0.2, 0.7, weather.clear) * (1 - 0.85 * rain)
    const size = 0.011 + 0.006 * (1 - weather.now.height)
    for (const [mesh, radius,
      share] of /** @type {const} */ ([[this.#disc, size, 1], [this.#halo, 5 * size, 0.4]])) {
      mesh.position.copy(sunSeen.value).multiplyScalar(FAR.sky)
      mesh.position.y += eye.value
      mesh.scale.setScalar(radius * FAR.sky)
      const { colour, alpha } = mesh.material.uniforms
      colour.value.copy(weather.sun).multiplyScalar(0.5 * share)
      if (share === 1) colour.value.add(weather.horizon).add(weather.moon)
      alpha.value = share * clear
    }
  }

  dispose() {
    this.#picture.dispose()
  }

  /** @param {{fine: boolean}} level */
  #makeDome({ fine }) {
    return new ShaderMaterial({
      uniforms: this.#uniforms,
      depthWrite: false,
      vertexShader: /* glsl */`
        varying vec3 vWay;
        ${AIR}
        ${DOME}
        ${TONE}
        void main() {
          vec2 at = position.xy;
          at.y *= abs(at.y) * 2.4;
          vWay = normalize(vec3(at, -1.0));
          ${fine ? '' : `
            vec3 colour = skyColour(vWay);
            ${shown(false)}
            vWay = colour;`}
          gl_Position = projectionMatrix * modelViewMatrix
            * vec4(vec3(at, -1.0) * ${FAR.sky.toFixed(1)} + vec3(0.0, eye, 0.0), 1.0);
        }
      `,
      fragmentShader: /* glsl */`
        varying vec3 vWay;
        ${fine ? AIR + DOME : ''}
        void main() {
          float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy,
            vec2(0.06711056, 0.00583715))));
          gl_FragColor = vec4(${fine ? 'skyColour(normalize(vWay))' : 'vWay'}
            + (noise - 0.5) / 255.0, 1.0);
        }
      `,
    })
  }

  /**
   * @param {{fine: boolean}} level
   * @param {number} mirrored  1, or -1 in the water
   */
  #makeClouds({ fine }, mirrored) {
    return new ShaderMaterial({
      uniforms: this.#uniforms,
      vertexShader: cloudVertex(fine, mirrored),
      fragmentShader: CLOUD_FRAGMENT,
      transparent: true,
      depthWrite: false,
    })
  }
}

/** @param {Random} random */
function scatterStars(random) {
  const places = new Float32Array(STARS * 3)
  for (let i = 0; i < STARS; i++) {
    const up = 0.02 + 0.32 * Math.sqrt(random.next())
    places.set([random.between(-0.6, 0.6), up, random.between(0.2, 1) ** 2], 3 * i)
  }
  return new BufferGeometry().setAttribute('position', new BufferAttribute(places, 3))
}

function makeStars() {
  return new ShaderMaterial({
    uniforms: { alpha: { value: 0 }, eye: { value: 0 } },
    vertexShader: /* glsl */`
      uniform float eye;
      varying float vLight;
      void main() {
        vLight = position.z * smoothstep(0.0, 0.12, position.y);
        vec3 place = vec3(position.xy, -1.0) * ${FAR.sky.toFixed(1)} + vec3(0.0, eye, 0.0);
        gl_Position = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
        gl_PointSize = 1.0 + 1.6 * position.z;
      }
    `,
    fragmentShader: /* glsl */`
      uniform float alpha;
      varying float vLight;
      void main() {
        gl_FragColor = vec4(vec3(0.9, 0.92, 1.0), alpha * vLight);
        #include <tonemapping_fragment>
        #include <colorspace_fragment>
      }
    `,
    transparent: true,
    depthWrite: false,
  })
}

/** The sun and the moon; or their halo. @param {boolean} soft */
function makeDisc(soft) {
  return new ShaderMaterial({
    uniforms: { colour: { value: new Color() }, alpha: { value: 1 } },
    vertexShader: /* glsl */`
      varying vec2 vUv;
      void main() {
        vUv = 2.0 * uv - 1.0;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }
    `,
    fragmentShader: /* glsl */`
      uniform vec3 colour;
      uniform float alpha;
      varying vec2 vUv;
      void main() {
        float away = length(vUv);
        float light = ${soft ? '(1.0 - away) * (1.0 - away)' : 'smoothstep(1.0, 0.86, away)'};
        gl_FragColor = vec4(colour, alpha * light);
        #include <tonemapping_fragment>
        #include <colorspace_fragment>
      }
    `,
    transparent: true,
    depthWrite: false,
    blending: soft ? AdditiveBlending : NormalBlending,
  })
}

/**
 * Four soft, torn puffs in one picture, made by noise.
 *
 * @param {number} seed
 */
function paintPuffs(seed) {
  const size = TILE * TILES
  const values = new Uint8Array(size * size)
  const noise = makeNoise(seed + 77)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [(x % TILE + 0.5) / TILE * 2 - 1, (y % TILE + 0.5) / TILE * 2 - 1]
      const [a, b] = [x / TILE * 4.5, y / TILE * 4.5]
      const rough = 0.5 * noise(a, b) + 0.28 * noise(2.1 * a, 2.1 * b) + 0.16 * noise(4.3 * a,
        4.3 * b)
      const away = Math.hypot(u, v * (v < 0 ? 1.25 : 1))
      values[y * size + x] = 255 * smoothstep(0.02, 0.5, 0.86 - away + 0.42 * rough) * smoothstep(1,
        0.85, away)
    }
  }
  const picture = new DataTexture(values, size, size, RedFormat)
  picture.magFilter = LinearFilter
  picture.minFilter = LinearFilter
  picture.needsUpdate = true
  return picture
}

/** What the weather of a seed likes: how many clouds, of how many puffs, how wide and how high. */
const STYLES = [
  { clouds: 15, puffs: 12, wide: 0.075, high: 0.042, heap: 1 },
  { clouds: 10, puffs: 20, wide: 0.085, high: 0.055, heap: 1.5 },
  { clouds: 26, puffs: 6, wide: 0.17, high: 0.016, heap: 0.25 },
  { clouds: 40, puffs: 5, wide: 0.055, high: 0.022, heap: 0.5 },
]
/** What closes the sky. */
const VEIL = { clouds: 15, puffs: 2, wide: 0.24, high: 0.042, heap: 0.3 }
/** Cover from which it does. */
const CLOSING = 0.5

/** @param {Random} random */
function makeClouds(random) {
  const styles = [random.pick(STYLES), random.pick(STYLES), VEIL]
  /** @type {number[]} */
  const puff = []
  /** @type {number[]} */
  const shape = []
  for (const style of styles) {
    const { clouds, puffs, wide, high, heap } = style
    for (let i = 0; i < clouds; i++) {
      const x = random.between(-SPREAD, SPREAD)
      const y = 0.015 + 0.21 * random.next()
      // Farther away they are smaller and flatter.
      const size = random.between(0.6, 1.3) * (0.4 + 2.4 * y)
      const rank = style === VEIL ? random.between(CLOSING, 0.9) : random.next() ** 1.3
      for (let k = 0; k < puffs; k++) {
        const across = random.between(-1, 1)
        const up = heap * high * size * (1 - across * across) * random.between(0, 1.4)
        const scale = size * random.between(0.5, 1) * (1 - 0.45 * Math.abs(across))
        const tile = random.whole(0, 3)
        for (const [cx, cy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
          puff.push(x + across * wide * size * 1.5, y + up, rank * 0.9 + 0.1 * (k / puffs), tile)
          shape.push(cx, cy, wide * scale, high * scale * 1.35)
        }
      }
    }
  }
  const count = puff.length / 16
  const index = new Uint32Array(count * 6)
  for (let i = 0; i < count; i++) index.set([0, 1, 2, 0, 2, 3].map((corner) => 4 * i + corner),
    6 * i)
  const geometry = new BufferGeometry()
  geometry.setAttribute('puff', new BufferAttribute(new Float32Array(puff), 4))
  geometry.setAttribute('shape', new BufferAttribute(new Float32Array(shape), 4))
  geometry.setIndex(new BufferAttribute(index, 1))
  return geometry
}
