/**
 * `npm run make-puppet`: writes src/scenes/puppet/puppet.glb, a marionette of porcelain, silk and
 * gold, made of nothing but the formulas below. The same file comes out each time.
 *
 * It looks along z, y is up, and it is about two units high around the origin. L and R are its own
 * sides: L is at positive x. Bones, morph targets, animations and materials are found by their
 * names; docs/scenes.md lists them.
 */
import { writeFileSync } from 'node:fs'
import {
  AnimationClip, Bone, BufferAttribute, BufferGeometry, Euler, Float32BufferAttribute, Group,
  MathUtils, MeshStandardMaterial, Quaternion, QuaternionKeyframeTrack, Skeleton, SkinnedMesh,
  Vector3,
} from 'three'
import { GLTFExporter } from 'three/addons/exporters/GLTFExporter.js'
import { mergeGeometries } from 'three/addons/utils/BufferGeometryUtils.js'

const { sin, cos, exp, abs, min, max, PI, hypot } = Math

// The exporter knows only browsers' way to read a Blob.
globalThis.FileReader = /** @type {any} */ (class {
  async readAsArrayBuffer(/** @type {Blob} */ blob) {
    this.result = await blob.arrayBuffer()
    this.onloadend()
  }
})

/** Bones: name, parent, and where the joint is. @type {[string, string | null, number[]][]} */
const BONES = [
  ['hips', null, [0, -0.18, 0]],
  ['skirt', 'hips', [0, -0.34, 0]],
  ['hem', 'skirt', [0, -0.68, 0]],
  ['spine', 'hips', [0, 0.02, 0]],
  ['chest', 'spine', [0, 0.2, 0]],
  ['neck', 'chest', [0, 0.42, 0]],
  ['head', 'neck', [0, 0.5, 0.01]],
  ['upperArmL', 'chest', [0.19, 0.33, 0]],
  ['foreArmL', 'upperArmL', [0.33, 0.03, 0.02]],
  ['handL', 'foreArmL', [0.4, -0.26, 0.12]],
  ['upperArmR', 'chest', [-0.19, 0.33, 0]],
  ['foreArmR', 'upperArmR', [-0.33, 0.03, 0.02]],
  ['handR', 'foreArmR', [-0.4, -0.26, 0.12]],
]
const INDEX = new Map(BONES.map(([name], i) => [name, i]))
const at = (/** @type {string} */ name) => new Vector3(...BONES[INDEX.get(name)][2])

/** @param {number} x @param {number} from @param {number} to */
function smooth(x, from, to) {
  const t = min(max((x - from) / (to - from), 0), 1)
  return t * t * (3 - 2 * t)
}
const bump = (/** @type {number} */ x, /** @type {number} */ width) => exp(-(x * x) / (width * width))

/**
 * A surface over u and v from 0 to 1.
 *
 * @param {number} across  cells along u
 * @param {number} down  cells along v
 * @param {(u: number, v: number) => number[]} place
 * @param {boolean} [closed] u = 1 is u = 0 again
 */
function surface(across, down, place, closed = false) {
  const points = []
  const faces = []
  for (let j = 0; j <= down; j++) {
    for (let i = 0; i <= across; i++) points.push(...place(closed && i === across ? 0 : i / across, j / down))
  }
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      const a = j * (across + 1) + i
      const b = a + across + 1
      faces.push(a, b, a + 1, b, b + 1, a + 1)
    }
  }
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new Float32BufferAttribute(points, 3))
  geometry.setIndex(faces)
  geometry.computeVertexNormals()
  if (closed) {
    const normal = geometry.getAttribute('normal')
    const sum = new Vector3()
    for (let j = 0; j <= down; j++) {
      const a = j * (across + 1)
      sum.fromBufferAttribute(normal, a)
      sum.add(new Vector3().fromBufferAttribute(normal, a + across)).normalize()
      for (const i of [a, a + across]) normal.setXYZ(i, sum.x, sum.y, sum.z)
    }
  }
  return geometry
}

