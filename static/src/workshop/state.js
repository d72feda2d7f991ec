/**
 * What the server tells the workshop's page; docs/protocol.md explains every field.
 *
 * @typedef {import('../protocol.js').PoseFigure} PoseFigure
 * @typedef {import('../protocol.js').TaughtPose} TaughtPose
 *
 * @typedef {object} Pose
 * @property {string} name
 * @property {string} action  '' for nothing
 * @property {number} hold  seconds
 *
 * @typedef {object} Take  one recording
 * @property {string} id
 * @property {string} pose
 * @property {string} person
 * @property {number} made  seconds since 1970
 * @property {number} seconds
 * @property {number} frames
 *
 * @typedef {object} Table  what was read of windows that had been left out
 * @property {number} judged
 * @property {number} [accuracy]
 * @property {Record<string, number>} [right]
 * @property {string[]} not_judged
 * @property {string[]} [columns]
 * @property {number[][]} [confusion]
 *
 * @typedef {object} Alarms
 * @property {number} ordinary
 * @property {number} shipped
 * @property {Record<string, {share: number, as: string}>} by_pose
 * @property {number} right_before
 * @property {number} right_now
 *
 * @typedef {object} Version
 * @property {number} number
 * @property {boolean} live
 * @property {string} [broken]  what is wrong with it; then nothing else is known
 * @property {number} made
 * @property {(TaughtPose & {recordings: number})[]} poses
 * @property {number} people
 * @property {number} takes
 * @property {number} gone  recordings it has learnt from that have been removed since
 * @property {{recording: Table, person?: Table, alarms: Alarms}} figures
 *
 * @typedef {{what: string, share: number} | null} Progress
 *
 * @typedef {object} WorkshopState
 * @property {Pose[]} poses
 * @property {string[]} teachable  poses that ship and that no real person has shown yet
 * @property {Take[]} takes
 * @property {Version[]} versions  the oldest first
 * @property {number | null} live
 * @property {Progress} progress
 *
 * @typedef {{name: string, argument: Record<string, unknown>}} Order
 */

import { word } from '../ui/messages.js'

/** Ordinary behaviour: nothing that is taught. */
export const ORDINARY = 'neutral'

/** What a pose can do. @type {Record<string, string>} */
export const ACTIONS = {
  '': 'Nothing but its name',
  'clear': 'Lets everything go',
  'capture': 'Keeps a picture',
  'scene': 'Shows the next scene',
  'freeze': 'Holds the form still, or lets it move again',
  'more': 'Brings new forms',
}

/** @param {string} name of a pose, as the server has it */
export const named = (name) => {
  if (name === ORDINARY) return 'Ordinary behaviour'
  const text = word('pose', name)
  return text[0].toUpperCase() + text.slice(1)
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return `${share > 0 && share < 0.1 ? (100 * share).toFixed(1) : Math.round(100 * share)}\u00a0%`
}

/** @param {number} count @param {string} what */
export const counted = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`

/** The drawing of a pose as it was last trained. @param {WorkshopState} state @param {string} name */
export function figureOf({ versions }, name) {
  for (const version of versions.toReversed()) {
    const pose = version.poses?.find((one) => one.name === name)
    if (pose) return pose.figure
  }
  return undefined
}
