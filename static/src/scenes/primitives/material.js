import { Color, MeshDepthMaterial, MeshPhysicalMaterial, Vector3, Vector4 } from 'three'
import { PlainMaterial } from './plain.js'
import { SHAPE } from './shape.js'

/**
 * What the forms are made of. `grain` is how mottled the body is, how much its roughness varies,
 * and how deep its relief is.
 *
 * @typedef {object} Substance
 * @property {Record<string, number>} properties  of the physical material; the plain one hints at
 *   them
 * @property {number[]} grain
 */

/** @type {Record<string, Substance>} */
export const SUBSTANCES = {
  plaster: {
    properties: {
      roughness: 0.92, metalness: 0, envMapIntensity: 0.55,
      sheen: 0.35, sheenRoughness: 0.7,
    },
    grain: [0.1, 0.08, 0.005],
  },
  glaze: {
    properties: {
      roughness: 0.46, metalness: 0, envMapIntensity: 0.8,
      clearcoat: 0.85, clearcoatRoughness: 0.16,
    },
    grain: [0.22, 0.16, 0.0006],
  },
  stone: {
    properties: {
      roughness: 0.36, metalness: 0, envMapIntensity: 0.75,
      specularIntensity: 0.8,
    },
    grain: [0.42, 0.22, 0.0008],
  },
  bronze: {
    properties: {
      roughness: 0.34, metalness: 1, envMapIntensity: 1.1,
    },
    grain: [0.3, 0.26, 0.001],
  },
  velvet: {
    properties: {
      roughness: 1, metalness: 0, envMapIntensity: 0.4,
      sheen: 1, sheenRoughness: 0.35,
    },
    grain: [0.1, 0, 0.003],
  },
  glass: {
    properties: {
      roughness: 0.14, metalness: 0, envMapIntensity: 1.2,
      clearcoat: 1, clearcoatRoughness: 0.05,
    },
    grain: [0, 0.04, 0],
  },
}
/** Which substances a kind is made of, chosen by the object's number. */
const CHOICES = /** @type {Record<string, string[]>} */ ({
  sphere: ['glaze', 'plaster', 'glass', 'stone', 'velvet'],
  capsule: ['velvet', 'glaze', 'stone', 'plaster'],
  torus: ['bronze', 'glaze', 'stone'],
  knot: ['bronze', 'glaze', 'velvet'],
  box: ['plaster', 'stone', 'bronze', 'glaze'],
  cone: ['plaster', 'bronze', 'glaze'],
  octahedron: ['glass', 'stone', 'bronze', 'glaze'],
  tetrahedron: ['stone', 'bronze', 'plaster'],
  shard: ['stone', 'glass', 'bronze'],
})

/**
 * @param {string} kind
 * @param {number} id
 */
export function chooseSubstance(kind, id) {
  const choices = CHOICES[kind]
  return choices[id % choices.length]
}

const GRAIN = /* glsl */`
  uniform vec3 grain; // mottling, variation of the roughness, relief
  varying vec3 vBody;

  float hash(vec3 p) {
    p = fract(p * 0.1031);
    p += dot(p, p.zyx + 31.32);
    return fract((p.x + p.y) * p.z);
  }
  float noise(vec3 p) {
    vec3 i = floor(p);
    vec3 f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(
      mix(mix(hash(i), hash(i + vec3(1, 0, 0)), f.x),
          mix(hash(i + vec3(0, 1, 0)), hash(i + vec3(1, 1, 0)), f.x), f.y),
      mix(mix(hash(i + vec3(0, 0, 1)), hash(i + vec3(1, 0, 1)), f.x),
          mix(hash(i + vec3(0, 1, 1)), hash(i + vec3(1, 1, 1)), f.x), f.y), f.z);
  }
  vec3 relief(vec3 n, vec3 view, float height) {
    vec3 across = dFdx(view);
    vec3 up = dFdy(view);
    vec3 r1 = cross(up, n);
    vec3 r2 = cross(n, across);
    float area = dot(across, r1);
    vec3 slope = sign(area) * (dFdx(height) * r1 + dFdy(height) * r2);
    return normalize(abs(area) * n - slope);
  }
`

