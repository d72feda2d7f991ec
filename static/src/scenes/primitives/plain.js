import { ShaderMaterial, Vector3, Vector4 } from 'three'
import { mirrorPanels, PANELS, SOLID_ANGLES } from '../../stage/environment.js'
import { LIGHTS } from './lights.js'
import { SHAPE } from './shape.js'

/** Below this a spark is smaller than a pixel, and would only flicker. */
const SMOOTHEST = 0.012

/** What is soft is lit at the corners of the triangles: diffuse light, sheen, haze. */
const VERTEX = /* glsl */`
  ${SHAPE}
  uniform vec3 colour;
  uniform vec3 substance; // alpha (roughness squared), metalness, sheen
  uniform vec3 places[3];
  uniform vec3 lights[3];
  uniform vec3 axes[2];
  uniform vec2 cones[2];
  uniform vec3 sky;
  uniform vec3 haze;
  uniform vec2 hazeRange;
  uniform vec3 towards[${PANELS.length}];
  uniform vec3 panels[${PANELS.length}];
  uniform vec3 walls;
  varying vec3 vNormal;
  varying vec3 vView;
  varying vec3 vSoft;
  varying vec3 vKey;
  varying vec3 vRim;
  varying vec3 vEmber;
  varying vec4 vReach; // of key, rim and ember to a spark; what the haze lets through

  /** Light that arrives, and that can be mirrored. \`way\` turns half way to the eye. */
  vec2 shine(inout vec3 way, float share, vec3 n, float mirror) {
    float far2 = dot(way, way);
    way *= inversesqrt(far2);
    float facing = max(dot(n, way), 0.0);
    float seen = max(dot(n, vView), 0.05);
    float light = share * facing / far2;
    float hidden = mix(2.0 * facing * seen, facing + seen, substance.x);
    way = normalize(way + vView);
    float grazing = 1.0 - dot(way, vView);
    float edge = grazing * grazing * grazing * grazing * grazing;
    return vec2(light, light * mix(1.0, 1.0 / mirror, edge) * 0.159 / hidden);
  }

  float within(int i, vec3 at) {
    return smoothstep(cones[i].x, cones[i].y, dot(axes[i], normalize(places[i] - at)));
  }

  void main() {
    vec3 point;
    vec3 outward;
    takeShape(point, outward);
    vec3 at = (modelMatrix * vec4(point, 1.0)).xyz;
    vec4 view = viewMatrix * vec4(at, 1.0);
    gl_Position = projectionMatrix * view;
    vec3 n = normalize((vec4(normalMatrix * outward, 0.0) * viewMatrix).xyz);
    vNormal = n;
    vView = normalize(cameraPosition - at);

    float mirror = mix(0.04, 0.6, substance.y);
    vKey = places[0] - at;
    vRim = places[1] - at;
    vEmber = places[2] - at;
    vec2 key = shine(vKey, within(0, at), n, mirror);
    vec2 rim = shine(vRim, within(1, at), n, mirror);
    vec2 ember = shine(vEmber, 1.0, n, mirror);
    vec3 light = 0.3183 * (key.x * lights[0] + rim.x * lights[1] + ember.x * lights[2]
      + sky * (0.5 + 0.5 * n.y)) + walls${SOLID_ANGLES.map((share, i) => `
      + ${(4 * share).toFixed(4)} * max(dot(n, towards[${i}]), 0.0) * panels[${i}]`).join('')};

    float edge = 1.0 - max(dot(n, vView), 0.0);
    float clear = 1.0 - smoothstep(hazeRange.x, hazeRange.y, -view.z);
    vSoft = mix(haze, colour * light * (1.0 - substance.y + substance.z * edge * edge), clear);
    vReach = clear * vec4(key.y, rim.y, ember.y, 1.0);
  }
`

/** What is crisp is calculated for every pixel: sparks, and the studio in the polish. */
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  uniform vec3 substance;
  uniform vec3 lights[3];
  uniform vec3 towards[${PANELS.length}];
  uniform vec3 across[${PANELS.length}];
  uniform vec3 panels[${PANELS.length}];
  uniform vec3 mirrors[${PANELS.length}];
  uniform vec3 walls;
  uniform vec4 polish; // mirrored head on: of its colour, and of white; edge: most, and scale
  varying vec3 vNormal;
  varying vec3 vView;
  varying vec3 vSoft;
  varying vec3 vKey;
  varying vec3 vRim;
  varying vec3 vEmber;
  varying vec4 vReach;

  /** The lobe of GGX without its 1 / pi. */
  float spark(vec3 n, vec3 middle) {
    float c = dot(n, middle);
    float a = substance.x * substance.x;
    float d = 1.0 - c * c * (1.0 - a);
    return a / (d * d);
  }

  float panel(vec3 r, vec3 toward, vec3 across, vec3 mirror) {
    float x = dot(r, across);
    float fade = 1.0 + mirror.y * (1.0 - dot(r, toward)) + mirror.z * x * x;
    return mirror.x / (fade * fade);
  }

  void main() {
    vec3 n = normalize(vNormal);
    float seen = max(dot(n, vView), 0.0);
    vec3 r = 2.0 * seen * n - vView;
    float away = 1.0 - seen;
    float edge = away * away * away * away * away;
    edge = polish.w * min(polish.z, edge);
    vec3 own = mix(vec3(0.04), colour, substance.y);
    vec3 studio = walls${PANELS.map((_, i) => `
      + panel(r, towards[${i}], across[${i}], mirrors[${i}]) * panels[${i}]`).join('')};
    vec3 sparks = vReach.x * spark(n, vKey) * lights[0]
      + vReach.y * spark(n, vRim) * lights[1]
      + vReach.z * spark(n, vEmber) * lights[2];
    vec3 shown = vSoft + own * sparks
      + vReach.w * (own * (polish.x - edge) + polish.y + edge) * studio;
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    gl_FragColor = vec4(shownAs(shown) + (noise - 0.5) / 255.0, 1.0);
  }
`

/** A substance of the plainer levels. */
export class PlainMaterial extends ShaderMaterial {
  /**
   * @param {Record<string, number>} substance properties of the physical material
   * @param {Record<string, {value: unknown}>} uniforms of the form: its colour and shape
   */
  constructor({ roughness, metalness, clearcoatRoughness = roughness, sheen = 0 }, uniforms) {
    // A coat is what is seen of the polish under it.
    const alpha = Math.max(clearcoatRoughness ** 2, SMOOTHEST)
    super({
      uniforms: {
        ...LIGHTS, ...uniforms,
        substance: { value: new Vector3(alpha, metalness, sheen) },
        mirrors: { value: mirrorPanels(alpha) },
        polish: { value: mirrored(clearcoatRoughness) },
      },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
    })
  }
}

/**
 * How much of the studio a surface mirrors (Karis, "Physically Based Shading on Mobile", 2014).
 *
 * @param {number} roughness
 * @returns {Vector4} head on: of its own colour, and of white; toward the edge: most, and scale
 */
function mirrored(roughness) {
  const sharp = 1 - roughness
  const least = 1.04 * (0.0425 - 0.0275 * roughness)
  return new Vector4(
    1.04 - 0.572 * roughness - least, least + 0.022 * roughness - 0.04, sharp * sharp, 1.04 * sharp,
  )
}
