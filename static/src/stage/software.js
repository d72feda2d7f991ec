/** @type {boolean | null} */
let software = null

/**
 * Whether WebGL is drawn by the processor: then less is drawn.
 *
 * @throws {Error} when the browser has no WebGL 2
 */
export function drawsInSoftware() {
  if (software !== null) return software
  const gl = document.createElement('canvas').getContext('webgl2')
  if (!gl) throw new Error('This browser has no WebGL 2.')
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  software = /swiftshader|llvmpipe|software|basic render/i.test(name)
  return software
}
