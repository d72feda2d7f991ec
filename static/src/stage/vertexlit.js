import { Color, ShaderMaterial, UniformsLib, UniformsUtils, Vector3 } from 'three'
import { mirrorPanels, PANELS, SOLID_ANGLES, WALLS } from './environment.js'

/** Sparks smaller than the triangles would jump from corner to corner. */
const SMOOTHEST = 0.12
const glsl = (/** @type {number[]} */ values) => `vec3(${values.map((value) => value.toFixed(5)).join(', ')})`
const toward = PANELS.map(({ at }) => glsl(new Vector3(...at).normalize().toArray()))

const VERTEX = /* glsl */`
  #include <common>
  #include <morphtarget_pars_vertex>
  #include <skinning_pars_vertex>
  #include <lights_pars_begin>
  #include <tonemapping_pars_fragment>
  uniform vec3 diffuse;
  uniform vec3 emissive;
  uniform vec3 substance; // alpha (roughness squared), metalness, how bright the studio is
  uniform vec3 mirrors[${PANELS.length}];
  uniform vec3 fogColor;
  uniform float fogNear;
  uniform float fogFar;
  varying vec3 vShown;

  /** Light of a lamp by Lambert, and by Blinn and Phong in the width of GGX's lobe. */
  vec3 shine(IncidentLight lamp, vec3 n, vec3 eye, vec3 matt, vec3 polished) {
    float polish = 2.0 / (substance.x * substance.x) - 2.0;
    float spark = pow(max(dot(n, normalize(lamp.direction + eye)), 0.0), polish) * (polish + 2.0) / 8.0;
    return lamp.color * max(dot(n, lamp.direction), 0.0) * RECIPROCAL_PI * (matt + polished * spark);
  }

  /** The softboxes (environment.js): diffuse, and mirrored. */
  vec3 studio(vec3 n, vec3 r, vec3 matt, vec3 polished) {
    vec3 seen = (matt + polished) * ${glsl(WALLS)};${PANELS.map(({ light }, i) => `
    seen += ${glsl(light)} * (matt * ${(4 * SOLID_ANGLES[i]).toFixed(5)} * max(dot(n, ${toward[i]}), 0.0)
      + polished * mirrors[${i}].x / pow2(1.0 + mirrors[${i}].y * (1.0 - dot(r, ${toward[i]}))));`).join('')}
    return seen;
  }

  void main() {
    #include <beginnormal_vertex>
    #include <morphnormal_vertex>
    #include <skinbase_vertex>
    #include <skinnormal_vertex>
    #include <defaultnormal_vertex>
    #include <begin_vertex>
    #include <morphtarget_vertex>
    #include <skinning_vertex>
    #include <project_vertex>
    vec3 at = mvPosition.xyz;
    vec3 eye = normalize(-at);
    vec3 n = normalize(transformedNormal);
    #ifdef DOUBLE_SIDED
      if (dot(n, eye) < 0.0) n = -n;
    #endif
    vec3 own = diffuse;
    #ifdef USE_INSTANCING_COLOR
      own *= instanceColor.rgb;
    #endif

    vec3 matt = own * (1.0 - substance.y);
    float away = 1.0 - max(dot(n, eye), 0.0);
    vec3 polished = mix(mix(vec3(0.04), own, substance.y), vec3(1.0), 0.5 * (1.0 - substance.x) * pow3(away) * pow2(away));
    vec3 seen = emissive + substance.z * studio(
      transformNormalByInverseViewMatrix(n, viewMatrix),
      transformNormalByInverseViewMatrix(reflect(-eye, n), viewMatrix), matt, polished);
    IncidentLight lamp;
    #if NUM_POINT_LIGHTS > 0
      for (int i = 0; i < NUM_POINT_LIGHTS; i++) {
        getPointLightInfo(pointLights[i], at, lamp);
        seen += shine(lamp, n, eye, matt, polished);
      }
    #endif
    #if NUM_SPOT_LIGHTS > 0
      for (int i = 0; i < NUM_SPOT_LIGHTS; i++) {
        getSpotLightInfo(spotLights[i], at, lamp);
        seen += shine(lamp, n, eye, matt, polished);
      }
    #endif
    #if NUM_DIR_LIGHTS > 0
      for (int i = 0; i < NUM_DIR_LIGHTS; i++) {
        getDirectionalLightInfo(directionalLights[i], lamp);
        seen += shine(lamp, n, eye, matt, polished);
      }
    #endif
    #if NUM_HEMI_LIGHTS > 0
      for (int i = 0; i < NUM_HEMI_LIGHTS; i++) {
        seen += RECIPROCAL_PI * matt * getHemisphereLightIrradiance(hemisphereLights[i], n);
      }
    #endif
    #ifdef USE_FOG
      seen = mix(seen, fogColor, smoothstep(fogNear, fogFar, -at.z));
    #endif
    vShown = shownAs(seen);
  }
`
const FRAGMENT = /* glsl */`
  varying vec3 vShown;
  void main() {
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    gl_FragColor = vec4(vShown + (noise - 0.5) / 255.0, 1.0);
  }
`

/**
 * What a MeshStandardMaterial is to the finer levels, for those that the processor draws: all
 * light is calculated at the corners of the triangles and only blended between them. Bones, morph
 * targets, instances with colours, all lamps and linear fog work as ever; shadows and textures do
 * not.
 */
export class VertexLitMaterial extends ShaderMaterial {
  /**
   * @param {object} look
   * @param {string} [look.name]
   * @param {number} look.roughness 0 to 1
   * @param {number} [look.metalness] 0 to 1
   * @param {import('three').Color} [look.color]
   * @param {import('three').Color} [look.emissive]
   * @param {number} [look.emissiveIntensity]
   * @param {import('three').Side} [look.side]
   * @param {number} [look.studio]  how bright the environment is
   */
  constructor({
    name = '', roughness, metalness = 0, color = new Color(1, 1, 1), emissive = new Color(0, 0, 0),
    emissiveIntensity = 1, side, studio = 0.45,
  }) {
    const alpha = Math.max(roughness ** 2, SMOOTHEST)
    const shone = new Color()
    super({
      uniforms: {
        ...UniformsUtils.clone(UniformsLib.lights),
        ...UniformsUtils.clone(UniformsLib.fog),
        diffuse: { value: color },
        emissive: { value: shone },
        substance: { value: new Vector3(alpha, metalness, studio) },
        mirrors: { value: mirrorPanels(alpha) },
      },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      lights: true,
      fog: true,
    })
    this.name = name
    if (side !== undefined) this.side = side
    /** Both are as they were given; only the colours may change. */
    this.roughness = roughness
    this.metalness = metalness
    this.color = color
    this.emissive = emissive
    this.emissiveIntensity = emissiveIntensity
    this.onBeforeRender = () => {
      shone.copy(this.emissive).multiplyScalar(this.emissiveIntensity)
      this.uniformsNeedUpdate = true
    }
  }
}
