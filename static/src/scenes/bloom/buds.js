import {
  Color, DynamicDrawUsage, InstancedBufferAttribute, InstancedMesh, Matrix4, MeshPhysicalMaterial,
  Quaternion, SphereGeometry, Vector3,
} from 'three'
import { setOklch } from '../../stage/colour.js'
import { Spring } from '../../stage/spring.js'
import { VertexLitMaterial } from '../../stage/vertexlit.js'
import { GROUND } from '../../stage/view.js'
import { GOLDEN_ANGLE } from './whorl.js'

/**
 * @typedef {import('../../protocol.js').SceneObject} SceneObject
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 * @typedef {import('../../stage/quality.js').Level} Level
 *
 * @typedef {object} Bud
 * @property {SceneObject} object
 * @property {Vector3} position
 * @property {Vector3} velocity
 * @property {Vector3} home
 * @property {Quaternion} turn
 * @property {Spring} grown  0 to 1
 * @property {Vector3} stretch
 * @property {number} size
 * @property {number} depth  how far it reaches down
 * @property {Spring} scale  the same as `grown`, for the shade on the ground
 */

/** No more than this is drawn, whatever arrives; the oldest leave first. */
const MOST = 48
/**
 * What becomes of each kind: number of folds, their depth, how pointed, how long.
 *
 * @type {Record<string, [number, number, number, number]>}
 */
const SEEDS = {
  sphere: [5, 0.12, 0.35, 1.05],
  capsule: [6, 0.07, 0.35, 1.5],
  torus: [6, 0.14, 0.1, 0.75],
  knot: [3, 0.3, 0.25, 1],
  box: [4, 0.14, 0.2, 0.95],
  cone: [6, 0.08, 1, 1.35],
  octahedron: [5, 0.22, 0.7, 1.2],
  tetrahedron: [3, 0.24, 0.9, 1.2],
  shard: [5, 0.12, 1, 2],
}
const PULL = 7
const DAMPING = 0.8
const SUBSTEP = 1 / 60
const HAND_REACH = 0.7

const VERTEX = /* glsl */`
  attribute vec4 character; // folds, their depth, pointedness, length
  uniform float twist;
  varying float vFold;
  vec3 budAt(vec3 d) {
    float around = atan(d.z, d.x);
    float up_ = d.y;
    float flute = 0.5 + 0.5 * cos(character.x * (around + twist * up_));
    float narrow = mix(1.0, 0.62 - 0.38 * up_, character.z);
    float r = (1.0 - character.y * (1.0 - flute)) * narrow;
    return vec3(d.x * r, d.y * character.w, d.z * r);
  }
  void takeBud(out vec3 point, out vec3 outward) {
    vec3 d = normalize(position);
    vec3 side = normalize(vec3(-d.z, 0.0, d.x + 0.0001));
    vec3 above = cross(d, side);
    point = budAt(d);
    outward = normalize(cross(budAt(normalize(d + 0.04 * above)) - point,
      budAt(normalize(d + 0.04 * side)) - point));
    vFold = 1.0 - 1.8 * character.y * (0.5 - 0.5 * cos(character.x * (atan(d.z, d.x) + twist * d.y)));
  }
`

const place = new Vector3()
const hand = new Vector3()
const away = new Vector3()
const grow = new Vector3()
const colour = new Color()
const matrix = new Matrix4()
const spin = new Quaternion()
const axis = new Vector3()

/** What the expression has made: buds and seeds that gather around the flower. */
export class Buds {
  /** @type {Map<number, Bud>} */
  born = new Map()
  /** @type {Bud[]} */
  leaving = []
  #twist = { value: 0.9 }
  #character = new InstancedBufferAttribute(new Float32Array(4 * MOST), 4)
    .setUsage(DynamicDrawUsage)