/**
 * Says how much each bone moves each point.
 *
 * @param {BufferGeometry} geometry
 * @param {(point: Vector3) => Record<string, number>} weigh
 */
function skin(geometry, weigh) {
  const position = geometry.getAttribute('position')
  const indices = []
  const weights = []
  const point = new Vector3()
  for (let i = 0; i < position.count; i++) {
    const given = Object.entries(weigh(point.fromBufferAttribute(position, i)))
      .filter(([, weight]) => weight > 0.001).sort((a, b) => b[1] - a[1]).slice(0, 4)
    const total = given.reduce((sum, [, weight]) => sum + weight, 0)
    for (let k = 0; k < 4; k++) {
      indices.push(given[k] ? INDEX.get(given[k][0]) : 0)
      weights.push(given[k] ? given[k][1] / total : 0)
    }
  }
  geometry.setAttribute('skinIndex', new BufferAttribute(new Uint8Array(indices), 4))
  geometry.setAttribute('skinWeight', quantized(weights, 4, Uint8Array))
  return geometry
}

/**
 * Numbers from -1 to 1 as whole ones (glTF's KHR_mesh_quantization): half the file.
 *
 * @param {ArrayLike<number>} numbers
 * @param {number} size  numbers of each point
 * @param {Int16ArrayConstructor | Uint8ArrayConstructor} kind
 */
function quantized(numbers, size, kind) {
  const array = new kind(numbers.length)
  for (let i = 0; i < array.length; i++) array[i] = MathUtils.normalize(numbers[i], array)
  return new BufferAttribute(array, size, true)
}

/** @param {BufferGeometry} geometry */
function quantize(geometry) {
  for (const name of ['position', 'normal']) {
    geometry.setAttribute(name, quantized(geometry.getAttribute(name).array, 3, Int16Array))
  }
  geometry.morphAttributes.position &&= geometry.morphAttributes.position.map((target) => {
    const smaller = quantized(target.array, 3, Int16Array)
    smaller.name = target.name
    return smaller
  })
  return geometry
}

/**
 * Gives a geometry morph targets: how far each point goes.
 *
 * @param {BufferGeometry} geometry
 * @param {Record<string, (point: Vector3) => number[]>} targets
 */
function morph(geometry, targets) {
  const position = geometry.getAttribute('position')
  const point = new Vector3()
  geometry.morphTargetsRelative = true
  geometry.morphAttributes.position = Object.entries(targets).map(([name, move]) => {
    const moved = []
    for (let i = 0; i < position.count; i++) moved.push(...move(point.fromBufferAttribute(position, i)))
    const attribute = new Float32BufferAttribute(moved, 3)
    attribute.name = name
    return attribute
  })
  return geometry
}

// -- The face --------------------------------------------------------------------------------

const FACE = { x: 0.158, y: 0.225, z: 0.17, centre: new Vector3(0, 0.665, 0.035) }
const EYE = { x: 0.066, y: 0.03 }
const MOUTH = -0.1

/**
 * The mask: forehead, sockets, nose, lips and chin on an egg.
 *
 * @param {number} x  from the middle of the face
 * @param {number} y
 * @returns {number} how far the face stands out at that place
 */
function relief(x, y) {
  const eye = hypot(abs(x) - EYE.x, 1.3 * (y - EYE.y))
  return 0.046 * bump(x, 0.022 + 0.012 * smooth(y, 0.03, -0.05)) * smooth(y, 0.085, -0.035) * smooth(y, -0.066, -0.045)
    + 0.012 * bump(x, 0.02) * bump(y - 0.06, 0.05)
    - 0.02 * bump(eye, 0.038)
    + 0.008 * bump(y - 0.082 + 0.5 * abs(x) ** 1.5, 0.02) * bump(abs(x) - 0.06, 0.06)
    + 0.01 * bump(hypot(abs(x) - 0.085, y + 0.03), 0.045)
    + 0.012 * bump(x, 0.045) * (bump(y - MOUTH - 0.014, 0.012) + bump(y - MOUTH + 0.017, 0.014))
    + 0.016 * bump(hypot(x, 1.2 * (y + 0.168)), 0.04)
}

