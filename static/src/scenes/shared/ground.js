import {
  MeshStandardMaterial, PlaneGeometry, ShaderMaterial, Vector2, Vector3,
} from 'three'
import { GROUND } from '../../stage/view.js'

/**
 * @typedef {import('three').SpotLight} SpotLight
 * @typedef {import('three').PointLight} PointLight
 *
 * @typedef {object} GroundLights
 * @property {SpotLight} key
 * @property {SpotLight} rim
 * @property {PointLight} ember
 * @property {import('three').Color} glow  on the wall behind the sculpture
 */

/** The ground runs to the back, bends and becomes the wall: there is no horizon. */
const COVE = { width: 44, front: 7, back: -3.2, radius: 3.4, top: 12, bends: 12 }
const ACROSS = 36
const DOWN = 16

/** The glow on the wall, in scene units around a place a little above the middle. */
const GLOW = /* glsl */`
  vec3 glowAt(vec3 place) {
    vec2 p = (place.xy - vec2(0.0, 0.35)) * vec2(0.21, 0.3);
    return glow * exp(-dot(p, p)) * smoothstep(-1.0, -5.0, place.z);
  }
`

/** The cove, fine enough to be lit by its corners. */
export function makeCove() {
  const { width, front, back, radius, top, bends } = COVE
  /** @type {[number, number][]} z and y along the profile */
  const profile = []
  for (let i = 0; i <= DOWN; i++) profile.push([front + (back - front) * i / DOWN, GROUND])
  for (let i = 1; i <= bends; i++) {
    const angle = i / bends * Math.PI / 2
    profile.push([back - radius * Math.sin(angle), GROUND + radius * (1 - Math.cos(angle))])
  }
  profile.push([back - radius, top])
  const geometry = new PlaneGeometry(width, 1, ACROSS, profile.length - 1)
  const points = geometry.getAttribute('position')
  /** Finer in the middle, where the light is. @param {number} x */
  const spread = (x) => Math.sign(x) * width / 2 * Math.abs(2 * x / width) ** 1.7
  for (let i = 0; i < points.count; i++) {
    const [z, y] = profile[profile.length - 1 - Math.floor(i / (ACROSS + 1))]
    points.setXYZ(i, spread(points.getX(i)), y, z)
  }
  geometry.computeVertexNormals()
  return geometry
}

/**
 * The ground of the finer levels: lit like everything else, and it takes shadows.
 *
 * @param {import('three').Color} glow
 */
export function makeFineGround(glow) {
  const material = new MeshStandardMaterial({
    roughness: 0.78, envMapIntensity: 0.22, dithering: true,
  })
  material.onBeforeCompile = (shader) => {
    shader.uniforms.glow = { value: glow }
    shader.vertexShader = shader.vertexShader
      .replace('#include <common>', '#include <common>\nvarying vec3 vPlace;')
      .replace('#include <begin_vertex>', '#include <begin_vertex>\nvPlace = position;')
    shader.fragmentShader = shader.fragmentShader
      .replace('#include <common>', `#include <common>\nvarying vec3 vPlace;\nuniform vec3 glow;${GLOW}`)
      .replace('#include <emissivemap_fragment>', 'totalEmissiveRadiance += glowAt(vPlace);')
  }
  return material
}

/** Stands for what the environment adds to the fine ground. */
const PLAIN_VERTEX = /* glsl */`
  #define AMBIENT 0.12
  uniform vec3 colour;
  uniform vec3 haze;
  uniform vec2 hazeRange;
  uniform vec3 glow;
  uniform vec3 places[3];
  uniform vec3 lights[3];
  uniform vec2 cones[2];
  varying vec3 vColour;
  ${GLOW}
  #include <common>
  #include <tonemapping_pars_fragment>

  vec3 shine(vec3 place, vec3 light, vec3 at, vec3 up) {
    vec3 way = place - at;
    float far = dot(way, way);
    return light * max(dot(up, way), 0.0) * inversesqrt(far) / far;
  }

  float within(vec3 place, vec2 cone, vec3 at) {
    return smoothstep(cone.x, cone.y, dot(normalize(place), normalize(place - at)));
  }

  void main() {
    vec4 view = modelViewMatrix * vec4(position, 1.0);
    gl_Position = projectionMatrix * view;
    vec3 light = shine(places[0], lights[0], position, normal) * within(places[0], cones[0], position)
      + shine(places[1], lights[1], position, normal) * within(places[1], cones[1], position)
      + shine(places[2], lights[2], position, normal);
    vec3 seen = colour * (RECIPROCAL_PI * light + AMBIENT) + glowAt(position);
    seen = mix(seen, haze, smoothstep(hazeRange.x, hazeRange.y, -view.z));
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
 * The ground of the plainer levels. It fills the screen, so its light is calculated at the
 * corners of the cove and only blended between them.
 */
export class PlainGround extends ShaderMaterial {
  /** @param {import('three').Fog} fog */
  constructor(fog) {
    super({
      uniforms: {
        colour: { value: new Vector3() },
        haze: { value: fog.color },
        hazeRange: { value: new Vector2(fog.near, fog.far) },
        glow: { value: new Vector3() },
        places: { value: [new Vector3(), new Vector3(), new Vector3()] },
        lights: { value: [new Vector3(), new Vector3(), new Vector3()] },
        cones: { value: [new Vector2(), new Vector2()] },
      },
      vertexShader: PLAIN_VERTEX,
      fragmentShader: PLAIN_FRAGMENT,
    })
  }

  /**
   * @param {import('three').Color} colour
   * @param {GroundLights} lights
   */
  update(colour, { key, rim, ember, glow }) {
    const { uniforms } = this
    uniforms.colour.value.set(colour.r, colour.g, colour.b)
    uniforms.glow.value.set(glow.r, glow.g, glow.b)
    for (const [i, light] of [key, rim, ember].entries()) {
      const { color, intensity } = light
      uniforms.places.value[i].copy(light.position)
      uniforms.lights.value[i].set(color.r, color.g, color.b).multiplyScalar(intensity)
    }
    for (const [i, { angle, penumbra }] of [key, rim].entries()) {
      uniforms.cones.value[i].set(Math.cos(angle), Math.cos(angle * (1 - penumbra)))
    }
  }
}
