/** @typedef {import('./panel.js').PanelParts} PanelParts */

/**
 * Records the landmarks of whoever is before the camera, and plays recordings: those that come
 * with Mien by name, a file, or what has just been recorded. There is never a picture in them.
 */
export class Recordings {
  #recording = false
  /** @type {File | null} the last one recorded */
  #file = null
  /** @type {string[]} */
  #names = []

  /**
   * @param {import('lil-gui').GUI} folder
   * @param {PanelParts} parts
   */
  constructor(folder, { replays, mayRecord, record, play }) {
    this.replays = replays
    this.mayRecord = mayRecord
    this.deeds = {
      replay: '',
      record: () => {
        this.#recording = !this.#recording
        record(this.#recording)
      },
      save: () => this.#file && download(this.#file),
      again: () => this.#file && this.#send(this.#file),
      open: () => this.input.click(),
    }
    this.play = play
    this.input = document.createElement('input')
    this.input.type = 'file'
    this.input.accept = '.npz'
    this.input.dataset.testid = 'recording-file'
    this.input.hidden = true
    this.input.addEventListener('change', () => {
      const [file] = this.input.files ?? []
      if (file) this.#send(file)
      this.input.value = ''
    })
    folder.$children.append(this.input)

    this.recorder = folder.add(this.deeds, 'record').name('Record the landmarks')
    this.saver = folder.add(this.deeds, 'save').name('Save what was recorded').disable()
    this.player = folder.add(this.deeds, 'again').name('Play what was recorded').disable()
    this.choice = folder.add(this.deeds, 'replay', ['']).name('Play')
      .onChange((/** @type {string} */ name) => name && play(name))
    this.opener = folder.add(this.deeds, 'open').name('Play a file …')
  }

  /** Follows what is possible at the moment. */
  update() {
    const may = this.mayRecord()
    if (!may) this.#recording = false
    this.recorder.enable(may)
      .name(this.#recording ? 'Stop recording' : 'Record the landmarks')
    const names = this.replays()
    if (names !== this.#names) this.choice = this.choice.options(['', ...names])
    this.#names = names
  }

  /**
   * What was recorded has come.
   *
   * @param {number} seconds
   * @param {ArrayBuffer} content
   */
  take(seconds, content) {
    this.#recording = false
    if (seconds === 0) return
    const moment = new Date().toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')
    this.#file = new File([content], `landmarks-${moment}.npz`)
    this.saver.enable().name(`Save the ${seconds} s recorded`)
    this.player.enable().name(`Play the ${seconds} s recorded`)
  }

  /** Has the server read a recording, and plays it. @param {File} file */
  async #send(file) {
    const answer = await fetch('/debug/recordings', { method: 'POST', body: file })
    const { name, message } = await answer.json()
    this.opener.name(answer.ok ? 'Play a file …' : message)
    if (answer.ok) this.play(name)
  }
}

/** @param {File} file */
function download(file) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}