/** A place on the face, out by `lift`. @param {number} x @param {number} y @param {number} [lift] */
function onFace(x, y, lift = 0) {
  const narrow = 1 - 0.34 * smooth(y, 0.02, -0.22) - 0.06 * smooth(y, 0.1, 0.24)
  const across = min(abs(x) / (FACE.x * narrow), 1)
  const up = min(abs(y) / FACE.y, 1)
  const depth = FACE.z * Math.sqrt(max(1 - up * up, 0)) * Math.sqrt(max(1 - across * across, 0.0001))
  return [
    FACE.centre.x + x,
    FACE.centre.y + y,
    FACE.centre.z + depth + (depth / FACE.z) * relief(x, y) + lift,
  ]
}

/** How much the jaw carries a place: all of the chin, nothing above the lips. @param {Vector3} p */
const jawShare = (p) => smooth(p.y - FACE.centre.y, MOUTH + 0.012, MOUTH - 0.06)
/** @param {Vector3} p */
const jaw = (p) => [0, -0.055 * jawShare(p), -0.016 * jawShare(p)]
/** Corners up and out. @param {Vector3} p */
function smile(p) {
  const x = p.x - FACE.centre.x
  const near = bump(p.y - FACE.centre.y - MOUTH, 0.05) * smooth(abs(x), 0.012, 0.05)
  const cheek = bump(hypot(abs(x) - 0.085, p.y - FACE.centre.y + 0.03), 0.05)
  return [Math.sign(x) * 0.012 * near, 0.024 * near + 0.006 * cheek, -0.006 * near + 0.008 * cheek]
}
/** Corners together and forward. @param {Vector3} p */
function pucker(p) {
  const x = p.x - FACE.centre.x
  const near = bump(p.y - FACE.centre.y - MOUTH, 0.04) * bump(x, 0.07)
  return [-0.5 * x * near, 0, 0.016 * near]
}

const mask = morph(skin(
  surface(30, 34, (u, v) => {
    const angle = (u - 0.5) * 2
    const y = FACE.y * cos(PI * (0.02 + 0.96 * v))
    const narrow = 1 - 0.34 * smooth(y, 0.02, -0.22) - 0.06 * smooth(y, 0.1, 0.24)
    const ring = Math.sqrt(max(1 - (y / FACE.y) ** 2, 0))
    return onFace(FACE.x * narrow * ring * sin(angle * PI / 2) * 0.999, y)
  }),
  () => ({ head: 1 }),
), { jaw, smile, pucker })

/** A lens on the face: an eye or the mouth, `open` high in its middle. */
function lens(x, y, width, open, curve, lift) {
  return surface(16, 4, (u, v) => {
    const t = 2 * u - 1
    const height = open * (1 - t * t)
    return onFace(x + width * t, y + curve * t * t + height * (0.5 - v), lift)
  })
}

