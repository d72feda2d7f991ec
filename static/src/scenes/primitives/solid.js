import { BufferGeometry, Float32BufferAttribute, OctahedronGeometry, Sphere, TorusGeometry,
  TorusKnotGeometry, Vector3 } from 'three'
import { mergeVertices } from 'three/addons/utils/BufferGeometryUtils.js'

/**
 * Forms that soften, sharpen and turn into gems while they are seen.
 *
 * Each point of a form belongs to a direction d. A convex form is known by its support point in
 * that direction, and the support point of a Minkowski sum is the sum of the support points
 * (Schneider, "Convex Bodies", 1.7). So a form rounded by a ball, or half way to another form, is
 *
 *     p(d) = (1 - soft) * mix(core(d), gem(d), facets) + soft * d
 *
 * with d itself as the exact normal: edges soften live, and nothing is computed twice. A ring or
 * a knot has its centre line for a core, and `soft` is the thickness of the tube.
 */

/**
 * Softness of each kind when feeling is unpleasant, neutral, and pleasant.
 *
 * @type {Record<string, [number, number, number]>}
 */
export const SOFTNESS = {
  sphere: [0.35, 0.7, 1],
  capsule: [0.15, 0.4, 0.7],
  torus: [0.07, 0.13, 0.27],
  ring: [0.03, 0.04, 0.055],
  knot: [0.06, 0.12, 0.2],
  box: [0.02, 0.1, 0.5],
  cone: [0.02, 0.08, 0.45],
  octahedron: [0.015, 0.07, 0.5],
  tetrahedron: [0.015, 0.08, 0.5],
  shard: [0.01, 0.04, 0.4],
}

const BOX = [0.72, 0.56, 0.62]
const CONE = { apex: 1.15, base: -0.75, radius: 0.72 }
const CAPSULE = { half: 0.62, radius: 0.5 }
const TUBES = { torus: 0.2, ring: 0.04, knot: 0.16 }
/** Corners of the pointed kinds. @type {Record<string, number[][]>} */
const CORNERS = {
  octahedron: [[0.9, 0, 0], [-0.9, 0, 0], [0, 1.2, 0], [0, -1.2, 0], [0, 0, 0.9], [0, 0, -0.9]],
  tetrahedron: [[0, -1.25, 0], [0.98, 0.45, 0.57], [-0.98, 0.45, 0.57], [0, 0.45, -1.13]],
  shard: [
    [0.1, 1.25, 0.02], [0.34, 0.5, 0.2], [-0.3, 0.62, 0.16], [-0.05, 0.4, -0.34],
    [0.3, -0.2, -0.16], [-0.33, -0.1, -0.06], [0.04, -0.15, 0.34], [-0.1, -1.6, -0.04],
  ],
  /** What everything turns into as it grows hard: few faces, heavy, pointing down. */
  gem: [
    [0.1, 0.86, 0.06], [0.84, 0.42, 0.2], [-0.7, 0.56, 0.34], [0.12, 0.4, -0.92],
    [0.6, -0.36, 0.72], [-0.86, -0.2, -0.3], [0.5, -0.4, -0.62], [-0.3, -0.3, 0.86],
    [0.02, -1.25, 0.02],
  ],
}

/**
 * @param {number[][]} corners
 * @param {Vector3} d
 */
function furthest(corners, d) {
  let best = corners[0]
  let most = -Infinity
  for (const corner of corners) {
    const reach = corner[0] * d.x + corner[1] * d.y + corner[2] * d.z
    if (reach > most) {
      most = reach
      best = corner
    }
  }
  return best
}

