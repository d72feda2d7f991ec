"""The ten arm signals, for comparison: are strangers understood through the window?

One person is left out at a time.  The same pipeline learns the signals once from windows,
once from raw coordinates of single frames.  Standing by is no signal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sklearn.pipeline import Pipeline

from datasets.gestures import ArmSignals
from models.pose.geometry import features_many
from models.pose.recorded import VIDEO_RATE, signal_films
from models.pose.samples import Film, Samples, samples_of
from models.pose.train import fit, weights
from models.pose.window import features_at

NO_SIGNAL = "standby"
HEARD = 0.3
"""Seconds for which a new signal must be read before it counts as understood."""
BEFORE, AFTER = 1.5, 4.0
"""Seconds of one signal and of the next, when somebody changes from one to the other."""
CHANGES = 150
"""Changes of signal per person that are timed."""


@dataclass(frozen=True)
class Understood:
    """How well each left out person was understood."""

    people: dict[str, float]
    """Accuracy: the mean over the ten signals, so that long clips count no more."""
    signals: dict[str, float]
    """Mean recall over the people."""
    delay: dict[str, float]
    """Seconds from a change of signal until the new one is read: "median", and "most", within
    which nine of ten are; empty when it learnt from single frames."""


def understood(arms: ArmSignals, seed: int, rounds: int, raw: bool = False) -> Understood:
    """The figures; `raw` learns from coordinates of single frames."""
    films = [film for film, name in signal_films(arms) if name != NO_SIGNAL]
    samples = samples_of(films, both_sides=False)
    if raw:
        samples = replace(samples, table=samples.raw)
    names = np.unique(samples.labels)
    rng = np.random.default_rng(seed)
    people, recalls, delays = {}, [], []
    for person in np.unique(samples.groups):
        out = samples.groups == person
        rest = samples[~out]
        pipeline = fit(rest.table, rest.labels, equal(rest), seed, rounds)
        right = pipeline.predict(samples.table[out]) == samples.labels[out]
        recall = [right[samples.labels[out] == name].mean() for name in names]
        people[str(person)] = float(np.mean(recall))
        recalls.append(recall)
        if not raw:
            own = [film for film in films if film.group == person]
            for _ in range(CHANGES):
                first = own[rng.integers(len(own))]
                others = [film for film in own if film.labels[0] != first.labels[0]]
                delays.append(delay(pipeline, first, others[rng.integers(len(others))], rng))
    signals = dict(zip(names.tolist(), np.mean(recalls, 0).tolist(), strict=True))
    if not delays:
        return Understood(people, signals, {})
    median, most = np.quantile(delays, [0.5, 0.9], method="lower").round(3)
    return Understood(people, signals, {"median": float(median), "most": float(most)})


def equal(samples: Samples) -> np.ndarray:
    """[N] weights: every signal the same."""
    return weights(samples, dict.fromkeys(np.unique(samples.labels).tolist(), 1.0))


def delay(pipeline: Pipeline, first: Film, second: Film, rng: np.random.Generator) -> float:
    """Seconds after a sudden change from one signal to the next until it is read."""
    before, after = round(BEFORE * VIDEO_RATE), round(AFTER * VIDEO_RATE)
    start = rng.integers(max(len(first.times) - before, 1))
    then = rng.integers(max(len(second.times) - after, 1))
    bodies = np.concatenate(
        (first.bodies[start : start + before], second.bodies[then : then + after])
    )
    changed = min(before, len(first.times) - start)
    times = np.arange(len(bodies)) / VIDEO_RATE
    ends = np.arange(changed, len(bodies))
    windows = features_at(times, features_many(bodies, second.aspect), ends)
    right = pipeline.predict(windows) == second.labels[0]
    length = round(HEARD * VIDEO_RATE)
    for frame in range(len(right) - length):
        if right[frame : frame + length].all():
            return frame / VIDEO_RATE
    return float("inf")
