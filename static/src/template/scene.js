/** NAME: a new scene. docs/scenes.md explains every part. */
import { IcosahedronGeometry, Mesh, MeshStandardMaterial, SpotLight } from 'three'
import { setOklch } from '../stage/colour.js'

/** What a designer may turn, with its limits. */
export const parameters = {
  size: { value: 0.8, min: 0.2, max: 1.2, label: 'Size' },
  turn: { value: 1, min: 0, max: 4, label: 'How fast it turns' },
}

/**
 * @param {import('../stage/stage.js').SceneStage} stage
 * @returns {import('../stage/scenes.js').RunningScene}
 */
export function create({ scene }) {
  const form = new Mesh(
    new IcosahedronGeometry(1, 12),
    new MeshStandardMaterial({ roughness: 0.45, envMapIntensity: 0.6 }),
  )
  const light = new SpotLight(0xffffff, 150, 0, 0.5, 1)
  light.position.set(-3, 4, 3)
  scene.add(form, light)

  return {
    update(state, dt) {
      form.scale.setScalar(parameters.size.value * (0.7 + 0.5 * state.form.opening))
      form.rotation.y += parameters.turn.value * state.motion.speed * dt
      form.rotation.z = -0.5 * state.body.lean
      setOklch(form.material.color, state.colour.accent)
    },
    dispose() {},
  }
}
