import {
  BackSide, BoxGeometry, Mesh, MeshBasicMaterial, PlaneGeometry, PMREMGenerator, Scene,
  Vector3,
} from 'three'

/**
 * The softboxes of the studio that polished forms reflect: where they stand, how large they are,
 * and how bright, in linear light. One large window, a tall strip, a low warm rim.
 *
 * @type {{at: [number, number, number], size: [number, number], light: [number, number, number]}[]}
 */
export const PANELS = [
  { at: [-4.5, 4.2, 3.2], size: [3.4, 2.6], light: [9, 8.2, 7.1] },
  { at: [5.2, 1.6, 2.4], size: [0.7, 4.2], light: [3.4, 3.2, 3.1] },
  { at: [1.5, 3.4, -5.5], size: [5.5, 0.8], light: [5.5, 4.6, 3.8] },
  { at: [-5, -0.6, -3], size: [0.5, 3], light: [2.2, 1.6, 1.2] },
]
export const WALLS = /** @type {[number, number, number]} */ ([0.035, 0.031, 0.028])

/** How large each panel is seen from the middle, as a share of all directions. */
export const SOLID_ANGLES = PANELS.map(({ at, size }) => (
  size[0] * size[1] / (at[0] ** 2 + at[1] ** 2 + at[2] ** 2) / (4 * Math.PI)
))

/**
 * How a surface mirrors the panels: each is a soft spot whose width is the panel's and the
 * surface's own lobe (GGX) together.
 *
 * @param {number} alpha roughness squared
 * @returns {Vector3[]} of each panel: how bright its middle is, 0 to 1; how fast it fades; and how
 *   much faster along its width
 */
export function mirrorPanels(alpha) {
  return PANELS.map(({ at, size }, i) => {
    const far2 = at[0] ** 2 + at[1] ** 2 + at[2] ** 2
    const [wide, high] = size.map((edge) => edge * edge / far2 / (4 * Math.PI) + alpha * alpha)
    return new Vector3(
      SOLID_ANGLES[i] / Math.sqrt(wide * high), 0.5 / high, 0.25 / wide - 0.25 / high,
    )
  })
}

/**
 * The environment map, made here instead of downloaded, and only when a material first asks for
 * it: the processor takes seconds, and the materials of the plainer levels never do.
 */
export class Environment {
  #renderer
  /** @type {import('three').WebGLRenderTarget | null} */
  #map = null

  /** @param {import('three').WebGLRenderer} renderer */
  constructor(renderer) {
    this.#renderer = renderer
  }

  /** @param {Scene} scene  has the map from now on */
  light(scene) {
    Object.defineProperty(scene, 'environment', {
      get: () => (this.#map ??= makeMap(this.#renderer)).texture,
    })
  }

  /** Frees the map; it is made again when it is asked for again. */
  dispose() {
    this.#map?.dispose()
    this.#map = null
  }
}

/** @param {import('three').WebGLRenderer} renderer */
function makeMap(renderer) {
  const studio = new Scene()
  const walls = new MeshBasicMaterial({ side: BackSide })
  walls.color.setRGB(...WALLS)
  studio.add(new Mesh(new BoxGeometry(14, 10, 14), walls))
  for (const { at, size, light } of PANELS) {
    const material = new MeshBasicMaterial()
    material.color.setRGB(...light)
    const panel = new Mesh(new PlaneGeometry(...size), material)
    panel.position.set(...at)
    panel.lookAt(0, 0, 0)
    studio.add(panel)
  }
  const generator = new PMREMGenerator(renderer)
  const map = generator.fromScene(studio, 0.03)
  generator.dispose()
  disposeTree(studio)
  return map
}

/**
 * Frees the geometries and materials of everything below an object.
 *
 * @param {import('three').Object3D} root
 */
export function disposeTree(root) {
  root.traverse((object) => {
    const { geometry, material, customDepthMaterial } = /** @type {Mesh} */ (object)
    geometry?.dispose()
    customDepthMaterial?.dispose()
    for (const each of Array.isArray(material) ? material : [material]) each?.dispose()
  })
}