/** @param {number} side -1 or 1 */
function blink(side) {
  return (/** @type {Vector3} */ p) => {
    const x = p.x - FACE.centre.x
    const y = p.y - FACE.centre.y
    const mine = x * side > 0 && y > -0.02 ? 1 : 0
    const line = EYE.y - 0.004 - 0.1 * (abs(x) - EYE.x) ** 2 / 0.04
    return [0, mine * 0.94 * (line - y), 0]
  }
}
const glow = morph(skin(mergeGeometries([
  lens(EYE.x, EYE.y, 0.035, 0.021, -0.005, 0.006),
  lens(-EYE.x, EYE.y, 0.035, 0.021, -0.005, 0.006),
  lens(0, MOUTH, 0.043, 0.006, 0.003, 0.004),
]), () => ({ head: 1 })), {
  jaw: (p) => {
    const y = p.y - FACE.centre.y - MOUTH
    if (y > 0.02) return [0, 0, 0]
    const x = (p.x - FACE.centre.x) / 0.043
    const lower = smooth(y - 0.003 * x * x, 0.0025, -0.0025)
    return [-0.008 * x, -0.05 * lower * (1 - x * x), -0.012 * lower]
  },
  smile: (p) => {
    if (p.y - FACE.centre.y > -0.05) return [0, 0, 0]
    const x = (p.x - FACE.centre.x) / 0.043
    return [0.012 * x, 0.026 * x * x - 0.003, -0.008 * x * x]
  },
  pucker: (p) => (p.y - FACE.centre.y > -0.05
    ? [0, 0, 0]
    : [-0.55 * (p.x - FACE.centre.x), 0.4 * (p.y - FACE.centre.y - MOUTH), 0.014]),
  blinkL: blink(1),
  blinkR: blink(-1),
})

/** A gold line on the face. */
function stroke(from, to, thick) {
  return surface(14, 4, (u, v) => {
    const [x, y] = from.map((value, i) => value + (to[i] - value) * u)
    const arch = 0.014 * sin(PI * u)
    const half = thick * sin(PI * (0.08 + 0.84 * u))
    const angle = PI * v
    return onFace(x, y + arch + half * cos(angle), 0.002 + 0.7 * half * sin(angle))
  })
}
const browShare = (/** @type {Vector3} */ p) => smooth(p.y - FACE.centre.y, 0.06, 0.075)
const ornament = morph(skin(mergeGeometries([
  stroke([0.024, 0.082], [0.112, 0.08], 0.0062),
  stroke([-0.112, 0.08], [-0.024, 0.082], 0.0062),
  stroke([0, 0.118], [0.0001, 0.19], 0.006),
]), () => ({ head: 1 })), {
  browsUp: (p) => {
    const brow = p.y - FACE.centre.y < 0.11 ? browShare(p) : 0
    return [0, 0.024 * brow, -0.004 * brow]
  },
  browsDown: (p) => {
    const brow = p.y - FACE.centre.y < 0.11 ? browShare(p) : 0
    const inner = 1 - smooth(abs(p.x - FACE.centre.x), 0.02, 0.1)
    return [0, (-0.02 * inner + 0.006 * (1 - inner)) * brow, 0.004 * brow]
  },
})

// -- The cloth -------------------------------------------------------------------------------

/** The hood: around the head, open before the face, down to the shoulders. */
const hood = skin(surface(30, 16, (u, v) => {
  const open = 0.94 * smooth(v, 0.04, 0.3) ** 0.5 - 0.38 * smooth(v, 0.5, 1)
  const angle = PI / 2 + open + u * (2 * PI - 2 * open)
  const y = 0.955 - 0.6 * v
  const crown = Math.sqrt(min(1, 0.0004 + 4.6 * v))
  const shoulder = smooth(v, 0.62, 1)
  const neck = bump(v - 0.68, 0.16)
  const fold = 1 + 0.03 * sin(9 * u + 5 * v) * v
  const wide = (0.235 * crown - 0.05 * neck + 0.06 * shoulder) * fold
  const deep = (0.235 * crown - 0.03 * neck - 0.02 * shoulder) * fold
  return [wide * cos(angle), y, deep * sin(angle) + 0.02 - 0.03 * v]
}), (p) => {
  const low = smooth(p.y, 0.56, 0.4)
  return { head: 1 - low, chest: low }
})

