import { Color, MeshDepthMaterial, MeshPhysicalMaterial, MeshStandardMaterial, Vector3,
  Vector4 } from 'three'

/**
 * What the forms are made of. `grain` is how mottled the body is, how much its roughness varies,
 * and how deep its relief is.
 *
 * @typedef {object} Substance
 * @property {Record<string, number>} plain  properties every quality level shows
 * @property {Record<string, number>} fine  properties of the physical material
 * @property {number[]} grain
 */

/** @type {Record<string, Substance>} */
export const SUBSTANCES = {
  plaster: {
    plain: { roughness: 0.92, metalness: 0, envMapIntensity: 0.55 },
    fine: { sheen: 0.35, sheenRoughness: 0.7 },
    grain: [0.1, 0.08, 0.005],
  },
  glaze: {
    plain: { roughness: 0.46, metalness: 0, envMapIntensity: 0.8 },
    fine: { clearcoat: 0.85, clearcoatRoughness: 0.16 },
    grain: [0.22, 0.16, 0.0006],
  },
  stone: {
    plain: { roughness: 0.36, metalness: 0, envMapIntensity: 0.75 },
    fine: { specularIntensity: 0.8 },
    grain: [0.42, 0.22, 0.0008],
  },
  bronze: {
    plain: { roughness: 0.34, metalness: 1, envMapIntensity: 1.1 },
    fine: {},
    grain: [0.3, 0.26, 0.001],
  },
  velvet: {
    plain: { roughness: 1, metalness: 0, envMapIntensity: 0.4 },
    fine: { sheen: 1, sheenRoughness: 0.35 },
    grain: [0.1, 0, 0.003],
  },
  glass: {
    plain: { roughness: 0.14, metalness: 0, envMapIntensity: 1.2 },
    fine: { clearcoat: 1, clearcoatRoughness: 0.05 },
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

const SHAPE = /* glsl */`
  attribute vec3 core;
  attribute vec3 gem;
  uniform vec4 shape; // softness, facets, height of the waves, their number
  uniform float swell;
  uniform float flow;
  varying vec3 vBody;

  void takeShape(out vec3 point, out vec3 outward) {
    vec3 d = normalize(normal);
    point = mix(core, gem, shape.y) * (1.0 - shape.x) + d * shape.x;
    vBody = point;
    vec3 a = vec3(1.31, 0.74, -0.52) * shape.w;
    vec3 b = vec3(-0.61, 1.13, 0.83) * shape.w;
    vec3 c = vec3(0.42, -0.91, 1.24) * shape.w;
    vec3 phase = vec3(dot(a, point), dot(b, point), dot(c, point)) + flow * vec3(1.0, 1.27, 0.83);
    vec3 waves = sin(phase);
    vec3 slope = a * cos(phase.x) + b * cos(phase.y) + c * cos(phase.z);
    point += d * (shape.z * (waves.x + waves.y + waves.z) + swell);
    outward = normalize(d - shape.z * (slope - d * dot(slope, d)));
  }
`
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
export class Skin {
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
    const { plain, fine, grain } = SUBSTANCES[name]
    const uniforms = {
      shape: this.shape, swell: this.swell, flow: this.flow,
      grain: { value: new Vector3(grain[0], grain[1], grain[2] * size) },
    }
    this.material = level.fine
      ? new MeshPhysicalMaterial({ ...plain, ...fine, dithering: true })
      : new MeshStandardMaterial({ ...plain, dithering: true })
    this.material.color = this.colour
    if (name === 'glass' && level.glow) makeGlass(/** @type {MeshPhysicalMaterial} */ (this.material))
    if (this.material instanceof MeshPhysicalMaterial) this.material.sheenColor = this.colour
    this.material.customProgramCacheKey = () => `primitives-${level.fine}`
    this.material.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, uniforms)
      shapeVertices(shader)
      if (level.fine) addGrain(shader)
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
