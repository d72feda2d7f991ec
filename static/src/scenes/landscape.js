/**
 * A view that a painter would choose: river, pond, coast, hills, mountains, fields, a wood, dunes;
 * another one for each seed. The feeling is its weather and the hour of the day, the body its wind.
 * The arms open valley and sky, hands push the clouds and lift the hills, the head turns the sun.
 * What the expression makes grows in it; to clear it is to let the next season come.
 */
import { DirectionalLight, Group, HemisphereLight, Mesh, Vector2, Vector4 } from 'three'
import { disposeTree } from '../stage/environment.js'
import { smoothing } from '../stage/spring.js'
import { makeAir } from './landscape/air.js'
import { Colours, SEASON_COUNT } from './landscape/colours.js'
import { compose, FARTHEST } from './landscape/composition.js'
import { makeGround } from './landscape/ground.js'
import { Objects } from './landscape/objects.js'
import { plantAll } from './landscape/planting.js'
import { GROUP } from './landscape/plants.js'
import { Rain } from './landscape/rain.js'
import { GROUND, makeMaterial, makeMirrored, makeShadow, STROKES } from './landscape/material.js'
import { Sky } from './landscape/sky.js'
import { Water } from './landscape/water.js'
import { Weather } from './landscape/weather.js'
import { Rhythm } from './shared/rhythm.js'

/** @typedef {import('../stage/motion.js').LiveState} LiveState */

export const parameters = {
  wind: { value: 1, min: 0, max: 2, label: 'How far energy and lean stir the wind' },
  opening: { value: 1, min: 0, max: 2, label: 'How far the arms open valley and sky' },
  hands: { value: 1, min: 0, max: 2, label: 'Strength of the hands' },
  forms: { value: 1, min: 0, max: 1.5, label: 'How angular tension makes the forms' },
  haze: { value: 1, min: 0, max: 2, label: 'Haze' },
}

/** What hides much is drawn first; the sky is drawn where nothing else is. */
const ORDER = { strokes: 0, ground: 1, mirrored: 2 }
/**
 * Hills are heavy: how far one goes across in a second, in halves of the view, and how far up.
 * As fast as hands can wave, a dark hill before a bright sky would flash.
 */
const HEAVE = { across: 2, up: 1.2 }
/** Seasons per second. */
const TURNING = 0.32
/**
 * How far plants are grown in spring, summer, autumn, winter.
 *
 * @type {Record<keyof typeof GROUP, number[]>}
 */
const GROWN = {
  solid: [1, 1, 1, 1], tree: [1, 1, 1, 1], leaf: [0.97, 1, 0.97, 0.88], bush: [0.95, 1, 0.95, 0.8],
  grass: [0.85, 1, 0.9, 0.45], flower: [1, 0.9, 0.35, 0], lily: [0.8, 1, 0.4, 0],
  reed: [0.8, 1, 1, 0.75],
}

/**
 * @param {import('../stage/stage.js').SceneStage} stage
 * @returns {import('../stage/scenes.js').RunningScene}
 */
