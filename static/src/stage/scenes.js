/**
 * The scenes the page knows: every module in static/src/scenes/. A new file there is a new scene.
 *
 * @typedef {object} Parameter
 * @property {number} value
 * @property {number} min
 * @property {number} max
 * @property {string} label
 *
 * @typedef {object} RunningScene
 * @property {(state: import('./motion.js').LiveState, dt: number) => void} update
 * @property {() => void} dispose
 * @property {(level: import('./quality.js').Level) => void} [setLevel]
 * @property {() => Record<string, unknown>} [report] for window.mien
 *
 * @typedef {object} SceneModule
 * @property {Record<string, Parameter>} parameters
 * @property {(stage: import('./stage.js').SceneStage) => RunningScene} create
 */

const files = import.meta.glob('../scenes/*.js')

/** @type {Record<string, () => Promise<SceneModule>>} */
export const scenes = Object.fromEntries(Object.entries(files).map(([path, load]) => [
  path.slice(path.lastIndexOf('/') + 1, -3), /** @type {() => Promise<SceneModule>} */ (load),
]))

/** Fired on `window` while developing, when a scene's file has been saved. */
export const SCENES_CHANGED = 'mien:scenes-changed'

if (import.meta.hot) {
  import.meta.hot.accept((changed) => {
    Object.assign(scenes, changed?.scenes)
    dispatchEvent(new CustomEvent(SCENES_CHANGED, { detail: changed?.scenes }))
  })
}
