import {
  Color, DoubleSide, MeshDepthMaterial, MeshPhysicalMaterial, ShaderMaterial, Vector3, Vector4,
} from 'three'
import { setOklch } from '../../stage/colour.js'
import { Steady } from '../../stage/steady.js'
import { NOISE, SHAPE } from './shape.js'
import { HEART } from './whorl.js'

/** @typedef {import('../../stage/quality.js').Level} Level */

const VARYINGS = /* glsl */`
  varying vec3 vSheet; // u, v, layer
  varying vec3 vHeart; // from the surface to the heart, in the flower's own units
  varying vec3 vOutward;
`
/** What both the fine and the plain shader say about the surface. */
const SURFACE = /* glsl */`
  uniform vec3 deep;    // colour near the heart
  uniform vec3 pale;    // at the tips
  uniform vec3 outside; // at the tips of the outermost petals
  uniform vec3 through; // of light that has gone through a petal
  uniform vec3 heart;   // light of the heart, linear
  uniform vec3 substance; // how dark and polished, how far light goes through, how closed

  vec3 ownColour(vec3 sheet, float mottle) {
    float ramp = smoothstep(0.02, 0.95, sheet.y + 0.07 * mottle);
    vec3 tips = mix(pale, outside, 0.75 * sheet.z * sheet.z);
    return mix(deep, tips, ramp * (0.6 + 0.4 * ramp)) * (1.0 + 0.05 * mottle);
  }

  /** Light that falls on the inner side, and light that has gone through the shell. */
  vec3 heartLight(vec3 sheet, vec3 colour, vec3 outward, vec3 toHeart) {
    float far2 = dot(toHeart, toHeart);
    float facing = dot(outward, toHeart) * inversesqrt(far2);
    float reach = exp(-2.4 * substance.z * sheet.z) / (0.2 + 9.0 * far2);
    float thin = 0.35 + 0.65 * smoothstep(0.1, 0.9, sheet.y);
    vec3 lit = colour * max(facing, 0.0);
    vec3 glow = through * substance.y * thin * (0.25 + 0.75 * max(-facing, 0.0));
    return heart * reach * (lit + glow);
  }

  /** Deep between the petals little light arrives. */
  float shade(vec3 sheet) {
    return mix(0.25, 1.0, smoothstep(0.0, 0.75, sheet.y)) * mix(0.72, 1.0, sheet.z);
  }
`

