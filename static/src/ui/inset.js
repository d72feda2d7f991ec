import { Constellation } from './constellation.js'
import { element } from './element.js'
import { t } from './messages.js'
import { Mixture } from './mixture.js'
import { PoseRing } from './pose.js'

/**
 * The small mirror: the camera's picture with the constellation over it, the pose, the mixture,
 * and the sign that the camera is on, with the way to stop it.
 */
export class Inset {
  /**
   * @param {HTMLVideoElement} video
   * @param {() => void} stop
   */
  constructor(video, stop) {
    this.pose = new PoseRing()
    this.mixture = new Mixture()
    const canvas = element('canvas', { class: 'constellation', 'data-testid': 'constellation' })
    this.constellation = new Constellation(canvas)
    this.mirror = element('div', { class: 'mirror', role: 'img', 'aria-label': t('inset.label') },
      video, canvas)
    this.sign = element('span', { 'class': 'sign', 'data-testid': 'camera-sign' }, t('camera.on'))
    this.stop = element('button', {
      'type': 'button', 'class': 'stop', 'data-testid': 'stop',
      'aria-label': t('camera.stop.label'),
    }, t('camera.stop'))
    this.stop.addEventListener('click', stop)
    this.element = element('aside', { class: 'inset', 'data-testid': 'inset' },
      element('div', { class: 'glass' }, this.mirror, this.pose.element),
      element('div', { class: 'sign-row' }, this.sign, this.stop),
      this.mixture.element)
    this.hide()
  }

  /** @param {'camera' | 'replay'} source */
  show(source) {
    this.element.inert = false
    this.element.dataset.shown = 'true'
    this.element.dataset.source = source
    this.sign.textContent = t(source === 'camera' ? 'camera.on' : 'replay.on')
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
    this.mixture.show(state.mixture, state.certainty)
  }
}