  /**
   * @param {import('../../stage/stage.js').SceneStage} stage
   * @param {{hands: {value: number}, buds: {value: number}, drift: {value: number}}} parameters
   */
  constructor({ scene, view, level }, parameters) {
    this.view = view
    this.parameters = parameters
    this.mesh = new InstancedMesh(this.#makeGeometry(level), this.#makeMaterial(level), MOST)
    this.mesh.instanceMatrix.setUsage(DynamicDrawUsage)
    this.mesh.frustumCulled = false
    scene.add(this.mesh)
  }

  get all() {
    return [...this.born.values(), ...this.leaving]
  }

  /** @param {Level} level */
  setLevel(level) {
    this.mesh.geometry.dispose()
    this.mesh.material.dispose()
    this.mesh.geometry = this.#makeGeometry(level)
    this.mesh.material = this.#makeMaterial(level)
  }

  /**
   * Takes in who is new and who has to go.
   *
   * @param {LiveState} state
   */
  follow({ reset, remove, add }) {
    if (reset) for (const id of [...this.born.keys()]) this.#leave(id)
    for (const id of remove) this.#leave(id)
    for (const object of add) this.#add(object)
  }

  /**
   * @param {LiveState} state
   * @param {number} step seconds
   * @param {import('./gesture.js').Gesture} gesture
   * @param {import('../shared/rhythm.js').Rhythm} rhythm
   */
  update(state, step, gesture, rhythm) {
    for (const bud of this.born.values()) this.#home(bud, state, gesture, rhythm)
    for (const bud of this.leaving) {
      // Outward, and up or down with the mood, like seeds in the wind.
      bud.home.addScaledVector(away.copy(bud.home).setY(0).normalize(), 0.5 * step)
      bud.home.y += step * (state.motion.lift < -0.1 ? -0.5 : 0.6)
    }
    const steps = Math.ceil(step / SUBSTEP)
    for (let i = 0; i < steps; i++) this.#move(state, step / steps)
    for (const bud of this.all) {
      const [x, y, z] = bud.object.spin
      const speed = Math.hypot(x, y, z)
      bud.turn.premultiply(spin.setFromAxisAngle(
        axis.set(x, y, z).divideScalar(speed || 1), speed * step * (0.3 + 0.7 * state.motion.speed)))
      bud.grown.step(step)
    }
    this.leaving = this.leaving.filter(({ grown }) => grown.value > 0.01)
    this.#draw(state)
  }

  /** @param {LiveState} state */
  #draw({ colour: { meanings } }) {
    let count = 0
    for (const { object, position, turn, grown, size } of this.all.slice(-MOST)) {
      grow.setScalar(size * Math.max(grown.value, 0.001))
      this.mesh.setMatrixAt(count, matrix.compose(position, turn, grow))
      // What a thing stands for has a colour of its own.
      const own = object.meaning ? meanings[object.meaning] : undefined
      const [lightness, chroma, hue] = own ?? object.colour
      this.mesh.setColorAt(count, setOklch(colour, [lightness, 0.8 * chroma, hue]))
      this.#character.setXYZW(count, ...SEEDS[object.kind])
      count++
    }
    this.mesh.count = count
    this.mesh.instanceMatrix.needsUpdate = true
    this.#character.needsUpdate = true
    if (this.mesh.instanceColor) this.mesh.instanceColor.needsUpdate = true
  }

