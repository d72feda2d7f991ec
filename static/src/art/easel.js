import { Strokes } from './strokes.js'

/**
 * What a capture is becoming, or has become, by one engine.
 *
 * @typedef {object} Work
 * @property {string} id  '' until the server has taken the capture
 * @property {string} engine
 * @property {'sending' | 'queued' | 'working' | 'done' | 'failed' | 'gone'} state
 *   gone: cancelled or deleted
 * @property {number} before  pictures of others that are made before it
 * @property {boolean} emotion  the engine has used an expression that was read
 * @property {number} progress  0 to 1
 * @property {string} code  why it failed
 * @property {Strokes | null} strokes  of which the picture is made, often before it is there
 * @property {Blob | null} picture  a PNG
 * @property {Blob | null} reference  a picture that the engine learned from
 * @property {Blob | null} look  a PNG to be laid over the picture: it darkens all but what makes
 *   the greatest of the scores
 * @property {Record<string, number> | null} scores  what the critic says of it
 * @property {string | null} hand  the expression whose hand leads in it; null where it is not painted
 * @property {boolean} seen  it has been revealed to the visitor
 * @property {boolean} face  whether the expression was found in a picture of the visitor's own
 *
 * @typedef {import('../protocol.js').Art} Art
 */

/** The longest side that engines take, in pixels: more would only travel. */
const LONGEST = 1024
const TOKEN = 'X-Mien-Visit'
const AGAIN = 3

/** Sends captures, and hears and fetches what becomes of them, while the visit goes on. */
export class Easel {
  #token = ''
  /** @type {Map<string, Work>} by id */
  #works = new Map()
  /** Works whose strokes have been asked for. @type {WeakSet<Work>} */
  #asked = new WeakSet()
  /** What the server has told before the answer to a capture was there. @type {Map<string, Art>} */
  #early = new Map()

  /**
   * @param {import('../link/link.js').Link} link
   * @param {(work: Work) => void} changed
   */
  constructor(link, changed) {
    this.link = link
    this.changed = changed
  }

  /** Whether a visit goes on in which pictures can be made. */
  get open() {
    return this.#token !== ''
  }

