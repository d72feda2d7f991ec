"""Steadiness over time: one-euro filter, shares of classes, a leader with hysteresis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from server.stage.mappings import Steadiness, Tuning
from server.values import Guess


class Track(NamedTuple):
    """Numbers that are followed together, such as a head's."""

    values: tuple[float, ...]
    speeds: tuple[float, ...]
    """Units per second."""
    seen: float
    """When they were last measured, in seconds of the session."""


class Shares(NamedTuple):
    """Smoothed probabilities of classes, and how far they can be trusted."""

    shares: Mapping[str, float]
    certainty: float
    """0 to 1; 1 from the confidence on that mappings.toml calls `trust`."""
    seen: float
    """When a Guess last came, in seconds of the session."""


class Leader(NamedTuple):
    """The class that counts, and the one that may follow it."""

    name: str
    held: float
    """Seconds for which it has led."""
    rival: str
    waited: float
    """Seconds for which the rival has asked for the lead."""


def smoothing_factor(dt: float, half_life: float) -> float:
    """How much of the way to its target something goes in `dt` seconds: 0 to 1."""
    return 1.0 - 2.0 ** (-dt / half_life)


def one_euro(
    value: float, speed: float, measured: float, dt: float, tuning: Tuning
) -> tuple[float, float]:
    """One step of the one-euro filter: the new value and speed.

    Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass
    Filter for Noisy Input in Interactive Systems", CHI 2012, algorithm 1: a
    low-pass filter whose cutoff rises with the speed.
    """
    if dt <= 0:
        return value, speed
    speed += _low_pass(tuning.speed_cutoff, dt) * ((measured - value) / dt - speed)
    cutoff = tuning.cutoff + tuning.beta * abs(speed)
    return value + _low_pass(cutoff, dt) * (measured - value), speed


def _low_pass(cutoff: float, dt: float) -> float:
    return 1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff * dt))


def follow(
    track: Track | None,
    measured: tuple[float, ...] | None,
    now: float,
    dt: float,
    tunings: tuple[Tuning, ...],
    grace: float,
) -> Track | None:
    """Filter what was measured; what is lost stays for `grace` seconds, then is None."""
    if measured is None:
        return track if track is not None and now - track.seen <= grace else None
    if track is None:
        return Track(measured, (0.0,) * len(measured), now)
    steps = [
        one_euro(value, speed, new, dt, tuning)
        for value, speed, new, tuning in zip(
            track.values, track.speeds, measured, tunings, strict=True
        )
    ]
    return Track(tuple(step[0] for step in steps), tuple(step[1] for step in steps), now)


def blend(
    old: Shares, guess: Guess | None, now: float, dt: float, limits: Steadiness, rest: str
) -> Shares:
    """Exponential smoothing in probability space, weighted by confidence.

    A doubtful guess moves the shares slowly.  Without a guess they stay for
    `limits.grace` seconds, then return to the class `rest`.
    """
    if guess is not None:
        confidence = float(guess.confidence)
        factor = smoothing_factor(dt * confidence, limits.half_life)
        sure = smoothing_factor(dt, limits.certainty_half_life)
        trusted = min(confidence / limits.trust, 1.0)
        certainty = old.certainty + sure * (trusted - old.certainty)
        return Shares(_mix(old.shares, guess.probabilities, factor), certainty, now)
    if now - old.seen <= limits.grace:
        return old
    factor = smoothing_factor(dt, limits.rest_half_life)
    return Shares(_mix(old.shares, {rest: 1.0}, factor), old.certainty * (1.0 - factor), old.seen)


def _mix(old: Mapping[str, float], new: Mapping[str, float], factor: float) -> dict[str, float]:
    # In order of first appearance: a set's order would differ between runs.
    names = dict.fromkeys((*old, *new))
    mixed = {
        name: (1.0 - factor) * old.get(name, 0.0) + factor * float(new.get(name, 0.0))
        for name in names
    }
    total = sum(mixed.values())
    return {name: share / total for name, share in mixed.items()}


def faded(shares: Mapping[str, float], certainty: float, rest: str) -> dict[str, float]:
    """The shares with doubt counted as the class `rest`."""
    result = {name: certainty * share for name, share in shares.items()}
    result[rest] = result.get(rest, 0.0) + 1.0 - certainty
    return result


def lead(
    leader: Leader, shares: Mapping[str, float], dt: float, limits: Steadiness, rest: str
) -> Leader:
    """Who leads now: another class only when it is clearly and lastingly ahead."""
    own = shares.get(leader.name, 0.0)
    best = max(shares, key=shares.__getitem__)
    wanted = leader.name
    if best != leader.name and shares[best] >= max(limits.enter, own + limits.margin):
        wanted = best
    elif own < limits.leave:
        wanted = rest
    held = leader.held + dt
    if wanted == leader.name:
        return Leader(leader.name, held, wanted, 0.0)
    waited = leader.waited + dt if wanted == leader.rival else 0.0
    if waited < limits.dwell:
        return Leader(leader.name, held, wanted, waited)
    return Leader(wanted, 0.0, wanted, 0.0)
