import { CustomToneMapping, ShaderChunk } from 'three'

const EMPTY = 'vec3 CustomToneMapping( vec3 color ) { return color; }'
/** AgX (Troy Sobotka) keeps colours calm in bright light; a look gives back some of their depth. */
const LOOK = /* glsl */`
  vec3 CustomToneMapping(vec3 color) {
    color = pow(AgXToneMapping(color), vec3(1.18));
    float light = dot(color, vec3(0.2126, 0.7152, 0.0722));
    return clamp(light + 1.28 * (color - light), 0.0, 1.0);
  }
`

/**
 * GLSL: close to this tone, gamma included, without its logarithms and powers, for shaders that the
 * processor runs.
 */
export const NEAR_TONE = /* glsl */`
  vec3 nearTone(vec3 c) {
    vec3 t = sqrt(mix(vec3(dot(c, vec3(0.3333))), c, 0.85));
    c = (0.005 + t * (14.46 * t - 0.687)) / (1.0 + t * (3.004 + 13.27 * t));
    return mix(vec3(dot(c, vec3(0.2126, 0.7152, 0.0722))), c, 1.38);
  }
`

/**
 * Gives a renderer the tone of the room: AgX with a little more contrast and colour.
 *
 * @param {import('three').WebGLRenderer} renderer
 */
export function setTone(renderer) {
  ShaderChunk.tonemapping_pars_fragment =
    ShaderChunk.tonemapping_pars_fragment.replace(EMPTY, LOOK)
  renderer.toneMapping = CustomToneMapping
  renderer.toneMappingExposure = 1.3
}
