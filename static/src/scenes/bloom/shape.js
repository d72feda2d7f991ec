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

/** Value noise in two dimensions, 0 to 1: it is asked for at every corner of every petal. */
export const NOISE = /* glsl */`
  float chance(vec2 cell) {
    vec3 q = fract(cell.xyx * 0.1031);
    q += dot(q, q.yzx + 33.33);
    return fract((q.x + q.y) * q.z);
  }
  float valueNoise(vec2 p) {
    vec2 cell = floor(p);
    vec2 f = p - cell;
    f = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    return mix(mix(chance(cell), chance(cell + vec2(1.0, 0.0)), f.x),
      mix(chance(cell + vec2(0.0, 1.0)), chance(cell + vec2(1.0, 1.0)), f.x), f.y);
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

  /** All points of the same v: a line across the petal. */
  struct Rib {
    float v;
    vec2 middle; // on the centre line: distance from the axis, height
    vec2 normal; // of the centre line
    float width;
    float bow;
    float folds; // how deep they are
    float twist;
    float aside;
    vec2 around; // cosine and sine of the azimuth
  };

  Rib ribAt(float along) {
    Rib rib;
    // Base and tip keep a little width, or there would be no normal.
    float v = clamp(along * (2.0 - along), 0.06, 0.998);
    float size = build.x;
    float phi = arc.y + arc.z * v;
    vec2 way = vec2(sin(phi), cos(phi));
    rib.v = v;
    rib.normal = vec2(-way.y, way.x);
    rib.middle = vec2(build.z, -0.12 * build.w)
      + size / arc.z * vec2(cos(arc.y) - way.y, way.x - sin(arc.y));

    float sharp = 1.0 - form.x;
    rib.width = build.y * mix(1.5, 1.2, sharp) * pow(v, mix(0.62, 0.42, sharp))
      * pow(1.0 - pow(v, mix(4.5, 1.25, sharp)), mix(0.5, 1.0, sharp));
    // Bowed as round as the bud where it is near the axis, flatter further out.
    rib.bow = mix(1.0 / max(rib.middle.x, 0.1), 1.1, smoothstep(0.12, 0.62, rib.middle.x))
      * (1.0 + 1.6 * posture.z);
    rib.folds = 1.6 * form.z * size * smoothstep(0.05, 0.7, v)
      * smoothstep(0.0, 0.75, rib.width / build.y);
    rib.twist = posture.x * v;
    rib.aside = arc.w * v * v * size;
    float angle = arc.x + posture.y * v * (0.6 + 0.4 * build.w);
    rib.around = vec2(cos(angle), sin(angle));
    return rib;
  }

  vec3 pointOn(Rib rib, float across_) {
    float u = across_ * (1.3 - 0.3 * across_ * across_);
    float turned = clamp(u * rib.width * rib.bow, -2.6, 2.6);
    vec2 across = vec2(sin(turned), 1.0 - cos(turned)) / rib.bow;
    // Folds run from base to tip, like silk that is gathered at the base.
    float fold = valueNoise(vec2((u + 1.0) * form.w, rib.v * (0.5 + 0.42 * form.w))
      + vec2(cos(flow), sin(flow)) + 31.0 * build.w) - 0.5;
    across.y += rib.folds * fold * (0.25 + 0.75 * u * u);
    float twist = rib.twist;
    across = (across + twist * vec2(-across.y, across.x)) * inversesqrt(1.0 + twist * twist);
    vec2 at = rib.middle + rib.normal * across.y;
    float z = across.x + rib.aside;

    float c = rib.around.x;
    float s = rib.around.y;
    vec3 p = vec3(c * at.x - s * z, at.y, s * at.x + c * z);
    for (int i = 0; i < 2; i++) {
      if (hands[i].w == 0.0) continue;
      vec3 away = p - hands[i].xyz;
      float far2 = dot(away, away);
      p += away * inversesqrt(far2 + 0.01) * hands[i].w * exp(-far2 * 5.0) * smoothstep(0.1, 0.8, rib.v);
    }
    return p;
  }

  vec3 sheetAt(vec2 place) {
    return pointOn(ribAt(place.y), place.x);
  }

  void takeShape(out vec3 point, out vec3 outward) {
    vec2 place = position.xy;
    float side = normal.z;
    // One step toward the middle in each direction gives the tangents.
    vec2 stride = vec2(place.x > 0.0 ? -0.04 : 0.04, place.y > 0.5 ? -0.04 : 0.04);
    Rib rib = ribAt(place.y);
    point = pointOn(rib, place.x);
    vec3 alongU = (pointOn(rib, place.x + stride.x) - point) * sign(stride.x);
    vec3 alongV = (sheetAt(place + vec2(0.0, stride.y)) - point) * sign(stride.y);
    vec3 curved = normalize(cross(alongU, alongV));
    vec3 turned = curved;
    if (form.y > 0.0) {
      vec3 a = sheetAt(cornersAB.xy);
      vec3 b = sheetAt(cornersAB.zw);
      vec3 c = sheetAt(cornerC);
      turned = mix(curved, normalize(cross(b - a, c - a)), form.y);
      vec3 plane = a * weights.x + b * weights.y + c * (1.0 - weights.x - weights.y);
      point = mix(point, plane, form.y);
    }

    // A shell with a rounded lip: both sides meet at the edge.
    float edge = max(abs(place.x), smoothstep(0.4, 1.0, place.y) * place.y);
    float body = sqrt(max(1.0 - pow(edge, 6.0), 0.0));
    vec3 lip = normalize(alongU) * place.x * abs(place.x) + normalize(alongV) * pow(place.y, 4.0);
    point += side * ${THICKNESS} * body * curved;
    outward = normalize(side * turned * (0.05 + body) + lip * (1.0 - body));
  }
`
