/**
 * The vertex shader of every form, fine or plain or in shadow: it softens, sharpens and waves the
 * points that solid.js has made.
 */
export const SHAPE = /* glsl */`
  attribute vec3 core;
  attribute vec3 gem;
  uniform vec4 shape; // softness, facets, height of the waves, their number
  uniform float swell;
  uniform float flow;
  varying vec3 vBody;

  void takeShape(out vec3 point, out vec3 outward) {
    vec3 d = normalize(normal);
    point = mix(core, gem, shape.y) * (1.0 - shape.x) + d * shape.x;
    vBody = point;
    vec3 a = vec3(1.31, 0.74, -0.52) * shape.w;
    vec3 b = vec3(-0.61, 1.13, 0.83) * shape.w;
    vec3 c = vec3(0.42, -0.91, 1.24) * shape.w;
    vec3 phase = vec3(dot(a, point), dot(b, point), dot(c, point)) + flow * vec3(1.0, 1.27, 0.83);
    vec3 waves = sin(phase);
    vec3 slope = a * cos(phase.x) + b * cos(phase.y) + c * cos(phase.z);
    point += d * (shape.z * (waves.x + waves.y + waves.z) + swell);
    outward = normalize(d - shape.z * (slope - d * dot(slope, d)));
  }
`
