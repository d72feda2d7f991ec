/** The page's wiring: camera, link, stage and what lies over them. */
import './ui/style.css'
import { Camera } from './camera/camera.js'
import { Capture } from './camera/capture.js'
import { exposeDiagnostics } from './diagnostics.js'
import { FrameFlow } from './link/frames.js'
import { Link } from './link/link.js'
import { readLandmarks } from './protocol.js'
import { savePng } from './save.js'
import { Stage } from './stage/stage.js'
import { t } from './ui/messages.js'
import { Page } from './ui/page.js'

const query = new URLSearchParams(location.search)
const replay = query.get('replay')
const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('stage'))
const root = /** @type {HTMLElement} */ (document.getElementById('page'))
canvas.setAttribute('role', 'img')
canvas.setAttribute('aria-label', t('stage.label'))

/** @type {import('./ui/page.js').Situation} */
const situation = {
  online: true,
  contextLost: false,
  status: { state: 'stopped' },
  camera: 'off',
  mode: replay ? 'replay' : 'notice',
}
/** @type {import('./protocol.js').SceneState | null} */
let sceneState = null
/** @type {import('./protocol.js').Landmarks | null} */
let landmarks = null
/** @type {import('./protocol.js').Problem[]} */
let problems = []
let lastTick = performance.now()

const camera = new Camera((state) => change({ camera: state }))
const capture = new Capture(camera.video)
const link = new Link({
  welcome: ({ frame }) => frames.configure(frame),
  status: (status) => change({ status }),
  next: (number, outcome) => frames.next(number, outcome),
  scene: (state, packet) => {
    if (situation.mode === 'notice') return
    sceneState = state
    landmarks = packet && readLandmarks(packet)
    stage?.motion.push(state)
    page.inset.update(state, landmarks)
    page.countdown.show(state.countdown)
    if (state.actions.some(({ name }) => name === 'capture')) takeCapture()
  },
  problem: (problem) => {
    problems = [...problems, problem].slice(-10)
  },
  online: (online) => change({ online, status: { state: 'stopped' } }),
})
const frames = new FrameFlow(link, capture)
const page = new Page(root, camera.video, document.body.dataset.emotion === 'on', {
  begin: () => {
    change({ mode: 'camera' })
    camera.start()
  },
  stop: leave,
  retry: () => camera.start(),
  more: () => link.command('more'),
  clear: () => link.command('clear'),
  cancel: () => link.command('cancel'),
  capture: takeCapture,
})
const stage = makeStage()

/**
 * The one place where a change of circumstances takes effect.
 *
 * @param {Partial<import('./ui/page.js').Situation>} news
 */
function change(news) {
  const cameraWas = situation.camera
  Object.assign(situation, news)
  const { mode, camera: state, online, status } = situation
  if (mode === 'camera' && state !== cameraWas) {
    if (state === 'on') link.consent()
    else if (cameraWas === 'on') link.stop()
  }
  if (mode === 'camera' && state === 'on' && online && status.state === 'ready') frames.open()
  else frames.close()
  page.show(situation)
}

/** The camera or the replay is left, and the notice asks again. */
function leave() {
  link.stop()
  camera.stop()
  landmarks = null
  page.countdown.show(null)
  stage?.motion.rest()
  change({ mode: 'notice' })
}

async function takeCapture() {
  if (!stage) return
  savePng(await stage.capture(), new Date())
  page.line.pass(t('line.saved'))
}

function makeStage() {
  try {
    return new Stage(canvas, {
      contextLost: (contextLost) => change({ contextLost }),
      state: (state) => {
        const now = performance.now()
        page.tick(state, (now - lastTick) / 1000)
        lastTick = now
      },
    }, query.get('quality'))
  } catch (error) {
    page.line.show(t('line.unsupported'))
    console.error(error)
    return null
  }
}

if (stage) {
  stage.show(query.get('scene'))
  exposeDiagnostics({
    stage, link, frames, camera,
    situation: () => situation,
    sceneState: () => sceneState,
    landmarks: () => landmarks,
    problems: () => problems,
  })
}
page.show(situation)
if (replay) link.replay(replay)