/** @type {Record<string, (d: Vector3) => number[]>} */
const SUPPORT = {
  sphere: (d) => d.toArray(),
  capsule: (d) => [
    d.x * CAPSULE.radius,
    d.y * CAPSULE.radius + Math.sign(d.y) * CAPSULE.half,
    d.z * CAPSULE.radius,
  ],
  box: (d) => [Math.sign(d.x) * BOX[0], Math.sign(d.y) * BOX[1], Math.sign(d.z) * BOX[2]],
  cone(d) {
    const across = Math.hypot(d.x, d.z) || 1
    const rim = across * CONE.radius + d.y * CONE.base
    return d.y * CONE.apex > rim
      ? [0, CONE.apex, 0]
      : [d.x / across * CONE.radius, CONE.base, d.z / across * CONE.radius]
  },
  octahedron: (d) => furthest(CORNERS.octahedron, d),
  tetrahedron: (d) => furthest(CORNERS.tetrahedron, d),
  shard: (d) => furthest(CORNERS.shard, d),
}

/** The geometry of each kind, made once: all forms of a kind share it. */
export class Solids {
  /** @type {Map<string, BufferGeometry>} */
  #made = new Map()

  /** @param {import('../../stage/quality.js').Level} level */
  constructor({ detail, fine }) {
    /** Subdivisions of the sphere of directions: without a graphics card points are dear. */
    this.detail = fine ? detail : Math.round(0.45 * detail)
  }

  /** @param {string} kind */
  get(kind) {
    const solid = this.#made.get(kind) ?? makeSolid(kind, this.detail)
    this.#made.set(kind, solid)
    return solid
  }

  dispose() {
    for (const solid of this.#made.values()) solid.dispose()
    this.#made.clear()
  }
}

/**
 * @param {string} kind one of SOFTNESS
 * @param {number} detail
 * @returns {BufferGeometry} with the attributes `core`, `gem` and `normal` = d
 */
function makeSolid(kind, detail) {
  const geometry = kind in TUBES ? tube(kind, detail) : convex(SUPPORT[kind], detail)
  // The shader moves the points, so what decides about visibility is set by hand.
  geometry.boundingSphere = new Sphere(new Vector3(), 1.9)
  return geometry
}

/**
 * @param {(d: Vector3) => number[]} support
 * @param {number} detail
 */
function convex(support, detail) {
  // An octahedron's sphere has points exactly on the planes between a box's corners.
  const sphere = new OctahedronGeometry(1, detail)
  sphere.deleteAttribute('normal')
  sphere.deleteAttribute('uv')
  const geometry = mergeVertices(sphere, 1e-5)
  sphere.dispose()
  const directions = geometry.getAttribute('position')
  const core = []
  const gem = []
  const d = new Vector3()
  for (let i = 0; i < directions.count; i++) {
    d.fromBufferAttribute(directions, i).normalize()
    core.push(...support(d))
    gem.push(...furthest(CORNERS.gem, d))
  }
  geometry.setAttribute('normal', directions.clone())
  geometry.setAttribute('core', new Float32BufferAttribute(core, 3))
  geometry.setAttribute('gem', new Float32BufferAttribute(gem, 3))
  return geometry
}

/**
 * @param {string} kind torus, ring or knot
 * @param {number} detail
 */
function tube(kind, detail) {
  const thickness = TUBES[/** @type {keyof typeof TUBES} */ (kind)]
  const around = detail < 20 ? 10 : 20
  const along = detail * (kind === 'knot' ? 7 : 4)
  const geometry = kind === 'knot'
    ? new TorusKnotGeometry(0.62, thickness, along, around, 2, 3)
    : new TorusGeometry(1 - thickness, thickness, around, along)
  geometry.deleteAttribute('uv')
  const points = geometry.getAttribute('position')
  const normals = geometry.getAttribute('normal')
  const core = []
  for (let i = 0; i < points.count; i++) {
    for (const axis of /** @type {const} */ (['getX', 'getY', 'getZ'])) {
      core.push((points[axis](i) - normals[axis](i) * thickness) / (1 - thickness))
    }
  }
  geometry.setAttribute('core', new Float32BufferAttribute(core, 3))
  geometry.setAttribute('gem', new Float32BufferAttribute(core, 3))
  return geometry
}
