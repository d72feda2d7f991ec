import { Color, Vector2, Vector3 } from 'three'
import { PANELS, WALLS } from '../../stage/environment.js'

/**
 * All light of the room in numbers, for the plain materials: they calculate with it themselves.
 * Every plain material has these very uniforms.
 */
export const LIGHTS = {
  /** Key, rim and ember: where they are, and how bright in linear light. */
  places: { value: [new Vector3(), new Vector3(), new Vector3()] },
  lights: { value: [new Vector3(), new Vector3(), new Vector3()] },
  /** Of key and rim: from their aim toward them; cosines of the outer and the inner edge. */
  axes: { value: [new Vector3(), new Vector3()] },
  cones: { value: [new Vector2(), new Vector2()] },
  sky: { value: new Vector3() },
  haze: { value: new Color() },
  hazeRange: { value: new Vector2() },
  /** Of the studio's panels: toward their middle, along their width, and how bright. */
  towards: { value: PANELS.map(() => new Vector3()) },
  across: { value: PANELS.map(() => new Vector3()) },
  panels: { value: PANELS.map(() => new Vector3()) },
  walls: { value: new Vector3() },
}
const UP = new Vector3(0, 1, 0)

/**
 * @param {import('three').Scene} scene
 * @param {import('../shared/room.js').Room} room
 * @param {import('three').PointLight} ember
 */
export function takeLights(scene, room, ember) {
  const { places, lights, axes, cones, sky, haze, hazeRange } = LIGHTS
  for (const [i, { position, color, intensity }] of [...room.lamps, ember].entries()) {
    places.value[i].copy(position)
    lights.value[i].set(color.r, color.g, color.b).multiplyScalar(intensity)
  }
  for (const [i, { position, target, angle, penumbra }] of room.lamps.entries()) {
    axes.value[i].subVectors(position, target.position).normalize()
    cones.value[i].set(Math.cos(angle), Math.cos(angle * (1 - penumbra)))
  }
  const { color, intensity } = room.sky
  sky.value.set(color.r, color.g, color.b).multiplyScalar(intensity)
  const fog = /** @type {import('three').Fog} */ (scene.fog)
  haze.value.copy(fog.color)
  hazeRange.value.set(fog.near, fog.far)

  const { towards, across, panels, walls } = LIGHTS
  for (const [i, { at, light }] of PANELS.entries()) {
    towards.value[i].set(...at).normalize().applyEuler(scene.environmentRotation)
    across.value[i].crossVectors(UP, towards.value[i]).normalize()
    panels.value[i].set(...light).multiplyScalar(scene.environmentIntensity)
  }
  walls.value.set(...WALLS).multiplyScalar(scene.environmentIntensity)
}
