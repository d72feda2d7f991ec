import {
  Color, DynamicDrawUsage, InstancedBufferAttribute, InstancedMesh, Matrix4, PlaneGeometry,
  Quaternion, ShaderMaterial, Vector3,
} from 'three'
import { GROUND } from '../../stage/view.js'

/**
 * @typedef {object} Shading  what casts the shade
 * @property {Vector3} position
 * @property {number} size
 * @property {Vector3} stretch
 * @property {number} depth  how far it reaches down
 * @property {{value: number}} scale  0 to 1 and a little over
 */

const MOST = 60
const REACH = 1.1

const VERTEX = /* glsl */`
  attribute float strength;
  varying vec2 vUv;
  varying float vStrength;
  void main() {
    vUv = uv;
    vStrength = strength;
    gl_Position = projectionMatrix * modelViewMatrix * instanceMatrix * vec4(position, 1.0);
  }
`
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying vec2 vUv;
  varying float vStrength;
  void main() {
    float d = length(vUv - 0.5) * 2.0;
    float soft = 1.0 - smoothstep(0.25, 1.0, d);
    gl_FragColor = vec4(colour, vStrength * soft * soft);
    #include <colorspace_fragment>
  }
`

/** Where a form is near the ground the ground is darker: it lies there, it does not hover. */
export class Contact {
  #strength = new InstancedBufferAttribute(new Float32Array(MOST), 1).setUsage(DynamicDrawUsage)
  #matrix = new Matrix4()
  #at = new Vector3()
  #scale = new Vector3()
  #flat = new Quaternion()

  /** @param {import('three').Scene} scene */
  constructor(scene) {
    const geometry = new PlaneGeometry(2, 2)
    geometry.rotateX(-Math.PI / 2)
    geometry.setAttribute('strength', this.#strength)
    this.mesh = new InstancedMesh(geometry, new ShaderMaterial({
      uniforms: { colour: { value: new Color(0.0015, 0.001, 0.0008) } },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      transparent: true,
      depthWrite: false,
      polygonOffset: true,
      polygonOffsetFactor: -2,
      polygonOffsetUnits: -2,
    }), MOST)
    this.mesh.frustumCulled = false
    scene.add(this.mesh)
  }

  /** @param {Shading[]} bodies */
  update(bodies) {
    const count = Math.min(bodies.length, MOST)
    for (let i = 0; i < count; i++) {
      const { position, size, stretch, depth, scale } = bodies[i]
      const height = Math.max(position.y - GROUND - depth, 0)
      const near = Math.exp(-height * 2.4)
      const grow = size * scale.value * (0.72 + 0.5 * height)
      this.#at.set(position.x, GROUND + 0.004, position.z)
      this.#scale.set(grow * stretch.x * REACH, 1, grow * stretch.z * REACH)
      this.mesh.setMatrixAt(i, this.#matrix.compose(this.#at, this.#flat, this.#scale))
      this.#strength.setX(i, 0.85 * near * Math.min(scale.value, 1))
    }
    this.mesh.count = count
    this.mesh.instanceMatrix.needsUpdate = true
    this.#strength.needsUpdate = true
  }
}
