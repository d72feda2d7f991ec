/** The wiring of /generate: a style, a flower and a number on one side, pictures on the other. */
import './generate.css'
import { element } from '../ui/element.js'
import { Announcer } from '../ui/announcer.js'
import { firstLanguage, LanguageSwitch } from '../ui/language.js'
import { say, silence, t } from '../ui/messages.js'
import { Flower } from './flower.js'
import { DreamLink } from './link.js'
import { Look } from './look.js'
import { asked, colourOf, GROUPS } from './petals.js'
import { Pictures } from './pictures.js'
import { Choices } from './choices.js'

/** Milliseconds for which hand and keys rest before the pictures are made in full size. */
const REST = 260
/** Milliseconds without anybody after which a page that was opened from the sculpture goes back. */
const ABSENCE = 120000
/** The flower at first. */
const FIRST = { happy: 0.95, surprise: 0.6, neutral: 0.45, sad: 0.3 }

const root = /** @type {HTMLElement} */ (document.getElementById('generate'))
const query = new URLSearchParams(location.search)
const house = query.get('lang')
document.documentElement.lang = firstLanguage(house)

const languages = new LanguageSwitch()
const home = say(element('a', {
  'class': 'home', 'href': house ? `/?${new URLSearchParams({ lang: house })}` : '/', 'data-testid': 'home',
}), 'generate.back')
const head = element('header', { class: 'top' },
  say(element('p', { class: 'name' }), 'name'), home, languages.element)
const intro = element('div', { class: 'intro' },
  say(element('h1'), 'generate.title'))
const retitle = () => { document.title = `${t('generate.title')} · ${t('name')}` }
languages.element.addEventListener('click', retitle)
addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
  if (key.toLowerCase() !== 'l' || ctrlKey || metaKey || altKey) return
  languages.toggle()
  retitle()
})
retitle()

if (location.hash === '#visit') goHomeAlone()
if (root.dataset.dreams === 'on') begin()
else {
  root.dataset.empty = 'true'
  intro.append(say(element('p'), 'generate.none'), say(element('p', { class: 'quiet' }), 'generate.staff'))
  root.append(head, intro)
}

function begin() {
  const announcer = new Announcer()
  const words = element('p', { 'class': 'said', 'role': 'status', 'data-testid': 'said' })
  let resting = 0

  const pictures = new Pictures((tile) => look.open(tile))
  const choices = new Choices({
    style: () => fresh(),
    count: () => {
      pictures.count = choices.count
      paint()
    },
    seed: () => fresh(),
    again: () => fresh(),
    group: (name) => { flower.shares = GROUPS[name] },
  })
  const flower = new Flower(
    () => {
      colour()
      pictures.renew()
      clearTimeout(resting)
      link.ask(wish('sheet'))
    },
    () => {
      clearTimeout(resting)
      resting = window.setTimeout(paint, REST)
    })
  const look = new Look(
    (tile) => link.ask({ ...wish('walk'), picture: tile.number }),
    () => {
      if (pictures.made < choices.count) paint()
      else link.wake() // what is left of a walk is not for the next picture
    },
    root.dataset.saving === 'on')
  const link = new DreamLink({
    dreamt: ({ number, of, form }, file) => {
      tell('')
      if (form === 'sheet') pictures.sketch(new Blob([file], { type: 'image/jpeg' }))
      else if (form === 'walk') look.frame(of, file)
      else {
        pictures.show(number, new Blob([file], { type: 'image/png' })).then(() => look.refresh())
        if (number === of - 1) announcer.say('generate.there', { count: of })
      }
    },
    waiting: () => tell('generate.waiting'),
    failed: () => {
      look.stop()
      tell('generate.failed')
    },
    connection: (state) => {
      tell(state === 'online' ? '' : `line.${state}`)
      if (state === 'online') paint()
      else look.stop()
    },
  })

  /** @param {'pictures' | 'sheet' | 'walk'} form */
  const wish = (form) => ({
    style: choices.style, mixture: asked(flower.shares), count: choices.count, seed: choices.seed, form,
  })
  /** All of them in full size, one after the other. */
  function paint() {
    clearTimeout(resting)
    if (look.isOpen) return // they are asked for when it closes
    pictures.renew()
    link.ask(wish('pictures'))
  }
  /** Others take their place. */
  function fresh() {
    pictures.clear()
    paint()
  }
  function colour() {
    root.style.setProperty('--accent', colourOf(flower.shares))
  }
  /** @param {import('../ui/messages.js').MessageKey | ''} key */
  function tell(key) {
    if (key) say(words, key)
    else silence(words)
  }

  intro.append(say(element('p', { class: 'lead' }), 'generate.lead'))
  root.append(announcer.element, head, intro, choices.styles, pictures.element,
    element('div', { class: 'mixing' }, flower.element, choices.groups), choices.row, words,
    look.element)
  pictures.count = choices.count
  flower.shares = FIRST
}

/** The next visitor finds the sculpture, not what the last one has left open. */
function goHomeAlone() {
  let alone = 0
  const here = () => {
    clearTimeout(alone)
    alone = window.setTimeout(() => location.assign(home.href), ABSENCE)
  }
  for (const event of ['pointermove', 'pointerdown', 'keydown']) {
    addEventListener(event, here, { passive: true })
  }
  here()
}
