import { AmbientLight, Mesh, MeshStandardMaterial, SphereGeometry } from 'three'
export const parameters = {}
/** @param {import('../stage/stage.js').SceneStage} stage */
export function create({ scene }) {
  scene.add(new AmbientLight(), new Mesh(new SphereGeometry(0.7, 64, 32), new MeshStandardMaterial()))
  return { update() {}, dispose() {} }
}
