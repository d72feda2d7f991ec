/**
 * What the page tells about itself on `window.mien`, read-only: for the browser tests, and for
 * whoever opens the console. It is a fresh snapshot at each reading.
 *
 * @typedef {object} Parts
 * @property {import('./stage/stage.js').Stage} stage
 * @property {import('./link/link.js').Link} link
 * @property {import('./link/frames.js').FrameFlow} frames
 * @property {import('./camera/camera.js').Camera} camera
 * @property {() => import('./ui/page.js').Situation} situation
 * @property {() => import('./ui/page.js').Screen | null} screen
 * @property {() => number} pictures
 * @property {() => number} made
 * @property {import('./art/living.js').Living} living
 * @property {() => import('./protocol.js').SceneState | null} sceneState
 * @property {() => import('./protocol.js').Landmarks | null} landmarks
 * @property {() => import('./protocol.js').Problem[]} problems
 *
 * @param {Parts} parts
 */
export function exposeDiagnostics({
  stage, link, frames, camera, situation, screen, pictures, made, living, sceneState, landmarks,
  problems,
}) {
  const mien = {
    /** notice, camera or replay */
    get mode() { return situation().mode },
    /** off, asking, opening, on, stalled, denied, none, lost or hidden */
    get camera() { return camera.state },
    /** Where the server has put this page: attract, notice, play, capture, goodbye or replay. */
    get way() { return situation().way },
    /** What is shown: attract, notice, waiting, play, capture, goodbye or replay. */
    get screen() { return screen() },
    /** Pictures kept in this visit. */
    get pictures() { return pictures() },
    /** What has become of them: finished works of engines. */
    get made() { return made() },
    /** The living painting: whether it is on, and how often it was painted. */
    get living() { return { on: living.on, painted: living.painted } },
    /** connecting, online, offline or full */
    get connection() { return link.connection.state },
    /** The server's last word: ready, waiting, paused or stopped. */
    get status() { return situation().status },
    /** The last SceneState as it came. */
    get state() { return structuredClone(sceneState()) },
    /** Objects alive, as the server has told. */
    get objects() { return stage.motion.objects.size },
    get scene() { return stage.sceneName },
    /** Every scene there is. */
    get scenes() { return stage.sceneNames },
    /** What the scene tells: `objects` that live, those that are `leaving`. */
    get drawn() { return stage.report },
    get quality() { return stage.quality.level.name },
    /** What the last frame cost, and what the level allows: calls, passes, triangles. */
    get cost() { return { ...stage.cost } },
    get budget() { return { ...stage.quality.level.budget } },
    /** What the graphics card keeps: geometries, textures, shader programs. */
    get kept() { return stage.kept },
    get contextLost() { return stage.contextLost },
    /** Display frames drawn since the start. */
    get drawnFrames() { return stage.clock.frames },
    /** Milliseconds between the last two display frames. */
    get interval() { return stage.clock.interval },
    /** The last picture taken of the canvas: width, height, bytes. */
    get captured() { return structuredClone(stage.captured) },
    /** Camera frames: sent, taken, dropped, the last one's journey in ms, and its size. */
    get frames() {
      const { sent, taken, dropped, journey, picture } = frames
      return { sent, taken, dropped, journey, picture: structuredClone(picture) }
    },
    /** Points of the last landmarks packet, by part. */
    get landmarks() {
      const last = landmarks()
      if (!last) return null
      const { face, body, leftHand, rightHand } = last
      return {
        face: face.length / 2, body: body.length / 2,
        leftHand: leftHand.length / 2, rightHand: rightHand.length / 2,
      }
    },
    /** What the server refused, the last ten. */
    get problems() { return structuredClone(problems()) },
  }
  Object.defineProperty(window, 'mien', { value: Object.freeze(mien), enumerable: true })
}
