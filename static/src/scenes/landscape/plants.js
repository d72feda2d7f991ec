import { PAINT } from './colours.js'

/**
 * What stands in the landscape, painted stroke by stroke. Heights and places are in the units of
 * the view: one is about three metres.
 *
 * @typedef {import('./strokes.js').Strokes} Strokes
 * @typedef {import('./strokes.js').Triple} Triple
 * @typedef {import('../../stage/random.js').Random} Random
 *
 * @typedef {object} Brush
 * @property {Strokes} strokes  its `foot` and `group` are set
 * @property {Random} random
 * @property {number} detail  1 is a plant of the middle distance at the level `low`
 * @property {number} paint  a number of PAINT
 *
 * @typedef {(brush: Brush, height: number) => void} Painter
 */

/** Groups that grow together: see growth.js. */
export const GROUP = { solid: 0, tree: 1, leaf: 2, bush: 3, grass: 4, flower: 5, lily: 6, reed: 7 }

/** What a mass of leaves has among its own paint. */
const AMONG = { [PAINT.leaf]: [PAINT.grass, PAINT.pine], [PAINT.pine]: [PAINT.leaf],
  [PAINT.grass]: [PAINT.leaf] }
const SELDOM = 0.22
/** Seen from behind nothing is painted: the eye hardly moves. */
const BEHIND = -0.25

/**
 * A mass of leaves about a middle: round, or a flame that points upward.
 *
 * @param {Brush} brush
 * @param {Triple} middle from the foot
 * @param {Triple} radius
 * @param {number} count
 * @param {{sway?: number, hang?: number, pointed?: number, size?: number, tint?: number}} [options]
 *   `hang` 0 to 1: strokes hang; `pointed`: how far the angular form narrows upward;
 *   `size` of the strokes
 */
function crown({ strokes, random, paint }, middle, radius, count, options = {}) {
  const { sway = 0.6, hang = 0, pointed = 0.85, size = 1, tint = 1 } = options
  const [mx, my, mz] = middle
  const [rx, ry, rz] = radius
  const reach = size * 2.05 * Math.sqrt(rx * ry) / Math.sqrt(Math.max(count, 6))
  // What is dark inside, so that no light shines through.
  for (let i = 0; i < Math.max(count * 0.14, 4); i++) {
    const angle = random.between(0, 2 * Math.PI)
    const far = 0.5 * Math.sqrt(random.next())
    /** @type {Triple} */
    const at = [mx + rx * far * Math.cos(angle), my + ry * far * Math.sin(angle), mz - 0.3 * rz]
    strokes.leaf(at, at, [0.12 * rx, 0.36 * ry, 0], [0.3 * rx, 0.05 * ry, 0], {
      paint, tint: 0.58 * tint, normal: [0, 0, 0.9], sway: sway * 0.7,
    })
  }
  for (let i = 0; i < count; i++) {
    const up = random.between(-0.9, 1)
    const around = random.between(0, 2 * Math.PI)
    const flat = Math.sqrt(1 - up * up)
    const x = flat * Math.cos(around)
    const z = flat * Math.sin(around)
    if (z < BEHIND) continue
    const out = random.between(0.72, 1.04)
    /** @type {Triple} */
    const at = [mx + rx * x * out, my + ry * up * out, mz + rz * z * out]
    const narrow = 1.15 - pointed * 0.5 * (up + 1)
    /** @type {Triple} */
    const cut = [mx + rx * x * out * narrow, my + ry * (0.28 + 1.25 * up) * out,
      mz + rz * z * out * narrow]
    const slant = hang ? Math.PI / 2 + random.between(-0.2, 0.2) : random.between(-1.4,
      1.4) + 0.6 * x
    const long = reach * random.between(0.65, 1.3) * (1 + 1.3 * hang)
    const wide = reach * random.between(0.34, 0.62) * (1 - 0.4 * hang)
    strokes.leaf(
      at, cut,
      [long * Math.cos(slant), long * Math.sin(slant), -0.25 * long * z],
      [-wide * Math.sin(slant), wide * Math.cos(slant), 0.15 * wide],
      {
        paint: AMONG[paint] && random.chance(SELDOM) ? random.pick(AMONG[paint]) : paint,
        tint: tint * random.between(0.78, 1.18) * (0.8 + 0.24 * up),
        normal: [0.85 * x, 0.75 * up + 0.22, 0.85 * z + 0.12],
        sway: sway * random.between(0.7, 1),
      },
    )
  }
}

