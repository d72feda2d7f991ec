/** The page's wiring: camera, link, stage and what lies over them. */
import './ui/style.css'
import { Easel } from './art/easel.js'
import { hasLearned, OWN, painterOfOwn, painterOfWhatIsShown } from './art/engines.js'
import { Living } from './art/living.js'
import { ownPicture } from './art/own.js'
import { Camera } from './camera/camera.js'
import { Capture } from './camera/capture.js'
import { exposeDiagnostics } from './diagnostics.js'
import { FrameFlow } from './link/frames.js'
import { tellLife } from './link/life.js'
import { Link } from './link/link.js'
import { readLandmarks, readMask } from './protocol.js'
import { Motion } from './stage/motion.js'
import { TICK } from './stage/clock.js'
import { FILE_BROKEN } from './stage/scenes.js'
import { Sight } from './stage/sight.js'
import { Stage } from './stage/stage.js'
import { Awake } from './ui/awake.js'
import { firstLanguage } from './ui/language.js'
import { isLanguage, label } from './ui/messages.js'
import { Page } from './ui/page.js'

const query = new URLSearchParams(location.search)
const replay = query.get('replay')
const house = query.get('lang')
const seed = query.get('seed')
/** Seconds for which the form holds its breath while its picture is taken. */
const BREATH = 1.4
/** Seconds from one picture to the next: each is a picture worth looking at. */
const PAUSE = 1
/** Whether developers are at work: mistakes of scenes are shown, and the panel where asked for. */
const developers = import.meta.env.DEV
  || (document.body.dataset.debug === 'on' && query.has('debug'))
const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('stage'))
const root = /** @type {HTMLElement} */ (document.getElementById('page'))
document.documentElement.lang = firstLanguage(house)
canvas.setAttribute('role', 'img')
canvas.setAttribute('aria-describedby', 'seen')
label(canvas, 'stage.label')

/** @type {import('./ui/page.js').Situation} */
const situation = {
  connection: 'connecting',
  contextLost: false,
  status: { state: 'stopped' },
  camera: 'off',
  mode: replay ? 'replay' : 'notice',
  way: 'notice',
}
/** @type {import('./protocol.js').SceneState | null} */
let sceneState = null
/** @type {import('./protocol.js').Landmarks | null} */
let landmarks = null
/** @type {import('./protocol.js').Problem[]} */
let problems = []
let lastTick = performance.now()
let lastTouch = 0
let lastPlace = ''
let lastCapture = -Infinity
/** @type {string[]} */
let replays = []
/** @type {import('./protocol.js').Engine[]} */
let engines = []
/** The engine that the next capture was asked for; '' when it is any engine's turn. */
let wanted = ''
/** @type {import('./debug/panel.js').Panel | null} */
let panel = null
/** Made when the words have been painted; null for good where there is no WebGL. @type {Stage | null} */
let stage = null

