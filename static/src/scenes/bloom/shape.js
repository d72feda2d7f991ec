/**
 * The shape of a petal, in the vertex shader.
 *
 * Its centre line is an arc of a circle that leaves the base at the angle phi from the axis and
 * turns by `turn` until the tip: turned inward the petals close to a bud, turned outward they
 * open. Across, it is an arc too, as bowed as the bud is round while it is closed. The angle of
 * the arc is linear in v, so the centre line has the closed form
 *
 *     (r, y)(v) = length / turn * (cos phi - cos(phi + turn v), sin(phi + turn v) - sin phi)
 */

/** Gradient noise in three dimensions (after Perlin, "Improving Noise", 2002), -1 to 1. */
export const NOISE = /* glsl */`
  vec3 gradientAt(vec3 cell) {
    vec3 q = fract(cell * vec3(0.1031, 0.1130, 0.0973));
    q += dot(q, q.yxz + 33.33);
    return 2.0 * fract((q.xxy + q.yzz) * q.zyx) - 1.0;
  }
  float cornerNoise(vec3 cell, vec3 corner, vec3 inside) {
    return dot(gradientAt(cell + corner), inside - corner);
  }
  float gradientNoise(vec3 p) {
    vec3 cell = floor(p);
    vec3 f = p - cell;
    vec3 s = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    vec2 o = vec2(0.0, 1.0);
    return mix(
      mix(mix(cornerNoise(cell, o.xxx, f), cornerNoise(cell, o.yxx, f), s.x),
          mix(cornerNoise(cell, o.xyx, f), cornerNoise(cell, o.yyx, f), s.x), s.y),
      mix(mix(cornerNoise(cell, o.xxy, f), cornerNoise(cell, o.yxy, f), s.x),
          mix(cornerNoise(cell, o.xyy, f), cornerNoise(cell, o.yyy, f), s.x), s.y), s.z);
  }
`

/** How thick a petal is in its middle, in scene units. */
const THICKNESS = 0.011

export const SHAPE = /* glsl */`
  attribute vec4 cornersAB;
  attribute vec2 cornerC;
  attribute vec2 weights;
  attribute vec4 arc;    // azimuth, phi, turn, sway to the side
  attribute vec4 build;  // length, half width, distance from the axis, layer
  uniform vec4 form;     // roundness, facets, depth of the folds, their number
  uniform vec3 posture;  // twist of a petal, spiral of all, how far it is folded lengthwise
  uniform vec4 hands[2]; // place; w: how far the surface is pushed (or, negative, drawn)
  uniform float flow;
  ${NOISE}

  vec3 sheetAt(vec2 place) {
    float u = place.x * (1.3 - 0.3 * place.x * place.x);
    float v = sin(place.y * 1.5707963);
    float size = build.x;

    float phi = arc.y + arc.z * v;
    vec2 way = vec2(sin(phi), cos(phi));
    vec2 middle = vec2(build.z, -0.12 * build.w)
      + size / arc.z * vec2(cos(arc.y) - way.y, way.x - sin(arc.y));
    vec2 inward = vec2(-way.y, way.x);

    float sharp = 1.0 - form.x;
    float width = build.y * mix(1.5, 1.2, sharp) * pow(v, mix(0.62, 0.42, sharp))
      * pow(max(1.0 - pow(v, mix(4.5, 1.25, sharp)), 0.0), mix(0.5, 1.0, sharp));

    // Bowed as round as the bud where it is near the axis, flatter further out.
    float bow = mix(1.0 / max(middle.x, 0.1), 1.1, smoothstep(0.12, 0.62, middle.x))
      * (1.0 + 1.6 * posture.z);
    float turned = clamp(u * width * bow, -2.6, 2.6);
    float aside = sin(turned) / bow;
    float deep = (1.0 - cos(turned)) / bow;

    // Folds run from base to tip, like silk that is gathered at the base.
    float fold = gradientNoise(vec3(u * form.w, v * (0.5 + 0.42 * form.w), 7.0 * build.w)
      + vec3(0.0, 1.4 * cos(flow), 1.4 * sin(flow)));
    deep += form.z * fold * (0.25 + 0.75 * u * u) * smoothstep(0.05, 0.7, v) * size;

    float twist = posture.x * v;
    vec2 across = vec2(aside * cos(twist) - deep * sin(twist), aside * sin(twist) + deep * cos(twist));
    vec2 at = middle + inward * across.y;
    float z = across.x + arc.w * v * v * size;

    float angle = arc.x + posture.y * v * (0.6 + 0.4 * build.w);
    float c = cos(angle);
    float s = sin(angle);
    vec3 p = vec3(c * at.x - s * z, at.y, s * at.x + c * z);
    for (int i = 0; i < 2; i++) {
      vec3 away = p - hands[i].xyz;
      float far2 = dot(away, away);
      p += away * inversesqrt(far2 + 0.01) * hands[i].w * exp(-far2 * 5.0) * smoothstep(0.1, 0.8, v);
    }
    return p;
  }

  void takeShape(out vec3 point, out vec3 outward) {
    vec2 place = position.xy;
    float side = position.z;
    // Base and tip have no width, so the tangents are taken a little away from them.
    vec2 near = vec2(clamp(place.x, -0.96, 0.96), clamp(place.y, 0.06, 0.93));
    vec3 here = sheetAt(near);
    vec3 alongU = sheetAt(near + vec2(0.03, 0.0)) - here;
    vec3 alongV = sheetAt(near + vec2(0.0, 0.03)) - here;
    vec3 curved = normalize(cross(alongU, alongV));

    vec3 a = sheetAt(cornersAB.xy);
    vec3 b = sheetAt(cornersAB.zw);
    vec3 c = sheetAt(cornerC);
    vec3 cut = normalize(cross(b - a, c - a));
    vec3 plane = a * weights.x + b * weights.y + c * (1.0 - weights.x - weights.y);

    // A shell with a rounded lip: both sides meet at the edge.
    float edge = max(abs(place.x), smoothstep(0.4, 1.0, place.y) * place.y);
    float body = sqrt(max(1.0 - pow(edge, 6.0), 0.0));
    vec3 lip = normalize(alongU) * place.x * abs(place.x) + normalize(alongV) * pow(place.y, 4.0);
    vec3 normal_ = mix(curved, cut, form.y);
    point = mix(sheetAt(place), plane, form.y) + side * ${THICKNESS} * body * curved;
    outward = normalize(side * normal_ * (0.05 + body) + lip * (1.0 - body));
  }
`
