/** What is wrong with a scene, for its developer: over the last one that worked, which runs on. */
import './overlay.css'
import { element } from '../ui/element.js'

/** What a browser says of a file that the server could not read; the server says more. */
const VAGUE = /dynamically imported module|error loading/i

const title = element('h2')
const text = element('pre')
const overlay = element('section', {
  'class': 'broken', 'data-testid': 'broken', 'role': 'alert', 'hidden': '',
}, title, text)
document.body.append(overlay)

/**
 * @param {string} scene its name; empty for any file
 * @param {unknown} error
 */
export function show(scene, error) {
  const said = error instanceof Error ? `${error}\n\n${trace(error)}` : String(error)
  if (!overlay.hidden && VAGUE.test(said)) return
  title.textContent = scene ? `${scene} is broken` : 'A file is broken'
  text.textContent = said.trim()
  overlay.hidden = false
}

export function hide() {
  overlay.hidden = true
}

/**
 * Where it happened, in files of the project alone.
 *
 * @param {Error} error
 */
function trace({ stack = '' }) {
  return stack.split('\n').filter((line) => line.includes(location.origin))
    .map((line) => line.replaceAll(location.origin, '').replace(/\?t=\d+/, '').trim())
    .slice(0, 6).join('\n')
}
