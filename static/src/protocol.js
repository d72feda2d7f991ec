/**
 * What travels between the page and the server; docs/protocol.md explains every field.
 *
 * @typedef {[number, number, number]} Triple
 * @typedef {Triple} Oklch  lightness 0 to 1, chroma 0 to 0.37, hue in degrees
 *
 * @typedef {object} SceneObject
 * @property {number} id
 * @property {string} kind  one of KINDS
 * @property {number} size  radius in scene units
 * @property {Triple} position  scene coordinates
 * @property {Oklch} colour
 * @property {Triple} spin  radians per second about x, y, z
 * @property {string | null} [meaning]
 *
 * @typedef {object} Action
 * @property {number} id
 * @property {string} name  clear, capture, scene or freeze
 * @property {string | null} [argument]
 *
 * @typedef {object} Affect
 * @property {number} pleasure  -1 to 1, like the others
 * @property {number} arousal
 * @property {number} dominance
 *
 * @typedef {object} Face  0 at rest, but an open eye is 1
 * @property {number} jaw  0 closed, 1 wide open
 * @property {number} smile  -1 to 1
 * @property {number} pucker  0 to 1
 * @property {number} brows  -1 drawn down, 1 raised
 * @property {number} left_eye  0 closed, 1 open; the visitor's own
 * @property {number} right_eye
 *
 * @typedef {object} Pose
 * @property {string} name
 * @property {number} confidence  0 to 1
 * @property {number} held  seconds
 *
 * @typedef {object} Colour
 * @property {Oklch} accent
 * @property {Oklch[]} palette  five companions, dark to light
 * @property {Oklch} ground
 * @property {Record<string, Oklch>} meanings  by what a thing is, such as water
 *
 * @typedef {object} Form  each 0 to 1
 * @property {number} roundness
 * @property {number} facets
 * @property {number} noise
 * @property {number} asymmetry
 * @property {number} diagonal
 * @property {number} opening
 *
 * @typedef {object} Motion
 * @property {number} speed  0 to 2
 * @property {number} amplitude  0 to 1
 * @property {number} jerk  0 to 1
 * @property {number} lift  -1 to 1
 * @property {number} tremble  0 to 1
 * @property {number} pulse  0 to 1
 * @property {number} expand  0 to 1
 * @property {number} fold  0 to 1
 * @property {number} breath  breaths per minute
 *
 * @typedef {object} Head  scene coordinates and degrees, as in a mirror
 * @property {number} x
 * @property {number} y
 * @property {number} size
 * @property {number} yaw
 * @property {number} pitch
 * @property {number} roll
 *
 * @typedef {object} Hand
 * @property {'left' | 'right'} side  the visitor's own
 * @property {number} x
 * @property {number} y
 * @property {number} open  0 fist, 1 spread
 *
 * @typedef {object} Body
 * @property {number} openness  0 to 1
 * @property {number} energy  0 to 1
 * @property {number} lean  -1 to 1
 * @property {Head | null} head
 * @property {Hand[]} hands
 *
 * @typedef {object} Countdown
 * @property {string} action
 * @property {number} remaining  seconds
 * @property {number} length  seconds
 *
 * @typedef {object} SceneState
 * @property {number} time
 * @property {number} frame
 * @property {boolean} present
 * @property {number} people
 * @property {Record<string, number> | null} mixture
 * @property {string | null} expression
 * @property {Face | null} face
 * @property {number} certainty
 * @property {Affect} affect
 * @property {Pose} pose
 * @property {Colour} colour
 * @property {Form} form
 * @property {Motion} motion
 * @property {Body} body
 * @property {SceneObject[]} add
 * @property {number[]} remove
 * @property {Action[]} actions
 * @property {Countdown | null} countdown
 * @property {boolean} frozen
 * @property {boolean} reset
 *
 * @typedef {object} CameraWish  how the house wants its camera
 * @property {string} camera  part of its name, or its number from 1; '' for any
 * @property {0 | 90 | 180 | 270} turn  degrees by which its pictures are turned clockwise
 * @property {boolean} mirror  what is seen moves as in a mirror
 *
 * @typedef {object} Welcome
 * @property {string} version
 * @property {boolean} emotion
 * @property {{width: number, height: number, quality: number, rate: number}} frame
 * @property {string[]} replays
 * @property {number} absence  seconds without anybody in view that end a visit
 * @property {CameraWish} camera
 * @property {boolean} saving  pictures can be saved as downloads
 * @property {{engines: Engine[], sound: boolean, own: boolean}} art
 *
 * @typedef {object} Engine  makes pictures of captures
 * @property {string} name
 * @property {boolean} live  it can paint the living canvas
 * @property {string[] | null} scenes  whose captures it has learned; null: any picture
 * @property {boolean} own  it takes pictures of the visitor's own
 * @property {boolean} capture  something of the capture is in what it makes
 * @property {boolean} mixture  and of the visitor's expression
 * @property {boolean} reads  all it does is about that expression
 *
 * @typedef {object} Visit
 * @property {string} token  opens this visit's pictures
 * @property {string[]} pictures  those the server knows of
 *
 * @typedef {object} Art  what becomes of one capture
 * @property {string} id
 * @property {'queued' | 'working' | 'done' | 'failed' | 'cancelled' | 'expired' | 'deleted'} state
 * @property {string} engine
 * @property {string} scene  that was captured
 * @property {boolean} emotion  an expression was read, and the engine has used it
 * @property {number} place  in the line; 0 when it does not wait
 * @property {number} before  pictures of other visits that are made before it
 * @property {number} progress  0 to 1
 * @property {string} code  why it failed
 * @property {string} message
 * @property {string | null} hand  the expression whose hand leads; null where it is not painted
 * @property {string | null} strokes  URL of what the picture is made of, once that is decided
 * @property {{picture: string, reference: string | null, look: string | null} | null} urls  once it is done
 * @property {Record<string, number> | null} scores  share of each expression in what people
 *   would name before the picture more than before others, as the art critic estimates it; null
 *   where it has not looked
 *
 * @typedef {object} ArmFigure  body units from the shoulder, x away from the trunk, y up
 * @property {[number, number]} elbow
 * @property {[number, number]} wrist
 * @property {boolean} moves  the pose is a movement of this arm
 *
 * @typedef {object} PoseFigure
 * @property {ArmFigure} left  the visitor's own
 * @property {ArmFigure} right
 *
 * @typedef {object} TaughtPose
 * @property {string} name  as staff typed it
 * @property {string} action  clear, capture, scene, freeze, more, or '' for nothing
 * @property {number} hold  seconds for which it is held until then
 * @property {PoseFigure} figure
 *
 * @typedef {object} Status
 * @property {'ready' | 'waiting' | 'paused' | 'stopped'} state
 * @property {number} [place]
 *
 * @typedef {object} Way
 * @property {'attract' | 'notice' | 'play' | 'capture' | 'goodbye' | 'replay'} state
 *
 * @typedef {object} Problem
 * @property {string} code
 * @property {string} message
 *
 * @typedef {object} Landmarks
 * Points as x, y pairs from 0 to 1, not mirrored; NaN where a point is hidden.
 * @property {Float32Array} face
 * @property {Float32Array} body
 * @property {Float32Array} leftHand
 * @property {Float32Array} rightHand
 *
 * @typedef {object} Mask  where people are in the camera's picture, not mirrored
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} data  rows from the top; 255 is people
 */

