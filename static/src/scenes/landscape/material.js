import { DoubleSide, MeshDepthMaterial, MeshLambertMaterial, ShaderMaterial } from 'three'
import { AIR, GROUPS, LAND } from './air.js'
import { PAINT_COUNT } from './colours.js'

/** Where a point of the ground is, what it is painted with and which way it faces. */
export const GROUND = /* glsl */`
  attribute vec3 angular;
  attribute vec3 angularNormal;
  attribute vec4 cover;
  uniform vec3 paints[${PAINT_COUNT}];
  uniform float sharp;
  ${LAND}
  const float SOFT = 0.0;

  void paint(out vec3 place, out vec3 facing, out vec3 colour) {
    place = moved(mix(position, angular, sharp));
    facing = normalize(mix(normal, angularNormal, sharp));
    colour = mix(paints[int(cover.x)], paints[int(cover.y)], cover.z) * cover.w;
  }
`

/** The same of a stroke: it grows from its foot, and the wind bends it. */
export const STROKES = /* glsl */`
  attribute vec3 angular;
  attribute vec3 foot;
  attribute vec4 touch;
  uniform vec3 paints[${PAINT_COUNT}];
  uniform float grown[${GROUPS}];
  uniform float sharp;
  uniform float flow;
  uniform vec2 wind;
  uniform vec4 gesture;
  ${LAND}
  const float SOFT = 0.35;

  void paint(out vec3 place, out vec3 facing, out vec3 colour) {
    vec3 own = mix(position, angular, sharp) * grown[int(touch.w)];
    own.xz *= gesture.x;
    own.y *= gesture.y;
    float phase = foot.x * 0.7 + foot.z * 0.45;
    float gust = 0.5 + 0.5 * sin(flow * 0.9 + phase * 0.35);
    float bend = wind.y * 0.16 + wind.x * (0.05 + 0.09 * gust) * sin(flow * 1.9 + phase)
      + gesture.w;
    float flutter = 0.012 + 0.05 * wind.x;
    float leaf = sin(4.7 * flow + 9.0 * (own.x + own.y) + phase);
    own.x += touch.z * (bend * own.y + flutter * leaf) + gesture.z * leaf;
    own.y += touch.z * (0.6 * flutter * leaf - 0.5 * bend * bend * own.y);
    place = moved(foot) + own;
    facing = normalize(normal);
    colour = paints[int(touch.x)] * touch.y;
  }
`

/** In the water everything is upside down, and shakes. */
const MIRRORED = /* glsl */`
  float depth = max(place.y, 0.0);
  place.y = -depth;
  place.x += (0.02 + 0.06 * depth) * sin(flow * 1.3 + 21.0 * depth / (1.0 + depth) + place.z);
`

/**
 * The plainer levels, and mirror images at all of them: lit at the corners alone, because the
 * processor draws every pixel.
 *
 * @param {string} what  GROUND or STROKES
 * @param {boolean} mirrored
 * @param {boolean} graded  whether a later pass gives the tone
 */
const plainVertex = (what, mirrored, graded) => /* glsl */`
  ${what}
  ${what === GROUND ? 'uniform float flow;' : ''}
  ${AIR}
  varying vec3 vColour;
  varying float vHeight;
  #include <common>
  #include <tonemapping_pars_fragment>

  void main() {
    vec3 place;
    vec3 facing;
    vec3 colour;
    paint(place, facing, colour);
    vHeight = place.y;
    ${mirrored ? MIRRORED : ''}
    colour = distant(lit(colour, facing, SOFT), place);
    ${mirrored ? 'colour *= 0.82;' : ''}
    vColour = ${graded ? 'colour' : 'shownAs(colour)'};
    gl_Position = projectionMatrix * modelViewMatrix * vec4(place, 1.0);
  }
`
/** Of the ground nothing is drawn under water: there is the mirror image. */
const dry = (/** @type {string} */ what, /** @type {string} */ height) => (
  what === GROUND ? `if (${height} < 0.0) discard;` : '')
/** Wide even surfaces would show steps of colour. */
const DITHERED = /* glsl */`
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    gl_FragColor = vec4(vColour + (noise - 0.5) / 255.0, 1.0);
`
const plainFragment = (/** @type {string} */ what) => /* glsl */`
  varying vec3 vColour;
  varying float vHeight;
  void main() {
    ${dry(what, 'vHeight')}
    ${what === GROUND ? DITHERED : 'gl_FragColor = vec4(vColour, 1.0);'}
  }
`