/** The robe: collar, shoulders, waist, and folds that grow toward the floating hem. */
const robe = skin(surface(54, 22, (u, v) => {
  const angle = 2 * PI * u
  const y = 0.45 - 1.42 * v
  const shoulders = smooth(v, 0, 0.1) * (1 - 0.42 * smooth(v, 0.12, 0.36))
  const skirt = smooth(v, 0.3, 1) ** 1.3
  const folds = 1 + (0.07 * sin(9 * angle + 1.3) + 0.04 * sin(14 * angle + 4 * v)) * (0.15 + skirt)
  const wide = (0.09 + 0.16 * shoulders + 0.36 * skirt) * folds
  const deep = (0.085 + 0.06 * shoulders + 0.33 * skirt) * folds
  const ragged = 0.03 * sin(9 * angle + 1.3) * skirt
  return [wide * cos(angle), y + ragged, deep * sin(angle) - 0.01]
}, true), (p) => ({
  chest: smooth(p.y, 0.08, 0.24),
  spine: bump(p.y - 0.06, 0.14),
  hips: bump(p.y + 0.18, 0.16),
  skirt: smooth(p.y, -0.24, -0.42) * (1 - smooth(p.y, -0.5, -0.75)),
  hem: smooth(p.y, -0.5, -0.75),
}))

/** A sleeve that widens toward the hand. @param {'L' | 'R'} side */
function sleeve(side) {
  const [shoulder, elbow, wrist] = [at(`upperArm${side}`), at(`foreArm${side}`), at(`hand${side}`)]
  const sign = side === 'L' ? 1 : -1
  const along = new Vector3()
  const geometry = surface(18, 13, (u, v) => {
    const t = v * 1.02
    const first = smooth(t, 0.35, 0.6)
    const a = shoulder.clone().lerp(elbow, min(t / 0.5, 1.2))
    const b = elbow.clone().lerp(wrist, (t - 0.5) / 0.5)
    const middle = a.lerp(b, first)
    along.copy(elbow).sub(shoulder).normalize().lerp(wrist.clone().sub(elbow).normalize(), first)
    const out = new Vector3(sign, 0, 0).addScaledVector(along, -along.x * sign).normalize()
    const front = new Vector3().crossVectors(along, out)
    const angle = 2 * PI * u * sign
    const wide = 0.085 - 0.02 * smooth(t, 0, 0.4) + 0.075 * smooth(t, 0.5, 1) ** 1.5
    const ripple = 1 + 0.07 * sin(7 * angle) * smooth(t, 0.35, 1)
    return middle
      .addScaledVector(out, wide * ripple * cos(angle))
      .addScaledVector(front, wide * ripple * sin(angle))
      .toArray()
  }, true)
  const span = wrist.clone().sub(shoulder)
  return skin(geometry, (p) => {
    const t = p.clone().sub(shoulder).dot(span) / span.lengthSq()
    const fore = smooth(t, 0.38, 0.62)
    return {
      chest: 0.7 * smooth(t, 0.14, -0.04),
      [`upperArm${side}`]: 1 - fore,
      [`foreArm${side}`]: fore,
    }
  })
}

// -- The hands -------------------------------------------------------------------------------

