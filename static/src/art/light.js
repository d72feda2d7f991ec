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
    const next = this.#cells(picture)
    let share = wish
    while (share > LEAST && change(this.#shown, next, share) > MOST * seconds) share *= 0.8
    this.#shown = this.#shown.map((value, i) => value + share * (next[i] - value))
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

/**
 * The most by which more than a quarter of any field changes in relative luminance.
 *
 * @param {Float32Array} shown
 * @param {Float32Array} next
 * @param {number} share of the next picture
 */
function change(shown, next, share) {
  const mixed = shown.map((value, i) => value + share * (next[i] - value))
  const changes = Array.from({ length: CELLS * CELLS }, (_, cell) => (
    Math.abs(luminance(mixed, cell) - luminance(shown, cell))))
  let most = 0
  for (let top = 0; top + FIELD <= CELLS; top += FIELD / 2) {
    for (let left = 0; left + FIELD <= CELLS; left += FIELD / 2) {
      const inside = changes.filter((_, cell) => {
        const [row, column] = [Math.floor(cell / CELLS), cell % CELLS]
        return row >= top && row < top + FIELD && column >= left && column < left + FIELD
      })
      most = Math.max(most, inside.sort((one, other) => other - one)[UNCOUNTED])
    }
  }
  return most
}

/**
 * Relative luminance, as WCAG 2.2 defines it.
 *
 * @param {Float32Array} colours
 * @param {number} cell
 */
function luminance(colours, cell) {
  const [red, green, blue] = Array.from(colours.subarray(3 * cell, 3 * cell + 3), (value) => (
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
