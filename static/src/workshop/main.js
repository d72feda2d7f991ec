/** The workshop's wiring: the camera on one side, what is taught on the other. */
import './workshop.css'
import { element } from '../ui/element.js'
import { t } from '../ui/messages.js'
import { Beliefs } from './beliefs.js'
import { Files } from './files.js'
import { WorkshopLink } from './link.js'
import { Mirror } from './mirror.js'
import { field, Poses } from './poses.js'
import { Recordings } from './recordings.js'
import { named } from './state.js'
import { Training } from './training.js'
import { Versions } from './versions.js'

const root = /** @type {HTMLElement} */ (document.getElementById('workshop'))
let recording = false

const link = new WorkshopLink({
  welcome: ({ frame }) => mirror.frames.configure(frame),
  state: (state) => {
    for (const part of [poses, recordings, training, versions, files]) part.show(state)
    beliefs.about(state)
    const names = [...new Set(state.takes.map((take) => take.person))]
    people.replaceChildren(...names.map((value) => element('option', { value })))
    ready()
  },
  status: ({ state }) => mirror.told(state),
  next: ({ number, outcome }) => mirror.frames.next(number, outcome),
  seen: (news, points) => {
    mirror.show(points)
    beliefs.show(news.beliefs)
  },
  recording: (news) => {
    recording = true
    mirror.countDown(news)
    tell(`Recording ${named(news.pose)} in ${news.countdown} seconds.`)
    ready()
  },
  recorded: ({ kept, message }) => {
    recording = false
    mirror.countDown(null)
    tell(message, !kept)
    ready()
  },
  progress: (progress) => training.progress(progress),
  trained: ({ kind, message, version }) => {
    if (kind === 'failed') tell(message ?? '', true)
    else tell(`Version ${version} is trained. Try it before the camera, then publish it.`)
  },
  problem: ({ message }) => tell(message, true),
  connection: (connection) => {
    const online = connection === 'online'
    recording = false
    mirror.online(online)
    tell(online ? '' : t(`line.${connection}`), !online)
  },
})
/** @param {string} event @param {Record<string, unknown>} [data] */
const say = (event, data) => {
  tell('')
  link.say(event, data)
}

const beliefs = new Beliefs()
const mirror = new Mirror(link, (seeing) => {
  if (!seeing) beliefs.hide()
  ready()
})
const poses = new Poses(say, () => ready())
const recordings = new Recordings(say)
const training = new Training(say)
const versions = new Versions(say)
const files = new Files(tell)

const person = element('input', {
  'id': 'person', 'maxlength': '32', 'autocomplete': 'off', 'list': 'people', 'data-testid': 'person',
})
const people = element('datalist', { id: 'people' })
const record = element('button', { 'type': 'button', 'class': 'great', 'data-testid': 'record' }, 'Record')
const hint = element('p', { class: 'quiet', id: 'record-hint' })
record.setAttribute('aria-describedby', 'record-hint')
const said = element('p', { 'class': 'said', 'role': 'status', 'data-testid': 'said' })
person.addEventListener('input', () => ready())
record.addEventListener('click', () => {
  if (recording) say('cancel')
  else say('record', { pose: poses.chosen, person: person.value })
})

root.append(
  element('header', {},
    element('h1', {}, 'The workshop'),
    element('nav', { 'aria-label': 'Staff' },
      element('a', { href: root.dataset.desk ?? '/staff' }, 'The desk'))),
  element('div', { class: 'side' }, mirror.element, beliefs.element),
  element('div', { class: 'steps' },
    element('section', { 'class': 'teach', 'aria-label': 'Record' },
      poses.element,
      field('Who is before the camera?', person), people,
      element('div', { class: 'row' }, record, hint)),
    recordings.element, training.element, versions.element, files.element),
  said)

/** What still has to be done before something can be recorded. */
function ready() {
  if (!root.childElementCount) return
  const missing = !mirror.seeing ? 'Turn the camera on first.'
    : !person.value.trim() ? 'Say who is before the camera: a first name or a number will do.' : ''
  record.textContent = recording ? 'Stop, keep nothing' : 'Record'
  record.disabled = !recording && missing !== ''
  hint.textContent = recording ? '' : missing || `Three seconds to take your place, then five of ${named(poses.chosen)}.`
}

/**
 * @param {string} message
 * @param {boolean} [bad]
 */
function tell(message, bad = false) {
  said.textContent = message
  said.dataset.bad = String(bad)
}
ready()
