import { Color, Mesh, MeshPhysicalMaterial, SphereGeometry } from 'three'
import { VertexLitMaterial } from '../../stage/vertexlit.js'

/**
 * @typedef {import('../../protocol.js').SceneObject} SceneObject
 * @typedef {import('../../stage/gathering.js').Thing} Thing
 * @typedef {import('../../stage/quality.js').Level} Level
 */

const GOLDEN_ANGLE = 2.399963
/** How far before and behind the visitor they float, in scene units. */
const DEPTH = 1.1
/** Heights of the face around its middle within which none floats before it. */
const FACE = 0.95

/** What the expression has made, as pearls in the colour of what they mean. */
export class Pearls {
  #shape = new SphereGeometry(1, 24, 16)
  /** @type {Map<Mesh, Color>} */
  #living = new Map()

  /** @param {Level} level */
  constructor(level) {
    this.fine = level.fine
  }

  /** @param {Level} level */
  setLevel({ fine }) {
    this.fine = fine
    for (const [pearl, colour] of this.#living) {
      const old = /** @type {import('three').Material} */ (pearl.material)
      old.dispose()
      pearl.material = makeNacre(fine, colour)
    }
  }

  /**
   * @param {SceneObject} object
   * @returns {Thing}
   */
  make({ size }) {
    const colour = new Color()
    const shown = new Mesh(this.#shape, makeNacre(this.fine, colour))
    shown.userData.size = 0.2 * size + 0.008
    this.#living.set(shown, colour)
    return {
      shown,
      colour,
      dispose: () => {
        this.#living.delete(shown)
        shown.material.dispose()
      },
    }
  }

  /**
   * @param {import('three').Object3D} shown
   * @param {SceneObject} object
   * @param {number} scale
   * @param {import('./frame.js').Frame} frame
   * @param {import('./head.js').Head} head
   * @param {number} time seconds
   */
  place(shown, { id, position: [x, y, z] }, scale, frame, head, time) {
    const phase = id * GOLDEN_ANGLE
    const far = 0.3 + 0.3 * ((id * 0.618) % 1)
    const { position, userData: { size } } = shown
    frame.place(
      x + far * Math.cos(phase + 0.05 * time),
      y + 1.2 * far * Math.sin(phase + 0.05 * time) + 0.02 * Math.sin(0.7 * time + 2 * phase) - 0.2 * (1 - scale),
      DEPTH * (z === 0 ? Math.sin(phase) : z),
      position,
    )
    const near = Math.hypot(position.x - head.place.x, position.y - head.place.y) < FACE * head.size
    if (near && head.weight > 0.5) position.z = Math.min(position.z, head.place.z - 0.7 * head.size)
    const { screen } = frame
    position.x = Math.min(Math.max(position.x, screen.left + size), screen.right - size)
    position.y = Math.min(Math.max(position.y, screen.bottom + size), screen.top - size)
    shown.scale.setScalar(size * scale)
  }

  dispose() {
    this.#shape.dispose()
  }
}

/**
 * @param {boolean} fine
 * @param {Color} colour
 */
function makeNacre(fine, colour) {
  if (!fine) return new VertexLitMaterial({ roughness: 0.32, color: colour, studio: 0.8 })
  const material = new MeshPhysicalMaterial({
    roughness: 0.32, metalness: 0.05, clearcoat: 0.5, clearcoatRoughness: 0.2,
    sheen: 0.6, sheenRoughness: 0.3, envMapIntensity: 0.9, dithering: true,
  })
  material.color = material.sheenColor = colour
  return material
}
