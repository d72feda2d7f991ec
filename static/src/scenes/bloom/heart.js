import {
  Color, DynamicDrawUsage, IcosahedronGeometry, InstancedMesh, Matrix4, PointLight, Quaternion,
  ShaderMaterial, Vector3,
} from 'three'
import { mergeVertices } from 'three/addons/utils/BufferGeometryUtils.js'
import { setOklch } from '../../stage/colour.js'
import { Steady } from '../../stage/steady.js'
import { GOLDEN_ANGLE, HEART } from './whorl.js'

const VERTEX = /* glsl */`
  varying vec3 vNormal;
  varying vec3 vView;
  varying float vHigh;
  void main() {
    vec4 view = modelViewMatrix * instanceMatrix * vec4(position, 1.0);
    vNormal = normalMatrix * mat3(instanceMatrix) * position;
    vView = -view.xyz;
    vHigh = instanceMatrix[3].y / ${HEART};
    gl_Position = projectionMatrix * view;
  }
`
/** Like drops of amber with a light behind them: brightest where the way through is longest. */
const FRAGMENT = /* glsl */`
  uniform vec3 colour;
  varying vec3 vNormal;
  varying vec3 vView;
  varying float vHigh;
  void main() {
    float through = max(dot(normalize(vNormal), normalize(vView)), 0.0);
    gl_FragColor = vec4(colour * mix(0.3, 1.4, through * through) * (0.12 + smoothstep(0.3, 1.3, vHigh)), 1.0);
    #include <tonemapping_fragment>
    #include <colorspace_fragment>
  }
`
const DROPS = 72
const RADIUS = 0.15
/** One more, large and dim, from which the petals grow. */
const GROUND_DROP = { y: 0.03, size: 0.13 }
const up = new Vector3()
const place = new Vector3()
const grow = new Vector3()
const matrix = new Matrix4()
const upright = new Quaternion()

/** The light in the flower: a dome of glowing drops in the same spiral as the petals. */
export class Heart {
  light = new PointLight(0xffffff, 1, 0, 2)
  #bright = new Steady(0.3)
  #colour = new Color()

  /** @param {import('../../stage/stage.js').SceneStage} stage */
  constructor({ scene, level }) {
    this.mesh = new InstancedMesh(
      makeDrop(level),
      new ShaderMaterial({
        uniforms: { colour: { value: new Color() } },
        vertexShader: VERTEX,
        fragmentShader: FRAGMENT,
      }),
      DROPS + 1,
    )
    place.set(0, GROUND_DROP.y, 0)
    this.mesh.setMatrixAt(DROPS, matrix.compose(place, upright, grow.setScalar(GROUND_DROP.size)))
    this.mesh.instanceMatrix.setUsage(DynamicDrawUsage)
    this.mesh.frustumCulled = false
    this.mesh.matrixAutoUpdate = false
    scene.add(this.mesh, this.light)
  }

  /** @param {import('../../stage/quality.js').Level} level */
  setLevel(level) {
    this.mesh.geometry.dispose()
    this.mesh.geometry = makeDrop(level)
  }

  /**
   * @param {import('../../stage/motion.js').LiveState} state
   * @param {number} dt seconds
   * @param {import('./gesture.js').Gesture} gesture
   * @param {import('../shared/rhythm.js').Rhythm} rhythm
   * @param {Matrix4} flower  its own space in the scene
   */
  update(state, dt, gesture, rhythm, flower) {
    const wide = RADIUS * (0.75 + 0.3 * Math.min(gesture.open, 1) + 0.5 * gesture.burst)
    for (let i = 0; i < DROPS; i++) {
      // Vogel's spiral on a dome, 1979: every drop has the same room.
      const share = (i + 0.5) / DROPS
      const angle = i * GOLDEN_ANGLE
      const out = Math.sqrt(share)
      up.set(out * Math.cos(angle), Math.sqrt(1 - 0.8 * share), out * Math.sin(angle))
      const swell = 1 + 0.1 * rhythm.breathAfter(0.25 * share) + 0.25 * rhythm.beatAfter(0.1 * share)
      const shiver = gesture.tremble * 0.1 * Math.sin(rhythm.time * 47 + i * 2.3)
      place.copy(up).multiplyScalar(wide * swell)
      place.x += shiver
      place.y = HEART - 0.1 + place.y * 1.15
      grow.setScalar((0.014 + 0.014 * share) * (1 + 0.3 * gesture.open))
      this.mesh.setMatrixAt(i, matrix.compose(place, upright, grow))
    }
    this.mesh.instanceMatrix.needsUpdate = true
    this.mesh.matrix.copy(flower)
    this.mesh.matrixWorldNeedsUpdate = true

    const { accent } = state.colour
    const bright = this.#bright.step(
      0.34 + 0.2 * state.presence + 0.14 * state.affect.arousal + 0.05 * rhythm.breath, dt)
    setOklch(this.#colour, [0.82, Math.min(accent[1] * 1.3, 0.17), accent[2]])
    this.mesh.material.uniforms.colour.value.copy(this.#colour).multiplyScalar(5 * bright)
    this.light.position.set(0, HEART + 0.1, 0).applyMatrix4(flower)
    this.light.color.copy(this.#colour)
    this.light.intensity = 3 * bright
  }
}

/** @param {import('../../stage/quality.js').Level} level */
function makeDrop({ fine }) {
  const drop = new IcosahedronGeometry(1, fine ? 3 : 1)
  drop.deleteAttribute('normal')
  drop.deleteAttribute('uv')
  return mergeVertices(drop)
}
