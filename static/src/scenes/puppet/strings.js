import {
  AdditiveBlending, Color, CylinderGeometry, InstancedMesh, Matrix4, Quaternion, ShaderMaterial,
  Vector3,
} from 'three'

/** Where each string is tied, and where it goes: across and up, from there into the dark. */
const STRINGS = [
  { bone: 'handL', to: [0.5, 3.4, 0.2] },
  { bone: 'handR', to: [-0.5, 3.4, 0.2] },
  { bone: 'foreArmL', to: [0.34, 3.4, -0.1] },
  { bone: 'foreArmR', to: [-0.34, 3.4, -0.1] },
  { bone: 'head', to: [0.05, 3.4, -0.1] },
]
const THICK = 0.003
const UP = new Vector3(0, 1, 0)

const VERTEX = /* glsl */`
  varying float vAlong;
  void main() {
    vAlong = uv.y;
    gl_Position = projectionMatrix * modelViewMatrix * instanceMatrix * vec4(position, 1.0);
  }
`
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying float vAlong;
  void main() {
    gl_FragColor = vec4(colour * pow(1.0 - vAlong, 1.6), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`

/** The strings of the marionette: light that fades on its way up. */
export class Strings {
  #colour = new Color()
  #start = new Vector3()
  #end = new Vector3()
  #turn = new Quaternion()
  #scale = new Vector3()
  #matrix = new Matrix4()

  /**
   * @param {import('three').Scene} scene
   * @param {import('three').Object3D} root
   */
  constructor(scene, root) {
    this.bones = STRINGS.map(({ bone }) => root.getObjectByName(bone))
    const geometry = new CylinderGeometry(THICK, THICK, 1, 5, 8, true)
    geometry.translate(0, 0.5, 0)
    this.mesh = new InstancedMesh(geometry, new ShaderMaterial({
      uniforms: { colour: { value: this.#colour } },
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      blending: AdditiveBlending,
      depthWrite: false,
      transparent: true,
    }), STRINGS.length)
    this.mesh.frustumCulled = false
    scene.add(this.mesh)
  }

  /**
   * @param {number} light 0 to 1
   * @param {Color} colour
   */
  update(light, colour) {
    this.#colour.copy(colour).multiplyScalar(light)
    for (const [i, { to, bone }] of STRINGS.entries()) {
      this.bones[i]?.getWorldPosition(this.#start)
      if (bone === 'head') this.#start.y += 0.4
      this.#end.fromArray(to).sub(this.#start)
      this.#scale.set(1, this.#end.length(), 1)
      this.#turn.setFromUnitVectors(UP, this.#end.normalize())
      this.mesh.setMatrixAt(i, this.#matrix.compose(this.#start, this.#turn, this.#scale))
    }
    this.mesh.instanceMatrix.needsUpdate = true
  }
}