/** @param {import('three').WebGLProgramParametersWithUniforms} shader */
function shapeVertices(shader) {
  shader.vertexShader = SHAPE + shader.vertexShader
    .replace('#include <beginnormal_vertex>', /* glsl */`
      vec3 shapedPoint;
      vec3 objectNormal;
      takeShape(shapedPoint, objectNormal);
    `)
    .replace('#include <begin_vertex>', 'vec3 transformed = shapedPoint;')
}

/** @param {import('three').WebGLProgramParametersWithUniforms} shader */
function shapeShadow(shader) {
  shader.vertexShader = SHAPE + shader.vertexShader
    .replace('#include <begin_vertex>', /* glsl */`
      vec3 transformed;
      vec3 shapedNormal;
      takeShape(transformed, shapedNormal);
    `)
}

/** @param {import('three').WebGLProgramParametersWithUniforms} shader */
function addGrain(shader) {
  shader.fragmentShader = GRAIN + shader.fragmentShader
    .replace('#include <color_fragment>', /* glsl */`
      #include <color_fragment>
      float mottle = 0.6 * noise(vBody * 2.6) + 0.3 * noise(vBody * 6.1) + 0.1 * noise(vBody * 41.0);
      diffuseColor.rgb *= 1.0 + grain.x * (mottle - 0.5) * 1.6;
    `)
    .replace('#include <roughnessmap_fragment>', /* glsl */`
      #include <roughnessmap_fragment>
      roughnessFactor = clamp(roughnessFactor + grain.y * (mottle - 0.5), 0.06, 1.0);
    `)
    .replace('#include <normal_fragment_maps>', /* glsl */`
      #include <normal_fragment_maps>
      normal = relief(normal, -vViewPosition,
        grain.z * (noise(vBody * 9.0) + 0.5 * noise(vBody * 23.0)));
    `)
}

/**
 * The material of one form and the numbers that shape it.
 */
export class Materials {
  /** Softness, facets, height and number of the waves. */
  shape = { value: new Vector4(0.5, 0, 0, 1) }
  /** How far the surface has breathed out. */
  swell = { value: 0 }
  /** Where the waves are on their way. */
  flow = { value: 0 }
  colour = new Color()
  /** @type {MeshDepthMaterial | undefined} */
  shadow

  /**
   * @param {string} name of a substance
   * @param {number} size of the form: relief stays as deep on small ones
   * @param {import('../../stage/quality.js').Level} level
   */
  constructor(name, size, level) {
    const { properties, grain } = SUBSTANCES[name]
    const uniforms = { shape: this.shape, swell: this.swell, flow: this.flow }
    if (level.fine) {
      const [mottling, variation, relief] = grain
      this.material = this.#makeFine(properties, {
        ...uniforms, grain: { value: new Vector3(mottling, variation, relief * size) },
      })
      if (name === 'glass' && level.glow) makeGlass(this.material)
    } else {
      this.material = new PlainMaterial(properties, { ...uniforms, colour: { value: this.colour } })
    }
    if (level.shadow) {
      this.shadow = new MeshDepthMaterial()
      this.shadow.onBeforeCompile = (shader) => {
        Object.assign(shader.uniforms, uniforms)
        shapeShadow(shader)
      }
      this.shadow.customProgramCacheKey = () => 'primitives-shadow'
    }
  }

  dispose() {
    this.material.dispose()
    this.shadow?.dispose()
  }

  /**
   * @param {Record<string, number>} properties
   * @param {Record<string, {value: unknown}>} uniforms
   */
  #makeFine(properties, uniforms) {
    const material = new MeshPhysicalMaterial({ ...properties, dithering: true })
    material.color = this.colour
    material.sheenColor = this.colour
    material.customProgramCacheKey = () => 'primitives'
    material.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, uniforms)
      shapeVertices(shader)
      addGrain(shader)
    }
    return material
  }
}

/** @param {MeshPhysicalMaterial} material */
function makeGlass(material) {
  material.transmission = 0.94
  material.thickness = 0.5
  material.ior = 1.38
  material.roughness = 0.1
  material.attenuationDistance = 0.7
  material.attenuationColor = material.color
}