/** A hand, half closed, with long fingers. @param {'L' | 'R'} side */
function hand(side) {
  const sign = side === 'L' ? 1 : -1
  const wrist = at(`hand${side}`)
  const down = wrist.clone().sub(at(`foreArm${side}`)).normalize()
  const out = new Vector3(sign, 0, 0).addScaledVector(down, -down.x * sign).normalize()
  const front = new Vector3().crossVectors(down, out).multiplyScalar(sign)
  /** From the hand's own axes: across, along, to the front. */
  const place = (x, y, z) => wrist.clone().addScaledVector(out, x)
    .addScaledVector(down, y).addScaledVector(front, z).toArray()

  const palm = surface(12, 8, (u, v) => {
    const angle = 2 * PI * u * sign
    const y = 0.045 + 0.056 * -cos(PI * v)
    const ring = sin(PI * (0.03 + 0.94 * v))
    return place(0.038 * ring * cos(angle), y, 0.02 * ring * sin(angle))
  }, true)
  const finger = (/** @type {number} */ x, /** @type {number} */ root, /** @type {number} */ length, /** @type {number} */ slant) => (
    surface(6, 5, (u, v) => {
      const angle = 2 * PI * u * sign
      const bend = 1.1 * v
      const thick = 0.0105 * (1 - 0.45 * v) * Math.sqrt(max(1 - v ** 8, 0.04))
      const y = root + length * sin(bend) / 1.1
      const z = 0.006 + length * (1 - cos(bend)) / 1.1
      return place(
        x + slant * length * v + thick * cos(angle),
        y - thick * sin(angle) * sin(bend),
        z + thick * sin(angle) * cos(bend),
      )
    }, true))
  const fingers = [[-0.028, 0.085, 0.078, -0.1], [-0.009, 0.094, 0.09, 0], [0.01, 0.092, 0.086, 0.06],
    [0.027, 0.082, 0.068, 0.16], [-0.036, 0.04, 0.068, -0.75]]
  const geometry = mergeGeometries([
    palm, ...fingers.map(([x, root, length, slant]) => finger(x, root, length, slant)),
  ])
  const own = new Vector3()
  return morph(skin(geometry, () => ({ [`hand${side}`]: 1 })), {
    // Stretched and spread.
    [`open${side}`]: (p) => {
      own.copy(p).sub(wrist)
      const y = own.dot(down)
      const z = own.dot(front)
      const far = smooth(y, 0.07, 0.16)
      const across = own.dot(out)
      const move = new Vector3().addScaledVector(front, -0.85 * max(z, 0) * far)
        .addScaledVector(down, 0.03 * far).addScaledVector(out, 0.5 * across * far)
      return move.toArray()
    },
  })
}

// -- The halo --------------------------------------------------------------------------------

/** A crescent that is widest above the head. */
const halo = skin(surface(56, 6, (u, v) => {
  const angle = 2 * PI * u
  const tube = 2 * PI * v
  const high = 0.5 + 0.5 * sin(angle)
  const thick = 0.004 + 0.011 * high ** 2
  const radius = 0.31 + thick * cos(tube)
  return [radius * cos(angle), 0.66 + radius * sin(angle), -0.16 + 0.6 * thick * sin(tube)]
}, true), () => ({ head: 0.6, chest: 0.4 }))

// -- Put together ----------------------------------------------------------------------------

const bones = BONES.map(([name, parent, place]) => {
  const bone = new Bone()
  bone.name = name
  bone.position.set(...place)
  if (parent) bone.position.sub(at(parent))
  return bone
})
for (const [i, [, parent]] of BONES.entries()) {
  if (parent) bones[INDEX.get(parent)].add(bones[i])
}
const puppet = new Group()
puppet.name = 'puppet'
puppet.add(bones[0])
puppet.updateMatrixWorld(true)
const skeleton = new Skeleton(bones)

const material = (/** @type {string} */ name, /** @type {object} */ look) => (
  new MeshStandardMaterial({ name, ...look })
)
const porcelain = material('porcelain', { color: 0xc9b9a4, roughness: 0.4 })
const silk = material('silk', { color: 0x3a2a2c, roughness: 0.72, side: 2 })
const gold = material('gold', { color: 0xc99b52, roughness: 0.3, metalness: 1, side: 2 })
const light = material('glow', { color: 0x000000, emissive: 0xffd9a0, roughness: 1, side: 2 })

/** @type {[string, BufferGeometry, MeshStandardMaterial][]} */
const PARTS = [
  ['mask', mask, porcelain], ['glow', glow, light], ['ornament', ornament, gold],
  ['handsL', hand('L'), porcelain], ['handsR', hand('R'), porcelain],
  ['cloth', mergeGeometries([hood, robe, sleeve('L'), sleeve('R')]), silk], ['halo', halo, gold],
]
for (const [name, geometry, look] of PARTS) {
  const mesh = new SkinnedMesh(quantize(geometry), look)
  mesh.name = name
  mesh.updateMorphTargets()
  mesh.bind(skeleton)
  puppet.add(mesh)
}

// -- Its own movements -----------------------------------------------------------------------

