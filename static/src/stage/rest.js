/**
 * What the scene shows before the server has said anything and when nobody is there.
 *
 * @returns {import('../protocol.js').SceneState}
 */
export const rest = () => ({
  time: 0,
  frame: 0,
  present: false,
  people: 0,
  mixture: null,
  expression: null,
  certainty: 0,
  face: null,
  affect: { pleasure: 0, arousal: 0, dominance: 0 },
  pose: { name: 'neutral', confidence: 0, held: 0 },
  colour: {
    accent: [0.74, 0.075, 68],
    palette: [
      [0.3, 0.02, 55], [0.44, 0.045, 45], [0.58, 0.065, 55], [0.72, 0.045, 75], [0.86, 0.022, 85],
    ],
    ground: [0.15, 0.01, 60],
    meanings: {},
  },
  form: { roundness: 0.6, facets: 0.1, noise: 0.25, asymmetry: 0.15, diagonal: 0.15, opening: 0.2 },
  motion: {
    speed: 0.3, amplitude: 0.2, jerk: 0, lift: 0, tremble: 0, pulse: 0, expand: 0, fold: 0,
    breath: 12,
  },
  body: { openness: 0.2, energy: 0, lean: 0, head: null, hands: [] },
  add: [],
  remove: [],
  actions: [],
  countdown: null,
  frozen: false,
  reset: false,
})
