import { Color, Vector3 } from 'three'
import { setOklch } from '../../stage/colour.js'
import { smoothing } from '../../stage/spring.js'
import { Steady } from '../../stage/steady.js'
import { Random } from '../../stage/random.js'

/**
 * @typedef {import('../../stage/motion.js').LiveState} LiveState
 *
 * @typedef {object} Kind  of weather; each 0 to 1
 * @property {number} height  of the sun, or of the moon: 0 at the horizon, 1 as high as it goes
 * @property {number} day  0 is night
 * @property {number} warm  the light is golden
 * @property {number} cover  of the sky with clouds
 * @property {number} dark  how heavy the clouds are
 * @property {number} haze  how soon the distance is lost
 * @property {number} rain
 * @property {number} glow  how far the horizon takes the feeling's own colour
 */

/**
 * The weather of each expression. Joy is an afternoon in summer, sadness rain, anger a storm at
 * sunset, fear a night with a moon, surprise a dawn, disgust a close, sallow noon.
 *
 * @type {Record<string, Kind>}
 */
const WEATHERS = {
  neutral: { height: 0.6, day: 0.86, warm: 0.35, cover: 0.42, dark: 0.12, haze: 0.22, rain: 0,
    glow: 0.12 },
  happy: { height: 0.72, day: 1, warm: 0.62, cover: 0.36, dark: 0, haze: 0.14, rain: 0, glow: 0.2 },
  sad: { height: 0.42, day: 0.5, warm: 0.05, cover: 0.95, dark: 0.55, haze: 0.52, rain: 1,
    glow: 0.12 },
  angry: { height: 0.12, day: 0.46, warm: 1, cover: 0.85, dark: 0.95, haze: 0.25, rain: 0.1,
    glow: 1 },
  fear: { height: 0.55, day: 0.06, warm: 0, cover: 0.5, dark: 0.7, haze: 0.45, rain: 0,
    glow: 0.35 },
  surprise: { height: 0.22, day: 0.9, warm: 0.5, cover: 0.5, dark: 0.05, haze: 0.22, rain: 0,
    glow: 0.8 },
  disgust: { height: 0.5, day: 0.62, warm: 0.5, cover: 0.85, dark: 0.4, haze: 0.64, rain: 0,
    glow: 0.5 },
}
/** No two days are alike: how far a seed may take each. */
const ODDS = {
  height: 0.22, day: 0.1, warm: 0.25, cover: 0.3, dark: 0.12, haze: 0.22, rain: 0, glow: 0.16,
}
/** Nobody is there: the morning mist has not lifted. */
const MIST = 0.22
/** How far the arms clear the sky. */
const CLEARED = { cover: 0.45, haze: 0.16 }
/** Radians: how far the head turns the sun, how fast at most in a second, and how high it goes. */
const SUN = { turn: 0.5, fastest: 0.5, highest: 0.85, lowest: 0.07 }
/** Steady's own pace would take the whole sky from day to night in two seconds. */
const PACE = 0.4

/** Light and air: from the feeling to the sun, the sky and the distance. */
export class Weather {
  /** What it is now. @type {Kind} */
  now = { ...WEATHERS.neutral }
  /** Toward the sun or the moon. */
  way = new Vector3(0, 1, 0)
  /** Azimuth of the sun in radians; 0 is straight ahead, positive to the right. */
  azimuth = 0
  /** Irradiance in linear light: of the sun, of the sky from above, and what the ground returns. */
  sun = new Color()
  sky = new Color()
  ground = new Color()
  /** Radiance in linear light: of the sky above, at the horizon, about the sun, and of the distance. */
  zenith = new Color()
  horizon = new Color()
  glow = new Color()
  haze = new Color()
  /** Of clouds: where the sun meets them, and below. */
  cloud = new Color()
  shade = new Color()
  /** What the moon adds to its disc: nothing by day. */
  moon = new Color()
  /** How much of the sun comes through, 0 to 1. */
  clear = 1

  #steady = /** @type {Record<keyof Kind, Steady>} */ ({})
  #odds = /** @type {Kind} */ ({})
  #home
  #accent = new Color()
  #warm = new Color()

  /** @param {number} seed */
  constructor(seed) {
    const random = new Random(seed ^ 0x5eed)
    for (const name of /** @type {(keyof Kind)[]} */ (Object.keys(ODDS))) {
      this.#odds[name] = random.between(-1, 1) * ODDS[name]
      this.#steady[name] = new Steady(WEATHERS.neutral[name])
    }
    this.#home = random.chance(0.5)
      ? random.between(-0.32, 0.32) : random.side() * random.between(0.6, 1.9)
    this.azimuth = this.#home
  }