/** Grain of the paint, for the levels that have it. */
export const GRAIN = /* glsl */`
  float hashed(vec3 p) {
    p = fract(p * 0.1031);
    p += dot(p, p.zyx + 31.32);
    return fract((p.x + p.y) * p.z);
  }
  float grain(vec3 p) {
    vec3 i = floor(p);
    vec3 f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    vec4 low = vec4(hashed(i), hashed(i + vec3(1, 0, 0)), hashed(i + vec3(0, 1, 0)),
      hashed(i + vec3(1, 1, 0)));
    vec4 high = vec4(hashed(i + vec3(0, 0, 1)), hashed(i + vec3(1, 0, 1)),
      hashed(i + vec3(0, 1, 1)), hashed(i + vec3(1, 1, 1)));
    vec4 both = mix(low, high, f.z);
    vec2 flat_ = mix(both.xy, both.zw, f.y);
    return mix(flat_.x, flat_.y, f.x);
  }
`

/**
 * @param {string} what  GROUND or STROKES
 * @param {import('./air.js').Air} air
 * @param {{fine: boolean}} level
 */
export function makeMaterial(what, air, level) {
  if (!level.fine) return makePlain(what, air, false, false)
  const material = new MeshLambertMaterial({ side: DoubleSide })
  material.customProgramCacheKey = () => `landscape ${what.length}`
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, air)
    shader.vertexShader = /* glsl */`
      varying vec3 vPaint;
      varying vec3 vPlace;
    ` + what + shader.vertexShader
      .replace('#include <beginnormal_vertex>', /* glsl */`
        vec3 place;
        vec3 objectNormal;
        vec3 colour;
        paint(place, objectNormal, colour);
        vPaint = colour;
        vPlace = place;
      `)
      .replace('#include <begin_vertex>', 'vec3 transformed = place;')
    shader.fragmentShader = /* glsl */`
      varying vec3 vPaint;
      varying vec3 vPlace;
      ${AIR}
      ${GRAIN}
    ` + shader.fragmentShader
      .replace('#include <color_fragment>', /* glsl */`
        ${dry(what, 'vPlace.y')}
        vec3 fine = vPlace * vec3(1.0, 1.4, 1.0) * 220.0 / (6.0 - vPlace.z);
        float streak = grain(fine * vec3(0.35, 1.0, 0.35)) + 0.6 * grain(fine * 2.3);
        diffuseColor.rgb = vPaint * (0.72 + 0.35 * streak);
      `)
      // A stroke has the normal of its form, whichever side is seen.
      .replace('#include <normal_fragment_begin>', /* glsl */`
        vec3 normal = normalize(vNormal);
        vec3 nonPerturbedNormal = normal;
      `)
      .replace('#include <emissivemap_fragment>', /* glsl */`
        ${what === STROKES ? 'totalEmissiveRadiance += 0.06 * diffuseColor.rgb * sunLight;' : ''}
      `)
      .replace('#include <opaque_fragment>', /* glsl */`
        outgoingLight = distant(outgoingLight, vPlace);
        #include <opaque_fragment>
      `)
  }
  return material
}

/**
 * @param {string} what
 * @param {import('./air.js').Air} air
 * @param {{fine: boolean}} level
 */
export const makeMirrored = (what, air, { fine }) => makePlain(what, air, true, fine)

/**
 * @param {string} what
 * @param {import('./air.js').Air} air
 */
export function makeShadow(what, air) {
  const material = new MeshDepthMaterial({ side: DoubleSide })
  material.customProgramCacheKey = () => `landscape shadow ${what.length}`
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, air)
    shader.vertexShader = what + shader.vertexShader
      .replace('#include <begin_vertex>', /* glsl */`
        vec3 transformed;
        vec3 unused;
        vec3 colour;
        paint(transformed, unused, colour);
      `)
  }
  return material
}

/**
 * @param {string} what
 * @param {import('./air.js').Air} air
 * @param {boolean} mirrored
 * @param {boolean} graded
 */
function makePlain(what, air, mirrored, graded) {
  return new ShaderMaterial({
    uniforms: air,
    vertexShader: plainVertex(what, mirrored, graded),
    fragmentShader: plainFragment(what),
    side: DoubleSide,
  })
}