const motion = new Motion()
const sight = new Sight()
const camera = new Camera((state) => change({ camera: state }))
const capture = new Capture(camera)
const link = new Link({
  welcome: (welcome) => {
    frames.configure(welcome.frame)
    camera.choose(welcome.camera, welcome.frame)
    replays = welcome.replays
    engines = welcome.art.engines
    page.offer(welcome.art, welcome.saving)
  },
  camera: (wish) => camera.choose(wish),
  status: (status) => change({ status }),
  next: (number, outcome) => frames.next(number, outcome),
  scene: (state, packet, mask) => {
    // At the notice only the performance is shown, and the reset that ends it.
    if (situation.mode === 'notice' && situation.way !== 'attract' && !state.reset) return
    sceneState = state
    landmarks = packet && readLandmarks(packet)
    if (landmarks) sight.see(state.frame, landmarks, mask && readMask(mask))
    motion.push(state)
    page.inset.update(state, landmarks)
    page.countDown(state.countdown)
    if (!playing()) return
    for (const { name } of state.actions) {
      if (name === 'capture') takeCapture()
      if (name === 'scene') page.announcer.say('said.scene')
    }
  },
  problem: (problem) => {
    problems = [...problems, problem].slice(-10)
  },
  way: ({ state }) => {
    const agreed = isVisit(situation.way)
    change({ way: state })
    // Before the server has heard of the consent, a notice is the answer to an earlier touch.
    const over = state === 'notice' ? agreed : !isVisit(state)
    if (situation.mode === 'camera' && over) leave()
    // Nobody is there: the language is the house's again.
    if (state === 'attract' && isLanguage(house)) page.language.change(house)
  },
  visit: (visit) => easel.visit(visit),
  art: (art) => easel.hear(art),
  painted: (number, jpeg) => living.hear(number, jpeg),
  recorded: (seconds, file) => panel?.recorded(seconds, file),
  poses: (poses) => page.teach(poses),
  connection: (connection) => {
    if (connection !== 'online') sight.clear()
    change({ connection, way: 'notice', status: { state: 'stopped' } })
  },
  ended: leave,
})
const frames = new FrameFlow(link, capture, sight)
const tellDesk = tellLife(link, camera, () => stage)
const awake = new Awake()
const easel = new Easel(link, (work) => page.pictures.changed(work))
const page = new Page(root, camera.video, {
  emotion: document.body.dataset.emotion === 'on',
  pictures: document.body.dataset.pictures === 'on',
  dreams: document.body.dataset.dreams === 'on',
}, {
  begin: () => {
    if (!link.online) return
    change({ mode: 'camera' })
    camera.start()
  },
  stop,
  touch: () => link.touch(),
  retry: () => camera.start(),
  more: () => playing() && link.command('more'),
  clear: () => playing() && link.command('clear'),
  scene: () => playing() && link.command('scene'),
  capture: () => playing() && link.command('capture'),
  cancel: () => link.command('cancel'),
  felt: () => {
    if (!playing() || !easel.open) return
    wanted = painterOfWhatIsShown(engines)
    link.command('capture')
  },
  own: async (file) => {
    if (!playing() || !easel.open) return
    const picture = await ownPicture(file)
    if (playing()) page.keep(picture, OWN, painterOfOwn(engines), true)
  },
  living: () => paintLive(!living.on),
  paint: ({ blob, scene, own }, engine) => (
    easel.open ? easel.paint(blob, engine, scene, own) : null
  ),
  remove: (work) => easel.remove(work),
})
const living = new Living(link, page.canvas)

/**
 * The one place where a change of circumstances takes effect.
 *
 * @param {Partial<import('./ui/page.js').Situation>} news
 */
function change(news) {
  const cameraWas = situation.camera
  Object.assign(situation, news)
  const { mode, camera: state, connection, status } = situation
  // A camera that is away for a moment does not end the visit: the server waits a while.
  if (mode === 'camera' && state === 'on' && cameraWas !== 'on') link.consent()
  const ready = connection === 'online' && status.state === 'ready'
  if (mode === 'camera' && state === 'on' && ready) frames.open()
  else frames.close()
  page.show(situation)
  awake.keep(mode !== 'notice')
  if (stage) stage.view.raise = needsRoom()
  if (state !== cameraWas) tellDesk()
}

/** @param {import('./protocol.js').Way['state']} way */
const isVisit = (way) => way === 'play' || way === 'capture'

/** Whether there is a visit to command. */
const playing = () => situation.mode !== 'notice'

/** Whether the lower part of the screen is taken by words. */
function needsRoom() {
  return page.screen === 'notice' || (situation.mode === 'camera' && situation.camera !== 'on')
}

/** The visitor has had enough; the server says goodbye, too, a moment later. */
function stop() {
  if (isVisit(situation.way)) situation.way = 'goodbye'
  leave()
}