  /**
   * @param {LiveState} state
   * @param {import('./colours.js').Colours} colours
   * @param {number} dt seconds
   */
  step(state, colours, dt) {
    const shares = sharesOf(state)
    const { presence, form } = state
    for (const name of /** @type {(keyof Kind)[]} */ (Object.keys(this.#steady))) {
      let value = this.#odds[name]
      for (const mood in shares) value += shares[mood] * WEATHERS[mood][name]
      if (name === 'cover') value -= CLEARED.cover * (form.opening - 0.25) * presence
      if (name === 'haze') value += MIST * (1 - presence)
        - CLEARED.haze * (form.opening - 0.25) * presence
      this.now[name] = this.#steady[name].step(Math.min(Math.max(value, 0), 1), PACE * dt)
    }
    this.#turn(state, dt)
    this.#light(state, colours)
  }

  /**
   * @param {LiveState} state
   * @param {number} dt
   */
  #turn({ body: { head } }, dt) {
    const yaw = (head?.weight ?? 0) * (head?.yaw ?? 0) / 45
    const most = SUN.fastest * dt
    const step = (this.#home + SUN.turn * yaw - this.azimuth) * smoothing(dt, 0.25)
    this.azimuth += Math.min(Math.max(step, -most), most)
    const elevation = SUN.lowest + (SUN.highest - SUN.lowest) * this.now.height
    const flat = Math.cos(elevation)
    this.way.set(
      Math.sin(this.azimuth) * flat, Math.sin(elevation), -Math.cos(this.azimuth) * flat)
  }

  /**
   * @param {LiveState} state
   * @param {import('./colours.js').Colours} colours
   */
  #light({ colour: { accent } }, { linear }) {
    const { day, warm, cover, dark, haze, glow, height } = this.now
    const low = warm * (1 - 0.75 * height)
    const over = Math.max(cover - 0.55, 0) / 0.45
    this.clear = (1 - 0.85 * over) * (1 - 0.5 * Math.max(haze - 0.5, 0) / 0.5)
    setOklch(this.#accent, [0.74, Math.min(1.5 * accent[1], 0.17), accent[2]])
    // The lower the sun the redder its light.
    setOklch(this.#warm, [0.86 - 0.1 * low, 0.05 + 0.1 * low, 88 - 32 * low])
    moonlight.copy(linear.sky).lerp(linear.snow, 0.4)

    this.sun.copy(linear.cloud).lerp(this.#warm, 0.4 + 0.6 * warm)
      .multiplyScalar(5.6 * this.clear * day * (0.55 + 0.45 * Math.min(height * 2, 1)))
    add(this.sun, moonlight, 0.75 * (1 - day) * (0.4 + 0.6 * this.clear))

    this.zenith.copy(linear.sky).lerp(linear.water, 0.55).multiplyScalar(0.85 + 0.25 * day)
    this.horizon.copy(linear.sky).lerp(linear.cloud, 0.62).lerp(this.#warm, 0.7 * low + 0.12 * warm)
    this.horizon.multiplyScalar(1.35)
    this.horizon.lerp(this.#accent, 0.55 * glow)
    this.shade.copy(linear.sky).lerp(linear.night, 0.25 + 0.5 * dark).lerp(linear.stone, 0.35)
      .lerp(this.#accent, 0.18 * glow)
    this.cloud.copy(linear.cloud).lerp(this.#warm, 0.25 + 0.5 * low).lerp(this.#accent, 0.3 * glow)
      .lerp(this.shade, 0.55 * dark).multiplyScalar(1.75)
    // An overcast sky has no blue of its own.
    this.zenith.lerp(this.shade, 0.85 * over)
    this.horizon.lerp(this.cloud, 0.35 * over).lerp(this.shade, 0.35 * over * dark)
    const light = 0.05 + 0.95 * day * (1 - 0.25 * dark)
    for (const one of [this.zenith, this.horizon, this.shade, this.cloud]) {
      one.multiplyScalar(light)
      add(one, linear.night, 0.35 * (1 - day))
    }
    add(this.horizon, moonlight, 0.05 * (1 - day))
    add(this.cloud, moonlight, 0.06 * (1 - day))

    this.glow.copy(this.sun).multiplyScalar((0.1 + 0.3 * low) * (0.3 + 0.7 * this.clear))
    this.sky.copy(this.zenith).lerp(this.horizon, 0.5).lerp(this.cloud,
      0.5 * cover).multiplyScalar(2.4)
    this.ground.copy(linear.plants).lerp(linear.earth, 0.5).multiplyScalar(0.25)
    this.ground.multiply(tone.copy(this.sun).multiplyScalar(0.6).add(this.sky))
    this.moon.copy(moonlight).multiplyScalar(0.9 * (1 - day))
    this.haze.copy(this.horizon).lerp(this.zenith, 0.28 * (1 - haze)).multiplyScalar(0.94)
  }
}

const tone = new Color()
const moonlight = new Color()

/**
 * @param {Color} target
 * @param {Color} other
 * @param {number} share
 */
function add(target, other, share) {
  target.r += share * other.r
  target.g += share * other.g
  target.b += share * other.b
}

/**
 * How much of each expression's weather there is; sums to 1. Doubt is neutral. Where no expression
 * is read, the body's pleasure and arousal speak.
 *
 * @param {LiveState} state
 * @returns {Record<string, number>}
 */
function sharesOf({ mixture, certainty, affect, presence }) {
  if (!mixture) {
    const happy = Math.max(affect.pleasure, 0) * 1.4
    const surprise = Math.max(affect.arousal, 0) * 0.7
    const total = Math.max(happy + surprise, 1)
    return {
      happy: happy / total, surprise: surprise / total,
      neutral: Math.max(1 - (happy + surprise) / total, 0),
    }
  }
  const sure = certainty * presence
  /** @type {Record<string, number>} */
  const shares = {}
  for (const mood in WEATHERS) shares[mood] = sure * (mixture[mood] ?? 0)
  shares.neutral += 1 - sure
  return shares
}
