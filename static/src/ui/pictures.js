import { isOn } from '../art/easel.js'
import { hasLearned } from '../art/engines.js'
import { savePng } from '../save.js'
import { element } from './element.js'
import { label } from './messages.js'
import { Print } from './print.js'

/** The most that are kept in a visit; the oldest leaves first. */
const MOST = 4
/** Seconds for which a picture is shown by itself once nothing more becomes of it. */
const LINGER = 18

/**
 * @typedef {import('../art/easel.js').Work} Work
 *
 * @typedef {object} Picture
 * @property {Blob} blob  the capture, a PNG
 * @property {string} url
 * @property {Date} when
 * @property {string} scene  that was captured
 * @property {boolean} own  no capture, but a picture that the visitor has chosen
 * @property {HTMLButtonElement} button  on the shelf
 * @property {HTMLImageElement} small  in it
 * @property {Map<string, Work>} works  what it has become or is becoming, by engine
 * @property {string} shown  the engine whose work is shown; '' for the capture itself
 *
 * @typedef {object} PictureDeeds
 * @property {() => void} saved
 * @property {(picture: Picture, engine: string) => Work | null} paint  null: no visit goes on
 * @property {(work: Work) => void} remove
 * @property {(work: Work, looked: boolean) => void} news  it is done or has failed; and whether
 *   it is before the visitor's eyes
 */

/**
 * The pictures a visitor has kept: the newest one large, to be looked at, saved and made into
 * something else, then small on a shelf, until the visit ends.
 */
export class Pictures {
  /** @type {Picture[]} */
  #kept = []
  #number = 0
  /** @type {Picture | null} */
  #looked = null
  /** @type {import('../protocol.js').Engine[]} */
  #engines = []
  /** Pictures can be saved here. */
  saving = true
  /** Pictures that have become something by themselves. */
  #turns = 0
  #lingering = 0
  /** Works of which the visitor has heard. @type {WeakSet<Work>} */
  #told = new WeakSet()

  /** @param {PictureDeeds} deeds */
  constructor(deeds) {
    this.deeds = deeds
    this.print = new Print({
      save: () => this.saveIt(),
      aside: () => this.putAside(),
      choose: (engine) => this.#looked && this.#choose(this.#looked, engine),
      cancel: () => this.#looked && this.#removeWork(this.#looked, this.#looked.shown),
      remove: () => this.#looked && this.#remove(this.#looked),
      handled: () => this.#stay(),
      revealed: (work) => this.#revealed(work),
    })
    this.shelf = label(element('div', { 'class': 'shelf', 'role': 'group', 'data-testid': 'shelf' }),
      'picture.shelf')
    this.shelf.hidden = true
    this.putAside()
  }

  get count() {
    return this.#kept.length
  }

  /** Whether the large picture is shown. */
  get looking() {
    return this.#looked !== null
  }

  /** Whether the large picture must stay: somebody is about to do something with it, or it is
   * becoming something, or has just become it. */
  get held() {
    const work = this.work
    return this.print.element.contains(document.activeElement) || this.#lingering !== 0
      || this.revealing || (work !== null && isOn(work))
  }

  /** Whether what it has become comes into being before the visitor's eyes. */
  get revealing() {
    return this.#looked !== null && this.print.reveal.busy
  }

  /** What the large picture is becoming or has become. @returns {Work | null} */
  get work() {
    return this.#looked?.works.get(this.#looked.shown) ?? null
  }

  /** All that has become something, for the tests. */
  get made() {
    return this.#kept.flatMap(({ works }) => [...works.values()])
      .filter(({ state }) => state === 'done').length
  }

