"""A synthetic body that moves: films of a few seconds, from one pose into another.

Most begin in some other pose, because live nobody begins with the one that is to be read.
Each frame is labelled with what is to be seen by then; "" where it is neither one nor the
other: between two poses, and while a movement has only begun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from datasets import synthetic_body
from datasets.synthetic_body import Posture
from datasets.synthetic_poses import POSES, Arm, Build, aside, idle, low_aside, quiet, raised

SLOWEST, FASTEST = 8.0, 30.0
"""Frames a second, as machines manage."""
SETTLED = 0.25
"""Seconds after which a pose that was taken is to be read."""
BEGUN = 0.9
"""Seconds after which a movement is to be read."""
BETWEEN = ""
"""The label of a frame that is neither clearly one pose nor clearly none."""


@dataclass(frozen=True)
class Film:
    """One person before one camera."""

    times: np.ndarray
    """[T] seconds."""
    bodies: np.ndarray
    """[T, 33, 4] float32 in picture coordinates."""
    aspect: float
    labels: np.ndarray
    """[T] names of poses and movements, or BETWEEN."""


Movement = Callable[[Posture, np.ndarray, np.random.Generator, Build], None]
"""Adds a movement to a posture, at times [T] in seconds."""


def film(name: str, rng: np.random.Generator) -> Film:
    """Somebody who comes to hold a pose of POSES or to make a movement of MOVEMENTS.

    Raises KeyError for a name that is in neither.
    """
    body = synthetic_body.build(rng)
    times = np.cumsum(rng.uniform(0.8, 1.2, 90) / rng.uniform(SLOWEST, FASTEST))
    times = times[times < rng.uniform(2.2, 3.2)]
    before = "neutral" if rng.random() < 0.6 else str(rng.choice(list(POSES)))
    begin, takes = rng.uniform(-1.0, 1.2), rng.uniform(0.2, 0.7)
    share = _smooth((times - begin) / takes)
    first = synthetic_body.still(POSES[before](rng, body), rng, len(times))
    second = synthetic_body.still(_arms(name, rng, body), rng, len(times))
    if rng.random() < 0.7:  # most keep looking where they looked
        second.head, second.trunk = first.head.copy(), first.trunk.copy()
    if name in MOVEMENTS:
        MOVEMENTS[name](second, times, rng, body)
    elif name == "neutral":
        _busy(second, times, rng, body)
    posture = Posture(*(_mix(getattr(first, part), getattr(second, part), share) for part in PARTS))
    _sway(posture, times, rng)
    labels = np.full(len(times), BETWEEN, object)
    labels[times < begin] = before
    if name in MOVEMENTS:
        # What happened before the film began is not seen.
        labels[times > max(begin + takes, times[0]) + BEGUN] = name
    else:
        labels[times > begin + takes + SETTLED] = name
        if before == name or begin + takes < 0:
            labels[:] = name
    bodies, aspect = synthetic_body.film(body, posture, rng)
    return Film(times, bodies, aspect, labels.astype(str))


PARTS = ("wrists", "elbows", "hands", "head", "trunk")


def _arms(name: str, rng: np.random.Generator, body: Build) -> tuple[Arm, Arm]:
    """How the arms are held while it lasts."""
    if name in POSES:
        return POSES[name](rng, body)
    if name == "wave":
        high = rng.uniform(10, 85)
        reach = rng.uniform(0.5, 1.0)
        side, up = np.radians(rng.uniform(30, 130)), np.radians(high)
        way = np.array((np.sin(side) * np.cos(up), np.sin(up), np.cos(side) * np.cos(up)))
        waving = Arm(way * reach, np.array((1, -0.6, rng.uniform(-0.4, 0.4))))
        return (waving, quiet(rng)) if rng.random() < 0.5 else (quiet(rng), waving)
    if name == "clap":
        return POSES["hands_together"](rng, body)
    return idle(rng, body)


def _wave(posture: Posture, times: np.ndarray, rng: np.random.Generator, body: Build) -> None:
    """One hand, raised beside the body or over the head, goes to and fro."""
    side = int(posture.wrists[0, 1, 1] > posture.wrists[0, 0, 1])
    swing = _oscillation(times, rng, 1.0, 3.2)
    from_elbow = rng.uniform(0.06, 0.35) if rng.random() < 0.8 else rng.uniform(0, 0.05)
    by_hand = rng.uniform(0, 30) if from_elbow > 0.06 else rng.uniform(20, 40)
    posture.wrists[:, side, 0] += from_elbow * swing
    posture.wrists[:, side, 1] -= 0.3 * from_elbow * swing**2
    posture.hands[:, side] += by_hand * swing


def _clap(posture: Posture, times: np.ndarray, rng: np.random.Generator, body: Build) -> None:
    """The hands part and meet before the chest."""
    apart = rng.uniform(0.08, 0.35) * (1 + _oscillation(times, rng, 1.2, 4.0)) / 2
    one = rng.uniform(0.3, 0.7)  # often one hand claps on the other
    posture.wrists[:, 0, 0] += 2 * one * apart
    posture.wrists[:, 1, 0] += 2 * (1 - one) * apart
    posture.wrists[:, :, 1] += (rng.uniform(-0.2, 0.2) * apart)[:, None]


def _nod(posture: Posture, times: np.ndarray, rng: np.random.Generator, body: Build) -> None:
    """The head goes down and up, more than once."""
    posture.head[:, 1] += rng.uniform(6, 20) * _oscillation(times, rng, 1.0, 3.0)
    posture.head[:, 0] += rng.normal(0, 1) * _oscillation(times, rng, 1.0, 3.0)


def _shake(posture: Posture, times: np.ndarray, rng: np.random.Generator, body: Build) -> None:
    """The head turns left and right, more than once."""
    posture.head[:, 0] *= 0.5  # nobody shakes a head that is turned aside
    posture.head[:, 0] += rng.uniform(9, 35) * _oscillation(times, rng, 1.0, 3.0)
    posture.head[:, 1] += rng.normal(0, 1) * _oscillation(times, rng, 1.0, 3.0)


MOVEMENTS: dict[str, Movement] = {"wave": _wave, "clap": _clap, "nod": _nod, "shake": _shake}


def _busy(posture: Posture, times: np.ndarray, rng: np.random.Generator, body: Build) -> None:
    """What people do who do nothing that has a name: talk, type, look around, dance."""
    kind = rng.random()
    if kind < 0.3:  # hands that talk
        for side in range(2):
            knots = np.arange(times[0] - 1, times[-1] + 2, rng.uniform(0.25, 0.8))
            ways = np.array([quiet(rng).wrist for _ in knots])
            here = posture.wrists[:, side]
            share = rng.uniform(0.2, 0.9)
            posture.wrists[:, side] += share * (CubicSpline(knots, ways)(times) - here)
    elif kind < 0.45:  # one hand low or at the face goes to and fro: typing, rubbing, cranking
        side = rng.integers(2)
        for _ in range(2):
            beat = _oscillation(times, rng, 0.8, 5)[:, None]
            posture.wrists[:, side] += rng.normal(0, 0.1, 3) * beat
    elif kind < 0.6:  # dancing: the trunk goes, and the arms with it
        posture.trunk += rng.normal(0, 7, 3) * _oscillation(times, rng, 0.7, 2.2)[:, None]
        beat = _oscillation(times, rng, 0.7, 2.2)[:, None, None]
        posture.wrists += rng.normal(0, 0.08, (1, 2, 3)) * beat
    elif kind < 0.75:  # looks somewhere else, once
        turned = _smooth((times - rng.uniform(0, 3)) / rng.uniform(0.2, 0.8))
        posture.head += rng.normal(0, (25, 12, 6)) * turned[:, None]
    elif kind < 0.8:  # an arm goes out, down or up, and does not stay
        side, way = rng.integers(2), (aside, raised, low_aside)[rng.integers(3)](rng).wrist
        passing = np.exp(-(((times - rng.uniform(0, 3)) / rng.uniform(0.1, 0.3)) ** 2))
        here = posture.wrists[:, side]
        posture.wrists[:, side] += rng.uniform(0.2, 0.7) * passing[:, None] * (way - here)


def _sway(posture: Posture, times: np.ndarray, rng: np.random.Generator) -> None:
    """Nobody stands quite still."""
    for part, size in (("wrists", 0.025), ("head", 4.0), ("trunk", 2.0), ("hands", 4.0)):
        values = getattr(posture, part)
        knots = np.arange(times[0] - 1, times[-1] + 2, rng.uniform(0.4, 1.2))
        drift = rng.normal(0, size * rng.random(), (len(knots), *values.shape[1:]))
        values += CubicSpline(knots, drift)(times)


def _oscillation(
    times: np.ndarray, rng: np.random.Generator, slowest: float, fastest: float
) -> np.ndarray:
    """[T] from -1 to 1, about as often a second as said, as evenly as people can."""
    rate = np.exp(rng.uniform(np.log(slowest), np.log(fastest)))
    unsteady = rng.uniform(0, 0.6) * np.sin(rng.uniform(1, 4) * times + rng.uniform(0, 6))
    return np.sin(2 * np.pi * (rate * times + rng.random()) + unsteady)


def _smooth(share: np.ndarray) -> np.ndarray:
    """0 to 1, slow at both ends."""
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def _mix(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    share = share.reshape(-1, *(1,) * (first.ndim - 1))
    return first * (1 - share) + second * share


def describe() -> list[str]:
    """What it can do, for `python -m datasets show synthetic_body`."""
    known = {**POSES, **MOVEMENTS}
    return [f"{name}: {(act.__doc__ or '').splitlines()[0]}" for name, act in known.items()]
