/**
 * How a camera's picture is turned before anybody reads or sees it.
 *
 * @typedef {object} Stand
 * @property {number} turn  degrees clockwise: 0, 90, 180 or 270
 * @property {boolean} flip  left and right change places afterwards
 */

/**
 * Draws a picture as it stands, over the whole of a canvas.
 *
 * @param {OffscreenCanvasRenderingContext2D} context
 * @param {VideoFrame | ImageBitmap} picture
 * @param {number} width of the canvas
 * @param {number} height
 * @param {Stand} stand
 */
export function drawTurned(context, picture, width, height, { turn, flip }) {
  const [across, down] = turn % 180 ? [height, width] : [width, height]
  context.setTransform(flip ? -1 : 1, 0, 0, 1, width / 2, height / 2)
  context.rotate((turn * Math.PI) / 180)
  context.drawImage(picture, -across / 2, -down / 2, across, down)
}
