import { CustomToneMapping, LinearSRGBColorSpace, ShaderChunk } from 'three'

const EMPTY = 'vec3 CustomToneMapping( vec3 color ) { return color; }'
/**
 * AgX (Troy Sobotka) keeps colours calm in bright light; a look gives back some of their depth.
 * The darkest is a warm black, as the room's ground is, and never none.
 * `shownAs` gives what the display is to show of linear light, for shaders that light their
 * vertices.
 */
const LOOK = /* glsl */`
  const vec3 FLOOR_LIGHT = vec3(0.0030, 0.0024, 0.0020);
  vec3 CustomToneMapping(vec3 color) {
    color = pow(AgXToneMapping(color), vec3(1.18));
    float light = dot(color, vec3(0.2126, 0.7152, 0.0722));
    return FLOOR_LIGHT + (1.0 - FLOOR_LIGHT) * clamp(light + 1.28 * (color - light), 0.0, 1.0);
  }
  vec3 shownAs(vec3 color) {
    return pow(CustomToneMapping(color), vec3(1.0 / 2.2));
  }
`
/**
 * The same without logarithms and powers: a rational curve through the look, the display's own
 * curve within it.
 */
const PLAIN_LOOK = /* glsl */`
  const vec3 FLOOR = vec3(0.039, 0.031, 0.026);
  vec3 CustomToneMapping(vec3 color) {
    vec3 t = sqrt(mix(vec3(dot(color, vec3(0.3333))), color, 0.85));
    color = t * (14.46 * t - 0.687) / (1.0 + t * (3.004 + 13.27 * t));
    color = mix(vec3(dot(color, vec3(0.2126, 0.7152, 0.0722))), color, 1.38);
    return FLOOR + (1.0 - FLOOR) * max(color, 0.0);
  }
  vec3 shownAs(vec3 color) {
    return CustomToneMapping(color);
  }
`

/**
 * Gives a renderer the tone of the room: AgX with a little more contrast and colour.
 *
 * @param {import('three').WebGLRenderer} renderer
 * @param {boolean} plain  the processor draws: the tone is cheap for each pixel
 */
export function setTone(renderer, plain) {
  ShaderChunk.tonemapping_pars_fragment =
    ShaderChunk.tonemapping_pars_fragment.replace(EMPTY, plain ? PLAIN_LOOK : LOOK)
  renderer.toneMapping = CustomToneMapping
  renderer.toneMappingExposure = 1.3
  if (plain) renderer.outputColorSpace = LinearSRGBColorSpace
}
