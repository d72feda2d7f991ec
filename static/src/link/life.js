/** Milliseconds from one sign of life to the next. */
const EVERY = 5000

/**
 * Tells the desk how this page is, now and then: never anything of whoever is before it.
 *
 * @param {import('./link.js').Link} link
 * @param {import('../camera/camera.js').Camera} camera
 * @param {() => import('../stage/stage.js').Stage | null} stageNow
 * @returns {() => void} tells it at once
 */
export function tellLife(link, camera, stageNow) {
  let frames = 0
  let since = performance.now()
  let rate = 0
  const tell = () => {
    const stage = stageNow()
    link.screen({
      camera: camera.state,
      scene: stage?.sceneName ?? '',
      quality: stage?.quality.level.name ?? '',
      rate: Math.round(10 * rate) / 10,
      hidden: document.hidden,
    })
  }
  setInterval(() => {
    const now = performance.now()
    const drawn = stageNow()?.clock.frames ?? 0
    rate = Math.min((1000 * (drawn - frames)) / (now - since), 1000)
    frames = drawn
    since = now
    tell()
  }, EVERY)
  document.addEventListener('visibilitychange', tell)
  return tell
}
