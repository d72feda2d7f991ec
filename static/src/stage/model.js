import { AnimationMixer, LoopOnce, PropertyBinding, Quaternion, Vector3 } from 'three'
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js'
import { disposeTree } from './environment.js'
import { smoothing } from './spring.js'

/**
 * Models in glTF that move by themselves and follow whoever is seen.
 *
 * A scene says in a table what follows what; bones and morph targets are called by their names in
 * the file:
 *
 *     { bone: 'head', turn: { y: 'body.head.yaw', x: 'body.head.pitch' }, gain: 0.6 }
 *     { bone: 'upperArm', along: ['body.12', 'body.14'] }
 *     { morph: 'jaw', follow: 'face.jaw' }
 *
 * A value is a path into the LiveState (`hands.left.open` is a hand of that side), or a function
 * of it. A landmark is a part of the Landmarks and MediaPipe's number of the point. What is not
 * seen is let go: the bone returns to what the animation says, the morph target to `rest`.
 *
 * @typedef {import('./motion.js').LiveState} LiveState
 * @typedef {import('./sight.js').Sight} Sight
 * @typedef {string | ((state: LiveState) => number | null | undefined)} Source
 *
 * @typedef {object} TurnBinding  turns a bone on top of its animation
 * @property {string} bone
 * @property {{x?: Source, y?: Source, z?: Source}} turn  degrees about the bone's axes
 * @property {number} [gain]  1 where it is not given
 *
 * @typedef {object} AlongBinding  lays a bone along two landmarks, as the mirror shows them
 * @property {string} bone  it points to its first child
 * @property {[string, string]} along
 * @property {number} [length]  of the part of the body in shoulder widths: what looks shorter
 *   reaches toward the camera
 *
 * @typedef {object} MorphBinding
 * @property {string} morph
 * @property {Source} follow
 * @property {number} [gain]  1 where it is not given
 * @property {number} [offset]  0 where it is not given; the result is kept from 0 to 1
 * @property {number} [rest]  the value while nothing is seen; 0 where it is not given
 *
 * @typedef {TurnBinding | AlongBinding | MorphBinding} Binding
 */

const HALF_LIFE = { turn: 0.05, along: 0.06, morph: 0.04, letGo: 0.3 }
const SHOULDERS = /** @type {const} */ (['body.11', 'body.12'])
const DEEPEST = 0.8

const turned = new Quaternion()
const parentTurn = new Quaternion()
const axis = { x: new Vector3(1, 0, 0), y: new Vector3(0, 1, 0), z: new Vector3(0, 0, 1) }
const from = new Vector3()
const to = new Vector3()
const aim = new Vector3()

/**
 * Reads a .glb or .gltf file and binds it.
 *
 * @param {string} url as `import url from './figure.glb?url'` gives it
 * @param {Binding[]} bindings
 * @param {Sight} sight
 * @throws {Error} when the file cannot be read, or lacks a name of the table
 */
export async function loadModel(url, bindings, sight) {
  const { scene, animations } = await new GLTFLoader().loadAsync(url)
  return new Model(scene, animations, bindings, sight)
}

export class Model {
  /** @type {Map<string, import('three').AnimationAction>} */
  #actions = new Map()
  /** @type {import('three').AnimationAction | null} */
  #playing = null
  /** @type {Joint[]} */
  #joints = []
  /** @type {{binding: MorphBinding, value: number, targets: {influences: number[], index: number}[]}[]} */
  #morphs = []

  /**
   * @param {import('three').Group} root
   * @param {import('three').AnimationClip[]} animations
   * @param {Binding[]} bindings
   * @param {Sight} sight
   */
  constructor(root, animations, bindings, sight) {
    this.root = root
    this.sight = sight
    shareSkeletons(root)
    this.mixer = new AnimationMixer(root)
    for (const clip of animations) this.#actions.set(clip.name, this.mixer.clipAction(clip))
    /** @type {Map<import('three').Object3D, Joint>} */
    const joints = new Map()
    for (const binding of bindings) {
      if ('morph' in binding) {
        const targets = morphTargets(root, binding.morph)
        this.#morphs.push({ binding, value: binding.rest ?? 0, targets })
        continue
      }
      const bone = root.getObjectByName(PropertyBinding.sanitizeNodeName(binding.bone))
      if (!bone) throw new Error(`The model has no bone ${binding.bone}; it has ${names(root)}.`)
      const joint = joints.get(bone) ?? new Joint(bone)
      joints.set(bone, joint)
      if ('turn' in binding) joint.turns.push(binding)
      else joint.along = binding
    }
    // A bone's place depends on its parents': they come first.
    root.traverse((object) => {
      const joint = joints.get(object)
      if (joint) this.#joints.push(joint)
    })
  }

