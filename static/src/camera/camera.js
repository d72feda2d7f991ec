/**
 * The camera and its states, which are looked at twice a second and not only told by events. Each
 * has its own words on the page, and all but `off` lead back to `on` without anyone's help.
 *
 * off      nobody has asked for it, or the visitor has stopped it
 * asking   the browser asks the visitor for permission
 * opening  the permission is there, the first picture is not
 * on       pictures arrive
 * stalled  neither an answer nor a picture for ten seconds
 * denied   the permission was refused
 * none     there is no camera, or the page may not use one
 * lost     it was unplugged, another program holds it, or it gives no pictures any more
 * hidden   the page is not in view; the camera is let go until it is
 *
 * @typedef {'off' | 'asking' | 'opening' | 'on' | 'stalled' | 'denied' | 'none' | 'lost'
 *   | 'hidden'} CameraState
 */

/** Milliseconds from one look to the next. */
const LOOK = 500
/** Looks without a new picture after which the camera is lost. */
const MOST_STILL = 6
/** Milliseconds that opening may take before there are words for it. */
const PATIENCE = 10_000
/** Milliseconds for which a question of the browser may stay open. */
const QUESTION = 60_000
/** Milliseconds after which it is tried again; by each try the visitor may be asked anew. */
const AGAIN = 3000
const ASK_AGAIN = 20_000

export class Camera {
  /** @type {CameraState} */
  state = 'off'
  /** Plays the camera's picture, muted; the inset shows it. */
  video = document.createElement('video')

  /** How the house wants it. @type {import('../protocol.js').CameraWish} */
  wish = { camera: '', turn: 0, mirror: true }

  #size = { width: 640, height: 480 }
  #wanted = false
  #attempt = 0
  /** An attempt is under way. */
  #opening = false
  /** When the last attempt began or ended. */
  #since = 0
  #still = 0
  #pictures = 0
  /** @type {PermissionStatus | null} */
  #permission = null
  /** @type {MediaStream | null} */
  #stream = null

