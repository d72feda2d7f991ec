/** The page's wiring: camera, link, stage and what lies over them. */
import './ui/style.css'
import { Camera } from './camera/camera.js'
import { Capture } from './camera/capture.js'
import { exposeDiagnostics } from './diagnostics.js'
import { FrameFlow } from './link/frames.js'
import { Link } from './link/link.js'
import { readLandmarks, readMask } from './protocol.js'
import { savePng } from './save.js'
import { FILE_BROKEN } from './stage/scenes.js'
import { Sight } from './stage/sight.js'
import { Stage } from './stage/stage.js'
import { t } from './ui/messages.js'
import { Page } from './ui/page.js'

const query = new URLSearchParams(location.search)
const replay = query.get('replay')
/** Whether developers are at work: mistakes of scenes are shown, and the panel where asked for. */
const workshop = import.meta.env.DEV
  || (document.body.dataset.workshop === 'on' && query.has('debug'))
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
/** @type {import('./protocol.js').Way['state']} */
let way = 'notice'
let lastTick = performance.now()
let lastTouch = 0
/** @type {string[]} */
let replays = []
/** @type {import('./debug/panel.js').Panel | null} */
let panel = null

const sight = new Sight()
const camera = new Camera((state) => change({ camera: state }))
const capture = new Capture(camera.video)
const link = new Link({
  welcome: (welcome) => {
    frames.configure(welcome.frame)
    replays = welcome.replays
  },
  status: (status) => change({ status }),
  next: (number, outcome) => frames.next(number, outcome),
  scene: (state, packet, mask) => {
    // At the notice only the performance is shown, and the reset that ends it.
    if (situation.mode === 'notice' && way !== 'attract' && !state.reset) return
    sceneState = state
    landmarks = packet && readLandmarks(packet)
    if (landmarks) sight.see(state.frame, landmarks, mask && readMask(mask))
    stage?.motion.push(state)
    page.inset.update(state, landmarks)
    page.countdown.show(state.countdown)
    if (state.actions.some(({ name }) => name === 'capture')) takeCapture()
  },
  problem: (problem) => {
    problems = [...problems, problem].slice(-10)
  },
  way: ({ state }) => {
    way = state
    if (situation.mode === 'camera' && state !== 'play' && state !== 'capture') leave()
  },
  recorded: (seconds, file) => panel?.recorded(seconds, file),
  online: (online) => {
    way = 'notice'
    if (!online) sight.clear()
    change({ online, status: { state: 'stopped' } })
  },
  ended: leave,
})
const frames = new FrameFlow(link, capture, sight)
const page = new Page(root, camera.video, document.body.dataset.emotion === 'on', {
  begin: () => {
    change({ mode: 'camera' })
    camera.start()
  },
  stop: leave,
  retry: () => camera.start(),
  more: () => playing() && link.command('more'),
  clear: () => playing() && link.command('clear'),
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
  // A camera that is away for a moment does not end the visit: the server waits a while.
  if (mode === 'camera' && state === 'on' && cameraWas !== 'on') link.consent()
  if (mode === 'camera' && state === 'on' && online && status.state === 'ready') frames.open()
  else frames.close()
  if (stage) stage.view.raise = needsRoom()
  page.show(situation)
}

/** Whether there is a visit to command. */
const playing = () => situation.mode !== 'notice'

/** Whether the lower part of the screen is taken by words. */
function needsRoom() {
  const { mode, camera: state } = situation
  return mode === 'notice' || (mode === 'camera' && state !== 'on')
}

/** The camera or the replay is left, and the notice asks again. */
function leave() {
  link.stop()
  camera.stop()
  landmarks = null
  sight.clear()
  page.countdown.show(null)
  stage?.motion.rest()
  change({ mode: 'notice' })
}

/** Plays a recorded session instead of the camera. @param {string} name */
function play(name) {
  camera.stop()
  sight.clear()
  change({ mode: 'replay' })
  link.replay(name)
}

async function takeCapture() {
  if (!stage) return
  const blob = await stage.capture()
  if (blob) savePng(blob, new Date())
  page.line.pass(t(blob ? 'line.saved' : 'line.unsaved'))
}

/** @type {Promise<typeof import('./debug/overlay.js')> | null} */
let overlay = null

/**
 * Says what is wrong with a scene: over the picture to developers, else in the console alone.
 *
 * @param {string} scene
 * @param {unknown} error
 */
function showBroken(scene, error) {
  console.error(`The scene ${scene} is broken.`, error)
  if (!workshop) return
  overlay ??= import('./debug/overlay.js')
  overlay.then(({ show }) => show(scene, error))
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
      broken: showBroken,
      works: () => overlay?.then(({ hide }) => hide()),
    }, query.get('quality'), sight)
  } catch (error) {
    page.line.show(t('line.unsupported'))
    console.error(error)
    return null
  }
}

if (stage) {
  stage.view.raise = needsRoom()
  stage.show(query.get('scene'))
  exposeDiagnostics({
    stage, link, frames, camera,
    situation: () => situation,
    way: () => way,
    sceneState: () => sceneState,
    landmarks: () => landmarks,
    problems: () => problems,
  })
  if (workshop) addEventListener(FILE_BROKEN, (event) => {
    showBroken('', /** @type {CustomEvent} */ (event).detail)
  })
  if (workshop && query.has('debug')) openPanel(stage)
}

/** @param {Stage} stage */
async function openPanel(stage) {
  const { Panel } = await import('./debug/panel.js')
  panel = new Panel({
    stage,
    state: () => sceneState,
    replays: () => replays,
    mayRecord: () => situation.mode === 'camera' && situation.status.state === 'ready',
    record: (on) => link.record(on),
    play,
  })
}

/** Somebody is there: the performance gives way to the notice. */
function touch() {
  const now = performance.now()
  if (situation.mode !== 'notice' || now - lastTouch < 1000) return
  lastTouch = now
  link.touch()
}
for (const kind of ['pointerdown', 'pointermove', 'keydown']) addEventListener(kind, touch)

page.show(situation)
if (replay) play(replay)