  /**
   * Plays an animation of the file, and fades from the one before.
   *
   * @param {string} name
   * @param {{once?: boolean, fade?: number}} [how] seconds of the fade: 0.6 where not given
   * @throws {Error} when the file has no such animation
   */
  play(name, { once = false, fade = 0.6 } = {}) {
    const action = this.#actions.get(name)
    if (!action) {
      throw new Error(`The model has no animation ${name}; it has ${[...this.#actions.keys()].join(', ')}.`)
    }
    if (action === this.#playing && !once) return
    action.reset().play()
    if (once) action.setLoop(LoopOnce, 1)
    action.clampWhenFinished = once
    if (this.#playing && this.#playing !== action) action.crossFadeFrom(this.#playing, fade, false)
    this.#playing = action
  }

  /** Whether an animation that plays once has come to its end. */
  get rested() {
    return this.#playing?.paused ?? true
  }

  /**
   * @param {LiveState} state
   * @param {number} dt seconds
   */
  update(state, dt) {
    for (const joint of this.#joints) joint.restore()
    this.mixer.update(dt)
    for (const joint of this.#joints) joint.update(state, this.sight, dt)
    for (const morph of this.#morphs) {
      const { follow, gain = 1, offset = 0, rest = 0 } = morph.binding
      const seen = read(state, follow)
      const wanted = seen === null ? rest : Math.min(Math.max(offset + gain * seen, 0), 1)
      morph.value += (wanted - morph.value)
        * smoothing(dt, seen === null ? HALF_LIFE.letGo : HALF_LIFE.morph)
      for (const { influences, index } of morph.targets) influences[index] = morph.value
    }
  }

  /** Turns of the bound bones (quaternions) and values of the bound morph targets, by name. */
  get report() {
    return {
      bones: Object.fromEntries(this.#joints.map(({ bone }) => [bone.name, bone.quaternion.toArray()])),
      morphs: Object.fromEntries(this.#morphs.map(({ binding, value }) => [binding.morph, value])),
    }
  }

  dispose() {
    this.mixer.stopAllAction()
    this.root.traverse((object) => {
      const { skeleton, material } = /** @type {import('three').SkinnedMesh} */ (object)
      skeleton?.dispose()
      for (const each of [material].flat()) {
        for (const value of Object.values(each ?? {})) if (value?.isTexture) value.dispose()
      }
    })
    disposeTree(this.root)
  }
}

/**
 * Meshes with the same bones get the same skeleton: the loader gives each its own, and the turns
 * of all bones would be sent to the graphics card for each mesh again.
 *
 * @param {import('three').Object3D} root
 */
function shareSkeletons(root) {
  /** @type {import('three').Skeleton[]} */
  const skeletons = []
  root.traverse((object) => {
    const mesh = /** @type {import('three').SkinnedMesh} */ (object)
    if (!mesh.isSkinnedMesh) return
    const { bones, boneInverses } = mesh.skeleton
    const same = skeletons.find((one) => one.bones.length === bones.length
      && one.bones.every((bone, i) => bone === bones[i] && one.boneInverses[i].equals(boneInverses[i])))
    if (same) mesh.skeleton = same
    else skeletons.push(mesh.skeleton)
  })
}

/** A bone that follows: first as it is animated, then as it is bound. */
class Joint {
  /** @type {TurnBinding[]} */
  turns = []
  /** @type {AlongBinding | null} */
  along = null
  #animated = new Quaternion()
  /** The eased turn on top, and the eased direction with how much it counts. */
  #turn = new Quaternion()
  #aimed = new Quaternion()
  #weight = 0

  /** @param {import('three').Object3D} bone */
  constructor(bone) {
    this.bone = bone
    this.#animated.copy(bone.quaternion)
    this.rest = bone.quaternion.clone()
    /** Where it points to at rest, as its parent sees it. */
    this.points = (bone.children[0]?.position.clone() ?? new Vector3(0, 1, 0))
      .normalize().applyQuaternion(this.rest)
  }

  /** The mixer writes only what has changed, so it must find what it wrote. */
  restore() {
    this.bone.quaternion.copy(this.#animated)
  }

  /**
   * @param {LiveState} state
   * @param {Sight} sight
   * @param {number} dt
   */
  update(state, sight, dt) {
    const { bone } = this
    this.#animated.copy(bone.quaternion)
    if (this.along) this.#lay(this.along, sight, dt)
    turned.identity()
    let seen = false
    for (const { turn, gain = 1 } of this.turns) {
      for (const name of /** @type {const} */ (['y', 'x', 'z'])) {
        const value = turn[name] === undefined ? null : read(state, turn[name])
        if (value === null) continue
        seen = true
        turned.multiply(parentTurn.setFromAxisAngle(axis[name], gain * value * Math.PI / 180))
      }
    }
    this.#turn.slerp(turned, smoothing(dt, seen ? HALF_LIFE.turn : HALF_LIFE.letGo))
    bone.quaternion.multiply(this.#turn)
  }

  /**
   * @param {AlongBinding} along
   * @param {Sight} sight
   * @param {number} dt
   */
  #lay({ along: [start, end], length }, sight, dt) {
    const { bone } = this
    const seen = between(sight, start, end, aim)
    this.#weight += ((seen ? 1 : 0) - this.#weight) * smoothing(dt, seen ? 0.15 : HALF_LIFE.letGo)
    if (seen) {
      const flat = aim.length()
      const width = length ? between(sight, ...SHOULDERS, to)?.length() ?? 0 : 0
      if (length && width > 0) {
        aim.z = DEEPEST * flat * Math.sqrt(Math.max((length * width / flat) ** 2 - 1, 0))
        aim.z = Math.min(aim.z, 2 * flat)
      }
      if (bone.parent) {
        bone.parent.updateWorldMatrix(true, false)
        aim.applyQuaternion(bone.parent.getWorldQuaternion(parentTurn).invert())
      }
      turned.setFromUnitVectors(this.points, aim.normalize()).multiply(this.rest)
      const first = this.#weight < 0.05
      this.#aimed.slerp(turned, first ? 1 : smoothing(dt, HALF_LIFE.along))
    }
    bone.quaternion.slerp(this.#aimed, this.#weight)
  }
}

/**
 * The way from one landmark to another in the mirror, in picture heights.
 *
 * @param {Sight} sight
 * @param {string} start
 * @param {string} end
 * @param {Vector3} target
 */
function between(sight, start, end, target) {
  if (!landmark(sight, start, from) || !landmark(sight, end, target)) return null
  target.sub(from)
  target.x *= sight.aspect
  target.z = 0
  return target.lengthSq() > 1e-6 ? target : null
}

/**
 * @param {Sight} sight
 * @param {string} name such as body.12
 * @param {Vector3} target
 */
function landmark(sight, name, target) {
  const [part, index] = name.split('.')
  return sight.point(/** @type {import('./sight.js').Part} */ (part), Number(index), target)
}

/**
 * @param {LiveState} state
 * @param {Source} source
 * @returns {number | null} null while it is not seen
 */
function read(state, source) {
  if (typeof source === 'function') return source(state) ?? null
  const [first, ...path] = source.split('.')
  /** @type {any} */
  let value = first === 'hands'
    ? state.body.hands.find(({ side }) => side === path[0])
    : state[/** @type {keyof LiveState} */ (first)]
  for (const name of first === 'hands' ? path.slice(1) : path) value = value?.[name]
  return typeof value === 'number' ? value : null
}

/**
 * @param {import('three').Object3D} root
 * @param {string} name
 * @throws {Error} when no mesh has a morph target of this name
 */
function morphTargets(root, name) {
  /** @type {{influences: number[], index: number}[]} */
  const targets = []
  const known = new Set()
  root.traverse((object) => {
    const { morphTargetDictionary = {}, morphTargetInfluences = [] } =
      /** @type {import('three').Mesh} */ (object)
    for (const each of Object.keys(morphTargetDictionary)) known.add(each)
    const index = morphTargetDictionary[name]
    if (index !== undefined) targets.push({ influences: morphTargetInfluences, index })
  })
  if (targets.length === 0) {
    throw new Error(`The model has no morph target ${name}; it has ${[...known].join(', ') || 'none'}.`)
  }
  return targets
}

/** @param {import('three').Object3D} root */
function names(root) {
  /** @type {string[]} */
  const found = []
  root.traverse(({ name }) => name && found.push(name))
  return found.join(', ')
}
