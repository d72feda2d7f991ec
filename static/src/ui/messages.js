import en from './messages/en.js'

/** @typedef {keyof typeof en} MessageKey */

/** @type {Record<string, string>} */
const messages = en

/**
 * The text of a message, its {placeholders} filled in.
 *
 * @param {MessageKey} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return messages[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
}

/**
 * The word for a name that came from the server, such as a pose; a name without a message, such
 * as a pose that staff have just taught, is shown as it is.
 *
 * @param {string} group
 * @param {string} name
 */
export function word(group, name) {
  return messages[`${group}.${name}`] ?? name.replaceAll('_', ' ')
}
