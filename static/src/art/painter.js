import {
  DataArrayTexture, DataTexture, DoubleSide, GLSL3, HalfFloatType, InstancedBufferGeometry,
  LinearFilter, LinearMipmapNearestFilter, Mesh, NoBlending, OrthographicCamera, PlaneGeometry,
  RawShaderMaterial, RGBAIntegerFormat, RGFormat, UnsignedByteType, Vector2, Vector3,
  WebGLRenderer, WebGLRenderTarget,
} from 'three'
import { FullScreenQuad } from 'three/addons/postprocessing/Pass.js'
import { STROKE } from './strokes.js'

/** Pieces of a bent ribbon. */
const PIECES = 8
/** The brushes' patterns: 4 brushes in 8 variants, 64 pixels across and 256 along a stroke. */
const PATTERNS = { rows: 4, columns: 8, across: 64, along: 256 }
/** Strokes in a row of the texture that holds them. */
const ROW = 256
const TEXELS = STROKE / 4

/** A stroke as a ribbon in the picture's pixels; the arithmetic is that of gan_cut/painter/lay.py. */
const RIBBON = /* glsl */`
  precision highp float;
  precision highp int;
  precision highp usampler2D;
  in vec3 position;
  uniform usampler2D strokes;
  uniform int first;
  uniform vec2 run; // which part of it is laid, 0 to 1
  uniform vec2 size;
  out vec2 place;
  flat out vec3 paint;
  flat out int pattern;
  flat out int level;
  flat out float opacity;
  flat out float thick;

  const float OPACITIES[8] = float[](30.0, 50.0, 76.0, 106.0, 140.0, 178.0, 216.0, 256.0);
  const float THICKNESS[4] = float[](200.0, 256.0, 230.0, 40.0);

  void main() {
    int n = first + gl_InstanceID;
    ivec2 at = ivec2(${TEXELS} * (n % ${ROW}), n / ${ROW});
    uvec4 where = texelFetch(strokes, at, 0);
    uvec4 form = texelFetch(strokes, at + ivec2(1, 0), 0);
    uvec4 look = texelFetch(strokes, at + ivec2(2, 0), 0);
    float longer = max(size.x, size.y);
    vec2 middle = (vec2(where.x | where.y << 8, where.z | where.w << 8) + 0.5) / 65536.0 * size;
    float turn = float(form.x) * 0.02454369260617026;
    float length = exp2(float(form.y) / 25.5 - 10.0) * longer;
    float width = exp2(float(form.z) / 25.5 - 10.0) * longer;
    float bend = float(int(form.w << 24) >> 24) / 254.0;

    float t = mix(run.x, run.y, position.x + 0.5) - 0.5;
    vec2 ribbon = vec2(t, bend * (1.0 / 3.0 - 4.0 * t * t)) * length + vec2(0.0, position.y * width);
    vec2 way = vec2(cos(turn), sin(turn));
    vec2 pixel = middle + ribbon.x * way + ribbon.y * vec2(-way.y, way.x);
    gl_Position = vec4(2.0 * pixel / size - 1.0, 0.0, 1.0);

    place = vec2(position.y, t) + 0.5;
    paint = vec3(look.rgb) / 255.0;
    pattern = int(look.a) >> 3;
    level = width < 8.0 ? 3 : width < 16.0 ? 2 : width < 32.0 ? 1 : 0;
    opacity = OPACITIES[int(look.a) & 7] / 256.0;
    thick = THICKNESS[pattern >> 3] * (90.0 + min(floor(width / longer * 3200.0), 166.0)) / 256.0;
  }
`

const PAINT = /* glsl */`
  precision highp float;
  precision highp int;
  precision highp sampler2DArray;
  uniform sampler2DArray brushes;
  in vec2 place;
  flat in vec3 paint;
  flat in int pattern;
  flat in int level;
  flat in float opacity;
  flat in float thick;
  layout(location = 0) out vec4 colour;
  layout(location = 1) out vec4 height;

  void main() {
    vec2 pixels = vec2(${PATTERNS.across} >> level, ${PATTERNS.along} >> level);
    vec2 at = (place * (pixels - 1.0) + 0.5) / pixels;
    vec2 both = textureLod(brushes, vec3(at, pattern), float(level)).rg;
    float alpha = both.r * opacity;
    colour = vec4(min(paint * (244.0 + 24.0 * both.g) / 256.0, 1.0), alpha);
    height = vec4(min((8000.0 + 255.0 * both.g * thick) / 65536.0, 1.0), 0.0, 0.0, alpha);
  }
`