  /**
   * @param {import('../protocol.js').Engine[]} engines that pictures can be made by
   * @param {boolean} saving whether they can be saved
   */
  offer(engines, saving) {
    this.#engines = engines
    this.saving = saving
    this.print.offer(engines, saving)
    if (this.#looked) this.print.show(this.#looked)
  }

  /** The engine whose turn it is with this scene; '' where there is none. @param {string} scene */
  turn(scene) {
    const here = this.#engines.filter((engine) => hasLearned(engine, scene))
    return here[this.#turns++ % here.length]?.name ?? ''
  }

  /**
   * @param {Blob} blob a PNG
   * @param {string} scene
   * @param {string} engine by which it becomes something at once; '' leaves it as it is
   * @param {boolean} own the visitor has chosen it
   */
  add(blob, scene, engine, own = false) {
    const number = ++this.#number
    const url = URL.createObjectURL(blob)
    const small = element('img', { src: url, alt: '' })
    const shelved = label(element('button', {
      'type': 'button', 'class': 'kept', 'data-testid': 'kept',
    }, small), 'picture.again', { number })
    /** @type {Picture} */
    const picture = {
      blob, url, when: new Date(), scene, own, button: shelved, small, works: new Map(), shown: '',
    }
    shelved.addEventListener('click', () => {
      this.#look(picture)
      this.print.save.focus({ preventScroll: true })
    })
    this.#kept.push(picture)
    this.shelf.append(shelved)
    this.shelf.hidden = false
    if (this.#kept.length > MOST) this.#drop(this.#kept[0])
    this.#look(picture)
    if (this.#engines.some(({ name }) => name === engine)) this.#choose(picture, engine)
  }

  /** The server's news of a work. @param {Work} work */
  changed(work) {
    const picture = this.#kept.find(({ works }) => works.get(work.engine) === work)
    if (!picture) return
    const looked = picture === this.#looked
    if (work.state === 'failed' || work.state === 'gone') {
      picture.works.delete(work.engine)
      if (picture.shown === work.engine) picture.shown = ''
    }
    picture.button.dataset.becoming = String([...picture.works.values()].some(isOn))
    if (looked) this.print.show(picture)
    if (work.state === 'done') {
      if (!looked) this.#present(picture, work, false) // else once it has been revealed
    } else if (looked && !isOn(work)) this.#linger()
    if (work.state === 'failed') this.#tell(work, looked)
  }

  /** What is before the visitor's eyes is whole. @param {Work} work */
  #revealed(work) {
    if (!this.#looked) return
    this.#present(this.#looked, work, true)
    this.#linger()
  }

  /**
   * @param {Picture} picture
   * @param {Work} work that is done
   * @param {boolean} looked
   */
  #present(picture, work, looked) {
    this.#shrink(picture, work)
    picture.button.dataset.fresh = String(!looked)
    this.#tell(work, looked)
  }

  /** Said once. @param {Work} work @param {boolean} looked */
  #tell(work, looked) {
    if (this.#told.has(work)) return
    this.#told.add(work)
    this.deeds.news(work, looked)
  }

  /** Saves the picture that is looked at, or else the newest one, as it is shown. */
  saveIt() {
    const picture = this.#looked ?? this.#kept.at(-1)
    if (!picture || !this.saving) return
    const work = picture.works.get(picture.shown)
    savePng(work?.picture ?? picture.blob, picture.when)
    this.putAside()
    this.deeds.saved()
  }

  /** The large picture goes to the shelf. */
  putAside() {
    if (this.print.element.contains(document.activeElement)) {
      this.#looked?.button.focus({ preventScroll: true })
    }
    const { work } = this
    if (this.#looked && work?.state === 'done' && !work.seen) {
      this.#present(this.#looked, work, false) // it has not been looked at to its end
    }
    this.#looked = null
    this.#rest()
    this.print.hide()
  }

  /** The visit has ended: nothing stays. */
  clear() {
    for (const picture of [...this.#kept]) this.#letGo(picture)
    this.#number = 0
    this.#turns = 0
    this.shelf.hidden = true
    this.putAside()
    this.print.clear()
  }

  /** @param {Picture} picture */
  #look(picture) {
    this.#rest()
    this.#looked = picture
    delete picture.button.dataset.fresh
    this.print.show(picture)
  }

  /**
   * The picture becomes this, or shows it when it has; asked again, it is itself.
   *
   * @param {Picture} picture
   * @param {string} engine
   */
  #choose(picture, engine) {
    const work = picture.works.get(engine) ?? this.deeds.paint(picture, engine)
    if (!work) return
    picture.works.set(engine, work)
    picture.shown = picture.shown === engine ? '' : engine
    picture.button.dataset.becoming = String(isOn(work))
    this.#stay()
    this.print.show(picture)
  }

  /**
   * @param {Picture} picture
   * @param {string} engine
   */
  #removeWork(picture, engine) {
    const work = picture.works.get(engine)
    if (work) this.deeds.remove(work)
    this.print.save.focus({ preventScroll: true })
  }

  /** @param {Picture} picture */
  #remove(picture) {
    this.putAside()
    this.#drop(picture)
    this.shelf.hidden = this.#kept.length === 0
  }

  /** The shelf shows what the picture has become. @param {Picture} picture @param {Work} work */
  #shrink(picture, work) {
    if (picture.small.src !== picture.url) URL.revokeObjectURL(picture.small.src)
    if (work.picture) picture.small.src = URL.createObjectURL(work.picture)
  }

  /** It is shown by itself for a while. */
  #linger() {
    this.#rest()
    this.#lingering = window.setTimeout(() => {
      this.#lingering = 0
      if (!this.held) this.putAside()
    }, 1000 * LINGER)
  }

  /** Somebody is busy with it: the while begins anew. */
  #stay() {
    if (this.#lingering) this.#linger()
  }

  #rest() {
    clearTimeout(this.#lingering)
    this.#lingering = 0
  }

  /** It goes, and what it has become goes from the server. @param {Picture} picture */
  #drop(picture) {
    this.#letGo(picture)
    for (const work of picture.works.values()) this.deeds.remove(work)
  }

  /** @param {Picture} picture */
  #letGo(picture) {
    picture.button.remove()
    if (picture.small.src !== picture.url) URL.revokeObjectURL(picture.small.src)
    URL.revokeObjectURL(picture.url)
    this.#kept = this.#kept.filter((one) => one !== picture)
  }
}
