import { Color, Vector2, Vector3, Vector4 } from 'three'
import { PAINT_COUNT } from './colours.js'

/** Groups of strokes that grow together: those of plants.js, then one for each object. */
export const GROUPS = 32

/**
 * What all parts of the landscape share as uniforms: light, air, wind, and the visitor's hands.
 * Places are in the space of the view: the eye is at (0, eye, 0) and looks along -z.
 */
export const makeAir = () => ({
  paints: { value: Array.from({ length: PAINT_COUNT }, () => new Color()) },
  /** Toward the light; toward where the sun is seen; how bright it is, the sky, the ground. */
  sunWay: { value: new Vector3(0, 1, 0) },
  sunSeen: { value: new Vector3(0, 0.1, -1) },
  sunLight: { value: new Color() },
  skyLight: { value: new Color() },
  groundLight: { value: new Color() },
  haze: { value: new Color() },
  glow: { value: new Color() },
  /** Share of the light that a unit of air takes. */
  thick: { value: 0.01 },
  eye: { value: 2 },
  /** Tangent of half the angle that is seen horizontally. */
  side: { value: 0.33 },
  flow: { value: 0 },
  /** Strength 0 to 1, and to which side, -1 to 1. */
  wind: { value: new Vector2() },
  /** Of each hand: tangents of where it points, how far it lifts hills, how far it pushes clouds. */
  hands: { value: [new Vector4(), new Vector4()] },
  /** How far the valley opens, 0 to 1. */
  valley: { value: 0 },
  /** Width and height of plants as factors, trembling, slant. */
  gesture: { value: new Vector4(1, 1, 0, 0) },
  /** 0: round forms; 1: angular ones. */
  sharp: { value: 0 },
  grown: { value: new Float32Array(GROUPS).fill(1) },
})

/** @typedef {ReturnType<typeof makeAir>} Air */

/** Light and distance, for every part. */
export const AIR = /* glsl */`
  uniform vec3 sunWay;
  uniform vec3 sunSeen;
  uniform vec3 sunLight;
  uniform vec3 skyLight;
  uniform vec3 groundLight;
  uniform vec3 haze;
  uniform vec3 glow;
  uniform float thick;
  uniform float eye;

  /** Light from a matt surface; \`soft\` is how far it goes around, as in leaves. */
  vec3 lit(vec3 colour, vec3 n, float soft) {
    float direct = max((dot(n, sunWay) + soft) / (1.0 + soft), 0.0);
    return colour * 0.3183 * (sunLight * direct + mix(groundLight, skyLight, 0.5 + 0.5 * n.y));
  }

  /** What is left of a colour after its way through the air. */
  vec3 distant(vec3 colour, vec3 place) {
    vec3 ray = place - vec3(0.0, eye, 0.0);
    float far = length(ray);
    float toward = max(dot(ray, sunSeen) / far, 0.0);
    toward *= toward;
    float low = 1.0 / (1.0 + 0.2 * max(place.y, 0.0));
    float clear = exp(-thick * far * (0.45 + 0.75 * low));
    return mix(haze + 0.7 * glow * toward * toward * toward, colour, clear);
  }
`

/** How the land answers the visitor. */
export const LAND = /* glsl */`
  uniform vec4 hands[2];
  uniform float valley;
  uniform float side;

  float hump(float at, float wide) {
    at /= wide;
    at = 1.0 / (1.0 + at * at);
    return at * at;
  }

  /** The arms open a valley, hands lift the hills that they point at. */
  vec3 moved(vec3 place) {
    float far = -place.z;
    float s = place.x / far;
    float away = smoothstep(10.0, 30.0, far) * smoothstep(0.0, 0.5, place.y);
    float open = valley * hump(s, 0.7 * side);
    float up = hands[0].z * hump(s - hands[0].x, 0.4 * side)
      + hands[1].z * hump(s - hands[1].x, 0.4 * side);
    place.y += away * (up * (0.35 + 0.35 * place.y) - 0.5 * open * place.y);
    return place;
  }
`