const SCREEN = /* glsl */`
  in vec3 position;
  void main() {
    gl_Position = vec4(position.xy, 0.0, 1.0);
  }
`

/** Bare canvas with a faint irregular tooth. */
const BARE = /* glsl */`
  precision highp float;
  precision highp int;
  uniform vec3 ground;
  uniform vec2 size;
  layout(location = 0) out vec4 colour;
  layout(location = 1) out vec4 height;

  float grain(uint i, uint j) {
    uint h = i * 374761393u + j * 668265263u;
    h = (h ^ (h >> 13)) * 1274126177u;
    return float((h ^ (h >> 16)) & 255u);
  }

  void main() {
    vec2 at = gl_FragCoord.xy * 640.0 / max(size.x, size.y);
    uvec2 i = uvec2(at);
    vec2 w = fract(at);
    float tooth = floor(mix(
      mix(grain(i.x, i.y), grain(i.x + 1u, i.y), w.x),
      mix(grain(i.x, i.y + 1u), grain(i.x + 1u, i.y + 1u), w.x), w.y));
    colour = vec4(ground / 255.0 + (tooth - 128.0) * 5.0 / 65536.0, 1.0);
    height = vec4((5000.0 + tooth * 9.0) / 65536.0, 0.0, 0.0, 1.0);
  }
`

/** The paint in light from the upper left. */
const LIGHT = /* glsl */`
  precision highp float;
  precision highp int;
  uniform sampler2D paint;
  uniform sampler2D heights;
  uniform vec2 size;
  uniform float relief;
  out vec4 lit;

  float high(ivec2 at) {
    return texelFetch(heights, clamp(at, ivec2(0), ivec2(size) - 1), 0).r;
  }

  void main() {
    // The picture's first row lies at the bottom of the paint, and is the screen's uppermost.
    ivec2 at = ivec2(gl_FragCoord.x, size.y - gl_FragCoord.y);
    float scale = max(size.x, size.y) / 1024.0;
    int far = max(1, int(round(scale)));
    ivec2 x = ivec2(far, 0);
    ivec2 y = ivec2(0, far);
    float slope = high(at + y) - high(at - y) + high(at + x) - high(at - x)
      + high(at + x + y) - high(at - x - y);
    float shade = slope * 65536.0 * relief * scale / float(far) / 22000.0;
    float gloss = clamp(shade - 0.14, 0.0, 0.3) * 9000.0 / 65536.0;
    lit = vec4(texelFetch(paint, at, 0).rgb * (1.0 + clamp(shade, -0.30, 0.22)) + gloss, 1.0);
  }
`

/** Lays a painting's strokes, a few at a time, on a canvas of its own. */
export class Painter {
  #renderer
  #target
  #bare
  #light
  #stroke
  #camera = new OrthographicCamera()
  #laid = 0

