import {
  HalfFloatType, NoBlending, ShaderMaterial, Vector2, WebGLRenderTarget,
} from 'three'
import { FullScreenQuad } from 'three/addons/postprocessing/Pass.js'
import { UnrealBloomPass } from 'three/addons/postprocessing/UnrealBloomPass.js'

const SAMPLES = 4
const BLOOM = { strength: 0.12, radius: 0.8, threshold: 1.1 }

const VERTEX = /* glsl */`
  varying vec2 vUv;
  void main() {
    vUv = uv;
    gl_Position = vec4(position.xy, 0.0, 1.0);
  }
`
/** Vignette, tone mapping, and grain that is strongest in the dark, where film shows it. */
const FRAGMENT = /* glsl */`
  uniform sampler2D picture;
  uniform float time;
  uniform vec2 size;
  varying vec2 vUv;

  float hash(vec2 p) {
    vec3 q = fract(vec3(p.xyx) * 0.1031);
    q += dot(q, q.yzx + 33.33);
    return fract((q.x + q.y) * q.z);
  }

  void main() {
    gl_FragColor = vec4(texture2D(picture, vUv).rgb, 1.0);
    vec2 corner = (vUv - vec2(0.5, 0.54)) * vec2(min(size.x / size.y, 1.2), 1.0);
    gl_FragColor.rgb *= 1.0 - 0.55 * smoothstep(0.25, 0.95, length(corner));
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
    vec2 cell = floor(vUv * size) + floor(time * 12.0) * vec2(17.0, 59.0);
    float grain = hash(cell) + hash(cell + 113.0) - 1.0;
    float light = dot(gl_FragColor.rgb, vec3(0.2126, 0.7152, 0.0722));
    gl_FragColor.rgb += grain * mix(0.022, 0.010, smoothstep(0.0, 0.5, light));
  }
`

/** Draws a scene into a buffer in linear light and grades it onto the screen. */
export class Finish {
  /**
   * @param {boolean} glow whether bright parts bloom
   * @param {number} [samples] for each pixel, against jagged edges
   */
  constructor(glow, samples = SAMPLES) {
    this.target = new WebGLRenderTarget(1, 1, { type: HalfFloatType, samples })
    this.bloom = glow
      ? new UnrealBloomPass(new Vector2(1, 1), BLOOM.strength, BLOOM.radius, BLOOM.threshold)
      : null
    this.material = new ShaderMaterial({
      uniforms: {
        picture: { value: this.target.texture },
        time: { value: 0 },
        size: { value: new Vector2() },
      },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      blending: NoBlending,
      depthTest: false,
      depthWrite: false,
    })
    this.quad = new FullScreenQuad(this.material)
  }

  /**
   * @param {number} width drawn pixels
   * @param {number} height
   */
  resize(width, height) {
    this.target.setSize(width, height)
    this.bloom?.setSize(width, height)
    this.material.uniforms.size.value.set(width, height)
  }

  /**
   * @param {import('three').WebGLRenderer} renderer
   * @param {import('three').Scene} scene
   * @param {import('three').Camera} camera
   * @param {number} time seconds; moves the grain
   */
  render(renderer, scene, camera, time) {
    renderer.setRenderTarget(this.target)
    renderer.render(scene, camera)
    this.bloom?.render(renderer, this.target, this.target, 0, false)
    this.material.uniforms.time.value = time
    renderer.setRenderTarget(null)
    this.quad.render(renderer)
  }

  dispose() {
    this.target.dispose()
    this.bloom?.dispose()
    this.material.dispose()
    this.quad.dispose()
  }
}
