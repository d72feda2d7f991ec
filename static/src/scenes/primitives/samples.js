import { Group, Mesh } from 'three'
import { Materials, SUBSTANCES } from './material.js'

/**
 * A mote of each substance, drawn once and never seen. Its shader is made before the first birth
 * and kept until the end, so that nothing halts when something is born.
 */
export class Samples {
  #group = new Group()
  /** @type {Materials[]} */
  #materials = []

  /**
   * @param {import('../../stage/stage.js').SceneStage} stage
   * @param {import('three').BufferGeometry} geometry
   * @param {import('../../stage/quality.js').Level} level
   */
  prepare({ scene }, geometry, level) {
    this.dispose()
    for (const name of Object.keys(SUBSTANCES)) {
      const materials = new Materials(name, 1, level)
      const mesh = new Mesh(geometry, materials.material)
      mesh.scale.setScalar(1e-4)
      mesh.frustumCulled = false
      mesh.receiveShadow = true
      mesh.onAfterRender = () => {
        mesh.visible = false
      }
      this.#materials.push(materials)
      this.#group.add(mesh)
    }
    scene.add(this.#group)
  }

  dispose() {
    for (const materials of this.#materials) materials.dispose()
    this.#materials = []
    this.#group.clear()
  }
}
