"""Teaches poses from a few recordings, in seconds: `teach(takes, others)`.

Somebody who comes to hold a pose comes from something else: of every recording, films are
composed that begin and end with ordinary behaviour, a little varied, as other people would
give the pose.  NONE is learnt from recorded ordinary behaviour, from synthetic people who do
everything that ships, and from the recorded people with such arms: so that it is the pose that
is learnt, and not who gave it.  Figures come from what was left out: one recording at a time, and
one person at a time where there are several.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from datasets import synthetic_films
from datasets.arrays import keep_arrays, kept_arrays
from datasets.synthetic_films import BEGUN, SETTLED
from models.core import metrics
from models.core.perceptron import cool, forget_training
from models.pose.classifier import PoseClassifier
from models.pose.geometry import (
    FEATURES,
    FINE,
    LEFT_ELBOW,
    LEFT_SHOULDER,
    LEFT_WRIST,
    RIGHT_ELBOW,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
    features_many,
    mirrored,
)
from models.pose.rules import BETWEEN
from models.pose.samples import spaced
from models.pose.take import NONE, Take, resampled
from models.pose.taught import WINDOW, combined
from models.pose.train import CLASSES, as_seen, fit, in_order
from models.pose.window import FEATURES as WINDOW_FEATURES
from models.pose.window import features_at

OTHER = "another pose"
"""A pose that ships, in tables of what was read."""
FILMS = dict.fromkeys(CLASSES, 30) | {NONE: 220}
"""How many synthetic films of each stand for everybody else."""
RATE = 20
"""Frames a second of composed films."""
BEFORE = 1.5
"""Seconds of ordinary behaviour at both ends of a composed film."""
COPIES = 10
"""Films that are composed of each recording."""
OTHER_ARMS = 80
"""Windows of each recorded person with other arms."""
FAR = 0.4
"""Body units (of about 45 cm) by which a joint of the arms must be elsewhere in them."""
LET_GO = 0.7
"""Seconds after which a pose that was left is to be read no more."""
MOVES = 0.12
"""Body units: wrists that go about so far make a movement of a pose.  Of the arm signals, those
that are held stay below 0.11, and movements are above 0.16."""
SHARE_OF_NONE, SHARE_OF_MADE_UP, SHARE_OF_COMPOSED = 0.55, 0.4, 0.4
"""How much NONE weighs; how much of it, and of a pose that ships, on synthetic people; and how
much of NONE on composed windows."""
ROUNDS = 20
FOLDS = 6
"""At most so many trainings per table of figures; each still leaves whole recordings out."""
COOLEST = 4.0
NUMBERS = {name: number for number, name in enumerate(FEATURES)}
KEPT = [
    number
    for name, number in NUMBERS.items()
    if name in (*FINE, "shoulder width", "head height") or name.endswith("visible")
]
"""Columns of the geometry that say who it is, and nothing about the arms."""


@dataclass(frozen=True)
class Others:
    """Synthetic people doing what ships, and nothing."""

    table: np.ndarray
    """[N, F] float32 windows."""
    labels: np.ndarray
    """[N] of CLASSES."""
    apart: np.ndarray
    """[N] bool: never learnt from, to judge by."""
    films: np.ndarray
    """[P, BEFORE * RATE, len(geometry.FEATURES)] float32: how they come to do it."""
    acts: np.ndarray
    """[P] of CLASSES: what each film ends with."""

    @property
    def ordinary(self) -> np.ndarray:
        """The films of ordinary behaviour."""
        return self.films[self.acts == NONE]


@dataclass(frozen=True)
class Windows:
    """What is learnt from and judged by; `plain` ones are as they were recorded."""

    table: np.ndarray
    labels: np.ndarray
    takes: np.ndarray
    people: np.ndarray
    plain: np.ndarray
    """[N] bool: as it was recorded, not composed."""


def others(seed: int = 0, counts: dict[str, int] = FILMS) -> Others:
    """Made anew: four milliseconds a film."""
    rng = np.random.default_rng(seed)
    tables, labels, apart, films, acts = [], [], [], [], []
    ages = np.arange(round(BEFORE * RATE) - 1, -1, -1) / RATE
    for name, count in counts.items():
        for number in range(count):
            made = synthetic_films.film(name, rng)
            seen = as_seen(made.labels, made.bodies, made.aspect)
            table = features_many(made.bodies, made.aspect)
            ends = spaced(made.times, seen != BETWEEN)
            if len(ends):
                tables.append(features_at(made.times, table, ends).astype(np.float32))
                labels.append(seen[ends])
                apart.append(np.full(len(ends), number % 5 == 4))
            if seen[-1] == name and (name != NONE or (seen == NONE).all()):
                films.append(resampled(made.times, table, made.times[-1] - ages))
                acts.append(name)
    return Others(
        np.concatenate(tables),
        np.concatenate(labels),
        np.concatenate(apart),
        np.array(films, np.float32),
        np.array(acts),
    )


def kept_others(cache: Path) -> Others:
    """The same, made once; raises OSError when it cannot be kept."""
    key = f"{WINDOW} {sorted(FILMS.items())}"
    fields = ("table", "labels", "apart", "films", "acts")
    if (there := kept_arrays(cache, key, fields)) is not None:
        return Others(**there)
    made = others()
    keep_arrays(cache, key, {field: getattr(made, field) for field in fields})
    return made


def moves(table: np.ndarray, times: np.ndarray) -> dict[str, float]:
    """How far each wrist goes about, in body units (standard deviation), from geometry [T, G].

    Averages over a third of a second: what a tracker's trembling leaves of them is below 0.05.
    """
    wanted = np.arange(times[0], times[-1], 0.05)
    laid = resampled(times, table, wanted)
    spread = {}
    for side in ("left", "right"):
        way = laid[:, [NUMBERS[f"{side} wrist {axis}"] for axis in "xy"]]
        steady = [np.convolve(column, np.full(6, 1 / 6), "valid") for column in way.T]
        spread[side] = float(np.linalg.norm(np.std(steady, axis=1)))
    return spread


def varied(take: Take, rng: np.random.Generator) -> np.ndarray:
    """The take's bodies [T, 33, 4] as somebody else would look: turned a little, with other
    arms, a little differently held."""
    bodies = np.array(take.bodies, np.float64)
    points = bodies[..., :2] / (1, take.aspect)
    middle = points[:, [LEFT_SHOULDER, RIGHT_SHOULDER]].mean(1, keepdims=True)
    points = (points - middle) * (rng.uniform(0.85, 1.1), 1)
    width = np.abs(points[:, LEFT_SHOULDER, 0] - points[:, RIGHT_SHOULDER, 0]).mean()
    for shoulder, elbow, wrist in (
        (LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST),
        (RIGHT_SHOULDER, RIGHT_ELBOW, RIGHT_WRIST),
    ):
        hand = [wrist, wrist + 2, wrist + 4, wrist + 6]
        upper = points[:, elbow] - points[:, shoulder]
        fore = points[:, hand] - points[:, elbow][:, None]
        bend = rng.normal(0, 0.045, (2, 2)) * width
        points[:, elbow] = points[:, shoulder] + upper * rng.normal(1, 0.06) + bend[0]
        points[:, hand] = points[:, elbow][:, None] + fore * rng.normal(1, 0.06) + bend[1]
    points += rng.normal(0, 0.006, points.shape) * width
    bodies[..., :2] = (points + middle) * (1, take.aspect)
    return bodies


def windows_of(take: Take, others: Others, rng: np.random.Generator) -> Windows:
    """Windows of one recording as it is, and of films that are composed of it."""
    table = features_many(take.bodies, take.aspect)
    settles = BEGUN if max(moves(table, take.times).values()) > MOVES else SETTLED
    own = take.times - take.times[0]
    ends = spaced(own, own >= (settles if take.pose != NONE else 0.0))
    parts = [(features_at(own, table, ends), np.full(len(ends), take.pose), True)]
    if take.pose == NONE:
        turned = features_many(mirrored(take.bodies), take.aspect)
        parts.append((features_at(own, turned, ends), np.full(len(ends), NONE), False))
    else:
        for _ in range(COPIES):
            bodies = varied(take, rng)
            parts.append((*composed(own, features_many(bodies, take.aspect), take.pose,
                                    settles, others, rng), False))  # fmt: skip
        parts.append((*with_other_arms(own, table, take.pose, others, rng), False))
    count = [len(labels) for _, labels, _ in parts]
    return Windows(
        np.concatenate([table for table, _, _ in parts]).astype(np.float32),
        np.concatenate([labels for _, labels, _ in parts]),
        np.full(sum(count), take.id),
        np.full(sum(count), take.person),
        np.repeat([plain for _, _, plain in parts], count),
    )


def composed(
    own: np.ndarray,
    table: np.ndarray,
    pose: str,
    settles: float,
    others: Others,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Windows and labels of a film: ordinary behaviour, the pose, ordinary behaviour.

    own [T] seconds and table [T, G] of the recording; the way between is straight in the
    body's geometry, which arms nearly are.
    """
    first, last = others.ordinary[rng.integers(len(others.ordinary), size=2)]
    start = rng.uniform(0, max(own[-1] - 1.5, 0.0))
    lasts = min(rng.uniform(1.2, 3.0), own[-1] - start)
    pace = rng.uniform(0.85, 1.2)
    wanted = start + np.arange(0, lasts, pace / RATE)
    held = resampled(own, table, wanted)
    coming, going = (round(rng.uniform(0.15, 0.6) * RATE) for _ in range(2))

    def between(a: np.ndarray, b: np.ndarray, count: int) -> np.ndarray:
        share = np.linspace(0, 1, count + 2)[1:-1, None]
        share = share * share * (3 - 2 * share)
        return a * (1 - share) + b * share

    film = np.concatenate(
        (first, between(first[-1], held[0], coming), held, between(held[-1], last[0], going), last)
    )
    times = np.arange(len(film)) / RATE
    begins = len(first) + coming
    leaves = begins + len(held)
    labels = np.full(len(film), BETWEEN, object)
    labels[: len(first)] = NONE
    labels[begins:leaves] = pose
    labels[begins : begins + round(settles * RATE)] = BETWEEN
    labels[leaves + going + round(LET_GO * RATE) :] = NONE
    labels = labels.astype(str)
    # What has just been composed is mostly ordinary; the pose is what there is to learn.
    ends = np.flatnonzero(labels != BETWEEN)
    ends = ends[rng.permutation(len(ends))[: max(len(ends) // 2, 1)]]
    return features_at(times, film, ends), labels[ends]


def with_other_arms(
    own: np.ndarray, table: np.ndarray, pose: str, others: Others, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Windows, all NONE, of the recorded person with the arms of synthetic people.

    Proportions, head, hands and what is visible stay the recorded ones.  Arms that are near the
    recorded ones at the end are left out.
    """
    joints = [NUMBERS[f"{side} {joint} {axis}"] for side in ("left", "right")
              for joint in ("elbow", "wrist") for axis in "xy"]  # fmt: skip
    own_arms = table[:, joints].reshape(len(table), 4, 2)
    rows = []
    for number in rng.permutation(np.flatnonzero(others.acts != pose)):
        film = others.films[number].astype(np.float64)
        away = np.linalg.norm(own_arms - film[-1, joints].reshape(4, 2), axis=2).max(1)
        if away.min() < FAR:
            continue
        times = np.arange(len(film)) / RATE
        start = rng.uniform(0, max(own[-1] - times[-1], 0.0))
        film[:, KEPT] = resampled(own, table, start + times)[:, KEPT]
        rows.append(features_at(times, film, np.array([len(film) - 1]))[0])
        if len(rows) == OTHER_ARMS:
            break
    return np.array(rows).reshape(-1, len(WINDOW_FEATURES)), np.full(len(rows), NONE)


def together(parts: Sequence[Windows]) -> Windows:
    fields = ("table", "labels", "takes", "people", "plain")
    return Windows(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def weights(learnt: Windows, others_labels: np.ndarray, poses: Sequence[str]) -> np.ndarray:
    """[N + M]: every pose the same and NONE its share; within it synthetic people, composed
    windows and recorded people theirs; every recorded person the same."""
    count = len(others_labels)
    labels = np.concatenate((learnt.labels, others_labels))
    people = np.concatenate((learnt.people, np.full(count, "")))
    made_up = np.arange(len(labels)) >= len(learnt.labels)
    composed = np.concatenate((~learnt.plain, np.zeros(count, bool))) & (labels == NONE)
    weight = np.zeros(len(labels))
    for name in (NONE, *poses):
        share = SHARE_OF_NONE if name == NONE else (1 - SHARE_OF_NONE) / len(poses)
        inside = labels == name
        recorded = inside & ~made_up & ~composed
        parts = [(inside & made_up, SHARE_OF_MADE_UP), (inside & composed, SHARE_OF_COMPOSED)]
        parts = [(rows, part) for rows, part in parts if rows.any()]
        rest = 1 - sum(part for _, part in parts)
        for rows, part in parts:
            # Where nothing is recorded, the others share what it would have had.
            weight[rows] = share * (part if recorded.any() else part / (1 - rest)) / rows.sum()
        groups = np.unique(people[recorded])
        for person in groups:
            rows = recorded & (people == person)
            weight[rows] = share * rest / len(groups) / rows.sum()
    return weight * len(weight) / weight.sum()


def learn(learnt: Windows, others: Others, poses: Sequence[str], seed: int) -> Pipeline:
    """A pipeline over `poses` and NONE."""
    rest = ~others.apart
    labels = np.where(np.isin(others.labels[rest], poses), others.labels[rest], NONE)
    table = np.concatenate((learnt.table, others.table[rest]))
    weight = weights(learnt, labels, poses)
    return fit(table, np.concatenate((learnt.labels, labels)), weight, seed, ROUNDS)


def teach(
    takes: Sequence[Take],
    others: Others,
    shipped: PoseClassifier,
    seed: int = 0,
    progress: Callable[[str, float], None] = lambda what, share: None,
) -> tuple[Pipeline, dict[str, Any]]:
    """The classifier and its figures.  `progress` hears what is done and how far, 0 to 1.

    Raises ValueError without any recording of a pose.
    """
    poses = sorted({take.pose for take in takes} - {NONE})
    if not poses:
        raise ValueError("nothing has been recorded yet but ordinary behaviour")
    rng = np.random.default_rng(seed)
    parts = []
    for number, take in enumerate(takes):
        progress("Looking at the recordings", 0.2 * number / len(takes))
        parts.append(windows_of(take, others, rng))
    learnt = together(parts)
    found: dict[str, Any] = {}
    people = len(np.unique(learnt.people[learnt.labels != NONE]))
    tables = [("recording", learnt.takes)]
    if people > 1:
        tables.append(("person", learnt.people))
    for number, (unit, groups) in enumerate(tables):

        def step(share: float, number: int = number) -> None:
            progress("Leaving out one at a time", 0.2 + 0.7 * (number + share) / len(tables))

        found[unit], out = left_out(learnt, groups, others, shipped, poses, seed, step)
    progress("Learning from all", 0.9)
    pipeline = learn(learnt, others, poses, seed)
    temperature = 1.0
    if out is not None:
        labels, shares = out
        temperature = float(np.clip(metrics.best_temperature(labels, shares), 1.0, COOLEST))
    cool(pipeline[-1], temperature)
    forget_training(pipeline[-1])
    progress("Setting it off with everything else", 0.95)
    found |= {"temperature": round(temperature, 3), "alarms": alarms(pipeline, others, shipped)}
    return pipeline, found


def left_out(
    learnt: Windows,
    groups: np.ndarray,
    others: Others,
    shipped: PoseClassifier,
    poses: Sequence[str],
    seed: int,
    progress: Callable[[float], None],
) -> tuple[dict[str, Any], tuple[np.ndarray, np.ndarray] | None]:
    """What is read of each group [N] by a classifier that has not seen it, as it would be read
    live; and the labels and shares of the taught classifier alone, to set its temperature by.

    Only windows as they were recorded are judged, and only of what others have shown, too.
    """
    names = np.unique(groups)
    of_fold = np.arange(len(names)) % FOLDS
    classes = (*poses, NONE)
    rows, shares = [], []
    for fold in np.unique(of_fold):
        progress(float(fold) / min(FOLDS, len(names)))
        out = np.isin(groups, names[of_fold == fold])
        rest = Windows(*(getattr(learnt, name)[~out] for name in Windows.__dataclass_fields__))
        known = set(rest.labels) | {NONE}
        judged = np.flatnonzero(out & learnt.plain & np.isin(learnt.labels, list(known)))
        if len(judged) and known - {NONE}:
            pipeline = learn(rest, others, poses, seed)
            rows.append(judged)
            shares.append(in_order(pipeline, learnt.table[judged], classes))
    if not rows:
        return {"judged": 0, "not_judged": list(poses)}, None
    rows, taught = np.concatenate(rows), np.concatenate(shares)
    labels, read = learnt.labels[rows], as_live(learnt.table[rows], taught, classes, shipped)
    columns = [*classes, OTHER]
    confusion = [[int(((labels == a) & (read == b)).sum()) for b in columns] for a in classes]
    right = {}
    for name, counts in zip(classes, confusion, strict=True):
        # To do nothing that was taught is right, whatever pose that ships it is read as.
        good = counts[-2] + counts[-1] if name == NONE else counts[classes.index(name)]
        if sum(counts):
            right[name] = good / sum(counts)
    return {
        "judged": len(rows),
        "accuracy": round(float(np.mean(list(right.values()))), 4),
        "right": {name: round(share, 4) for name, share in right.items()},
        "not_judged": [name for name in poses if name not in right],
        "columns": columns,
        "confusion": confusion,
    }, (np.array([classes.index(label) for label in labels]), taught)


def as_live(
    table: np.ndarray, taught: np.ndarray, classes: Sequence[str], shipped: PoseClassifier
) -> np.ndarray:
    """[N] what is read of windows [N, F] when the taught classifier says [N, K] of `classes`:
    one of them, or OTHER."""
    names, shares = combined(
        shipped.classes, shipped.pipeline.predict_proba(table), classes, taught
    )
    read = np.array(names)[shares.argmax(1)]
    return np.where(np.isin(read, list(classes)), read, OTHER)


def alarms(pipeline: Pipeline, others: Others, shipped: PoseClassifier) -> dict[str, Any]:
    """How often synthetic people nobody has learnt from set a taught pose off, by what they do,
    and how well what ships is still read beside what it was without the taught poses."""
    table, labels = others.table[others.apart], others.labels[others.apart]
    plain = shipped.pipeline.predict_proba(table)
    before = np.array(shipped.classes)[plain.argmax(1)]
    taught = pipeline.predict_proba(table)
    names, shares = combined(shipped.classes, plain, list(pipeline.classes_), taught)
    now = np.array(names)[shares.argmax(1)]
    poses = set(pipeline.classes_) - {NONE}
    wrong = np.isin(now, list(poses)) & (now != labels) & (now != before)
    by_pose = {}
    for name in np.unique(labels[wrong]):
        read, counts = np.unique(now[wrong & (labels == name)], return_counts=True)
        by_pose[str(name)] = {
            "share": round(float(wrong[labels == name].mean()), 4),
            "as": str(read[counts.argmax()]),
        }
    nothing = labels == NONE
    return {
        "ordinary": round(float(wrong[nothing].mean()), 4),
        "shipped": round(float(wrong[~nothing].mean()), 4),
        "by_pose": by_pose,
        "right_before": round(float((before == labels)[~nothing].mean()), 4),
        "right_now": round(float((now == labels)[~nothing].mean()), 4),
    }


def figure(takes: Sequence[Take]) -> dict[str, Any]:
    """How a pose is drawn, from all its recordings: for each arm "elbow" and "wrist" [x, y] from
    its shoulder in body units, x away from the trunk and y up, and "moves", whether it does."""
    tables = [features_many(take.bodies, take.aspect) for take in takes]
    means = np.mean([np.median(table, 0) for table in tables], 0)
    spreads = [moves(table, take.times) for table, take in zip(tables, takes, strict=True)]
    return {
        side: {
            **{
                joint: [round(float(means[NUMBERS[f"{side} {joint} {axis}"]]), 3) for axis in "xy"]
                for joint in ("elbow", "wrist")
            },
            "moves": bool(np.mean([spread[side] for spread in spreads]) > MOVES),
        }
        for side in ("left", "right")
    }