/**
 * Turns of one bone over time, in degrees about x, y and z.
 *
 * @param {string} bone
 * @param {number[]} times seconds
 * @param {(time: number) => number[]} turn
 */
function track(bone, times, turn) {
  const values = times.flatMap((time) => {
    const [x, y, z] = turn(time).map((degrees) => degrees * PI / 180)
    return new Quaternion().setFromEuler(new Euler(x, y, z)).toArray()
  })
  return new QuaternionKeyframeTrack(`${bone}.quaternion`, times, values)
}
const IDLE = 10
const every = (/** @type {number} */ length, /** @type {number} */ count) => (
  Array.from({ length: count + 1 }, (_, i) => length * i / count)
)
/** A wave of `cycles` in the length of the clip. */
const wave = (/** @type {number} */ time, /** @type {number} */ cycles, phase = 0) => (
  sin(2 * PI * (cycles * time / IDLE + phase))
)
const idleTimes = every(IDLE, 24)
const idle = new AnimationClip('idle', IDLE, [
  track('spine', idleTimes, (t) => [1.2 * wave(t, 2), 2 * wave(t, 1), 1.5 * wave(t, 1, 0.2)]),
  track('chest', idleTimes, (t) => [-1.6 * wave(t, 2), 0, 0]),
  track('head', idleTimes, (t) => [2 + 2.5 * wave(t, 1, 0.1), 5 * wave(t, 1), 3 * wave(t, 1, 0.4)]),
  track('skirt', idleTimes, (t) => [3 * wave(t, 1, 0.3), 0, 3 * wave(t, 1)]),
  track('hem', idleTimes, (t) => [5 * wave(t, 1, 0.15), 0, 5 * wave(t, 1, -0.15)]),
  track('upperArmL', idleTimes, (t) => [-4 + 3 * wave(t, 2, 0.3), 0, 5 + 3 * wave(t, 1)]),
  track('upperArmR', idleTimes, (t) => [-4 + 3 * wave(t, 2, 0.45), 0, -5 + 3 * wave(t, 1)]),
  track('foreArmL', idleTimes, (t) => [-16 + 5 * wave(t, 1, 0.2), 0, 4 * wave(t, 1, 0.1)]),
  track('foreArmR', idleTimes, (t) => [-16 + 5 * wave(t, 1, 0.4), 0, 4 * wave(t, 1, 0.3)]),
])
const BOW = 2.6
const dip = (/** @type {number} */ time) => smooth(time, 0, 0.9) * (1 - smooth(time, 1.3, BOW))
const bowTimes = every(BOW, 13)
const bow = new AnimationClip('bow', BOW, [
  track('spine', bowTimes, (t) => [14 * dip(t), 0, 0]),
  track('chest', bowTimes, (t) => [12 * dip(t), 0, 0]),
  track('head', bowTimes, (t) => [20 * dip(t), 0, 0]),
  track('skirt', bowTimes, (t) => [-8 * dip(t), 0, 0]),
  track('hem', bowTimes, (t) => [-6 * dip(t), 0, 0]),
  track('upperArmL', bowTimes, (t) => [-10 * dip(t), 0, 5 + 22 * dip(t)]),
  track('upperArmR', bowTimes, (t) => [-10 * dip(t), 0, -5 - 22 * dip(t)]),
  track('foreArmL', bowTimes, (t) => [-16 - 24 * dip(t), 0, 0]),
  track('foreArmR', bowTimes, (t) => [-16 - 24 * dip(t), 0, 0]),
])

const glb = await new GLTFExporter().parseAsync(puppet, { binary: true, animations: [idle, bow] })
const file = new URL('../src/scenes/puppet/puppet.glb', import.meta.url)
writeFileSync(process.argv[2] ?? file, Buffer.from(/** @type {ArrayBuffer} */ (glb)))
console.log(`puppet.glb: ${Math.round(/** @type {ArrayBuffer} */ (glb).byteLength / 1000)} kB`)