export function create({ scene, view, level: first, seed }) {
  const air = makeAir()
  const colours = new Colours()
  const weather = new Weather(seed)
  const rhythm = new Rhythm()
  const sun = new DirectionalLight()
  const daylight = new HemisphereLight()
  const rain = new Rain(air, seed)
  /** The eye, and the view before it: as high as the eye, as the horizon asks. */
  const outlook = new Group()
  const root = new Group()
  let level = first
  let land = new Land(air, view, seed, level)
  let season = land.composition.season
  let turnTo = season
  const at = new Vector2()
  const aim = new Vector4()
  const heave = new Vector4()
  const lowest = new Vector4()
  const highest = new Vector4()

  scene.environmentIntensity = 0
  outlook.add(root)
  scene.add(outlook)
  root.add(sun, sun.target, daylight, rain.lines)
  place()

  function place() {
    const { eye, turn } = land.sight
    outlook.position.set(0, view.frame.rise, view.frame.distance)
    outlook.rotation.x = turn
    root.position.y = -eye
    root.add(land.parts)
    cast(sun, level)
    rain.setLevel(level)
  }

  /** Another level or shape of screen needs the same land anew. */
  function remake() {
    land.dispose()
    land = new Land(air, view, seed, level, land.objects)
    place()
  }

  /** The season moves on, one at a time however often that is asked for. */
  function turn(/** @type {LiveState} */ { actions }, /** @type {number} */ dt) {
    const asked = actions.some(({ name }) => name === 'clear')
    if (asked && turnTo - season < 0.5) turnTo += 1
    season += Math.min(turnTo - season, TURNING * dt)
    for (const name of /** @type {(keyof typeof GROUP)[]} */ (Object.keys(GROWN))) {
      air.grown.value[GROUP[name]] = ofSeason(GROWN[name], season)
    }
  }

  /** Energy is the wind's strength, the lean its side. */
  function blow(/** @type {LiveState} */ { motion, body }, /** @type {number} */ step) {
    const { wind, flow } = air
    const force = 0.12 + 0.28 * motion.amplitude + 0.9 * body.energy + 0.3 * motion.jerk
    const { value: most } = parameters.wind
    wind.value.x += (most * Math.min(force, 1) - wind.value.x) * smoothing(step, 0.35)
    wind.value.y += (most * body.lean - wind.value.y) * smoothing(step, 0.3)
    flow.value += step * (0.5 + 0.5 * motion.speed + 0.8 * wind.value.x)
  }

  /** Arms open the valley; hands lift hills and push clouds. */
  function reach(/** @type {LiveState} */ { body, form, presence }, /** @type {number} */ step) {
    const open = parameters.opening.value * presence * Math.max(form.opening - 0.2, 0)
    air.valley.value = Math.min(open, 1)
    const { half, tall, tilt } = land.sight
    for (const [i, side] of /** @type {const} */ (['left', 'right']).entries()) {
      const hand = /** @type {import('../stage/motion.js').LiveHand | undefined} */ (
        body.hands.find((one) => one.side === side))
      if (hand) at.set(0.95 * half * hand.x, tall * hand.y - tilt)
      const weight = parameters.hands.value * (hand?.weight ?? 0)
      const target = air.hands.value[i]
      // Where a hand has come into view it is at once, and its strength grows.
      if (hand && target.z === 0) target.set(at.x, at.y, 0, 0)
      const { x, y } = hand ? at : target
      aim.set(
        x, y, hand ? 0.9 * weight * Math.max(0.6 + hand.y, 0) : 0,
        hand ? weight * (1.6 * hand.open - 0.6) : 0,
      )
      heave.copy(aim).sub(target).multiplyScalar(smoothing(step, 0.1))
      const far = HEAVE.across * half * step, high = HEAVE.up * step
      heave.clamp(lowest.set(-far, -far, -high, -high), highest.set(far, far, high, high))
      target.add(heave)
    }
  }

  /** The feeling bends and cuts the forms. */
  function shape(/** @type {LiveState} */ { form, motion }) {
    const { facets, roundness, diagonal } = form
    const cut = parameters.forms.value * (0.75 * facets + 0.55 * (0.6 - roundness))
    air.sharp.value = Math.min(Math.max(cut, 0), 1)
    const { lift, fold, tremble, expand } = motion
    const swell = 1 + 0.1 * expand + 0.025 * rhythm.beat + 0.006 * rhythm.breath
    air.gesture.value.set(
      swell * (1 + 0.06 * Math.max(-lift, 0) - 0.16 * fold),
      swell * (1 + 0.1 * lift - 0.06 * fold),
      0.02 * tremble * Math.sin(23 * rhythm.time),
      0.16 * diagonal - 0.12 * fold,
    )
  }

  /** What the weather is, for all parts. */
  function shine() {
    for (const [i, paint] of colours.paints.entries()) air.paints.value[i].copy(paint)
    air.sunWay.value.copy(weather.way)
    air.sunLight.value.copy(weather.sun)
    air.skyLight.value.copy(weather.sky)
    air.groundLight.value.copy(weather.ground)
    air.haze.value.copy(weather.haze)
    air.glow.value.copy(weather.glow)
    air.thick.value = parameters.haze.value * (0.0022 + 0.028 * weather.now.haze ** 2)
    sun.color.copy(weather.sun)
    sun.position.copy(weather.way).multiplyScalar(40).add(sun.target.position)
    daylight.color.copy(weather.sky)
    daylight.groundColor.copy(weather.ground)
  }

  return {
    update(state, dt) {
      if (!land.fits(view)) remake()
      const step = rhythm.step(state, dt)
      turn(state, dt)
      colours.step(state.colour.meanings, season, dt)
      weather.step(state, colours, dt)
      blow(state, step)
      reach(state, step)
      shape(state)
      shine()

      const { x: wind, y: side } = air.wind.value
      const { sky, water, objects, sight } = land
      objects.update(state, step, air.grown.value)
      sky.update(weather, step * (0.002 + 0.012 * wind + 0.02 * side), air.valley.value, sight.top)
      water?.update(weather, colours, Math.min(0.15 + 0.6 * wind + 0.3 * state.form.noise, 1))
      rain.update(weather, Math.max(1 - Math.abs(season % SEASON_COUNT - 3), 0), step)
    },

    setLevel(next) {
      level = next
      remake()
    },

    report: () => ({
      view: land.composition.kind, objects: land.objects.size, leaving: land.objects.leaving,
    }),

    dispose() {
      land.sky.dispose()
    },
  }
}

