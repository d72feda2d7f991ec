"""Poses that a synthetic body can take: where the hands are and which way the elbows point.

Each is drawn anew for every body, as widely as people hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


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

    @property
    def arm(self) -> float:
        """Shoulder to wrist, stretched."""
        return self.upper_arm + self.forearm


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


def hanging(rng: np.random.Generator) -> Arm:
    return _arm(
        (rng.uniform(0.0, 0.3), rng.uniform(-1.0, -0.85), rng.uniform(-0.1, 0.25)),
        (0.6, 0.0, rng.uniform(-1, 0)),
    )


def on_table(rng: np.random.Generator) -> Arm:
    """Forearm forward and low, as on a table or a keyboard."""
    return _arm(
        (rng.uniform(-0.35, 0.2), rng.uniform(-0.7, -0.4), rng.uniform(0.3, 0.7)),
        (rng.uniform(0.2, 1), -1, -0.3),
    )


def on_hip(rng: np.random.Generator) -> Arm:
    return _arm(
        (rng.uniform(-0.15, 0.1), rng.uniform(-0.8, -0.6), rng.uniform(-0.05, 0.15)),
        (1, -0.2, rng.uniform(-0.7, 0)),
    )


def to_face(rng: np.random.Generator) -> Arm:
    """Hand at chin, mouth, ear or glasses."""
    return _arm(
        (rng.uniform(-0.4, -0.1), rng.uniform(0.1, 0.5), rng.uniform(0.15, 0.4)),
        (rng.uniform(0, 1), -1, 0.4),
    )


def before_chest(rng: np.random.Generator) -> Arm:
    """Hand before its own half of the trunk: signing, holding, clasping, praying."""
    return _arm(
        (rng.uniform(-0.36, 0.25), rng.uniform(-0.55, 0.1), rng.uniform(0.25, 0.7)),
        (rng.uniform(0.2, 1), -1, 0.0),
    )


def raised(rng: np.random.Generator) -> Arm:
    """One hand up: waving, asking."""
    return _way(rng.uniform(40, 130), rng.uniform(45, 90), 0, rng.uniform(0.6, 1.0), (1, -0.3, 0))


def aside(rng: np.random.Generator) -> Arm:
    return _way(rng.uniform(70, 110), rng.uniform(-15, 15), 0, rng.uniform(0.85, 1), (0, -1, -0.5))


def low_aside(rng: np.random.Generator) -> Arm:
    """Between hanging and out: balancing, shrugging, spread hands."""
    return _way(
        rng.uniform(50, 110), rng.uniform(-75, -45), 0, rng.uniform(0.7, 1), (0.7, -1, -0.5)
    )


def pointing(rng: np.random.Generator) -> Arm:
    """Toward the camera."""
    return _way(rng.uniform(-20, 40), rng.uniform(-30, 25), 0, rng.uniform(0.75, 1), (0.5, -1, 0))


QUIET = (hanging, hanging, on_table, on_hip, to_face, before_chest)
NAMELESS = (low_aside, pointing)
"""What one arm does without a name, beside a quiet one."""


def quiet(rng: np.random.Generator) -> Arm:
    """Any arm that rests or is busy with itself."""
    return QUIET[rng.integers(len(QUIET))](rng)


def _neutral(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Everything without a name: rest, talk, one arm that does something."""
    kind = rng.random()
    if kind < 0.7:
        return idle(rng, build)
    if kind < 0.78:
        return low_aside(rng), low_aside(rng)
    if kind < 0.88:
        return _clasped(rng, build)
    one, other = NAMELESS[rng.integers(len(NAMELESS))](rng), quiet(rng)
    if kind > 0.97:  # one up, one aside
        one, other = raised(rng), aside(rng)
    return (one, other) if rng.random() < 0.5 else (other, one)


