/** @typedef {import('../protocol.js').Engine} Engine */

/** What stands in the place of a scene's name for a picture of the visitor's own. */
export const OWN = 'own'

/**
 * Whether an engine has learned what is seen in a picture of this scene.
 *
 * @param {Engine} engine
 * @param {string} scene
 */
export const hasLearned = ({ scenes, own }, scene) => (
  scene === OWN ? own : scenes === null || scenes.includes(scene)
)

/**
 * The engine that paints what the visitor shows, and nothing of the capture; '' where there is none.
 *
 * @param {Engine[]} engines
 */
export function painterOfWhatIsShown(engines) {
  return engines.find(({ reads, capture }) => reads && !capture)?.name ?? ''
}

/**
 * The engine by which a picture of the visitor's own becomes something at once; '' where none
 * leaves anything of it.
 *
 * @param {Engine[]} engines
 */
export function painterOfOwn(engines) {
  return engines.find((engine) => engine.capture && hasLearned(engine, OWN))?.name ?? ''
}
