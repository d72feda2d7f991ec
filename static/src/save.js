/**
 * Hands a picture to the visitor as a download named after the moment.
 *
 * @param {Blob} blob
 * @param {Date} when
 */
export const savePng = (blob, when) => save(blob, when, 'png')

/** The same for a picture that moves. @param {Blob} blob @param {Date} when */
export const saveWebp = (blob, when) => save(blob, when, 'webp')

/**
 * @param {Blob} blob
 * @param {Date} when
 * @param {string} ending of its name
 */
function save(blob, when, ending) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0')
  const date = [when.getFullYear(), two(when.getMonth() + 1), two(when.getDate())].join('-')
  const time = [two(when.getHours()), two(when.getMinutes()), two(when.getSeconds())].join('-')
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `mien-${date}-${time}.${ending}`
  link.click()
  // The download has its own hold on the picture once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}