def idle(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Both arms rest, alike or not; but not both hands on the hips."""
    if rng.random() < 0.5:
        both = (hanging, on_table, to_face, before_chest)[rng.integers(4)]
        return both(rng), both(rng)
    one, other = quiet(rng), quiet(rng)
    return one, hanging(rng) if _flared(one) and _flared(other) else other


def _flared(arm: Arm) -> bool:
    return arm.elbow[0] == 1 and arm.wrist[1] < -0.5


def _clasped(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Hands meet low before the belly, one over the other, without crossing."""
    middle = build.shoulder / build.arm
    up, forward = rng.uniform(-0.9, -0.6), rng.uniform(0.2, 0.5)
    spread = rng.uniform(-0.06, 0.15)
    lift = rng.uniform(-0.12, 0.12)
    way = (rng.uniform(0.3, 1), -1, rng.uniform(-0.3, 0.2))
    return (
        _arm((-middle + spread, up + lift, forward), way),
        _arm((-middle + spread, up - lift, forward + rng.uniform(-0.1, 0.1)), way),
    )


def _left_arm_up(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """The left hand above the head, the right arm quiet."""
    return raised(rng), quiet(rng)


def _right_arm_up(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """The right hand above the head, the left arm quiet."""
    return quiet(rng), raised(rng)


def _left_arm_out(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """The left arm stretched aside, about level, the right arm quiet."""
    return aside(rng), quiet(rng)


def _right_arm_out(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """The right arm stretched aside, about level, the left arm quiet."""
    return quiet(rng), aside(rng)


def _hands_on_hips(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Both hands on the hips, the elbows aside."""
    first = on_hip(rng)
    return first, Arm(first.wrist + rng.normal(0, 0.04, 3), first.elbow + rng.normal(0, 0.1, 3))


def _hands_on_head(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Both hands on or behind the head, the elbows aside."""
    middle = build.shoulder / build.arm
    up, inward = rng.uniform(0.85, 1.25) * build.neck / build.arm, rng.uniform(0.45, 0.85)
    forward, way = rng.uniform(-0.15, 0.2), (1, rng.uniform(-0.4, 0.6), rng.uniform(-0.3, 0.6))
    return tuple(
        _arm((-middle * inward + rng.normal(0, 0.03), up + rng.normal(0, 0.03), forward), way)
        for _ in range(2)
    )


def _hands_together(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Palm against palm before the chest, as in a greeting."""
    middle = build.shoulder / build.arm
    up, forward = rng.uniform(-0.5, 0.1), rng.uniform(0.25, 0.6)
    apart, way = rng.uniform(0.02, 0.1), (rng.uniform(0.3, 1), -1, rng.uniform(-0.3, 0.2))
    return tuple(
        _arm((-middle + apart, up + rng.normal(0, 0.015), forward + rng.normal(0, 0.015)), way)
        for _ in range(2)
    )


def _arms_up(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Both hands above the head, arms stretched or bent."""
    head = (build.neck + 0.1) / build.arm

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
            rng.uniform(0.9, 1.0),
            (0, -1, rng.uniform(-1, 0.3)),
        )
        for _ in range(2)
    )


def _arms_crossed(rng: np.random.Generator, build: Build) -> tuple[Arm, Arm]:
    """Folded over the chest, crossed as an X, or hands on the other shoulder."""
    across = 2 * build.shoulder / build.arm
    kind = rng.random()
    if kind < 0.45:  # folded: hands at the other elbow or upper arm
        reach, up = rng.uniform(0.62, 0.95), rng.uniform(-0.48, -0.2)
        drop, forward = rng.uniform(-0.03, 0.03), rng.uniform(0.2, 0.42)
    elif kind < 0.85:  # an X before the chest
        reach, up = rng.uniform(0.56, 1.0), rng.uniform(-0.4, 0.12)
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
    "left_arm_up": _left_arm_up,
    "right_arm_up": _right_arm_up,
    "left_arm_out": _left_arm_out,
    "right_arm_out": _right_arm_out,
    "hands_on_hips": _hands_on_hips,
    "hands_on_head": _hands_on_head,
    "hands_together": _hands_together,
}
