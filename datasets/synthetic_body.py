"""An articulated upper body before a camera, for what nobody has recorded.

Made up, not measured: bodies of varied proportions take poses by two-bone inverse
kinematics, are turned, tilted and seen by a pinhole camera of varied place and lens, and
get the errors MediaPipe makes: noise, more of it for hidden joints, and joints outside the
picture that are only guessed.  `synthetic_poses.py` says where the hands go,
`synthetic_films.py` how they move.

Axes in metres before the camera: x to the right in the picture, y down, z away from
the camera.  The visitor faces the camera, so their left arm is on the right side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasets.about import About
from datasets.synthetic_poses import POSES, Arm, Build

ABOUT = About(
    name="synthetic_body",
    what="bodies made by a program: varied proportions, poses, movements, cameras, noise, crops",
    origin="datasets/synthetic_body.py",
    licence="Apache-2.0, with the program",
    terms="none",
    faults="it moves like a puppet and its errors are only modelled on MediaPipe's",
    files=(),
    get="It is made when it is asked for.",
)

ASPECTS = (4 / 3, 16 / 9, 1.0, 3 / 4, 9 / 16)
OUT = np.array((1.0, 0.0, 0.0))
UP = np.array((0.0, -1.0, 0.0))
FORWARD = np.array((0.0, 0.0, -1.0))


@dataclass
class Posture:
    """How a body is held in T frames; left before right where there are two."""

    wrists: np.ndarray
    """[T, 2, 3] as `Arm.wrist`."""
    elbows: np.ndarray
    """[T, 2, 3] as `Arm.elbow`."""
    hands: np.ndarray
    """[T, 2] degrees by which the hand is bent away from the trunk."""
    head: np.ndarray
    """[T, 3] degrees of yaw, pitch (down) and roll."""
    trunk: np.ndarray
    """[T, 3] the same."""


def still(arms: tuple[Arm, Arm], rng: np.random.Generator, frames: int = 1) -> Posture:
    """Arms, head and trunk as they are, in every frame."""

    def every(values) -> np.ndarray:
        return np.repeat(np.asarray(values, float)[None], frames, 0)

    turn = np.clip(rng.normal(0, 18), -50, 50)
    return Posture(
        wrists=every([arm.wrist for arm in arms]),
        elbows=every([arm.elbow for arm in arms]),
        hands=every(rng.normal(0, 10, 2)),
        head=every((rng.normal(0, 20), rng.normal(0, 12), rng.normal(0, 8))),
        trunk=every((turn, rng.normal(0, 7), rng.normal(0, 4))),
    )


def make(pose: str, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """`count` bodies in a pose: ([N, 33, 4] float32 in picture coordinates, [N] aspects).

    Nose, shoulders, elbows, wrists, hands, hips and ears are modelled; the other points
    lie on the nearest of them.  Raises KeyError for a pose that is not in POSES.
    """
    bodies = np.empty((count, 33, 4), np.float32)
    aspects = np.empty(count)
    for row in range(count):
        body = build(rng)
        filmed, aspects[row] = film(body, still(POSES[pose](rng, body), rng), rng)
        bodies[row] = filmed[0]
    return bodies, aspects


def film(body: Build, posture: Posture, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """([T, 33, 4] float32 in picture coordinates, aspect) of one body before one camera."""
    joints = _joints(body, posture, rng)
    aspect = float(rng.choice(ASPECTS))
    picture, depth = _photograph(joints, aspect, rng)
    return _as_mediapipe(picture, depth, body, aspect, rng), aspect


def build(rng: np.random.Generator) -> Build:
    """Somebody's proportions."""
    size = rng.normal(1.0, 0.08)
    arm = size * rng.normal(1.0, 0.06)
    return Build(
        shoulder=0.175 * size * rng.normal(1.0, 0.1),
        upper_arm=0.29 * arm,
        forearm=0.25 * arm * rng.normal(1.0, 0.05),
        hand=0.09 * arm,
        trunk=0.49 * size * rng.normal(1.0, 0.06),
        hip=0.11 * size * rng.normal(1.0, 0.12),
        neck=0.20 * size * rng.normal(1.0, 0.1),
        nose=0.10 * size,
        head=0.075 * size,
    )