  /** @param {(state: CameraState) => void} changed */
  constructor(changed) {
    this.changed = changed
    this.video.muted = true
    this.video.playsInline = true
    this.video.setAttribute('aria-hidden', 'true')

    this.video.addEventListener('resize', () => this.#stand())
    setInterval(() => this.#look(), LOOK)
    document.addEventListener('visibilitychange', () => this.#look())
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      if (this.state === 'none' || this.state === 'lost') this.#open()
    })
    this.#watchPermission()
  }

  /** The visitor has agreed: turns the camera on, and keeps it on as far as it can. */
  start() {
    this.#wanted = true
    if (document.hidden) return this.#become('hidden')
    this.#become(this.#permission?.state === 'granted' ? 'opening' : 'asking')
    return this.#open()
  }

  /**
   * What the house wants; another camera is opened at once.
   *
   * @param {import('../protocol.js').CameraWish} wish
   * @param {{width: number, height: number}} [size] of its pictures, in pixels
   */
  choose(wish, size = this.#size) {
    const other = wish.camera !== this.wish.camera
      || size.width !== this.#size.width || size.height !== this.#size.height
    this.wish = wish
    this.#size = size
    this.#stand()
    if (other && this.#wanted && this.state !== 'hidden') this.#open()
  }

  /** The visitor has had enough. */
  stop() {
    this.#wanted = false
    this.#release()
    this.#become('off')
  }

  /** What has become of it, by itself. */
  #look() {
    if (!this.#wanted) return
    if (document.hidden) {
      this.#release()
      this.#become('hidden')
    } else if (this.state === 'hidden') this.start()
    else if (this.#opening) this.#lookAtOpening()
    else if (this.state === 'on') this.#lookAtPictures()
    else if (performance.now() - this.#since > (this.state === 'denied' ? ASK_AGAIN : AGAIN)) {
      this.#open()
    }
  }

  #lookAtOpening() {
    const took = performance.now() - this.#since
    if (took < PATIENCE) return
    if (this.state !== 'lost') this.#become('stalled')
    // While the browser asks, the answer is the visitor's.
    if (this.#permission?.state !== 'granted' && took < QUESTION) return
    this.#release()
  }

  /** A camera can stop without a word: its track lives on, and nothing comes any more. */
  #lookAtPictures() {
    const { totalVideoFrames } = this.video.getVideoPlaybackQuality()
    this.#still = totalVideoFrames === this.#pictures ? this.#still + 1 : 0
    this.#pictures = totalVideoFrames
    if (this.#still >= MOST_STILL) this.#lose()
  }

  async #open() {
    this.#release()
    const attempt = this.#attempt
    // Browsers give no camera to pages that are neither local nor encrypted.
    if (!navigator.mediaDevices) return this.#become('none')
    this.#opening = true
    try {
      const stream = await this.#ask()
      if (attempt !== this.#attempt) return stream.getTracks().forEach((track) => track.stop())
      this.#stream = stream
      stream.getVideoTracks()[0].addEventListener('ended', () => {
        if (attempt === this.#attempt) this.#lose()
      })
      this.video.srcObject = stream
      await this.video.play()
      if (attempt !== this.#attempt) return
      this.#opening = false
      this.#still = 0
      this.#become('on')
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (!(error instanceof DOMException)) throw error
      this.#release()
      if (error.name === 'NotAllowedError' || error.name === 'SecurityError') this.#become('denied')
      else if (error.name === 'NotFoundError' && this.state !== 'lost') this.#become('none')
      else this.#become('lost')
    }
  }

  /**
   * The wanted camera's pictures, or those of whichever faces the visitor.
   *
   * @throws {DOMException} NotFoundError, too, where the wanted camera is not there
   */
  async #ask() {
    const { width, height } = this.#size
    const wanted = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } }
    const ask = (/** @type {MediaTrackConstraints} */ which) => (
      navigator.mediaDevices.getUserMedia({ audio: false, video: { ...wanted, ...which } })
    )
    if (!this.wish.camera) return ask({ facingMode: 'user' })
    let known = await cameras()
    if (known.every(({ label }) => !label)) {
      // Names are told only to those who may see.
      for (const track of (await ask({})).getTracks()) track.stop()
      known = await cameras()
    }
    const name = this.wish.camera.toLowerCase()
    const found = /^\d+$/.test(name)
      ? known[Number(name) - 1]
      : known.find(({ label }) => label.toLowerCase().includes(name))
    if (!found) throw new DOMException(`There is no camera ${name}.`, 'NotFoundError')
    return ask({ deviceId: { exact: found.deviceId } })
  }

  /** The video stands as the pictures that are sent: turned, and flipped where it is no mirror. */
  #stand() {
    const { videoWidth, videoHeight, style, parentElement } = this.video
    if (!videoWidth || !parentElement) return
    const { turn, mirror } = this.wish
    const sideways = turn % 180 !== 0
    const aspect = sideways ? videoHeight / videoWidth : videoWidth / videoHeight
    parentElement.style.aspectRatio = String(aspect)
    style.position = sideways ? 'absolute' : ''
    style.left = style.top = sideways ? '50%' : ''
    style.width = sideways ? `${100 / aspect}%` : ''
    style.height = sideways ? `${100 * aspect}%` : ''
    style.transform = [
      sideways ? 'translate(-50%, -50%)' : '', mirror ? '' : 'scaleX(-1)', `rotate(${turn}deg)`,
    ].join(' ')
  }

  #lose() {
    this.#release()
    this.#become('lost')
  }

  #release() {
    this.#attempt++
    this.#opening = false
    this.#since = performance.now()
    this.#stream?.getTracks().forEach((track) => track.stop())
    this.#stream = null
    this.video.srcObject = null
  }

  /** @param {CameraState} state */
  #become(state) {
    if (state === this.state) return
    this.state = state
    this.changed(state)
  }

  async #watchPermission() {
    try {
      this.#permission = await navigator.permissions.query({
        name: /** @type {PermissionName} */ ('camera'),
      })
    } catch (error) {
      // Some browsers do not tell about the camera; there it is tried again slowly.
      if (error instanceof TypeError) return
      throw error
    }
    this.#permission.addEventListener('change', () => {
      if (this.#wanted && this.state === 'denied' && this.#permission?.state !== 'denied') {
        this.#open()
      }
    })
  }
}

/** The machine's cameras, in its order. */
async function cameras() {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind }) => kind === 'videoinput')
}
