"""Labelled windows: what any pose classifier is trained on and judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.pose.geometry import NEEDED, features_many, mirrored
from models.pose.rules import BETWEEN
from models.pose.window import features_at

SPACING = 0.13
"""Seconds between windows of one film: nearer ones are nearly equal."""
OTHER_SIDE = {
    "left_arm_up": "right_arm_up",
    "right_arm_up": "left_arm_up",
    "left_arm_out": "right_arm_out",
    "right_arm_out": "left_arm_out",
}
"""Pose -> what a mirror makes of it; the others stay what they are."""


@dataclass(frozen=True)
class Film:
    """Bodies of one person in the order of time."""

    times: np.ndarray
    """[T] seconds, rising."""
    bodies: np.ndarray
    """[T, 33, 4] in picture coordinates."""
    aspect: float
    labels: np.ndarray
    """[T] what is to be read by then; BETWEEN for frames that are not to be learnt from."""
    group: str
    """Person or recording; 'synthetic …' for what was made up."""

    def mirrored(self) -> Film:
        labels = [OTHER_SIDE.get(label, label) for label in self.labels]
        return replace(self, bodies=mirrored(self.bodies), labels=np.array(labels))


@dataclass(frozen=True)
class Samples:
    """Windows with their labels and where they come from."""

    table: np.ndarray
    """[N, F] float32, `window.FEATURES`."""
    raw: np.ndarray
    """[N, 21] float32: x, y, visibility of NEEDED points in the newest frame, as recorded."""
    labels: np.ndarray
    """[N]"""
    groups: np.ndarray
    """[N]"""

    def __getitem__(self, rows: np.ndarray) -> Samples:
        return Samples(self.table[rows], self.raw[rows], self.labels[rows], self.groups[rows])

    @property
    def made_up(self) -> np.ndarray:
        """[N] whether it is a synthetic body."""
        return np.char.startswith(self.groups, "synthetic")


def together(parts: Sequence[Samples]) -> Samples:
    """One after the other."""
    return Samples(
        np.concatenate([part.table for part in parts]),
        np.concatenate([part.raw for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def samples_of(films: Sequence[Film], both_sides: bool = True) -> Samples:
    """The windows of all films, and of their mirror images; BETWEEN is left out."""
    parts = []
    for film in films:
        ends = spaced(film.times, film.labels != BETWEEN)
        if not len(ends):
            continue
        for side in (film, film.mirrored()) if both_sides else (film,):
            table = features_many(side.bodies, side.aspect)
            raw = side.bodies[np.ix_(ends, NEEDED, (0, 1, 3))].reshape(len(ends), -1)
            windows = features_at(side.times, table, ends).astype(np.float32)
            group = np.full(len(ends), side.group)
            parts.append(Samples(windows, raw.astype(np.float32), side.labels[ends], group))
    return together(parts)


def spaced(times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The first of the wanted frames, and each that is SPACING after the one before."""
    ends, last = [], -np.inf
    for number in np.flatnonzero(wanted):
        if times[number] - last >= SPACING:
            ends.append(number)
            last = times[number]
    return np.array(ends, int)


def settled(times: np.ndarray, labels: np.ndarray, seconds: float) -> np.ndarray:
    """[T] the labels, BETWEEN where they have not been the same for so long."""
    changes = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    since = np.full(len(times), -np.inf)
    for change in changes:
        since[change:] = times[change]
    return np.where(times - since >= seconds, labels, BETWEEN)
