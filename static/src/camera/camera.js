/**
 * The camera and its states. Each has its own words on the page, and all but `off` lead back to
 * `on` without anyone's help.
 *
 * off     nobody has asked for it, or the visitor has stopped it
 * asking  the browser asks the visitor for permission
 * on      pictures arrive
 * denied  the permission was refused; recovers when it is given
 * none    there is no camera, or the page may not use one; recovers when one is plugged in
 * lost    it was unplugged or another program holds it; tried again every three seconds
 * hidden  the page is not in view; the camera is let go until it is
 *
 * @typedef {'off' | 'asking' | 'on' | 'denied' | 'none' | 'lost' | 'hidden'} CameraState
 */

const RETRY = 3000

export class Camera {
  /** @type {CameraState} */
  state = 'off'
  /** Plays the camera's picture, muted; the inset shows it. */
  video = document.createElement('video')

  #wanted = false
  #attempt = 0
  #retry = 0
  /** @type {MediaStream | null} */
  #stream = null

  /** @param {(state: CameraState) => void} changed */
  constructor(changed) {
    this.changed = changed
    this.video.muted = true
    this.video.playsInline = true
    this.video.setAttribute('aria-hidden', 'true')

    document.addEventListener('visibilitychange', () => {
      if (!this.#wanted) return
      if (document.hidden) {
        this.#release()
        this.#become('hidden')
      } else if (this.state === 'hidden') this.#open()
    })
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      if (this.state === 'none' || this.state === 'lost') this.#open()
    })
    this.#watchPermission()
  }

  /** The visitor has agreed: turns the camera on, and keeps it on as far as it can. */
  start() {
    this.#wanted = true
    return this.#open()
  }

  /** The visitor has had enough. */
  stop() {
    this.#wanted = false
    this.#release()
    this.#become('off')
  }

  async #open() {
    this.#release()
    const attempt = this.#attempt
    if (document.hidden) return this.#become('hidden')
    // Browsers give no camera to pages that are neither local nor encrypted.
    if (!navigator.mediaDevices) return this.#become('none')
    if (this.state !== 'lost') this.#become('asking')
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: {
          facingMode: 'user',
          width: { ideal: 640 },
          height: { ideal: 480 },
          frameRate: { ideal: 30 },
        },
      })
      if (attempt !== this.#attempt) return stream.getTracks().forEach((track) => track.stop())
      this.#stream = stream
      stream.getVideoTracks()[0].addEventListener('ended', () => {
        if (attempt === this.#attempt) this.#lose()
      })
      this.video.srcObject = stream
      await this.video.play()
      if (attempt === this.#attempt) this.#become('on')
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (!(error instanceof DOMException)) throw error
      if (error.name === 'NotAllowedError' || error.name === 'SecurityError') this.#become('denied')
      else if (error.name === 'NotFoundError' && this.state !== 'lost') this.#become('none')
      else this.#lose()
    }
  }

  #lose() {
    this.#release()
    this.#become('lost')
    this.#retry = window.setTimeout(() => this.#open(), RETRY)
  }

  #release() {
    this.#attempt++
    clearTimeout(this.#retry)
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
    let permission
    try {
      permission = await navigator.permissions.query({
        name: /** @type {PermissionName} */ ('camera'),
      })
    } catch (error) {
      // Some browsers do not tell about the camera; there the visitor tries again by the button.
      if (error instanceof TypeError) return
      throw error
    }
    permission.addEventListener('change', () => {
      if (this.#wanted && this.state === 'denied' && permission.state !== 'denied') this.#open()
    })
  }
}