/** Everything that is made for one level and one shape of screen. */
class Land {
  parts = new Group()

  /**
   * @param {import('./landscape/air.js').Air} air  given what depends on the screen
   * @param {import('../stage/view.js').View} view
   * @param {number} seed
   * @param {import('../stage/quality.js').Level} level
   * @param {Objects | null} [before]  what has grown there so far
   */
  constructor(air, { frame }, seed, level, before = null) {
    this.frame = frame
    const half = Math.tan(frame.fov / 2) * frame.aspect
    this.composition = compose(seed, half)
    this.sight = see(frame, this.composition)
    const { eye, near } = this.sight
    air.eye.value = eye
    air.side.value = half

    const detail = (level.detail / 25) ** 2
    const { water } = this.composition
    const { fine } = level
    // The eye moves, and the lower part of the screen may be taken by words.
    const begin = 0.5 * near
    this.sky = new Sky(air, seed, water, level)
    this.parts.add(this.sky.group)
    const { plants, touches } = plantAll(this.composition, this.sight, seed, detail, fine)
    this.objects = new Objects(this.composition, this.sight, seed, detail, fine, before)
    for (const [what, geometry, high] of /** @type {const} */ ([
      [GROUND, makeGround(this.composition, half, begin, detail), true],
      [STROKES, plants.geometry, true],
      [STROKES, this.objects.strokes.geometry, true],
      [STROKES, touches.geometry, false],
    ])) {
      const mesh = new Mesh(geometry, makeMaterial(what, air, level))
      mesh.frustumCulled = false
      mesh.renderOrder = what === GROUND ? ORDER.ground : ORDER.strokes
      mesh.receiveShadow = level.shadow > 0
      if (level.shadow && high) {
        mesh.castShadow = true
        mesh.customDepthMaterial = makeShadow(what, air)
      }
      this.parts.add(mesh)
      if (water && high) {
        const mirrored = new Mesh(geometry, makeMirrored(what, air, level))
        mirrored.frustumCulled = false
        mirrored.renderOrder = ORDER.mirrored
        this.parts.add(mirrored)
      }
    }
    this.water = water ? new Water(air, half, begin, level) : null
    if (this.water) this.parts.add(this.water.mesh)
  }

  /** Whether it was made for this shape of screen. @param {import('../stage/view.js').View} view */
  fits({ frame: { aspect, distance } }) {
    return Math.abs(aspect - this.frame.aspect) < 0.02
      && Math.abs(distance - this.frame.distance) < 0.01
  }

  dispose() {
    this.parts.removeFromParent()
    this.sky.dispose()
    disposeTree(this.parts)
  }
}

/**
 * How a composition is seen on this screen: its horizon lies where it should.
 *
 * @param {import('../stage/view.js').View['frame']} frame
 * @param {import('./landscape/composition.js').Composition} composition
 */
function see({ fov, aspect, distance, rise, centre }, { near, horizon, water, height }) {
  const tall = Math.tan(fov / 2)
  const above = Math.atan((centre - horizon) * 2 * tall)
  const below = Math.atan((1 - centre) * 2 * tall)
  const ground = Math.max(height(0, near), 0)
  // The ground ends before the true horizon; what ends it is seen as the horizon.
  const drop = Math.atan((near * Math.tan(above + below) + ground) / FARTHEST) * (water ? 1 : 0.5)
  const tilt = above + drop
  return {
    eye: near * Math.tan(tilt + below) + ground,
    near, tall, half: tall * aspect,
    /** The view's axis is so far below the horizontal. */
    tilt,
    turn: tilt - Math.atan(rise / distance),
    top: Math.tan(Math.atan(centre * 2 * tall) - tilt),
  }
}

/**
 * @param {number[]} values  of the seasons
 * @param {number} season
 */
function ofSeason(values, season) {
  const from = Math.floor(season) % SEASON_COUNT
  const way = season - Math.floor(season)
  return values[from] + (values[(from + 1) % SEASON_COUNT] - values[from]) * way
}

/**
 * The sun's shadow, where the level has one: over what is near.
 *
 * @param {DirectionalLight} sun
 * @param {import('../stage/quality.js').Level} level
 */
function cast(sun, { shadow }) {
  sun.castShadow = shadow > 0
  sun.target.position.set(0, 1, -18)
  const { camera } = sun.shadow
  Object.assign(camera, { left: -16, right: 16, top: 13, bottom: -13, near: 8, far: 80 })
  camera.updateProjectionMatrix()
  sun.shadow.bias = -0.002
  sun.shadow.normalBias = 0.06
  sun.shadow.radius = 5
  if (shadow) sun.shadow.mapSize.set(shadow, shadow)
  sun.shadow.map?.dispose()
  sun.shadow.map = null
}
