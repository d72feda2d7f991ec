/**
 * `npm run new-scene NAME`: a new scene that runs at once, from src/template/scene.js.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const GOOD = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const LONGEST = 32
const scenes = new URL('../src/scenes/', import.meta.url)

/**
 * Why no scene of this name can be made; empty when one can.
 *
 * @param {string | undefined} name
 */
function problem(name) {
  if (!name) return 'Name the scene:  npm run new-scene NAME'
  if (!GOOD.test(name) || name.length > LONGEST) {
    return `${JSON.stringify(name)} cannot be the name of a scene: small letters, digits and single `
      + `hyphens, a letter first, at most ${LONGEST} in all.`
  }
  if (existsSync(new URL(`${name}.js`, scenes))) {
    return `There is a scene ${name} already: static/src/scenes/${name}.js`
  }
  return ''
}

const name = process.argv[2]
const wrong = problem(name)
if (wrong) {
  console.error(wrong)
  process.exit(1)
}
const template = readFileSync(new URL('../src/template/scene.js', import.meta.url), 'utf8')
writeFileSync(new URL(`${name}.js`, scenes), template.replace('NAME', name))
console.log(`Made static/src/scenes/${name}.js. It is shown by /?scene=${name}`)
