/**
 * A marionette that follows whoever is seen: its head turns with the head, its arms lie as the
 * arms do, its face answers the face. While nobody is near it sleeps and breathes; somebody comes,
 * and it bows. What the expression makes hangs around it as lanterns.
 *
 * It is the example of an imported model: a glTF file with bones, morph targets and animations,
 * bound by the table in `puppet/bindings.js`.
 */
import { MeshPhysicalMaterial, PointLight, Vector3 } from 'three'
import { setOklch } from '../stage/colour.js'
import { Gathering } from '../stage/gathering.js'
import { loadModel } from '../stage/model.js'
import { Steady } from '../stage/steady.js'
import { VertexLitMaterial } from '../stage/vertexlit.js'
import { Contact } from './shared/contact.js'
import { Room } from './shared/room.js'
import { BINDINGS } from './puppet/bindings.js'
import { Lanterns } from './puppet/lanterns.js'
import file from './puppet/puppet.glb?url'
import { Strings } from './puppet/strings.js'

export const parameters = {
  size: { value: 1.12, min: 0.6, max: 1.4, label: 'Size' },
  glow: { value: 1.5, min: 0, max: 3, label: 'Light of eyes and mouth' },
  strings: { value: 0.6, min: 0, max: 1, label: 'Light on the strings' },
  sway: { value: 1, min: 0, max: 2, label: 'How much it sways' },
}

const HEIGHT = 0.06
/** Presence above which somebody has come, and below which they have gone. */
const COME = 0.6
const GONE = 0.2

/**
 * @param {import('../stage/stage.js').SceneStage} stage
 * @returns {Promise<import('../stage/scenes.js').RunningScene>}
 * @throws {Error} when the model cannot be read
 */
export async function create(stage) {
  const { scene, view, sight } = stage
  const model = await loadModel(file, BINDINGS, sight)
  const heart = new PointLight(0xffffff, 1, 0, 2)
  const room = new Room(stage, heart)
  const contact = new Contact(scene)
  const strings = new Strings(scene, model.root)
  const lanterns = new Lanterns()
  const gathering = new Gathering(scene, (object) => lanterns.make(object))
  const bright = new Steady(0.2)
  const looks = dress(model.root, stage.level)
  const shade = {
    position: new Vector3(), size: 0.62, stretch: new Vector3(1, 1, 1), depth: 0.1, scale: { value: 1 },
  }
  scene.add(model.root, heart)
  model.play('idle')
  let time = 0
  let awake = false

  return {
    update(state, dt) {
      const { motion, presence, colour, frozen } = state
      const step = frozen ? 0 : dt
      time += step
      if (!awake && presence > COME) model.play('bow', { once: true })
      else if (model.rested) model.play('idle', { fade: 1.2 })
      awake = presence > (awake ? GONE : COME)
      model.mixer.timeScale = parameters.sway.value * (0.6 + 0.5 * motion.speed)

      const { root } = model
      const tremble = 0.006 * motion.tremble * Math.sin(time * 61)
      root.scale.setScalar(parameters.size.value * (1 + 0.04 * motion.expand - 0.03 * motion.fold))
      root.position.set(
        0.12 * state.body.lean + tremble,
        HEIGHT + 0.07 * motion.lift + 0.012 * Math.sin(2 * Math.PI * time * motion.breath / 60),
        0,
      )
      model.update(state, step)

      const light = bright.step(0.12 + 0.5 * presence, dt)
      const [lightness, chroma, hue] = colour.accent
      setOklch(looks.glow.emissive, [0.86, Math.min(chroma * 0.9, 0.13), hue])
      looks.glow.emissiveIntensity = parameters.glow.value * 2.2 * light
      setOklch(looks.silk.color, [0.27 + 0.06 * lightness, Math.min(0.5 * chroma, 0.07), hue])
      if (looks.silk instanceof MeshPhysicalMaterial) {
        setOklch(looks.silk.sheenColor, [0.6, chroma, colour.palette[3][2]])
      }
      setOklch(heart.color, [0.82, Math.min(chroma, 0.14), hue])
      heart.intensity = 1.5 * light
      heart.position.set(root.position.x, 0.38, 0.95)

      strings.update(parameters.strings.value * light, heart.color)
      gathering.update(state, dt, (shown, object, scale) => {
        lanterns.place(shown, object, scale, time, view.spread)
      })
      shade.position.copy(root.position).setY(-1.02)
      contact.update([shade])
      room.update(state, dt, time, Math.sin(2 * Math.PI * time * motion.breath / 60))
    },

    setLevel(level) {
      room.setLevel(level)
      Object.assign(looks, dress(model.root, level))
    },

    report: () => ({ objects: gathering.size, ...model.report }),

    dispose() {
      model.dispose()
      gathering.dispose()
      lanterns.dispose()
    },
  }
}

/** @typedef {MeshPhysicalMaterial | VertexLitMaterial} Look */

/**
 * Gives the figure its materials: silk has a sheen where the level allows it.
 *
 * @param {import('three').Object3D} root
 * @param {import('../stage/quality.js').Level} level
 */
function dress(root, level) {
  /** @type {Record<string, Look>} */
  const looks = {}
  root.traverse((object) => {
    const mesh = /** @type {import('three').SkinnedMesh} */ (object)
    if (!mesh.isSkinnedMesh) return
    mesh.castShadow = true
    // Its arms reach out of the box around its rest.
    mesh.frustumCulled = false
    const old = /** @type {Look} */ (mesh.material)
    looks[old.name] ??= remade(old, level.fine)
    // Thin cloth would shade itself in stripes.
    mesh.receiveShadow = old.name !== 'silk'
    mesh.material = looks[old.name]
    old.dispose()
  })
  return /** @type {{silk: Look, glow: Look}} */ (looks)
}

/**
 * @param {Look} old
 * @param {boolean} fine
 * @returns {Look}
 */
function remade({ name, color, emissive, emissiveIntensity, roughness, metalness, side }, fine) {
  const same = { name, color, emissive, emissiveIntensity, roughness, metalness, side }
  if (!fine) return new VertexLitMaterial(same)
  const material = new MeshPhysicalMaterial({ ...same, envMapIntensity: 0.8, dithering: true })
  if (name === 'silk') material.sheen = 0.8
  if (name === 'porcelain') material.clearcoat = 0.35
  material.sheenRoughness = 0.45
  material.clearcoatRoughness = 0.3
  return material
}
