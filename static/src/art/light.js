/** Cells a side in which the light of a painting is measured. */
const CELLS = 12
/** Cells a side of what fills ten degrees of somebody's sight: a third of the picture. */
const FIELD = 4
/** More than a quarter of such a field must change for it to count as a flash. */
const UNCOUNTED = FIELD * FIELD / 4
/**
 * Relative luminance by which a field may change in a second. Three flashes a second, the most
 * that WCAG 2.2 allows (2.3.1), are six changes of 0.1.
 */
const MOST = 0.5
/** A share of the next picture below which it is not worth showing. */
const LEAST = 0.02
/** The cells of every field, each overlapping the next by half. */
const FIELDS = fields()

/** Keeps a sequence of pictures, each blended over the one before, from flashing. */
export class Light {
  #small = new OffscreenCanvas(CELLS, CELLS)
  /** What is shown: red, green and blue of each cell, from 0 to 1. */
  #shown = new Float32Array(3 * CELLS * CELLS)

  /** A first picture is shown whole. @param {CanvasImageSource} picture */
  begin(picture) {
    this.#shown = this.#cells(picture)
  }

  /**
   * How much of the next picture may be shown over what is shown: `wish`, or less.
   *
   * @param {CanvasImageSource} picture
   * @param {number} seconds since the last one
   * @param {number} wish
   */
  share(picture, seconds, wish) {
    const shown = this.#shown
    const next = this.#cells(picture)
    const before = luminances(shown)
    let share = wish
    let mixed = mix(shown, next, share)
    while (share > LEAST && change(before, luminances(mixed)) > MOST * seconds) {
      share *= 0.8
      mixed = mix(shown, next, share)
    }
    this.#shown = mixed
    return share
  }

  /** @param {CanvasImageSource} picture */
  #cells(picture) {
    const context = this.#small.getContext('2d', { willReadFrequently: true })
    const cells = new Float32Array(3 * CELLS * CELLS)
    if (!context) return cells
    context.imageSmoothingQuality = 'high'
    context.drawImage(picture, 0, 0, CELLS, CELLS)
    const { data } = context.getImageData(0, 0, CELLS, CELLS)
    return cells.map((_, i) => data[4 * Math.floor(i / 3) + i % 3] / 255)
  }
}

function fields() {
  const fields = []
  for (let top = 0; top + FIELD <= CELLS; top += FIELD / 2) {
    for (let left = 0; left + FIELD <= CELLS; left += FIELD / 2) {
      fields.push(Array.from({ length: FIELD * FIELD }, (_, i) => (
        (top + Math.floor(i / FIELD)) * CELLS + left + i % FIELD)))
    }
  }
  return fields
}

/**
 * @param {Float32Array} shown
 * @param {Float32Array} next
 * @param {number} share of the next picture
 */
function mix(shown, next, share) {
  return shown.map((value, i) => value + share * (next[i] - value))
}

/**
 * The most by which more than a quarter of any field changes in relative luminance.
 *
 * @param {Float32Array} before relative luminance of each cell
 * @param {Float32Array} after
 */
function change(before, after) {
  const changes = after.map((light, cell) => Math.abs(light - before[cell]))
  return Math.max(...FIELDS.map((field) => (
    field.map((cell) => changes[cell]).sort((one, other) => other - one)[UNCOUNTED])))
}

/**
 * Relative luminance of each cell, as WCAG 2.2 defines it.
 *
 * @param {Float32Array} colours red, green and blue of each cell, from 0 to 1
 */
function luminances(colours) {
  const linear = colours.map((value) => (
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return Float32Array.from({ length: CELLS * CELLS }, (_, cell) => (
    0.2126 * linear[3 * cell] + 0.7152 * linear[3 * cell + 1] + 0.0722 * linear[3 * cell + 2]))
}