/**
 * A trunk, wider at the foot.
 *
 * @param {Brush} brush
 * @param {number} height
 * @param {number} width
 * @param {number} [lean] of its top
 * @param {number} [paint]
 */
function trunk({ strokes }, height, width, lean = 0, paint = PAINT.wood) {
  for (const [side, tint] of [[-0.5, 0.8], [0.5, 1.05]]) {
    /** @type {Triple[]} */
    const round = [
      [Math.min(side, 0) * width, -0.1, 0], [Math.max(side, 0) * width, -0.1, 0],
      [Math.max(side, 0) * width * 0.5 + lean, height, 0],
      [Math.min(side, 0) * width * 0.5 + lean, height, 0],
    ]
    strokes.quad(round, round, { paint, tint, normal: [1.4 * side, 0.1, 0.7], sway: 0.12 })
  }
}

/** @type {Record<string, Painter>} */
export const PAINTERS = {
  poplar(brush, height) {
    const { random, detail } = brush
    trunk(brush, 0.25 * height, 0.035 * height)
    brush.strokes.group = GROUP.leaf
    const wide = random.between(0.1, 0.13) * height
    crown(brush, [0, 0.57 * height, 0], [wide, 0.44 * height, wide], 150 * detail, {
      sway: 1, size: 1.25, hang: 0.3, pointed: 0.6,
    })
  },

  round(brush, height) {
    const { random, detail } = brush
    const lean = random.between(-0.06, 0.06) * height
    trunk(brush, 0.5 * height, 0.06 * height, lean)
    brush.strokes.group = GROUP.leaf
    const lobes = random.whole(3, 5)
    for (let i = 0; i < lobes; i++) {
      const size = random.between(0.2, 0.29) * height
      const side = (i / (lobes - 1) - 0.5) * 0.5 * height
      crown(
        brush,
        [lean + side, random.between(0.52, 0.74) * height - Math.abs(side) * 0.3,
          random.between(-0.1, 0.12) * height],
        [size * 1.12, size * 0.92, size], (190 / lobes) * detail, { sway: 0.75 },
      )
    }
  },

  willow(brush, height) {
    const { random, detail } = brush
    const lean = random.between(-0.12, 0.12) * height
    trunk(brush, 0.55 * height, 0.09 * height, lean)
    brush.strokes.group = GROUP.leaf
    crown(brush, [lean, 0.7 * height, 0], [0.34 * height, 0.26 * height, 0.3 * height], 90 * detail,
      { sway: 0.8 })
    crown(brush, [lean, 0.45 * height, 0.05 * height],
      [0.44 * height, 0.36 * height, 0.34 * height], 150 * detail, {
      sway: 1.4, hang: 1, pointed: 0.2, size: 1.2, tint: 0.94,
    })
  },

  pine(brush, height) {
    const { random, detail, strokes } = brush
    trunk(brush, 0.4 * height, 0.05 * height)
    brush.strokes.group = GROUP.tree
    const count = 120 * detail
    for (let i = 0; i < count; i++) {
      const up = 1 - Math.sqrt(random.next())
      const around = random.between(-0.5, Math.PI + 0.5)
      const wide = (1 - up) * random.between(0.1, 0.22) * height
      const [x, z] = [Math.cos(around), Math.sin(around)]
      /** @type {Triple} */
      const at = [x * wide, (0.12 + 0.88 * up) * height, z * wide]
      /** @type {Triple} */
      const cut = [x * wide * 0.75, (0.1 + 0.98 * up) * height, z * wide * 0.75]
      const long = (0.03 + 0.09 * (1 - up)) * height / Math.sqrt(detail)
      strokes.leaf(at, cut, [x * long, -0.55 * long, 0.3 * z * long], [0.2 * long, 0.32 * long, 0],
        {
        paint: brush.paint, tint: random.between(0.7, 1.15) * (0.75 + 0.35 * up),
        normal: [0.8 * x, 0.35, 0.8 * z], sway: 0.35,
      })
    }
  },

  birch(brush, height) {
    const { random, detail } = brush
    const lean = random.between(-0.1, 0.1) * height
    trunk(brush, 0.95 * height, 0.028 * height, lean, PAINT.chalk)
    brush.strokes.group = GROUP.leaf
    for (let i = 0; i < 5; i++) {
      const up = random.between(0.45, 0.95)
      crown(
        brush, [lean * up + random.between(-0.14, 0.14) * height, up * height, 0],
        [0.13 * height, 0.1 * height, 0.1 * height], 26 * detail, { sway: 1.1, hang: 0.4 },
      )
    }
  },

  bamboo(brush, height) {
    const { random, detail, strokes } = brush
    for (let i = 0; i < 3; i++) {
      const lean = random.between(-0.06, 0.06) * height
      const x = random.between(-0.08, 0.08) * height
      const wide = random.between(0.01, 0.016) * height
      /** @type {Triple[]} */
      const stem = [
        [x - wide, -0.1, 0], [x + wide, -0.1, 0],
        [x + lean + 0.7 * wide, height, 0], [x + lean - 0.7 * wide, height, 0],
      ]
      strokes.quad(stem, stem, {
        paint: brush.paint, tint: random.between(0.85, 1.35), normal: [0.4, 0.2, 0.9], sway: 0.3,
      })
    }
    brush.strokes.group = GROUP.leaf
    for (let i = 0; i < 3; i++) {
      crown(
        brush, [random.between(-0.2, 0.2) * height, random.between(0.45, 1) * height, 0.1],
        [0.16 * height, 0.1 * height, 0.1 * height], 24 * detail,
          { sway: 1.2, hang: 0.5, size: 0.8 },
      )
    }
  },

  bush(brush, height) {
    const { random, detail } = brush
    brush.strokes.group = GROUP.bush
    for (let i = 0; i < 2; i++) {
      crown(
        brush, [random.between(-0.4, 0.4) * height, 0.42 * height,
          random.between(-0.2, 0.2) * height],
        [0.62 * height, 0.5 * height, 0.5 * height], 42 * detail, { sway: 0.4, pointed: 0.6 },
      )
    }
  },

  /** A bush in bloom. */
  rose(brush, height) {
    const { random, detail, paint } = brush
    PAINTERS.bush({ ...brush, paint: PAINT.leaf }, height)
    brush.strokes.group = GROUP.flower
    brush.paint = paint
    crown(brush, [0, 0.5 * height, 0.2 * height], [0.75 * height, 0.5 * height, 0.45 * height],
      26 * detail, {
      sway: 0.4, size: 0.42, tint: 1.1, pointed: 0.6,
    })
    brush.paint = random.chance(0.5) ? PAINT.wall : paint
    crown(brush, [0, 0.5 * height, 0.22 * height], [0.7 * height, 0.48 * height, 0.45 * height],
      12 * detail, {
      sway: 0.4, size: 0.3, tint: 1.15,
    })
  },

  /** Tall grass at the water's edge. */
  reed({ strokes, random, detail, paint }, height) {
    strokes.group = GROUP.reed
    for (let i = 0; i < 26 * detail; i++) {
      const x = random.between(-0.6, 0.6) * height
      const long = height * random.between(0.5, 1)
      const slant = random.between(-0.22, 0.22)
      /** @type {Triple} */
      const at = [x, 0.48 * long, random.between(-0.3, 0.3) * height]
      strokes.leaf(at, at, [slant * long, 0.52 * long, 0], [0.03 * height, 0, 0.01], {
        paint, tint: random.between(0.65, 1.25), normal: [0.2, 0.6, 0.7], sway: 1,
      })
    }
  },

  /** Flowers on their stems. */
  flowers({ strokes, random, detail, paint }, height) {
    for (let i = 0; i < 9 * detail; i++) {
      const x = random.between(-1.2, 1.2) * height
      const z = random.between(-1, 1) * height
      const up = height * random.between(0.5, 1)
      strokes.group = GROUP.grass
      strokes.leaf([x, 0.4 * up, z], [x, 0.4 * up, z],
        [random.between(-0.1, 0.1) * up, 0.45 * up, 0], [0.06 * height, 0, 0], {
        paint: PAINT.grass, tint: random.between(0.6, 1), normal: [0, 0.7, 0.6], sway: 0.8,
      })
      strokes.group = GROUP.flower
      const size = height * random.between(0.13, 0.24)
      strokes.leaf([x, up, z + 0.02], [x, up, z + 0.02],
        [size, random.between(-0.3, 0.3) * size, 0], [0.1 * size, 0.75 * size, 0], {
        paint, tint: random.between(0.85, 1.15), normal: [0, 0.75, 0.6], sway: 1,
      })
    }
  },

  /** Leaves that float, some with a blossom. */
  lilies({ strokes, random, detail, paint }, width) {
    for (let i = 0; i < 14 * detail; i++) {
      const angle = random.between(0, 2 * Math.PI)
      const far = width * Math.sqrt(random.next())
      const [x, z] = [far * Math.cos(angle) * 1.25, far * Math.sin(angle)]
      const size = random.between(0.1, 0.2)
      strokes.group = GROUP.solid
      /** @type {Triple} */
      const at = [x, 0.02, z]
      strokes.leaf(at, at, [size * 1.3, 0, 0.2 * size], [-0.1 * size, 0, size], {
        paint: PAINT.reed, tint: random.between(0.6, 1.2), normal: [0, 1, 0.1],
      })
      if (!random.chance(0.4)) continue
      strokes.group = GROUP.lily
      for (const [dx, tint] of [[-0.45, 0.95], [0.45, 1.12], [0, 1.2]]) {
        /** @type {Triple} */
        const bloom = [x + dx * size * 0.7, 0.06 + 0.25 * size, z + 0.05]
        strokes.leaf(bloom, bloom, [0.42 * dx * size, 0.52 * size, 0], [0.3 * size, -0.1 * size, 0],
          {
          paint, tint, normal: [dx, 0.8, 0.5],
        })
      }
    }
  },

  haystack({ strokes, random, detail, paint }, height) {
    const wide = 0.5 * height
    const radius = (/** @type {number} */ up) => (
      wide * (up < 0.5 ? 0.92 + 0.16 * up : 2 * (1 - up) ** 0.85)
    )
    for (let i = 0; i < 6; i++) {
      const [low, high] = [i / 6, (i + 1) / 6]
      /** @type {Triple[]} */
      const slab = [
        [-0.93 * radius(low), low * height, 0], [0.93 * radius(low), low * height, 0],
        [0.93 * radius(high), high * height, 0], [-0.93 * radius(high), high * height, 0],
      ]
      strokes.quad(slab, slab, { paint, tint: 0.72, normal: [0, 0.3, 0.9] })
    }
    for (let i = 0; i < 150 * detail; i++) {
      const up = random.between(0, 1)
      const around = random.between(-0.2, Math.PI + 0.2)
      const [x, z] = [Math.cos(around), Math.sin(around)]
      /** @type {Triple} */
      const at = [x * radius(up), up * height, z * radius(up)]
      const long = 0.1 * height * random.between(0.7, 1.3) / Math.sqrt(detail)
      const slant = up > 0.5 ? 0.8 : 0.12
      strokes.leaf(at, at, [-slant * x * long, long, 0],
        [0.3 * long * (0.4 + Math.abs(z)), 0.1 * long, 0], {
        paint, tint: random.between(0.78, 1.14) * (0.86 + 0.2 * up),
        normal: [0.9 * x, up > 0.5 ? 0.55 : 0.1, 0.9 * z],
      })
    }
  },

  house({ strokes, random }, height) {
    const wide = height * random.between(1, 1.7)
    const side = random.side()
    const deep = 0.45 * height * side
    const eaves = 0.52 * height
    const [l, r] = [-wide / 2, wide / 2]
    const far = side > 0 ? r : l
    /** @type {(corners: Triple[], paint: number, tint: number, normal: Triple) => void} */
    const face = (corners, paint, tint, normal) => strokes.quad(corners, corners,
      { paint, tint, normal })
    const { wall, roof, wood } = PAINT
    face([[l, -0.2, 0], [r, -0.2, 0], [r, eaves, 0], [l, eaves, 0]], wall, 0.92,
      [-0.3 * side, 0.1, 0.95])
    face([[far, -0.2, 0], [far + deep, -0.2, -0.5], [far + deep, eaves, -0.5], [far, eaves, 0]],
      wall, 0.8, [0.9 * side, 0.1, 0.4])
    face([[far, eaves, 0], [far + deep, eaves, -0.5], [far + 0.5 * deep, height, -0.25],
      [far + 0.5 * deep, height, -0.25]], wall, 0.8, [0.9 * side, 0.1, 0.4])
    face([[l - 0.05, eaves - 0.03, 0.05], [r + 0.05, eaves - 0.03, 0.05],
      [r + 0.5 * deep, height, -0.25], [l + 0.5 * deep, height, -0.25]], roof, 1, [0, 0.75, 0.65])
    const doors = random.whole(2, 4)
    for (let i = 0; i < doors; i++) {
      const x = l + wide * (i + 0.5) / doors
      const [low, high] = i === 1 ? [-0.1, 0.32 * height] : [0.18 * height, 0.36 * height]
      const half = 0.045 * height
      face([[x - half, low, 0.03], [x + half, low, 0.03], [x + half, high, 0.03],
        [x - half, high, 0.03]], wood, 0.7, [0, 0, 1])
    }
    const x = random.between(0.5 * l, 0.5 * r) + 0.4 * deep
    face([[x, 0.8 * height, -0.2], [x + 0.12 * height, 0.8 * height, -0.2],
      [x + 0.12 * height, 1.1 * height, -0.2], [x, 1.1 * height, -0.2]], roof, 0.8, [0.2, 0.2, 0.9])
  },

  rock({ strokes, random, detail, paint }, height) {
    const [wide, slant] = [random.between(0.75, 1.15) * height, random.between(-0.35, 0.35)]
    const edge = (/** @type {number} */ up) => wide * Math.sqrt(Math.max(1 - up ** 2.4, 0.04))
    for (let i = 0; i < 5; i++) {
      const [low, high] = [i / 5, (i + 1) / 5]
      /** @type {Triple[]} */
      const slab = [
        [slant * low * height - 0.9 * edge(low), (low - 0.15) * height, 0],
        [slant * low * height + 0.9 * edge(low), (low - 0.15) * height, 0],
        [slant * high * height + 0.9 * edge(high), (high - 0.15) * height, 0],
        [slant * high * height - 0.9 * edge(high), (high - 0.15) * height, 0],
      ]
      strokes.quad(slab, slab, { paint, tint: 0.66, normal: [0, 0.2, 0.9] })
    }
    for (let i = 0; i < 100 * detail; i++) {
      const up = random.between(-0.15, 1)
      const around = random.between(-0.1, Math.PI + 0.1)
      const [x, z] = [Math.cos(around), Math.sin(around)]
      const reach = edge(Math.max(up, 0))
      /** @type {Triple} */
      const at = [slant * up * height + x * reach, up * height * 0.95, 0.6 * z * reach]
      /** @type {Triple} */
      const cut = [at[0] * 0.85, at[1] * (1.1 + 0.25 * (i % 3)), at[2]]
      const long = height * random.between(0.1, 0.24) / Math.sqrt(detail)
      const turn = random.between(0.9, 2.2) + 0.5 * x
      strokes.leaf(at, cut, [long * Math.cos(turn), long * Math.sin(turn), 0],
        [0.55 * long, -0.12 * long, 0.05], {
        paint, tint: random.between(0.7, 1.15) * (0.85 + 0.2 * up),
        normal: [x + random.between(-0.3, 0.3), 0.7 * up + random.between(0, 0.35), z + 0.15],
      })
    }
  },

  boat({ strokes, random }, height) {
    const way = random.side()
    const sail = random.pick([PAINT.wall, PAINT.wall, PAINT.roof, PAINT.snow])
    const hull = 0.34 * height
    /** @type {(corners: Triple[], paint: number, tint: number, normal: Triple, sway: number) => void} */
    const face = (corners, paint, tint, normal, sway) => strokes.quad(corners, corners,
      { paint, tint, normal, sway })
    face([[-0.8 * hull, 0.02, 0], [0.75 * hull, 0.02, 0], [hull, 0.16 * height, 0],
      [-hull, 0.15 * height, 0]], PAINT.wood, 0.75, [0, 0.2, 1], 0.05)
    face([[-0.02 * height, 0.15 * height, 0.02], [0.0, 0.15 * height, 0.02], [0.0, height, 0.02],
      [0, height, 0.02]], PAINT.wood, 0.9, [0, 0.3, 1], 0.1)
    face([[0.02 * way * height, 0.2 * height, 0.03], [0.3 * way * height, 0.22 * height, 0.03],
      [0.2 * way * height, 0.5 * height, 0.03], [0.01 * way * height, 0.97 * height, 0.03]], sail,
        1, [0.5 * way, 0.3, 0.8], 0.1)
    face([[-0.02 * way * height, 0.22 * height, 0.03], [-0.22 * way * height, 0.2 * height, 0.03],
      [-0.02 * way * height, 0.8 * height, 0.03], [-0.02 * way * height, 0.8 * height, 0.03]], sail,
        0.9, [-0.4 * way, 0.3, 0.8], 0.1)
  },

  /** A wooden bridge in one low arch; `height` is half its span. */
  bridge({ strokes, detail, paint }, height) {
    const steps = Math.round(14 * Math.min(detail, 1.6))
    const arch = (/** @type {number} */ t) => 0.34 * height * (1 - t * t)
    for (let i = 0; i < steps; i++) {
      const [t, s] = [2 * i / steps - 1, 2 * (i + 1) / steps - 1]
      for (const [low, high, tint] of [[0.1, 0.17, 0.8], [0.26, 0.29, 1.05], [0.36, 0.4, 1.2]]) {
        /** @type {Triple[]} */
        const bar = [
          [t * height, arch(t) + low * height, 0], [s * height, arch(s) + low * height, 0],
          [s * height, arch(s) + high * height, 0], [t * height, arch(t) + high * height, 0],
        ]
        strokes.quad(bar, bar, { paint, tint, normal: [0, 0.6, 0.7] })
      }
      const wide = 0.012 * height
      /** @type {Triple[]} */
      const post = [
        [t * height - wide, arch(t) + 0.1 * height, 0.01],
          [t * height + wide, arch(t) + 0.1 * height, 0.01],
        [t * height + wide, arch(t) + 0.42 * height, 0.01],
          [t * height - wide, arch(t) + 0.42 * height, 0.01],
      ]
      strokes.quad(post, post, { paint, tint: 0.95, normal: [0.3, 0.3, 0.9] })
    }
  },
}