/** The camera or the replay is left; the notice asks the next visitor. */
function leave() {
  link.stop()
  camera.stop()
  landmarks = null
  wanted = ''
  easel.clear()
  paintLive(false)
  page.forget()
  sight.clear()
  motion.rest()
  change({ mode: 'notice' })
}

/** Plays a recorded session instead of the camera. @param {string} name */
function play(name) {
  camera.stop()
  sight.clear()
  change({ mode: 'replay' })
  link.replay(name)
}

/** The engine that paints the living canvas of this scene; '' where there is none. */
function painter() {
  const scene = stage?.sceneName ?? ''
  return engines.find((engine) => engine.live && hasLearned(engine, scene))?.name ?? ''
}

/** The living painting begins or ends. @param {boolean} on */
function paintLive(on) {
  if (on && painter() && easel.open) living.start(painter())
  else living.stop()
  page.controls.living.setAttribute('aria-pressed', String(living.on))
}

async function takeCapture() {
  const now = performance.now()
  const engine = wanted
  wanted = ''
  if (!stage || now - lastCapture < 1000 * PAUSE) return
  lastCapture = now
  motion.hold(BREATH)
  const scene = stage.sceneName ?? ''
  const blob = await stage.capture()
  if (!playing()) return
  // Where the scene draws the camera's picture, the visitor is in it: then they choose themselves.
  const turn = easel.open && !sight.wanted ? page.pictures.turn(scene) : ''
  page.keep(blob, scene, engine || turn)
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
  if (!developers) return
  overlay ??= import('./debug/overlay.js')
  overlay.then(({ show }) => show(scene, error))
}

function makeStage() {
  try {
    return new Stage(canvas, motion, {
      contextLost: (contextLost) => change({ contextLost }),
      state: (state) => {
        const now = performance.now()
        page.scene = stage?.sceneName ?? ''
        if (living.on && !painter()) paintLive(false)
        page.tick(state, motion.objects.size, (now - lastTick) / 1000)
        lastTick = now
      },
      broken: showBroken,
      works: () => overlay?.then(({ hide }) => hide()),
    }, query.get('quality'), sight, seed === null ? null : Number(seed) || 0)
  } catch (error) {
    page.line.show('line.unsupported')
    console.error(error)
    return null
  }
}

/** The scene, once there are words to read: to make it keeps a slow machine busy for seconds. */
function open() {
  stage = makeStage()
  if (stage) {
    // An animation of the page itself would have it all composed between the scene's frames, too.
    root.dataset.still = String(stage.software)
    stage.view.raise = needsRoom()
    stage.clock.on(TICK.capture, () => living.step(canvas))
    stage.show(query.get('scene'))
    exposeDiagnostics({
      stage, link, frames, camera,
      situation: () => situation,
      screen: () => page.screen,
      pictures: () => page.pictures.count,
      made: () => page.pictures.made,
      living,
      sceneState: () => sceneState,
      landmarks: () => landmarks,
      problems: () => problems,
    })
    if (developers && query.has('debug')) openPanel(stage)
  }
  if (replay) play(replay)
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

/**
 * Somebody is there: the performance gives way to the notice. A mouse that has not moved is
 * nobody, and who has just stopped moves it on the way out: the goodbye stays until they mean it.
 *
 * @param {Event} event
 */
function touch(event) {
  if (event instanceof PointerEvent && event.type === 'pointermove') {
    const at = `${event.screenX} ${event.screenY}`
    const still = at === lastPlace
    lastPlace = at
    if (still || situation.way === 'goodbye') return
  }
  if (situation.mode !== 'notice') return
  const now = performance.now()
  if (now - lastTouch < 1000) return
  lastTouch = now
  link.touch()
}
for (const kind of ['pointerdown', 'pointermove', 'keydown']) addEventListener(kind, touch)

if (developers) addEventListener(FILE_BROKEN, (event) => {
  showBroken('', /** @type {CustomEvent} */ (event).detail)
})
page.show(situation)
requestAnimationFrame(() => setTimeout(open))
