import {
  Color, DataTexture, LinearFilter, LinearMipmapLinearFilter, Mesh, PlaneGeometry, RedFormat,
  ShaderMaterial, SRGBColorSpace, Texture, UnsignedByteType, Vector2,
} from 'three'
import { setOklch } from '../../stage/colour.js'
import { smoothing } from '../../stage/spring.js'
import { Steady } from '../../stage/steady.js'
import { DISTANCE } from './frame.js'

/**
 * @typedef {object} Lights  each 0 and more
 * @property {number} room
 * @property {number} person
 * @property {number} rim
 */

const VERTEX = /* glsl */`
  varying vec2 vUv;
  varying vec2 vPlace;
  void main() {
    vUv = vec2(1.0 - uv.x, uv.y); // a mirror
    vec4 view = modelViewMatrix * vec4(position, 1.0);
    vPlace = view.xy;
    gl_Position = projectionMatrix * view;
  }
`
/** The warm grade of both layers: colours come together, shadows stay. */
const GRADE = /* glsl */`
  vec3 grade(vec3 seen) {
    float light = dot(seen, vec3(0.2126, 0.7152, 0.0722));
    vec3 warm = light * vec3(1.12, 0.98, 0.84);
    return mix(warm, seen, 0.6) * smoothstep(-0.05, 0.32, light);
  }
`
/** The room: out of focus, nearly dark; a glow behind the head. */
const ROOM = /* glsl */`
  uniform sampler2D picture;
  uniform float shown;
  uniform float light;
  uniform vec3 ground;
  uniform vec3 glow;
  uniform vec2 head;
  uniform float size;
  varying vec2 vUv;
  varying vec2 vPlace;
  ${GRADE}
  void main() {
    vec2 way = (vPlace - head) / size;
    vec3 seen = vec3(0.0);
    if (shown > 0.0) seen = grade(texture2D(picture, vUv, 4.5).rgb) * light * shown;
    float near = exp(-0.14 * dot(way, way));
    gl_FragColor = vec4(ground + glow * near + seen * (0.3 + 0.7 * near), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`
/** The visitor: lit by what they wear, dark toward the edge of the light, an outline of colour. */
const PERSON = /* glsl */`
  uniform sampler2D picture;
  uniform sampler2D mask;
  uniform float shown;
  uniform float light;
  uniform float rim;
  uniform vec3 accent;
  uniform vec2 head;
  uniform float size;
  varying vec2 vUv;
  varying vec2 vPlace;
  ${GRADE}
  void main() {
    float inside = texture2D(mask, vec2(vUv.x, 1.0 - vUv.y)).r;
    float alpha = smoothstep(0.38, 0.66, inside) * shown;
    if (alpha < 0.004) discard;
    vec2 way = (vPlace - head) / size;
    float lit = 0.06 + 0.94 * exp(-0.11 * dot(way - vec2(-0.25, 0.2), way - vec2(-0.25, 0.2)));
    vec3 seen = grade(texture2D(picture, vUv).rgb) * light * lit;
    float edge = 1.0 - smoothstep(0.5, 0.97, inside);
    seen += accent * edge * rim * (0.25 + 0.75 * exp(-0.06 * dot(way, way)));
    gl_FragColor = vec4(seen, alpha);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`

/** The camera's picture in two layers, the room and the person, with space between and around. */
export class Person {
  /** 0 to 1: how far the picture is there. */
  shown = 0
  /** The number of the frame that is shown. */
  frame = 0
  /** Share of the picture that the mask says is people; 0 before there is one. */
  masked = 0

  #picture = new Texture()
  #mask = new DataTexture(new Uint8Array(1), 1, 1, RedFormat, UnsignedByteType)
  #light = new Steady(0)
  #glow = new Steady(0.2)
  #head = new Vector2()
  /** Width and height of the picture in pixels: a texture of another size is another texture. */
  #shape = new Vector2()

