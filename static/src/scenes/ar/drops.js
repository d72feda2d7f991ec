import { LatheGeometry, Mesh, MeshStandardMaterial, Vector2 } from 'three'

/**
 * @typedef {import('../../protocol.js').SceneObject} SceneObject
 * @typedef {import('../../stage/gathering.js').Thing} Thing
 */

const GOLDEN_ANGLE = 2.399963
/** How far before and behind the visitor they float, in scene units. */
const DEPTH = 1.1

/** What the expression has made, as polished drops in the colour of what they mean. */
export class Drops {
  #shape = makeDrop()

  /**
   * @param {SceneObject} object
   * @returns {Thing}
   */
  make({ size, id }) {
    const material = new MeshStandardMaterial({
      roughness: 0.26, metalness: 0.15, envMapIntensity: 1.2, dithering: true,
    })
    const shown = new Mesh(this.#shape, material)
    shown.userData.size = 0.5 * size + 0.025
    shown.rotation.set(0.4 * Math.sin(id), id, 0.5 * Math.cos(id * GOLDEN_ANGLE))
    return { shown, colour: material.color, dispose: () => material.dispose() }
  }

  /**
   * @param {import('three').Object3D} shown
   * @param {SceneObject} object
   * @param {number} scale
   * @param {import('./frame.js').Frame} frame
   * @param {number} time seconds
   * @param {number} turn seconds of turning
   */
  place(shown, { id, position: [x, y, z], spin }, scale, frame, time, turn) {
    const phase = id * GOLDEN_ANGLE
    const near = z === 0 ? Math.sin(phase) : z
    frame.place(
      x + 0.22 * Math.cos(phase) + 0.02 * Math.sin(0.5 * time + phase),
      y + 0.26 * Math.sin(phase) + 0.03 * Math.sin(0.7 * time + 2 * phase) - 0.2 * (1 - scale),
      DEPTH * near,
      shown.position,
    )
    const { screen } = frame
    const edge = shown.userData.size
    shown.position.x = Math.min(Math.max(shown.position.x, screen.left + edge), screen.right - edge)
    shown.position.y = Math.min(Math.max(shown.position.y, screen.bottom + edge), screen.top - edge)
    shown.rotation.y += spin[1] * turn
    shown.scale.setScalar(edge * scale)
  }

  dispose() {
    this.#shape.dispose()
  }
}

/** A drop, its point up. */
function makeDrop() {
  const profile = []
  for (let i = 0; i <= 20; i++) {
    const t = Math.PI * i / 20
    profile.push(new Vector2(
      0.78 * Math.sin(t) * Math.sin(t / 2) ** 1.4, 1.15 * Math.cos(t),
    ))
  }
  return new LatheGeometry(profile.reverse(), 24)
}
