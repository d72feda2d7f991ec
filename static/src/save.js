/**
 * Hands a picture to the visitor as a download named after the moment.
 *
 * @param {Blob} blob
 * @param {Date} when
 */
export function savePng(blob, when) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0')
  const date = [when.getFullYear(), two(when.getMonth() + 1), two(when.getDate())].join('-')
  const time = [two(when.getHours()), two(when.getMinutes()), two(when.getSeconds())].join('-')
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `mien-${date}-${time}.png`
  link.click()
  // The download has its own hold on the picture once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}
