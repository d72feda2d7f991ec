import { Constellation } from './constellation.js'
import { element } from './element.js'
import { label, say } from './messages.js'
import { Mixture } from './mixture.js'
import { PoseRing } from './pose.js'

/**
 * The small mirror: the camera's picture with the constellation over it, the pose, the mixture,
 * and the sign that the camera is on, with the way to stop it.
 */
export class Inset {
  /**
   * @param {HTMLVideoElement} video
   * @param {boolean} emotion whether expressions are read
   * @param {() => void} stop
   */
  constructor(video, emotion, stop) {
    this.pose = new PoseRing()
    this.mixture = emotion ? new Mixture() : null
    const canvas = element('canvas', { class: 'constellation', 'data-testid': 'constellation' })
    this.constellation = new Constellation(canvas)
    this.mirror = label(element('div', { class: 'mirror', role: 'img' }, video, canvas),
      'inset.label')
    this.sign = say(element('span', { 'class': 'sign', 'data-testid': 'camera-sign' }), 'camera.on')
    this.stop = label(say(element('button', {
      'type': 'button', 'class': 'stop', 'data-testid': 'stop',
    }), 'camera.stop'), 'camera.stop.label')
    this.stop.addEventListener('click', stop)
    this.element = label(element('aside', { class: 'inset', 'data-testid': 'inset' },
      element('div', { class: 'glass' }, this.mirror, this.pose.element),
      element('div', { class: 'sign-row' }, this.sign, this.stop)), 'inset.room')
    if (this.mixture) this.element.append(this.mixture.element)
    this.hide()
  }

  /** @param {'camera' | 'replay'} source */
  show(source) {
    this.element.inert = false
    this.element.dataset.shown = 'true'
    this.element.dataset.source = source
    say(this.sign, source === 'camera' ? 'camera.on' : 'replay.on')
  }

  hide() {
    this.element.inert = true
    this.element.dataset.shown = 'false'
    this.constellation.draw(null)
  }

  /**
   * @param {import('../protocol.js').SceneState} state
   * @param {import('../protocol.js').Landmarks | null} landmarks
   */
  update(state, landmarks) {
    this.constellation.draw(landmarks)
    this.pose.show(state.pose)
    this.mixture?.show(state.mixture, state.certainty)
  }
}