  /**
   * @param {import('./strokes.js').Strokes} strokes
   * @param {Uint8Array} brushes  as `loadBrushes` gives them
   * @param {number} longer pixels on the picture's longer side
   * @throws {Error} when the browser has no WebGL 2 to spare
   */
  constructor(strokes, brushes, longer) {
    const scale = longer / Math.max(strokes.width, strokes.height)
    const width = Math.max(1, Math.round(strokes.width * scale))
    const height = Math.max(1, Math.round(strokes.height * scale))
    const size = { value: new Vector2(width, height) }
    this.strokes = strokes
    this.#renderer = new WebGLRenderer({
      antialias: false, depth: false, stencil: false, preserveDrawingBuffer: true,
    })
    this.#renderer.autoClear = false
    this.#renderer.setSize(width, height, false)
    this.canvas = this.#renderer.domElement
    this.#target = new WebGLRenderTarget(width, height, {
      count: 2, type: HalfFloatType, depthBuffer: false,
    })
    const [paint, heights] = this.#target.textures
    this.#bare = quad(BARE, { size, ground: { value: new Vector3(...strokes.ground) } })
    this.#light = quad(LIGHT, {
      size, paint: { value: paint }, heights: { value: heights }, relief: { value: strokes.relief },
    })
    this.#stroke = new Mesh(
      new InstancedBufferGeometry().copy(/** @type {any} */ (new PlaneGeometry(1, 1, PIECES, 1))),
      new RawShaderMaterial({
        glslVersion: GLSL3,
        vertexShader: RIBBON,
        fragmentShader: PAINT,
        uniforms: {
          size,
          strokes: { value: textureOf(strokes) },
          brushes: { value: patternsOf(brushes) },
          first: { value: 0 },
          run: { value: new Vector2(0, 1) },
        },
        transparent: true, depthTest: false, depthWrite: false, side: DoubleSide,
      }))
    this.#stroke.frustumCulled = false
    this.#renderer.setRenderTarget(this.#target)
    this.#bare.render(this.#renderer)
    this.#show()
  }

  /** Whether the browser has taken the graphics away: nothing more can be laid. */
  get lost() {
    return this.#renderer.getContext().isContextLost()
  }

  /** Lays what is to be laid by then. @param {number} share of the time for all strokes, 0 to 1 */
  lay(share) {
    const until = this.strokes.laid(share)
    if (until <= this.#laid) return
    this.#renderer.setRenderTarget(this.#target)
    const [from, to] = [Math.floor(this.#laid), Math.floor(until)]
    if (from === to) this.#draw(from, 1, this.#laid - from, until - from)
    else {
      this.#draw(from, 1, this.#laid - from, 1)
      if (to > from + 1) this.#draw(from + 1, to - from - 1, 0, 1)
      if (until > to) this.#draw(to, 1, 0, until - to)
    }
    this.#laid = until
    this.#show()
  }

  dispose() {
    const { strokes, brushes } = this.#stroke.material.uniforms
    strokes.value.dispose()
    brushes.value.dispose()
    this.#stroke.geometry.dispose()
    this.#stroke.material.dispose()
    for (const one of [this.#bare, this.#light]) {
      one.material.dispose()
      one.dispose()
    }
    this.#target.dispose()
    this.#renderer.dispose()
    this.#renderer.forceContextLoss()
  }

  /**
   * @param {number} first
   * @param {number} count
   * @param {number} begin which part of each, 0 to 1
   * @param {number} end
   */
  #draw(first, count, begin, end) {
    const { uniforms } = this.#stroke.material
    uniforms.first.value = first
    uniforms.run.value.set(begin, end)
    this.#stroke.geometry.instanceCount = count
    this.#renderer.render(this.#stroke, this.#camera)
  }

  #show() {
    this.#renderer.setRenderTarget(null)
    this.#light.render(this.#renderer)
  }
}

/**
 * @param {string} fragmentShader
 * @param {Record<string, import('three').IUniform>} uniforms
 */
function quad(fragmentShader, uniforms) {
  return new FullScreenQuad(new RawShaderMaterial({
    glslVersion: GLSL3, vertexShader: SCREEN, fragmentShader, uniforms,
    blending: NoBlending, depthTest: false, depthWrite: false,
  }))
}

/** The strokes as they are kept: three texels for each. @param {import('./strokes.js').Strokes} strokes */
function textureOf({ bytes, count }) {
  const rows = Math.ceil(count / ROW)
  const data = new Uint8Array(rows * ROW * STROKE)
  data.set(bytes)
  const texture = new DataTexture(data, ROW * TEXELS, rows, RGBAIntegerFormat, UnsignedByteType)
  texture.internalFormat = 'RGBA8UI'
  texture.needsUpdate = true
  return texture
}

/** The brushes' patterns, once a capture may become something. @type {Promise<Uint8Array> | null} */
let brushes = null

/**
 * The brushes' patterns, a layer for each: density and height.
 *
 * @returns {Promise<Uint8Array>}
 */
export function loadBrushes() {
  if (brushes) return brushes
  brushes = readBrushes()
  brushes.catch(() => brushes = null) // the next one tries again
  return brushes
}

async function readBrushes() {
  const answer = await fetch(new URL('./brushes.png', import.meta.url))
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: 'none' })
  const { width, height } = bitmap
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true }))
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  const { rows, columns, across, along } = PATTERNS
  const layers = new Uint8Array(rows * columns * along * across * 2)
  let to = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let v = 0; v < along; v++) {
        for (let u = 0; u < across; u++) {
          const from = 4 * ((row * along + v) * width + column * across + u)
          layers[to++] = data[from]
          layers[to++] = data[from + 1]
        }
      }
    }
  }
  return layers
}

/** @param {Uint8Array} layers */
function patternsOf(layers) {
  const { rows, columns, across, along } = PATTERNS
  const texture = new DataArrayTexture(layers, across, along, rows * columns)
  texture.format = RGFormat
  texture.type = UnsignedByteType
  texture.magFilter = LinearFilter
  texture.minFilter = LinearMipmapNearestFilter
  texture.generateMipmaps = true
  texture.needsUpdate = true
  return texture
}
