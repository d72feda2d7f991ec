"""An articulated upper body before a camera, for what nobody has recorded.

Made up, not measured: bodies of varied proportions take a named pose by two-bone
inverse kinematics, are turned, tilted and seen by a pinhole camera of varied place and
lens, and get the errors MediaPipe makes: noise, more of it for hidden joints, and joints
outside the picture that are only guessed.

Axes in metres before the camera: x to the right in the picture, y down, z away from
the camera.  The visitor faces the camera, so their left arm is on the right side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datasets.about import About

ABOUT = About(
    name="synthetic_body",
    what="bodies made by a program: varied proportions, poses, cameras, noise and crops",
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


@dataclass(frozen=True)
class Build:
    """Proportions of one body in metres."""

    shoulder: float
    """Half the distance of the shoulder joints."""
    upper_arm: float
    forearm: float
    hand: float
    trunk: float
    """Shoulders to hips."""
    hip: float
    neck: float
    """Middle of the shoulders to the nose, upward."""
    nose: float
    """Nose before the shoulders, forward."""
    head: float
    """Half the distance of the ears."""


@dataclass(frozen=True)
class Arm:
    """Where one arm is, relative to its shoulder; out, up and forward as x, y, z."""

    wrist: np.ndarray
    """[3] as a share of the arm's length."""
    elbow: np.ndarray
    """[3] the way the elbow points."""


Pose = Callable[[np.random.Generator, Build], tuple[Arm, Arm]]


def _arm(wrist: tuple[float, float, float], elbow: tuple[float, float, float]) -> Arm:
    return Arm(np.array(wrist), np.array(elbow))


def _way(out: float, up: float, forward: float, reach: float, elbow) -> Arm:
    """The hand in a direction (degrees out from the front, degrees up), at a reach."""
    side, height = np.radians(out), np.radians(up)
    way = (np.sin(side) * np.cos(height), np.sin(height), np.cos(side) * np.cos(height))
    wrist = np.array(way) * reach + (0, 0, forward)
    return Arm(wrist, np.array(elbow, float))


def _hanging(rng: np.random.Generator) -> Arm:
    return _arm(
        (rng.uniform(0.0, 0.3), rng.uniform(-1.0, -0.85), rng.uniform(-0.1, 0.25)),
        (0.6, 0.0, rng.uniform(-1, 0)),
    )


def _on_table(rng: np.random.Generator) -> Arm:
    """Forearm forward and low, as on a table or a keyboard."""
    return _arm(
        (rng.uniform(-0.35, 0.2), rng.uniform(-0.7, -0.4), rng.uniform(0.3, 0.7)),
        (rng.uniform(0.2, 1), -1, -0.3),
    )


def _on_hip(rng: np.random.Generator) -> Arm:
    return _arm(
        (rng.uniform(-0.15, 0.1), rng.uniform(-0.8, -0.6), rng.uniform(-0.05, 0.15)),
        (1, -0.2, rng.uniform(-0.7, 0)),
    )


def _to_face(rng: np.random.Generator) -> Arm:
    """Hand at chin, mouth, ear or glasses."""
    return _arm(
        (rng.uniform(-0.4, -0.1), rng.uniform(0.1, 0.5), rng.uniform(0.15, 0.4)),
        (rng.uniform(0, 1), -1, 0.4),
    )


def _before_chest(rng: np.random.Generator) -> Arm:
    """Hand before its own half of the trunk: signing, holding, clasping, praying."""
    return _arm(
        (rng.uniform(-0.36, 0.25), rng.uniform(-0.55, 0.1), rng.uniform(0.25, 0.7)),
        (rng.uniform(0.2, 1), -1, 0.0),
    )


def _raised(rng: np.random.Generator) -> Arm:
    """One hand up: waving, asking."""
    return _way(
        rng.uniform(40, 130), rng.uniform(45, 90), 0, rng.uniform(0.6, 1.0), (1, -0.3, 0)
    )


