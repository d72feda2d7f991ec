import { Color, MeshDepthMaterial, MeshPhysicalMaterial, MeshStandardMaterial, Vector3,
  Vector4 } from 'three'
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
const SURFACE = /* glsl */`
  ${VARYINGS}
  uniform vec3 deep;   // colour near the heart
  uniform vec3 pale;   // at the tips
  uniform vec3 outside; // at the tips of the outermost petals
  uniform vec3 through; // of light that has gone through a petal
  uniform vec3 heart;  // light of the heart, linear
  uniform vec3 substance; // how dark and polished, how far light goes through, how closed
  ${NOISE}

  /** Light that has gone through the shell, and light that falls on its inner side. */
  vec3 heartLight(vec3 colour, vec3 outward) {
    float far2 = dot(vHeart, vHeart);
    float facing = dot(outward, vHeart) * inversesqrt(far2);
    float reach = exp(-2.4 * substance.z * vSheet.z) / (0.2 + 9.0 * far2);
    float thin = 0.35 + 0.65 * smoothstep(0.1, 0.9, vSheet.y);
    vec3 lit = colour * max(facing, 0.0);
    vec3 glow = through * substance.y * thin * (0.25 + 0.75 * max(-facing, 0.0));
    return heart * reach * (lit + glow);
  }

  /** Deep between the petals little light arrives. */
  float shade() {
    float depth = mix(0.12, 1.0, smoothstep(0.0, 0.75, vSheet.y));
    return mix(1.0, depth, 0.85) * mix(0.72, 1.0, vSheet.z);
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

/**
 * @param {import('three').WebGLProgramParametersWithUniforms} shader
 * @param {boolean} fine
 */
function colourSurface(shader, fine) {
  const grain = fine ? /* glsl */`
    vec2 own = vSheet.xy + 31.0 * vSheet.z;
    float mottle = valueNoise(own * vec2(5.0, 9.0)) + 0.5 * valueNoise(own * vec2(46.0, 17.0)) - 0.75;
  ` : 'float mottle = 0.0;'
  shader.fragmentShader = SURFACE + shader.fragmentShader
    .replace('#include <color_fragment>', /* glsl */`
      ${grain}
      float ramp = smoothstep(0.02, 0.95, vSheet.y + 0.07 * mottle);
      vec3 tips = mix(pale, outside, 0.75 * vSheet.z * vSheet.z);
      diffuseColor.rgb = mix(deep, tips, ramp * (0.6 + 0.4 * ramp)) * (1.0 + 0.05 * mottle);
    `)
    .replace('#include <roughnessmap_fragment>', /* glsl */`
      #include <roughnessmap_fragment>
      roughnessFactor = clamp(roughnessFactor + 0.07 * mottle, 0.08, 1.0);
    `)
    .replace('#include <emissivemap_fragment>', /* glsl */`
      totalEmissiveRadiance += heartLight(diffuseColor.rgb, normalize(vOutward));
    `)
    .replace('#include <aomap_fragment>', /* glsl */`
      float less = shade();
      reflectedLight.indirectDiffuse *= less;
      reflectedLight.indirectSpecular *= less;
      reflectedLight.directDiffuse *= 0.35 + 0.65 * less;
      reflectedLight.directSpecular *= less;
    `)
}

/**
 * What the petals are made of: porcelain at rest, silk and wax where it is pleasant or sad,
 * obsidian where it is threatening.
 */
export class Skin {
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
  }
  #glow = new Steady(0.3)
  #dark = new Steady(0)
  /** @type {MeshStandardMaterial} */
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
    material.roughness = 0.46 - 0.26 * dark + 0.14 * gesture.heavy
    material.envMapIntensity = 0.7 + 0.8 * dark
    if (material instanceof MeshPhysicalMaterial) {
      material.clearcoat = 0.25 + 0.7 * dark
      material.sheenColor.copy(pale.value).multiplyScalar(0.5 * (1 - dark))
    }
  }

  dispose() {
    this.material.dispose()
    this.shadow?.dispose()
  }

  /** @param {Level} level */
  #makeMaterial(level) {
    const material = level.fine
      ? new MeshPhysicalMaterial({
        clearcoat: 0.25, clearcoatRoughness: 0.28, sheen: 0.6, sheenRoughness: 0.5,
        dithering: true,
      })
      : new MeshStandardMaterial({ dithering: true })
    material.customProgramCacheKey = () => `bloom-${level.fine}`
    material.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, this.#uniforms)
      shapeVertices(shader)
      colourSurface(shader, level.fine)
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
