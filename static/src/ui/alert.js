import { t } from './messages.js'

/** Hertz of its two notes, a fifth apart, and the seconds between them. */
const NOTES = [523.25, 783.99]
const APART = 0.16
const LOUD = 0.05
const FADES = 1.6

/**
 * Tells gently that a picture is ready: a soft sound where the house and the browser allow it,
 * and the title of the tab for who is looking at another one. The focus stays where it is.
 */
export class Alert {
  /** Whether the house wants to hear it. */
  sound = false
  #title = document.title

  constructor() {
    const seen = () => {
      if (!document.hidden) this.clear()
    }
    for (const kind of ['visibilitychange', 'focus', 'pointerdown', 'keydown']) {
      addEventListener(kind, seen)
    }
  }

  /** @param {boolean} looked the picture is before the visitor's eyes: the title need not tell */
  ready(looked) {
    if (this.sound) chime()
    if (!looked || document.hidden) document.title = `● ${t('title.ready')} · ${this.#title}`
  }

  clear() {
    document.title = this.#title
  }
}

/** Two sine tones that come softly and fade; nothing where the browser wants to be silent. */
async function chime() {
  const context = new AudioContext()
  try {
    await Promise.race([context.resume(), new Promise((_, give) => setTimeout(give, 300))])
    for (const [number, hertz] of NOTES.entries()) {
      const begin = context.currentTime + number * APART
      const tone = new OscillatorNode(context, { frequency: hertz })
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.linearRampToValueAtTime(0, begin)
      gain.gain.linearRampToValueAtTime(LOUD, begin + 0.04)
      gain.gain.exponentialRampToValueAtTime(LOUD / 1000, begin + FADES)
      tone.connect(gain).connect(context.destination)
      tone.start(begin)
      tone.stop(begin + FADES)
    }
    await new Promise((done) => setTimeout(done, 1000 * (FADES + APART)))
  } catch {
    // The browser plays nothing before somebody has touched the page.
  }
  await context.close()
}