  /** @param {SceneObject} object */
  #add(object) {
    const { id, size, position: [x, y, z], kind } = object
    if (this.born.has(id)) return
    const { spread } = this.view
    const grown = new Spring(0, 1.1, 0.6)
    grown.target = 1
    // It comes from where the visitor is, and gathers.
    const position = new Vector3(x * spread.x, y * spread.y, z * spread.z + 0.4)
    const radius = size * this.parameters.buds.value
    this.born.set(id, {
      object, position, grown, scale: grown, size: radius,
      velocity: new Vector3(), home: position.clone(),
      turn: new Quaternion().setFromAxisAngle(axis.set(0.6, 0.3, 1).normalize(), id * GOLDEN_ANGLE),
      stretch: new Vector3(1, 1, 1), depth: radius * Math.max(1, SEEDS[kind][3]),
    })
    if (this.born.size > MOST) this.#leave(this.born.keys().next().value ?? id)
  }

  /** @param {number} id */
  #leave(id) {
    const bud = this.born.get(id)
    if (!bud) return
    this.born.delete(id)
    const grown = new Spring(bud.grown.value, 1.3, 0.95)
    grown.target = 0
    this.leaving.push({ ...bud, grown, scale: grown })
  }

  /**
   * A place in a slow ring around the flower, drawn toward where the bud was born.
   *
   * @param {Bud} bud
   * @param {LiveState} state
   * @param {import('./gesture.js').Gesture} gesture
   * @param {import('../shared/rhythm.js').Rhythm} rhythm
   */
  #home({ object: { id, position: [x, y] }, home }, { motion, body }, gesture, { flow, breath }) {
    const { spread } = this.view
    const angle = id * GOLDEN_ANGLE + 0.16 * flow * this.parameters.drift.value
    const share = (id * 0.618034) % 1
    const far = (0.82 + 0.34 * share + 0.2 * gesture.open + 0.3 * gesture.burst) * (1 - 0.2 * gesture.shrink)
    const narrow = Math.min(spread.x / 1.3, 1.15)
    home.set(
      far * narrow * Math.cos(angle),
      0.7 * (share - 0.45) - 0.42 * Math.max(Math.sin(angle), 0) + 0.2 * Math.sin(angle * 2 + id) + 0.03 * breath + 0.2 * motion.lift,
      far * 0.75 * Math.sin(angle),
    )
    home.x += 0.22 * x * spread.x + 0.45 * body.lean
    home.y += 0.3 * y * spread.y - 0.2 * body.lean * Math.cos(angle)
    // Around the flower, not before its face.
    const beside = Math.max((0.72 + 0.3 * gesture.open) / (Math.hypot(home.x, home.y) + 0.05), 1)
    home.x *= beside
    home.y *= beside
  }

  /**
   * @param {LiveState} state
   * @param {number} dt seconds
   */
  #move({ body: { hands, energy } }, dt) {
    const { spread } = this.view
    const damping = 2 * DAMPING * Math.sqrt(PULL)
    for (const { position, velocity, home, size } of this.all) {
      velocity.addScaledVector(place.subVectors(home, position), PULL * dt)
      velocity.addScaledVector(velocity, -damping * dt)
      const swirl = dt * 2.6 * energy
      velocity.x += swirl * position.z
      velocity.z -= swirl * position.x
      for (const { x, y, open, weight } of hands) {
        hand.set(x * spread.x, y * spread.y, 0.3)
        away.subVectors(position, hand)
        const near = Math.exp(-away.lengthSq() / (HAND_REACH * HAND_REACH))
        velocity.addScaledVector(away.normalize(),
          14 * this.parameters.hands.value * weight * near * (1.7 * open - 0.7) * dt)
      }
      position.addScaledVector(velocity, dt)
      position.y = Math.max(position.y, GROUND + size)
    }
  }

  /** @param {Level} level */
  #makeGeometry({ detail, fine }) {
    const around = fine ? detail * 2 : detail
    const geometry = new SphereGeometry(1, around, Math.round(0.36 * around))
    geometry.deleteAttribute('uv')
    geometry.setAttribute('character', this.#character)
    return geometry
  }

  /** @param {Level} level */
  #makeMaterial({ fine }) {
    const material = fine
      ? new MeshPhysicalMaterial({
        roughness: 0.5, clearcoat: 0.4, clearcoatRoughness: 0.25, sheen: 0.4, dithering: true,
      })
      : new VertexLitMaterial({ roughness: 0.55 })
    if (material instanceof MeshPhysicalMaterial) material.envMapIntensity = 0.7
    material.customProgramCacheKey = () => `bloom-buds-${fine}`
    material.onBeforeCompile = (shader) => {
      shader.uniforms.twist = this.#twist
      shader.vertexShader = VERTEX + shader.vertexShader
        .replace('#include <beginnormal_vertex>', /* glsl */`
          vec3 budPoint;
          vec3 objectNormal;
          takeBud(budPoint, objectNormal);
        `)
        .replace('#include <begin_vertex>', 'vec3 transformed = budPoint;')
        .replace('vec3 own = diffuse;', 'vec3 own = diffuse * vFold;')
      shader.fragmentShader = `varying float vFold;\n${shader.fragmentShader
        .replace('#include <color_fragment>', /* glsl */`
          #include <color_fragment>
          diffuseColor.rgb *= vFold;
        `)}`
    }
    return material
  }
}
