/**
 * Still WebP pictures of one size as one that moves, without encoding them anew: the container of
 * "WebP Container Specification" (developers.google.com/speed/webp/docs/riff_container).
 */

/** A still picture's RIFF header, before the chunk that holds it. */
const HEAD = 12
/** Flags: it moves; a frame takes the place of the one before. */
const MOVES = 0x02
const NO_BLENDING = 0x02

/**
 * @param {Uint8Array[]} stills in the simple format: one VP8 or VP8L chunk each
 * @param {number} side pixels
 * @param {number} duration milliseconds of each
 * @returns {Blob}
 */
export function moving(stills, side, duration) {
  const edge = three(side - 1)
  const frames = stills.map((still) => chunk('ANMF', [
    ...three(0), ...three(0), ...edge, ...edge, ...three(duration), NO_BLENDING,
  ], still.subarray(HEAD)))
  const parts = [
    chunk('VP8X', [MOVES, 0, 0, 0, ...edge, ...edge]),
    chunk('ANIM', [0, 0, 0, 0, 0, 0]), // no background, for ever
    ...frames,
  ]
  const size = parts.reduce((sum, part) => sum + part.length, 4)
  return new Blob([
    text('RIFF'), new Uint8Array(four(size)), text('WEBP'), .../** @type {BlobPart[]} */ (parts),
  ], { type: 'image/webp' })
}

/**
 * @param {string} name
 * @param {number[]} head
 * @param {Uint8Array} [body]
 */
function chunk(name, head, body = new Uint8Array()) {
  const length = head.length + body.length
  const made = new Uint8Array(8 + length + length % 2)
  made.set(text(name))
  made.set(four(length), 4)
  made.set(head, 8)
  made.set(body, 8 + head.length)
  return made
}

const text = (/** @type {string} */ name) => new TextEncoder().encode(name)
const three = (/** @type {number} */ value) => [value & 255, (value >> 8) & 255, (value >> 16) & 255]
const four = (/** @type {number} */ value) => [...three(value), (value >> 24) & 255]