  /**
   * @param {import('three').Object3D} group
   * @param {import('../../stage/sight.js').Sight} sight
   */
  constructor(group, sight) {
    this.sight = sight
    this.#picture.colorSpace = SRGBColorSpace
    this.#picture.minFilter = LinearMipmapLinearFilter
    this.#mask.minFilter = this.#mask.magFilter = LinearFilter
    const shared = {
      picture: { value: this.#picture },
      shown: { value: 0 },
      head: { value: this.#head },
      size: { value: 1 },
    }
    const plane = new PlaneGeometry(2, 2)
    this.room = new Mesh(plane, new ShaderMaterial({
      uniforms: {
        ...shared, light: { value: 0 }, ground: { value: new Color() }, glow: { value: new Color() },
      },
      vertexShader: VERTEX,
      fragmentShader: ROOM,
      depthTest: false,
      depthWrite: false,
    }))
    this.room.renderOrder = -10
    this.person = new Mesh(plane, new ShaderMaterial({
      uniforms: {
        ...shared, mask: { value: this.#mask }, light: { value: 0 }, rim: { value: 0 },
        accent: { value: new Color() },
      },
      vertexShader: VERTEX,
      fragmentShader: PERSON,
      transparent: true,
      depthWrite: false,
    }))
    for (const layer of [this.room, this.person]) layer.frustumCulled = false
    group.add(this.room, this.person)
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {import('./frame.js').Frame} frame
   * @param {import('./head.js').Head} head
   * @param {number} dt seconds
   * @param {Lights} lights
   */
  update({ colour, presence }, frame, head, dt, lights) {
    this.#look()
    const there = this.sight.picture ? 1 : 0
    this.shown += (there - this.shown) * smoothing(dt, 0.35)
    if (!there && this.shown < 0.02) this.#forget()

    for (const layer of [this.room, this.person]) {
      layer.position.set(frame.x, frame.y, -DISTANCE)
      layer.scale.set(frame.halfWidth, frame.halfHeight, 1)
    }
    this.#head.set(head.place.x, head.place.y)
    const { accent, ground } = colour
    const room = this.room.material.uniforms
    const person = this.person.material.uniforms
    room.shown.value = person.shown.value = this.shown
    room.size.value = person.size.value = 0.6 * head.size + 0.4 * frame.halfHeight * 0.3
    setOklch(room.ground.value, ground).multiplyScalar(0.6)
    const glow = this.#glow.step(0.2 + 0.2 * presence, dt)
    setOklch(room.glow.value, [0.62, 0.8 * accent[1], accent[2]]).multiplyScalar(0.09 * glow)
    room.light.value = lights.room
    const light = this.#light.step(0.5 * this.shown, dt)
    person.light.value = 2 * light * lights.person
    person.rim.value = 2 * light * lights.rim
    setOklch(person.accent.value, [0.8, accent[1], accent[2]])
    this.person.visible = this.shown > 0
  }

  dispose() {
    this.#picture.dispose()
    this.#mask.dispose()
  }

  /** Lets the last picture go, on the graphics card as well. */
  #forget() {
    this.shown = this.masked = 0
    if (!this.#picture.image) return
    this.#picture.dispose()
    this.#mask.dispose()
    this.#picture.image = null
  }

  /** Takes picture and mask of the newest frame, which belong together. */
  #look() {
    const { picture, mask, frame } = this.sight
    if (!picture || !mask || frame === this.frame) return
    this.frame = frame
    if (this.#shape.width !== picture.width || this.#shape.height !== picture.height) {
      this.#picture.dispose()
      this.#shape.set(picture.width, picture.height)
    }
    this.#picture.image = picture
    this.#picture.needsUpdate = true
    const { width, height, data } = mask
    if (this.#mask.image.width !== width || this.#mask.image.height !== height) this.#mask.dispose()
    this.#mask.image = { width, height, data }
    this.#mask.needsUpdate = true
    let people = 0
    for (const value of data) people += value
    this.masked = people / (255 * data.length)
  }
}