  /** @param {import('../protocol.js').Visit} visit */
  visit({ token, pictures }) {
    const known = new Set(token === this.#token ? pictures : [])
    this.#token = token
    for (const work of this.#works.values()) {
      if (isOn(work) && !known.has(work.id)) this.#fail(work, 'visit-over')
    }
  }

  /**
   * Has a capture become a picture.
   *
   * @param {Blob} capture a PNG
   * @param {string} engine
   * @param {string} scene
   * @param {boolean} own it is no capture but a picture of the visitor's own
   * @returns {Work} what becomes of it is told by `changed`
   */
  paint(capture, engine, scene, own) {
    /** @type {Work} */
    const work = {
      id: '', engine, state: 'sending', before: 0, emotion: false, progress: 0, code: '',
      strokes: null, picture: null, reference: null, look: null, scores: null, hand: null,
      seen: false, face: false,
    }
    this.#send(work, capture, scene, own)
    return work
  }

  /** @param {Work} work that is not wanted any more, made or not */
  remove(work) {
    if (work.id) this.link.art(isOn(work) ? 'cancel' : 'delete', work.id)
    this.#drop(work)
  }

  /** The server's news of a picture. @param {Art} art */
  hear(art) {
    const work = this.#works.get(art.id)
    if (!work) {
      this.#early.set(art.id, art)
      return
    }
    if (art.state === 'cancelled' || art.state === 'deleted') this.#drop(work)
    else if (art.state === 'failed' || art.state === 'expired') this.#fail(work, art.code)
    else if (art.state === 'done') this.#fetch(work, art)
    else {
      const { state, before, progress, emotion } = art
      Object.assign(work, { state, before, progress, emotion })
      this.changed(work)
      this.#fetchStrokes(work, art)
    }
  }

  /** The visit is over: nothing is known of it any more. */
  clear() {
    for (const work of this.#works.values()) work.state = 'gone'
    this.#works.clear()
    this.#early.clear()
    this.#token = ''
  }

  /**
   * @param {Work} work
   * @param {Blob} capture
   * @param {string} scene
   * @param {boolean} own
   */
  async #send(work, capture, scene, own) {
    const token = this.#token
    let code = 'unsent'
    try {
      const asked = new URLSearchParams({ engine: work.engine, scene, ...(own && { own: '1' }) })
      const answer = await fetch(`/art/captures?${asked}`, {
        method: 'POST', headers: { [TOKEN]: token }, body: await smaller(capture),
      })
      const said = await answer.json()
      if (answer.ok && token === this.#token) {
        work.id = said.id
        work.face = said.face
        if (work.state === 'gone') return this.link.art('cancel', work.id)
        this.#works.set(work.id, work)
        work.state = 'queued'
        const early = this.#early.get(work.id)
        this.#early.delete(work.id) // and not those of others that are still being sent
        if (early) this.hear(early)
        else this.changed(work)
        return
      }
      code = said.code ?? code
    } catch (error) {
      console.warn('A capture could not be sent.', error)
    }
    if (work.state !== 'gone') this.#fail(work, code)
  }

  /**
   * Without them the picture is shown all the same.
   *
   * @param {Work} work
   * @param {Art} art
   */
  async #fetchStrokes(work, { strokes }) {
    if (!strokes || this.#asked.has(work)) return
    this.#asked.add(work)
    const blob = await this.#get(strokes)
    if (!blob || !this.#works.has(work.id)) return
    try {
      work.strokes = new Strokes(await blob.arrayBuffer())
      if (isOn(work)) this.changed(work)
    } catch (error) {
      console.warn('Strokes cannot be read.', error)
    }
  }

  /**
   * @param {Work} work
   * @param {Art} art
   */
  async #fetch(work, art) {
    const { urls, scores, emotion, hand } = art
    if (work.state === 'done' || !urls) return
    const [picture, reference, look] = await Promise.all([
      ...[urls.picture, urls.reference, urls.look].map((url) => url && this.#get(url)),
      this.#fetchStrokes(work, art),
    ])
    if (!this.#works.has(work.id)) return
    if (!picture) return this.#fail(work, 'unfetched')
    Object.assign(work, {
      state: 'done', progress: 1, picture, reference, look, scores, emotion, hand,
    })
    this.changed(work)
  }

  /**
   * @param {string} url
   * @returns {Promise<Blob | null>} null when it is not there
   */
  async #get(url) {
    for (let tries = 0; tries < AGAIN; tries++) {
      try {
        const answer = await fetch(url, { headers: { [TOKEN]: this.#token } })
        return answer.ok ? await answer.blob() : null
      } catch {
        // The connection is lost for a moment.
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    }
    return null
  }

  /**
   * @param {Work} work
   * @param {string} code
   */
  #fail(work, code) {
    this.#works.delete(work.id)
    Object.assign(work, { state: 'failed', code })
    this.changed(work)
  }

  /** @param {Work} work */
  #drop(work) {
    this.#works.delete(work.id)
    work.state = 'gone'
    this.changed(work)
  }
}

/** Whether something is still to come of it. @param {Work} work */
export const isOn = ({ state }) => state === 'sending' || state === 'queued' || state === 'working'

/**
 * The capture in the size that engines take.
 *
 * @param {Blob} capture
 * @returns {Promise<Blob>} a PNG
 */
async function smaller(capture) {
  const bitmap = await createImageBitmap(capture)
  const factor = LONGEST / Math.max(bitmap.width, bitmap.height)
  if (factor >= 1) {
    bitmap.close()
    return capture
  }
  const canvas = new OffscreenCanvas(
    Math.round(bitmap.width * factor), Math.round(bitmap.height * factor))
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return canvas.convertToBlob({ type: 'image/png' })
}