def _joints(body: Build, posture: Posture, rng: np.random.Generator) -> np.ndarray:
    """[T, 33, 3] metres, the middle of the shoulders at the origin."""
    frames = len(posture.wrists)
    joints = np.zeros((frames, 33, 3))
    face = _rotation(posture.head)
    neck = UP * body.neck * 0.55
    joints[:, 0] = neck + face @ (UP * body.neck * 0.45 + FORWARD * body.nose)
    joints[:, 1:7] = (joints[:, 0] + face @ (UP * 0.03))[:, None]
    joints[:, 9:11] = (joints[:, 0] - face @ (UP * 0.03))[:, None]
    for side, ear in ((1, 7), (-1, 8)):
        joints[:, ear] = neck + face @ (UP * body.neck * 0.5 + OUT * side * body.head)
    for number, (side, first) in enumerate(((1, 11), (-1, 12))):
        target = posture.wrists[:, number]
        shrug = UP * max(rng.normal(0.0, 0.012), -0.02)
        # Arms that rise lift the shoulder with them.
        lift = 0.05 * np.clip(target[:, 1:2], 0, 1)
        shoulder = OUT * side * body.shoulder + shrug + UP * lift
        own = np.array((side, -1.0, -1.0))
        wrist, elbow = _reach(
            target * own * body.arm, posture.elbows[:, number] * own, body.upper_arm, body.forearm
        )
        joints[:, first] = shoulder
        joints[:, first + 2] = shoulder + elbow
        joints[:, first + 4] = shoulder + wrist
        finger = wrist - elbow
        finger /= np.linalg.norm(finger, axis=1, keepdims=True)
        bend = np.zeros((frames, 3))
        bend[:, 2] = side * posture.hands[:, number]
        tip = shoulder + wrist + _turn(_rotation(bend), finger) * body.hand
        joints[:, [first + 6, first + 8, first + 10]] = tip[:, None]
        hip = OUT * side * body.hip - UP * body.trunk
        joints[:, first + 12] = hip
        joints[:, first + 14] = hip - UP * 0.4
        joints[:, [first + 16, first + 18, first + 20]] = hip - UP * 0.8
    lean = posture.trunk * (0, 1, 1)
    turn = posture.trunk * (1, 0, 0)
    return joints @ (_rotation(turn) @ _rotation(lean)).swapaxes(1, 2)


def _reach(
    target: np.ndarray, pole: np.ndarray, upper: float, fore: float
) -> tuple[np.ndarray, np.ndarray]:
    """Wrist and elbow [T, 3] of an arm that reaches for `target` with its elbow toward `pole`."""
    length = np.maximum(np.linalg.norm(target, axis=1, keepdims=True), 1e-6)
    way = target / length
    distance = np.clip(length, abs(upper - fore) + 0.02, upper + fore - 1e-3)
    aside = pole - way * (pole * way).sum(1, keepdims=True)
    straight = np.linalg.norm(aside, axis=1, keepdims=True) < 1e-3
    aside = np.where(straight, np.cross(way, FORWARD) + 1e-3 * OUT, aside)
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    along = (upper**2 - fore**2 + distance**2) / (2 * distance)
    return way * distance, way * along + aside * np.sqrt(np.maximum(upper**2 - along**2, 0.0))


