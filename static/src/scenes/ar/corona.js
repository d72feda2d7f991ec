import {
  BufferGeometry, Color, DoubleSide, Euler, Float32BufferAttribute, Group, InstancedMesh, Matrix4,
  MeshPhysicalMaterial, Quaternion, Vector3,
} from 'three'
import { setOklch } from '../../stage/colour.js'
import { Spring } from '../../stage/spring.js'
import { VertexLitMaterial } from '../../stage/vertexlit.js'

/** Rays behind the head: how many, how far around from the top (radians), from which radius. */
const RAYS = { count: 57, around: 2.3, radius: 0.74, behind: -0.42 }
/** The wreath: how many leaves, and the ring around the head they sit on, in face heights. */
const WREATH = { count: 44, across: 0.57, deep: 0.62, height: 0.68, back: -0.2, tilt: 0.14 }
/** The hue of gold, and how far the feeling's hue pulls it, in degrees and as a share. */
const GOLD = 78
const PULL = 0.22
const matrix = new Matrix4()
const place = new Vector3()
const turn = new Quaternion()
const bend = new Quaternion()
const scale = new Vector3()
const euler = new Euler()
const shade = new Color()

/**
 * What the head wears: rays of thin leaves that open like a fan with the arms, and a wreath that
 * goes around the forehead. Sizes are in heights of the face.
 */
export class Corona {
  #open = new Spring(0.5, 1.1, 0.7)

  /**
   * @param {import('three').Object3D} parent
   * @param {import('../../stage/quality.js').Level} level
   */
  constructor(parent, level) {
    this.group = new Group()
    const leaf = makeLeaf()
    this.rays = new InstancedMesh(leaf, makeGold(level.fine), RAYS.count)
    this.wreath = new InstancedMesh(leaf, makeGold(level.fine), WREATH.count)
    for (const mesh of [this.rays, this.wreath]) {
      mesh.frustumCulled = false
      this.group.add(mesh)
    }
    parent.add(this.group)
  }

  /** @param {import('../../stage/quality.js').Level} level */
  setLevel(level) {
    for (const mesh of [this.rays, this.wreath]) {
      mesh.material.dispose()
      mesh.material = makeGold(level.fine)
    }
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {import('./head.js').Head} head
   * @param {number} dt seconds
   * @param {number} breath -1 to 1
   * @param {number} size
   */
  update({ form, motion, colour }, head, dt, breath, size) {
    this.#open.target = 0.62 + 0.55 * form.opening + 0.2 * motion.expand - 0.25 * motion.fold
    const open = this.#open.step(dt) + 0.02 * breath
    this.group.position.copy(head.place)
    this.group.quaternion.copy(head.turn)
    this.group.scale.setScalar(head.size)

    const slim = 0.5 + 0.8 * form.roundness
    for (let i = 0; i < RAYS.count; i++) {
      const t = 2 * i / (RAYS.count - 1) - 1
      const angle = -t * RAYS.around * Math.min(open, 1.1)
      const row = i % 2
      const length = size * (row ? 0.62 : 1) * (0.72 + 0.3 * Math.cos(1.3 * t))
        * (1 + 0.03 * breath + 0.1 * motion.expand)
      place.set(-Math.sin(angle) * RAYS.radius, Math.cos(angle) * RAYS.radius, RAYS.behind - 0.06 * row)
      turn.setFromEuler(euler.set(0, 0, angle))
      bend.setFromEuler(euler.set(-0.12 - 0.2 * (1 - open) + 0.05 * breath, 0.5 * Math.sin(i * 2.4), 0))
      scale.set(length * slim, length, length)
      this.rays.setMatrixAt(i, matrix.compose(place, turn.multiply(bend), scale))
      const [l, c, h] = colour.palette[row ? 2 : 3]
      this.rays.setColorAt(i, setOklch(shade, [0.5 + 0.42 * l, 0.06 + 0.3 * c, GOLD + PULL * arc(h)]))
    }
    for (let i = 0; i < WREATH.count; i++) {
      const around = 2 * Math.PI * i / WREATH.count
      const row = i % 2 ? 1 : -1
      const side = Math.sin(around) >= 0 ? 1 : -1
      place.set(
        WREATH.across * Math.sin(around),
        WREATH.height - WREATH.tilt * Math.cos(around) * WREATH.deep + 0.015 * row,
        WREATH.back + WREATH.deep * Math.cos(around),
      )
      // Along the ring toward the forehead, a little outward and up.
      turn.setFromEuler(euler.set(0, around, 0))
      bend.setFromEuler(euler.set(0.3 + 0.05 * breath, 0, side * (1.22 + 0.26 * row)))
      scale.set(0.36 * slim, 0.2, 0.2)
      this.wreath.setMatrixAt(i, matrix.compose(place, turn.multiply(bend), scale))
      const [l, c, h] = colour.palette[4]
      this.wreath.setColorAt(i, setOklch(shade, [Math.min(l, 0.84), 0.07 + 0.2 * c, GOLD + PULL * arc(h)]))
    }
    for (const mesh of [this.rays, this.wreath]) {
      mesh.instanceMatrix.needsUpdate = true
      if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true
    }
  }
}

/** The shorter way from gold to another hue, in degrees. @param {number} hue */
const arc = (hue) => ((hue - GOLD + 540) % 360) - 180

/** A leaf of length 1 from the origin along y: pointed, cupped, bent back. */
function makeLeaf() {
  const across = 4
  const along = 14
  const points = []
  const faces = []
  for (let j = 0; j <= along; j++) {
    const v = j / along
    const wide = 0.06 * Math.sin(Math.PI * v ** 0.75) ** 0.8 + 0.002
    for (let i = 0; i <= across; i++) {
      const u = 2 * i / across - 1
      points.push(wide * u, v, 0.35 * wide * u * u - 0.1 * v * v)
      if (i < across && j < along) {
        const a = j * (across + 1) + i
        const b = a + across + 1
        faces.push(a, a + 1, b, b, a + 1, b + 1)
      }
    }
  }
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new Float32BufferAttribute(points, 3))
  geometry.setIndex(faces)
  geometry.computeVertexNormals()
  return geometry
}

/** @param {boolean} fine */
function makeGold(fine) {
  const look = { metalness: 0.62, roughness: 0.36, side: DoubleSide }
  return fine
    ? new MeshPhysicalMaterial({
      ...look, envMapIntensity: 1.25, clearcoat: 0.3, clearcoatRoughness: 0.3,
    })
    : new VertexLitMaterial({ ...look, studio: 0.9 })
}
