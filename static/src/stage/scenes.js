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
 * @property {(stage: import('./stage.js').SceneStage) => RunningScene | Promise<RunningScene>} create
 * @property {boolean} [sight] it draws the camera's picture: see `stage/sight.js`
 */

const files = import.meta.glob('../scenes/*.js')

/** @type {Record<string, () => Promise<SceneModule>>} */
export const scenes = Object.fromEntries(Object.entries(files).map(([path, load]) => [
  path.slice(path.lastIndexOf('/') + 1, -3), /** @type {() => Promise<SceneModule>} */ (load),
]))

/**
 * Fired on `window` while developing, when a scene's file has been saved; its `detail` is the
 * new `scenes`.
 */
export const SCENES_CHANGED = 'mien:scenes-changed'

/** Fired on `window` while developing, when a file cannot be read; its `detail` says why. */
export const FILE_BROKEN = 'mien:file-broken'

if (import.meta.hot) {
  import.meta.hot.accept((changed) => {
    dispatchEvent(new CustomEvent(SCENES_CHANGED, { detail: changed?.scenes }))
  })
  import.meta.hot.on('vite:error', ({ err: { message, id, loc, frame } }) => {
    const place = id ? `${id.slice(id.indexOf('/src/') + 1)}${loc ? `:${loc.line}` : ''}` : ''
    const detail = [place, message, frame].filter(Boolean).join('\n\n')
    dispatchEvent(new CustomEvent(FILE_BROKEN, { detail }))
  })
}