def _rotation(degrees: np.ndarray) -> np.ndarray:
    """[T, 3, 3] from yaw, pitch and roll [T, 3]: about y, x and z."""
    (cy, cp, cr), (sy, sp, sr) = np.cos(np.radians(degrees)).T, np.sin(np.radians(degrees)).T
    none, one = np.zeros_like(cy), np.ones_like(cy)

    def matrix(*rows) -> np.ndarray:
        return np.array(rows).transpose(2, 0, 1)

    about_y = matrix((cy, none, sy), (none, one, none), (-sy, none, cy))
    about_x = matrix((one, none, none), (none, cp, -sp), (none, sp, cp))
    about_z = matrix((cr, -sr, none), (sr, cr, none), (none, none, one))
    return about_y @ about_x @ about_z


def _turn(rotations: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[T, 3]: each point by its own rotation."""
    return (rotations @ points[..., None])[..., 0]


def _photograph(
    joints: np.ndarray, aspect: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Picture coordinates [T, 33, 2] and depths in metres [T, 33]: a camera somewhere in
    front, above or below, held a little askew, the head in the picture."""
    distance = np.exp(rng.uniform(np.log(0.6), np.log(4.0)))
    height = rng.normal(0, 0.25) * min(distance, 1.5)
    camera = np.array((rng.normal(0, 0.1) * distance, height, -distance))
    tilt = np.degrees(np.arctan2(height, distance)) + rng.normal(0, 4)
    seen = (joints - camera) @ _rotation(np.array(((0.0, tilt, rng.normal(0, 4)),)))[0]
    depth = np.maximum(seen[..., 2], 0.15)
    focal = 0.5 / np.tan(np.radians(rng.uniform(50, 80)) / 2)
    shares = seen[..., :2] / depth[..., None] * focal * max(1.0, 1 / aspect)
    shares[..., 1] *= aspect
    # The head is somewhere in the upper half; what is below may be cut off.
    head = np.array((rng.uniform(0.3, 0.7), rng.uniform(0.15, 0.5)))
    return shares - shares[0, 0] + head, depth


def _as_mediapipe(
    picture: np.ndarray,
    depth: np.ndarray,
    body: Build,
    aspect: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """[T, 33, 4] with a tracker's errors: hidden and guessed joints err more.

    Most of an error stays the same from frame to frame, the rest trembles.
    """
    frames = len(picture)
    found = np.empty((frames, 33, 4), np.float32)
    outside = np.max(np.abs(picture - 0.5) - 0.5, axis=-1)
    seen = np.clip(1 - np.maximum(outside, 0) * 12, 0, 1)
    behind = depth > depth[:, 11:13].mean(1, keepdims=True) + 0.1
    hidden = rng.random(33) < np.where(behind, 0.6, 0.03)
    guessed, shown, lost = rng.uniform(0.1, 0.5), rng.beta(12, 0.8, 33), rng.uniform(0.1, 0.9, 33)
    visible = np.where(seen < 1, seen * guessed, shown)
    visible = np.where(hidden, visible * lost, visible)
    across = (picture[:, 11] - picture[:, 12]) * (1, 1 / aspect)
    size = np.linalg.norm(across, axis=1) + 0.3 * np.ptp(picture[:, [0, 11], 1] / aspect, axis=1)
    error = size[:, None] * (rng.uniform(0.01, 0.05) + 0.12 * (1 - visible))
    noise = 0.95 * rng.normal(0, 1, (33, 2)) + rng.uniform(0.1, 0.3) * _trembling(frames, rng)
    found[..., :2] = picture + noise * error[..., None] * (1, aspect)
    hips = depth[:, 23:25].mean(1, keepdims=True)
    found[..., 2] = (depth - hips) * size[:, None] / (2 * body.shoulder) + rng.normal(0, 0.05, 33)
    found[..., 3] = visible
    return found


def _trembling(frames: int, rng: np.random.Generator) -> np.ndarray:
    """[T, 33, 2] of variance 1; a tracker smooths, so that neighbours in time are alike."""
    noise = rng.normal(0, 1, (frames, 33, 2))
    for frame in range(1, frames):
        noise[frame] = 0.7 * noise[frame - 1] + 0.71 * noise[frame]
    return noise