export const KINDS = /** @type {const} */ ([
  'sphere', 'capsule', 'torus', 'knot', 'box', 'cone', 'octahedron', 'tetrahedron', 'shard',
])

const HIDDEN = 65535

/**
 * Reads the landmarks packet: four counts, then x and y of each point, as uint16 little-endian.
 *
 * @param {ArrayBuffer} packet
 * @returns {Landmarks}
 * @throws {RangeError} when the packet is shorter than its counts promise
 */
export function readLandmarks(packet) {
  const view = new DataView(packet)
  let offset = 8
  /** @param {number} part */
  const points = (part) => {
    const count = view.getUint16(part * 2, true)
    const xy = new Float32Array(count * 2)
    for (let i = 0; i < count; i++, offset += 4) {
      const x = view.getUint16(offset, true)
      const y = view.getUint16(offset + 2, true)
      const hidden = x === HIDDEN && y === HIDDEN
      xy[2 * i] = hidden ? NaN : x / HIDDEN
      xy[2 * i + 1] = hidden ? NaN : y / HIDDEN
    }
    return xy
  }
  return { face: points(0), body: points(1), leftHand: points(2), rightHand: points(3) }
}

/**
 * Reads the mask: width and height as uint16 little-endian, then its rows.
 *
 * @param {ArrayBuffer} packet
 * @returns {Mask}
 */
export function readMask(packet) {
  const view = new DataView(packet)
  const width = view.getUint16(0, true)
  const height = view.getUint16(2, true)
  return { width, height, data: new Uint8Array(packet, 4, width * height) }
}
