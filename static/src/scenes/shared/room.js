import {
  AdditiveBlending, BufferGeometry, Color, Float32BufferAttribute, Fog, HemisphereLight, Mesh,
  Points, ShaderMaterial, SpotLight, Vector3,
} from 'three'
import { setOklch } from '../../stage/colour.js'
import { Steady } from '../../stage/steady.js'
import { smoothing } from '../../stage/spring.js'
import { makeCove, makeFineGround, PlainGround } from './ground.js'

/** @typedef {import('../../stage/motion.js').LiveState} LiveState */

const KEY = { distance: 6.6, azimuth: -0.82, elevation: 0.78, intensity: 230 }
const RIM = { at: new Vector3(3.1, 2.3, -3.4), intensity: 70 }
/**
 * How far the head turns the light, and how far the day does, in radians; and how fast at most
 * in a second, so that a shaken head does not make it flicker.
 */
const TURN = { yaw: 0.95, pitch: 0.5, day: 0.16, fastest: 1 }
const DAY = 90
const FOG = { near: 8.2, far: 17 }

const DUST_VERTEX = /* glsl */`
  attribute vec4 seed;
  uniform float flow;
  uniform float stir;
  uniform float scale;
  varying float vLight;
  void main() {
    vec3 p = position;
    vec3 t = flow * (0.4 + seed.xyz) + seed.w * 40.0;
    p += vec3(sin(t.x + p.y), sin(t.y * 0.8 + p.z), sin(t.z * 0.9 + p.x)) * (0.12 + 0.5 * stir);
    p.y = mod(p.y + flow * 0.06 * (seed.x - 0.3) + 1.05, 3.4) - 1.05;
    vec4 view = modelViewMatrix * vec4(p, 1.0);
    gl_Position = projectionMatrix * view;
    gl_PointSize = scale * (0.5 + seed.w) / -view.z;
    // Brightest in the beam, which falls from the upper left.
    float across = length(p.xz - vec2(-0.35, 0.25) * (p.y + 0.3));
    vLight = exp(-across * across * 0.9) * smoothstep(-1.05, -0.6, p.y);
  }
`
const DUST_FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying float vLight;
  void main() {
    float d = length(gl_PointCoord - 0.5) * 2.0;
    gl_FragColor = vec4(colour * vLight * smoothstep(1.0, 0.0, d), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`
/** Size of a mote as a share of the picture's height, at one scene unit from the camera. */
const MOTE = 0.026
const DUST_BOX = { x: 5, y: 3.4, z: 4 }

/** The dark room: ground, the glow far behind, the key light like a window, a rim, and dust. */
export class Room {
  #key = new SpotLight(0xffffff, KEY.intensity, 0, 0.48, 1, 2)
  #rim = new SpotLight(0xffffff, RIM.intensity, 0, 0.42, 1, 2)
  #sky = new HemisphereLight(0xffffff, 0x000000, 0.16)
  #keyLight = new Steady(0.5)
  #glowLight = new Steady(0.3)
  #azimuth = KEY.azimuth
  #elevation = KEY.elevation
  #accent = new Color()
  #glow = new Color()
  #ground = new Color()
  #fog = new Fog(0, FOG.near, FOG.far)
  #dust

  /**
   * @param {import('../../stage/stage.js').SceneStage} stage
   * @param {import('three').PointLight} ember
   */
  constructor({ scene, renderer, level }, ember) {
    this.scene = scene
    this.renderer = renderer
    this.ember = ember
    this.background = new Color()
    scene.background = this.background
    scene.fog = this.#fog
    scene.environmentIntensity = 0.62

    this.ground = new Mesh(
      makeCove(),
      /** @type {import('three').Material} */ (new PlainGround(this.#fog)),
    )
    this.ground.receiveShadow = true

    this.#key.shadow.camera.near = 2
    this.#key.shadow.camera.far = 11
    this.#key.shadow.bias = -0.0006
    this.#key.shadow.normalBias = 0.02
    this.#key.shadow.radius = 7
    this.#key.shadow.blurSamples = 14
    this.#rim.position.copy(RIM.at)
    this.#rim.target.position.y = 0.35
    scene.add(this.#key, this.#key.target, this.#rim, this.#rim.target, this.#sky, this.ground)
    this.#dust = makeDust(level.dust)
    scene.add(this.#dust)
    this.setLevel(level)
  }

  /** Key and rim. */
  get lamps() {
    return [this.#key, this.#rim]
  }

  get sky() {
    return this.#sky
  }

  /** @param {import('../../stage/quality.js').Level} level */
  setLevel(level) {
    this.ground.material.dispose()
    this.ground.material = level.fine ? makeFineGround(this.#glow) : new PlainGround(this.#fog)
    this.#key.castShadow = level.shadow > 0
    if (level.shadow) this.#key.shadow.mapSize.set(level.shadow, level.shadow)
    this.#key.shadow.map?.dispose()
    this.#key.shadow.map = null
    this.#dust.geometry.setDrawRange(0, level.dust)
  }

  /**
   * @param {LiveState} state
   * @param {number} dt
   * @param {number} time
   * @param {number} breath -1 to 1
   */
  update(state, dt, time, breath) {
    const { head } = state.body
    const weight = head?.weight ?? 0
    const turn = smoothing(dt, 0.12)
    const day = TURN.day * Math.sin(time * 2 * Math.PI / DAY)
    const yaw = weight * (head?.yaw ?? 0) / 45
    const pitch = weight * (head?.pitch ?? 0) / 40
    const most = TURN.fastest * dt
    this.#azimuth += limit((KEY.azimuth + day + TURN.yaw * yaw - this.#azimuth) * turn, most)
    this.#elevation += limit((KEY.elevation + TURN.pitch * pitch - this.#elevation) * turn, most)
    const flat = Math.cos(this.#elevation) * KEY.distance
    this.#key.position.set(
      Math.sin(this.#azimuth) * flat,
      Math.sin(this.#elevation) * KEY.distance,
      Math.cos(this.#azimuth) * flat,
    )
    this.scene.environmentRotation.y = -0.6 * (this.#azimuth - KEY.azimuth)

    const { accent, ground } = state.colour
    setOklch(this.background, [ground[0], Math.min(ground[1], 0.012), ground[2]])
    this.background.multiplyScalar(0.6)
    this.#fog.color.copy(this.background)
    // The floor is a shade lighter than the dark, or its pool of light would not be seen.
    setOklch(this.#ground, [ground[0] + 0.17, Math.min(ground[1], 0.014), ground[2]])
    setOklch(this.#accent, [0.78, 0.75 * accent[1], accent[2]])

    const key = this.#keyLight.step(
      0.44 + 0.1 * state.presence + 0.12 * state.affect.arousal + 0.025 * breath, dt)
    setOklch(this.#key.color, [0.93, 0.014 + 0.06 * accent[1], accent[2]])
    this.#key.intensity = 2 * key * KEY.intensity
    const glow = this.#glowLight.step(0.26 + 0.22 * state.presence + 0.03 * breath, dt)
    this.#rim.color.copy(this.#accent)
    this.#rim.intensity = RIM.intensity * (0.5 + glow)
    this.#glow.copy(this.#accent).multiplyScalar(0.06 * glow)
    this.#sky.color.copy(this.#accent)
    const { material } = this.ground
    if (material instanceof PlainGround) {
      material.update(this.#ground, {
        key: this.#key, rim: this.#rim, ember: this.ember, glow: this.#glow,
      })
    } else /** @type {import('three').MeshStandardMaterial} */ (material).color = this.#ground

    const { flow, stir, colour, scale } = this.#dust.material.uniforms
    scale.value = MOTE * this.renderer.domElement.height
    flow.value += dt * (0.25 + 0.5 * state.motion.speed + 2.2 * state.body.energy)
    stir.value += (state.body.energy - stir.value) * smoothing(dt, 0.3)
    colour.value.copy(this.#key.color).multiplyScalar(0.5 * key)
  }
}

/** @param {number} count */
function makeDust(count) {
  const positions = []
  const seeds = []
  const between = (/** @type {number} */ size) => (Math.random() - 0.5) * size
  for (let i = 0; i < Math.max(count, 900); i++) {
    positions.push(between(DUST_BOX.x), between(DUST_BOX.y) + 0.65, between(DUST_BOX.z))
    seeds.push(Math.random(), Math.random(), Math.random(), Math.random())
  }
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new Float32BufferAttribute(positions, 3))
  geometry.setAttribute('seed', new Float32BufferAttribute(seeds, 4))
  const dust = new Points(geometry, new ShaderMaterial({
    uniforms: {
      flow: { value: 0 }, stir: { value: 0 }, scale: { value: 26 },
      colour: { value: new Color() },
    },
    vertexShader: DUST_VERTEX,
    fragmentShader: DUST_FRAGMENT,
    blending: AdditiveBlending,
    depthWrite: false,
    transparent: true,
  }))
  dust.frustumCulled = false
  return dust
}

/**
 * @param {number} value
 * @param {number} most
 */
const limit = (value, most) => Math.min(Math.max(value, -most), most)