def _aside(rng: np.random.Generator) -> Arm:
    return _way(
        rng.uniform(70, 110), rng.uniform(-15, 15), 0, rng.uniform(0.85, 1), (0, -1, -0.5)
    )


def _low_aside(rng: np.random.Generator) -> Arm:
    """Between hanging and out: balancing, shrugging, spread hands."""
    return _way(
        rng.uniform(50, 110), rng.uniform(-75, -45), 0, rng.uniform(0.7, 1), (0.7, -1, -0.5)
    )


def _pointing(rng: np.random.Generator) -> Arm:
    """Toward the camera."""
    return _way(
        rng.uniform(-20, 40), rng.uniform(-30, 25), 0, rng.uniform(0.75, 1), (0.5, -1, 0)
    )


QUIET = (_hanging, _hanging, _on_table, _on_hip, _to_face, _before_chest)
ONE_SIDED = (_raised, _aside, _low_aside, _pointing)


def _neutral(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Everything without a name: rest, talk, one arm that does something."""
    kind = rng.random()
    if kind < 0.4:
        both = QUIET[rng.integers(len(QUIET))]
        return both(rng), both(rng)
    if kind < 0.7:
        return tuple(QUIET[rng.integers(len(QUIET))](rng) for _ in range(2))
    if kind < 0.78:
        return _low_aside(rng), _low_aside(rng)
    if kind < 0.86:
        return _clasped(rng, build)
    one = ONE_SIDED[rng.integers(len(ONE_SIDED))](rng)
    other = QUIET[rng.integers(len(QUIET))](rng)
    if rng.random() < 0.15:  # one up, one aside
        one, other = _raised(rng), _aside(rng)
    return (one, other) if rng.random() < 0.5 else (other, one)


def _clasped(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Hands meet on the middle line, one over the other, without crossing."""
    length = build.upper_arm + build.forearm
    middle = build.shoulder / length
    up, forward = rng.uniform(-0.75, 0.1), rng.uniform(0.25, 0.6)
    spread = rng.uniform(-0.06, 0.15)
    lift = rng.uniform(-0.12, 0.12)
    way = (rng.uniform(0.3, 1), -1, rng.uniform(-0.3, 0.2))
    return (
        _arm((-middle + spread, up + lift, forward), way),
        _arm((-middle + spread, up - lift, forward + rng.uniform(-0.1, 0.1)), way),
    )


def _arms_up(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Both hands above the head, arms stretched or bent."""
    length = build.upper_arm + build.forearm
    head = (build.neck + 0.1) / length

    def one() -> Arm:
        up = rng.uniform(max(head, 0.5), 1.0)
        widest = np.sqrt(max(1 - up**2, 0.01))
        return _arm(
            (rng.uniform(-0.25, 0.9) * widest, up, rng.uniform(-0.2, 0.5) * widest),
            (1, rng.uniform(-0.5, 0.5), rng.uniform(-0.3, 0.4)),
        )

    first = one()
    if rng.random() < 0.6:  # most people lift both alike
        jitter = rng.normal(0, 0.05, 3)
        return first, Arm(first.wrist + jitter, first.elbow)
    return first, one()


def _arms_out(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Both arms stretched aside, about level."""
    up = rng.uniform(-18, 18)
    return tuple(
        _way(
            rng.uniform(65, 110),
            up + rng.normal(0, 6),
            0,
            rng.uniform(0.86, 1.0),
            (0, -1, rng.uniform(-1, 0.3)),
        )
        for _ in range(2)
    )


def _arms_crossed(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Folded over the chest, crossed as an X, or hands on the other shoulder."""
    length = build.upper_arm + build.forearm
    across = 2 * build.shoulder / length
    kind = rng.random()
    if kind < 0.5:  # folded: hands at the other elbow or upper arm
        reach, up = rng.uniform(0.62, 0.95), rng.uniform(-0.48, -0.2)
        drop, forward = rng.uniform(-0.03, 0.03), rng.uniform(0.2, 0.42)
    elif kind < 0.8:  # an X before the chest
        reach, up = rng.uniform(0.6, 1.0), rng.uniform(-0.35, 0.05)
        drop, forward = rng.uniform(-0.05, 0.05), rng.uniform(0.25, 0.5)
    else:  # embracing oneself
        reach, up = rng.uniform(0.85, 1.1), rng.uniform(-0.25, 0.0)
        drop, forward = rng.uniform(-0.05, 0.05), rng.uniform(0.15, 0.35)
    arms = []
    for sign in (1, -1):
        own = reach + rng.normal(0, 0.05)
        wrist = (-across * own, up + sign * drop, forward + sign * rng.uniform(0, 0.06))
        arms.append(_arm(wrist, (rng.uniform(0.2, 1), -1, rng.uniform(-0.3, 0.3))))
    return arms[0], arms[1]


POSES: dict[str, Pose] = {
    "neutral": _neutral,
    "arms_up": _arms_up,
    "arms_out": _arms_out,
    "arms_crossed": _arms_crossed,
}


def make(
    pose: str, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """`count` bodies in a pose: ([N, 33, 4] float32 in picture coordinates, [N] aspects).

    Nose, shoulders, elbows, wrists, hips and ears are modelled; the other points lie
    on the nearest of them.  Raises KeyError for a pose that is not in POSES.
    """
    bodies = np.empty((count, 33, 4), np.float32)
    aspects = np.empty(count)
    for row in range(count):
        bodies[row], aspects[row] = _one(POSES[pose], rng)
    return bodies, aspects


def _one(pose: Pose, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    build = _build(rng)
    joints = _joints(build, pose(rng, build), rng)
    aspect = float(rng.choice(ASPECTS))
    picture, depth = _photograph(joints, aspect, rng)
    return _as_mediapipe(picture, depth, build, aspect, rng), aspect


def _build(rng: np.random.Generator) -> Build:
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


def _joints(build: Build, arms: tuple[Arm, Arm], rng: np.random.Generator) -> np.ndarray:
    """[33, 3] metres, the middle of the shoulders at the origin."""
    joints = np.zeros((33, 3))
    nod, turn = np.radians(rng.normal(0, 12)), np.radians(rng.normal(0, 20))
    face = _rotation(turn, nod, np.radians(rng.normal(0, 8)))
    neck = UP * build.neck * 0.55
    joints[0] = neck + face @ (UP * build.neck * 0.45 + FORWARD * build.nose)
    joints[1:7] = joints[0] + face @ (UP * 0.03)
    joints[9:11] = joints[0] - face @ (UP * 0.03)
    for side, ear in ((1, 7), (-1, 8)):
        joints[ear] = neck + face @ (UP * build.neck * 0.5 + OUT * side * build.head)
    for side, first, arm in ((1, 11, arms[0]), (-1, 12, arms[1])):
        shrug = UP * max(rng.normal(0.0, 0.012), -0.02)
        shoulder = OUT * side * build.shoulder + shrug
        # Arms that rise lift the shoulder with them.
        shoulder = shoulder + UP * 0.05 * np.clip(arm.wrist[1], 0, 1)
        own = np.array((side, -1.0, -1.0))
        length = build.upper_arm + build.forearm
        wrist, elbow = _reach(
            arm.wrist * own * length, arm.elbow * own, build.upper_arm, build.forearm
        )
        joints[first] = shoulder
        joints[first + 2] = shoulder + elbow
        joints[first + 4] = shoulder + wrist
        finger = wrist - elbow
        tip = shoulder + wrist + finger / np.linalg.norm(finger) * build.hand
        joints[[first + 6, first + 8, first + 10]] = tip
        hip = OUT * side * build.hip - UP * build.trunk
        joints[first + 12] = hip
        joints[first + 14] = hip - UP * 0.4
        joints[[first + 16, first + 18, first + 20]] = hip - UP * 0.8
    lean = _rotation(0.0, np.radians(rng.normal(0, 7)), np.radians(rng.normal(0, 4)))
    body = _rotation(np.radians(np.clip(rng.normal(0, 18), -50, 50)), 0.0, 0.0)
    return joints @ (body @ lean).T


def _reach(
    target: np.ndarray, pole: np.ndarray, upper: float, fore: float
) -> tuple[np.ndarray, np.ndarray]:
    """Wrist and elbow of an arm that reaches for `target` with its elbow toward `pole`."""
    distance = np.clip(np.linalg.norm(target), abs(upper - fore) + 0.02, upper + fore - 1e-3)
    way = target / max(np.linalg.norm(target), 1e-6)
    aside = pole - way * (pole @ way)
    if np.linalg.norm(aside) < 1e-3:
        aside = np.cross(way, FORWARD) + 1e-3 * OUT
    aside /= np.linalg.norm(aside)
    along = (upper**2 - fore**2 + distance**2) / (2 * distance)
    return way * distance, way * along + aside * np.sqrt(max(upper**2 - along**2, 0.0))


def _rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """[3, 3]; radians about y, x and z."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    cr, sr = np.cos(roll), np.sin(roll)
    about_y = np.array(((cy, 0, sy), (0, 1, 0), (-sy, 0, cy)))
    about_x = np.array(((1, 0, 0), (0, cp, -sp), (0, sp, cp)))
    about_z = np.array(((cr, -sr, 0), (sr, cr, 0), (0, 0, 1)))
    return about_y @ about_x @ about_z


def _photograph(
    joints: np.ndarray, aspect: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Picture coordinates [33, 2] and depths in metres [33]: a camera somewhere in front,
    above or below, turned so that the head is in the picture."""
    distance = np.exp(rng.uniform(np.log(0.6), np.log(4.0)))
    height = rng.normal(0, 0.25) * min(distance, 1.5)
    camera = np.array((rng.normal(0, 0.1) * distance, height, -distance))
    tilt = np.arctan2(height, distance) + np.radians(rng.normal(0, 4))
    seen = (joints - camera) @ _rotation(0.0, tilt, np.radians(rng.normal(0, 2)))
    depth = np.maximum(seen[:, 2], 0.15)
    focal = 0.5 / np.tan(np.radians(rng.uniform(50, 80)) / 2)
    shares = seen[:, :2] / depth[:, None] * focal * max(1.0, 1 / aspect)
    shares[:, 1] *= aspect
    # The head is somewhere in the upper half; what is below may be cut off.
    head = np.array((rng.uniform(0.3, 0.7), rng.uniform(0.15, 0.5)))
    return shares - shares[0] + head, depth


def _as_mediapipe(
    picture: np.ndarray,
    depth: np.ndarray,
    build: Build,
    aspect: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """[33, 4] with a tracker's errors; hidden and guessed joints err more."""
    body = np.empty((33, 4), np.float32)
    outside = np.max(np.abs(picture - 0.5) - 0.5, axis=1)
    seen = np.clip(1 - np.maximum(outside, 0) * 12, 0, 1)
    behind = depth > depth[11:13].mean() + 0.1
    hidden = rng.random(33) < np.where(behind, 0.6, 0.03)
    visible = np.where(seen < 1, seen * rng.uniform(0.1, 0.5), rng.beta(12, 0.8, 33))
    visible = np.where(hidden, visible * rng.uniform(0.1, 0.9, 33), visible)
    size = np.hypot(*((picture[11] - picture[12]) * (1, 1 / aspect))) + 0.3 * np.ptp(
        picture[[0, 11], 1] / aspect
    )
    error = size * (rng.uniform(0.01, 0.05) + 0.12 * (1 - visible))
    noise = rng.normal(0, 1, (33, 2)) * error[:, None]
    body[:, :2] = picture + noise * (1, aspect)
    hips = depth[23:25].mean()
    body[:, 2] = (depth - hips) * size / (2 * build.shoulder) + rng.normal(0, 0.05, 33)
    body[:, 3] = visible
    return body