/** @param {import('three').WebGLProgramParametersWithUniforms} shader */
function shapeVertices(shader) {
  shader.vertexShader = SHAPE + VARYINGS + shader.vertexShader
    .replace('#include <beginnormal_vertex>', /* glsl */`
      vec3 shapedPoint;
      vec3 objectNormal;
      takeShape(shapedPoint, objectNormal);
    `)
    .replace('#include <begin_vertex>', /* glsl */`
      vec3 transformed = shapedPoint;
      vSheet = vec3(position.xy, build.w);
      vHeart = vec3(0.0, ${HEART}, 0.0) - shapedPoint;
      vOutward = objectNormal;
    `)
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
function colourSurface(shader) {
  shader.fragmentShader = VARYINGS + SURFACE + NOISE + shader.fragmentShader
    .replace('#include <color_fragment>', /* glsl */`
      vec2 own = vSheet.xy + 31.0 * vSheet.z;
      float mottle = valueNoise(own * vec2(5.0, 9.0)) + 0.5 * valueNoise(own * vec2(46.0, 17.0))
        - 0.75;
      diffuseColor.rgb = ownColour(vSheet, mottle);
    `)
    .replace('#include <roughnessmap_fragment>', /* glsl */`
      #include <roughnessmap_fragment>
      roughnessFactor = clamp(roughnessFactor + 0.07 * mottle, 0.08, 1.0);
    `)
    .replace('#include <emissivemap_fragment>', /* glsl */`
      totalEmissiveRadiance += heartLight(vSheet, diffuseColor.rgb, normalize(vOutward), vHeart);
    `)
    .replace('#include <aomap_fragment>', /* glsl */`
      float less = shade(vSheet);
      reflectedLight.indirectDiffuse *= less;
      reflectedLight.indirectSpecular *= less;
      reflectedLight.directDiffuse *= 0.35 + 0.65 * less;
      reflectedLight.directSpecular *= less;
    `)
}

/**
 * The petals of the plainer levels: the same surface, lit at its vertices and only blended
 * between them, because the processor draws every pixel. The cones of the lamps are wider than
 * the flower, and two soft directions stand for the environment.
 */
const PLAIN_VERTEX = /* glsl */`
  ${SHAPE}
  ${SURFACE}
  uniform vec3 places[2];
  uniform vec3 lights[2];
  varying vec3 vColour;
  #include <common>
  #include <tonemapping_pars_fragment>

  void main() {
    vec3 point;
    vec3 outward;
    takeShape(point, outward);
    vec4 world = modelMatrix * vec4(point, 1.0);
    gl_Position = projectionMatrix * viewMatrix * world;
    vec3 n = normalize(mat3(modelMatrix) * outward);
    vec3 view = normalize(cameraPosition - world.xyz);
    // Of a petal without thickness the side is lit that is seen.
    if (dot(n, view) < 0.0) {
      n = -n;
      outward = -outward;
    }
    vec3 sheet = vec3(position.xy, build.w);
    vec3 colour = ownColour(sheet, 0.0);
    float less = shade(sheet);
    float polish = mix(24.0, 90.0, substance.x);

    vec3 seen = heartLight(sheet, colour, outward, vec3(0.0, ${HEART}, 0.0) - point);
    for (int i = 0; i < 2; i++) {
      vec3 way = places[i] - world.xyz;
      float far2 = dot(way, way);
      way *= inversesqrt(far2);
      float spark = pow(max(dot(n, normalize(way + view)), 0.0), polish) * polish * 0.006;
      seen += lights[i] / far2 * less * max(dot(n, way), 0.0) * (colour * RECIPROCAL_PI + spark);
    }
    float window = max(dot(n, vec3(-0.65, 0.6, 0.46)), 0.0);
    float rim = pow(1.0 - max(dot(n, view), 0.0), 4.0);
    seen += less * (colour * (0.07 + 0.3 * window) + (0.1 + 0.5 * substance.x) * rim * (0.2 + window));
    vColour = shownAs(seen);
  }
`
const PLAIN_FRAGMENT = /* glsl */`
  varying vec3 vColour;
  void main() {
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    gl_FragColor = vec4(vColour + (noise - 0.5) / 255.0, 1.0);
  }
`

/**
 * What the petals are made of: porcelain at rest, silk and wax where it is pleasant or sad,
 * obsidian where it is threatening.
 */
export class Materials {
  #uniforms = {
    form: { value: new Vector4() },
    posture: { value: new Vector3() },
    hands: { value: [new Vector4(), new Vector4()] },
    flow: { value: 0 },
    deep: { value: new Color() },
    pale: { value: new Color() },
    outside: { value: new Color() },
    through: { value: new Color() },
    heart: { value: new Color() },
    substance: { value: new Vector3(0, 1, 1) },
    places: { value: [new Vector3(), new Vector3()] },
    lights: { value: [new Vector3(), new Vector3()] },
  }
  #glow = new Steady(0.3)
  #dark = new Steady(0)
  /** @type {MeshPhysicalMaterial | ShaderMaterial} */
  material
  /** @type {MeshDepthMaterial | undefined} */
  shadow

  /** @param {Level} level */
  constructor(level) {
    this.material = this.#makeMaterial(level)
    this.shadow = this.#makeShadow(level)
  }

  /** @param {Level} level */
  setLevel(level) {
    this.dispose()
    this.material = this.#makeMaterial(level)
    this.shadow = this.#makeShadow(level)
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {number} dt seconds
   * @param {import('./gesture.js').Gesture} gesture
   * @param {import('../shared/rhythm.js').Rhythm} rhythm
   * @param {Vector3[]} hands in the flower's own space
   * @param {number[]} push
   */
  update(state, dt, gesture, rhythm, hands, push) {
    const { form, motion, colour, presence, affect } = state
    const { form: shape, posture, flow, deep, pale, outside, through, heart, substance } = this.#uniforms
    shape.value.set(
      form.roundness,
      Math.min(1.3 * Math.max(form.facets - 0.16, 0), 1),
      0.02 + 0.06 * motion.amplitude + 0.08 * form.noise + 0.05 * gesture.fold,
      1.1 + 4.4 * form.noise,
    )
    posture.value.set(gesture.twist, gesture.spiral, gesture.fold)
    flow.value = (flow.value + dt * (0.06 + 0.2 * motion.speed)) % (2 * Math.PI)
    for (const [i, hand] of this.#uniforms.hands.value.entries()) {
      hand.set(hands[i].x, hands[i].y, hands[i].z, 0.16 * push[i])
    }

    const dark = this.#dark.step(gesture.sharp, dt)
    const { accent, palette } = colour
    const [, low, middle, , light] = palette
    setOklch(deep.value, [
      low[0] + (0.16 - low[0]) * 0.7 * dark, Math.min(low[1] * 1.3 + 0.02, 0.2), low[2],
    ])
    setOklch(pale.value, [
      light[0] - 0.05 + (0.2 - light[0]) * dark, light[1] * (1.25 - 0.75 * dark), light[2],
    ])
    setOklch(outside.value, [middle[0] + 0.06 - 0.46 * dark, middle[1], middle[2]])
    setOklch(through.value, [0.7, Math.min(accent[1] * 1.5 + 0.03, 0.22), accent[2]])
    const glow = this.#glow.step(
      0.34 + 0.2 * presence + 0.16 * affect.arousal + 0.12 * affect.pleasure
        + 0.05 * rhythm.breath, dt)
    setOklch(heart.value, [0.86, Math.min(accent[1], 0.13), accent[2]])
    heart.value.multiplyScalar(5 * glow)
    substance.value.set(dark, 0.85 * (1 - 0.6 * dark), Math.max(1 - 1.5 * Math.max(gesture.open, 0), 0.1))

    const { material } = this
    if (material instanceof MeshPhysicalMaterial) {
      material.roughness = 0.46 - 0.26 * dark + 0.14 * gesture.heavy
      material.envMapIntensity = 0.7 + 0.8 * dark
      material.clearcoat = 0.25 + 0.7 * dark
      material.sheenColor.copy(pale.value).multiplyScalar(0.5 * (1 - dark))
    }
  }

  /**
   * Tells the plainer levels where the light comes from.
   *
   * @param {import('three').SpotLight[]} lamps two
   */
  light(lamps) {
    const { places, lights } = this.#uniforms
    for (const [i, { position, color, intensity }] of lamps.entries()) {
      places.value[i].copy(position)
      lights.value[i].set(color.r, color.g, color.b).multiplyScalar(intensity)
    }
  }

  dispose() {
    this.material.dispose()
    this.shadow?.dispose()
  }

  /** @param {Level} level */
  #makeMaterial(level) {
    if (!level.fine) {
      return new ShaderMaterial({
        uniforms: this.#uniforms, vertexShader: PLAIN_VERTEX, fragmentShader: PLAIN_FRAGMENT,
        side: DoubleSide,
      })
    }
    const material = new MeshPhysicalMaterial({
      clearcoat: 0.25, clearcoatRoughness: 0.28, sheen: 0.6, sheenRoughness: 0.5, dithering: true,
    })
    material.customProgramCacheKey = () => 'bloom'
    material.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, this.#uniforms)
      shapeVertices(shader)
      colourSurface(shader)
    }
    return material
  }

  /** @param {Level} level */
  #makeShadow(level) {
    if (!level.shadow) return undefined
    const shadow = new MeshDepthMaterial()
    shadow.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, this.#uniforms)
      shapeShadow(shader)
    }
    shadow.customProgramCacheKey = () => 'bloom-shadow'
    return shadow
  }
}
