/** @typedef {import('../protocol.js').Landmarks} Landmarks */

/** MediaPipe's pose landmarks that are joined: trunk, arms, legs. */
const BODY_LINES = [
  [11, 12], [11, 23], [12, 24], [23, 24],
  [11, 13], [13, 15], [12, 14], [14, 16],
  [23, 25], [25, 27], [24, 26], [26, 28],
]
/** MediaPipe's pose landmarks of the face, which the face mesh shows better. */
const BODY_HEAD = 11
const HAND_LINES = [
  [0, 5], [0, 17], [5, 9], [9, 13], [13, 17],
  [0, 1], [1, 2], [2, 3], [3, 4],
  [5, 6], [6, 7], [7, 8], [9, 10], [10, 11], [11, 12],
  [13, 14], [14, 15], [15, 16], [17, 18], [18, 19], [19, 20],
]
/**
 * Points of MediaPipe's face mesh (numbers of its canonical face) that draw the features: brows,
 * eyes, nose, lips, and the oval. The others are fainter.
 */
const BRIGHT = new Set([
  70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 33, 160, 158, 133, 153, 144, 362, 385, 387, 263,
  373, 380, 1, 4, 5, 195, 197, 168, 61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 10, 338,
  297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
  149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
])

/**
 * Draws landmarks as a fine constellation: stars, and few lines. The canvas lies over the video
 * and is mirrored with it by the style sheet.
 */
export class Constellation {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas
    // Hundreds of small arcs are drawn faster by the processor than by a graphics card's paths,
    // and much faster where the processor has to play the graphics card.
    this.context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext('2d', { willReadFrequently: true }))
  }

  /** @param {Landmarks | null} landmarks */
  draw(landmarks) {
    const { canvas, context } = this
    const ratio = Math.min(devicePixelRatio, 2)
    const width = Math.round(canvas.clientWidth * ratio)
    const height = Math.round(canvas.clientHeight * ratio)
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    context.clearRect(0, 0, width, height)
    if (!landmarks) return

    const { face, body, leftHand, rightHand } = landmarks
    context.lineWidth = 0.6 * ratio
    context.strokeStyle = 'rgb(255 244 228 / 0.34)'
    this.#lines(body, BODY_LINES)
    this.#lines(leftHand, HAND_LINES)
    this.#lines(rightHand, HAND_LINES)
    context.fillStyle = 'rgb(255 246 232 / 0.3)'
    this.#stars(face, 0.42 * ratio, (i) => i % 3 === 0 && !BRIGHT.has(i))
    context.fillStyle = 'rgb(255 246 232 / 0.85)'
    this.#stars(face, 0.62 * ratio, (i) => BRIGHT.has(i))
    this.#stars(body, 1.3 * ratio, (i) => i >= BODY_HEAD)
    this.#stars(leftHand, 0.8 * ratio)
    this.#stars(rightHand, 0.8 * ratio)
  }

  /**
   * @param {Float32Array} points
   * @param {number[][]} pairs
   */
  #lines(points, pairs) {
    if (!points.length) return
    const { context, canvas } = this
    context.beginPath()
    for (const [a, b] of pairs) {
      if (Number.isNaN(points[2 * a]) || Number.isNaN(points[2 * b])) continue
      context.moveTo(points[2 * a] * canvas.width, points[2 * a + 1] * canvas.height)
      context.lineTo(points[2 * b] * canvas.width, points[2 * b + 1] * canvas.height)
    }
    context.stroke()
  }

  /**
   * @param {Float32Array} points
   * @param {number} radius
   * @param {(index: number) => boolean} [shown]
   */
  #stars(points, radius, shown = () => true) {
    const { context, canvas } = this
    context.beginPath()
    for (let i = 0; i < points.length / 2; i++) {
      if (!shown(i) || Number.isNaN(points[2 * i])) continue
      const x = points[2 * i] * canvas.width
      const y = points[2 * i + 1] * canvas.height
      context.moveTo(x + radius, y)
      context.arc(x, y, radius, 0, 2 * Math.PI)
    }
    context.fill()
  }
}
