"""Trains the pose classifier: `python -m models train pose`.

Real bodies where there are any, synthetic ones beside them; how each recording is
labelled is said in `recorded`.  Evaluation leaves out one group (a person or a
recording) at a time and is done on real bodies only; the model that is kept has seen
all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from datasets import gestures, signing, synthetic_body
from models import metrics, registry
from models.pose import rules
from models.pose.classifier import NAME
from models.pose.geometry import (
    LEFT_ELBOW,
    LEFT_SHOULDER,
    LEFT_WRIST,
    RIGHT_ELBOW,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
    features_many,
    mirrored,
)
from models.pose.landmarks import signing_bodies

CLASSES = ("neutral", "arms_up", "arms_out", "arms_crossed")
SHAPES = (1.0, 4 / 3, 16 / 9)
"""Aspects tried for recordings that do not say theirs."""
SYNTHETIC = {"neutral": 12000, "arms_up": 4000, "arms_out": 4000, "arms_crossed": 6000}
COMPOSED = 4000
HIDDEN = 64, 32
SHARE = {"neutral": 0.6, "arms_up": 0.12, "arms_out": 0.12, "arms_crossed": 0.16}
"""How much each class weighs: doing nothing is what visitors mostly do, and a pose
seen where there is none is worse than one missed."""
SHARE_OF_REAL = 0.6
"""How much of a class weighs on its real bodies, the rest on synthetic ones."""


@dataclass(frozen=True)
class Samples:
    """Features with their labels and where they come from."""

    table: np.ndarray
    """[N, F]"""
    labels: np.ndarray
    """[N] names of poses."""
    groups: np.ndarray
    """[N] person or recording; 'synthetic …' for what was made up."""

    def __getitem__(self, rows: np.ndarray) -> Samples:
        return Samples(self.table[rows], self.labels[rows], self.groups[rows])


def together(parts: Sequence[Samples]) -> Samples:
    """One after the other."""
    return Samples(
        np.concatenate([part.table for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def both_sides(
    bodies: np.ndarray, aspects: float | np.ndarray, labels: np.ndarray, group: str | np.ndarray
) -> Samples:
    """Features of bodies [N, 33, 4] and of their mirror images; BETWEEN is left out."""
    keep = labels != rules.BETWEEN
    bodies, labels = bodies[keep], labels[keep]
    aspects = np.broadcast_to(aspects, keep.shape)[keep]
    groups = np.broadcast_to(group, keep.shape)[keep]
    plain = features_many(bodies, aspects)
    turned = features_many(mirrored(bodies), aspects)
    return Samples(
        np.concatenate((plain, turned)), np.tile(labels, 2), np.tile(groups, 2).astype(object)
    )


def recorded(rng: np.random.Generator) -> Samples:
    """Every real body there is, labelled.

    bicep curl, semaphore: neutral.  Wakanda forever, reverse fly: by the rules.
    Arm signals: given with one arm, so neutral, but for one person who stands by with
    folded arms (by the rules).  Signing: neutral.
    """
    parts = []
    for about in (gestures.EXERCISES, gestures.SEMAPHORE):
        recording = gestures.load_csv(about)
        names = np.array(recording.classes)
        for name in np.unique(names):
            bodies = recording.bodies[names == name]
            for aspect in SHAPES:
                labels = rules.label(features_many(bodies, aspect))
                if name == "Wakanda forever":
                    labels[labels == "neutral"] = rules.BETWEEN
                elif name != "Reverse fly":
                    labels[labels != "arms_up"] = "neutral"
                    # Somebody bent over or lying: hands and head change places.
                    labels[labels == "arms_up"] = rules.BETWEEN
                parts.append(both_sides(bodies, aspect, labels, name))
    arms = gestures.load_arm_signals()
    labels = rules.label(features_many(arms.bodies, 1.0))
    folded = (labels == "arms_crossed") & (arms.signals == arms.names.index("standby"))
    labels[~folded & (labels != rules.BETWEEN)] = "neutral"
    people = np.array([f"arm signals, person {number}" for number in arms.people])
    parts.append(both_sides(arms.bodies, 1.0, labels, people))
    for number in np.unique(arms.people):
        parts.append(two_arms(arms, number, rng))
    signs = signing_bodies()
    people = np.array([f"signing, person {number}" for number in signs.people])
    neutral = np.full(len(people), "neutral")
    parts.append(both_sides(signs.bodies, signs.aspects, neutral, people))
    return together(parts)


def two_arms(arms: gestures.ArmSignals, person: int, rng: np.random.Generator) -> Samples:
    """One person's arm signals, given with both arms.

    The left arm of a frame is replaced by the mirrored right arm of another: two right
    arms raised are arms up, two held aside are arms out.  Labelled by the rules.
    """
    own = arms.people == person
    signal = np.array(arms.names)[arms.signals]
    raised = np.flatnonzero(own & np.isin(signal, ("stop", "attention", "speed-up")))
    aside = np.flatnonzero(own & np.isin(signal, ("turn-left", "slow-down")))
    rest = np.flatnonzero(own & np.isin(signal, ("ready", "crank", "kill")))
    pairs = [
        (rng.choice(first, COMPOSED // 4), rng.choice(second, COMPOSED // 4))
        for first, second in ((raised, raised), (aside, aside), (raised, aside), (rest, raised))
    ]
    right, left = (np.concatenate(side) for side in zip(*pairs, strict=True))
    bodies = arms.bodies[right].copy()
    for point, other in ((LEFT_ELBOW, RIGHT_ELBOW), (LEFT_WRIST, RIGHT_WRIST)):
        away = arms.bodies[left, other, :2] - arms.bodies[left, RIGHT_SHOULDER, :2]
        bodies[:, point, :2] = bodies[:, LEFT_SHOULDER, :2] + away * (-1, 1)
    labels = rules.label(features_many(bodies, 1.0))
    labels[labels == "arms_crossed"] = rules.BETWEEN
    return both_sides(bodies, 1.0, labels, f"arm signals, person {person}")


def synthetic(counts: dict[str, int], rng: np.random.Generator) -> Samples:
    """Synthetic bodies whose picture shows their pose.

    Left out are named poses whose arms are hidden, and bodies that look like another
    pose than the one they were put in.
    """
    parts = []
    for pose, count in counts.items():
        bodies, aspects = synthetic_body.make(pose, count, rng)
        seen = rules.label(features_many(bodies, aspects))
        labels = np.full(count, pose, object)
        if pose == "neutral":
            wrong = np.isin(seen, [name for name in CLASSES if name != "neutral"])
        else:
            elbows = bodies[:, [LEFT_ELBOW, RIGHT_ELBOW], 3].min(1)
            wrists = bodies[:, [LEFT_WRIST, RIGHT_WRIST], 3].max(1)
            wrong = (seen == "neutral") | (elbows < 0.4) | (wrists < 0.4)
        labels[wrong] = rules.BETWEEN
        parts.append(both_sides(bodies, aspects, labels.astype(str), f"synthetic {pose}"))
    return together(parts)


def weights(samples: Samples) -> np.ndarray:
    """[N] so that every class has its SHARE, real and made-up bodies theirs within it,
    and every group of real bodies the same."""
    made_up = np.char.startswith(samples.groups.astype(str), "synthetic")
    weight = np.zeros(len(samples.labels))
    for name, share in SHARE.items():
        inside = samples.labels == name
        real = np.unique(samples.groups[inside & ~made_up])
        part = SHARE_OF_REAL if len(real) else 0.0
        for group in real:
            rows = inside & (samples.groups == group)
            weight[rows] = share * part / len(real) / rows.sum()
        rows = inside & made_up
        weight[rows] = share * (1 - part) / max(rows.sum(), 1)
    return weight * len(weight) / weight.sum()


def fit(samples: Samples, seed: int, rounds: int) -> Pipeline:
    """One pipeline on these samples."""
    pipeline = make_pipeline(
        StandardScaler(),
        MLPClassifier(
            HIDDEN, alpha=1e-3, batch_size=512, max_iter=rounds, tol=0, random_state=seed
        ),
    )
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(
            samples.table, samples.labels, mlpclassifier__sample_weight=weights(samples)
        )
    return pipeline


def in_order(pipeline: Pipeline, table: np.ndarray) -> np.ndarray:
    """Probabilities [N, C] in the order of CLASSES."""
    order = [list(pipeline.classes_).index(name) for name in CLASSES]
    return pipeline.predict_proba(table)[:, order]


def cool(pipeline: Pipeline, temperature: float) -> None:
    """Divides the network's logits by a temperature, inside its last layer."""
    network = pipeline[-1]
    network.coefs_[-1] = network.coefs_[-1] / temperature
    network.intercepts_[-1] = network.intercepts_[-1] / temperature


def train(
    seed: int = 0,
    rounds: int = 30,
    folder: Path = registry.WEIGHTS,
    counts: dict[str, int] | None = None,
) -> dict[str, Any]:
    """Trains, evaluates and writes the model with its card; returns the metrics."""
    rng = np.random.default_rng(seed)
    counts = counts or SYNTHETIC
    real = recorded(rng)
    made_up = synthetic(counts, rng)
    unseen = synthetic({pose: count // 4 for pose, count in counts.items()}, rng)

    groups = np.unique(real.groups)
    probabilities = np.zeros((len(real.labels), len(CLASSES)))
    for group in tqdm(groups, desc="left out", unit="group"):
        out = real.groups == group
        pipeline = fit(together([real[~out], made_up]), seed, rounds)
        probabilities[out] = in_order(pipeline, real.table[out])
    numbers = np.array([CLASSES.index(name) for name in real.labels])
    balance = weights(together([real, made_up]))[: len(numbers)]
    temperature = metrics.best_temperature(
        np.eye(len(CLASSES))[numbers] * balance[:, None], probabilities
    )
    probabilities = probabilities ** (1 / temperature)
    probabilities /= probabilities.sum(1, keepdims=True)

    pipeline = fit(together([real, made_up]), seed, rounds)
    cool(pipeline, temperature)
    left_out = metrics.classification(numbers, probabilities, CLASSES)
    made = metrics.classification(
        np.array([CLASSES.index(name) for name in unseen.labels]),
        in_order(pipeline, unseen.table),
        CLASSES,
    )
    per_group = {}
    for group in groups:
        rows = real.groups == group
        guess = np.array(CLASSES)[probabilities[rows].argmax(1)]
        per_group[group] = {
            "accuracy": round(float((guess == real.labels[rows]).mean()), 4),
            "samples": int(rows.sum()),
            "labels": _counts(real.labels[rows]),
            "read_as": _counts(guess),
        }
    found = {
        "real, one group left out at a time": left_out,
        "per group left out": per_group,
        "synthetic, unseen": made,
        "temperature": round(temperature, 3),
    }
    report(found)
    registry.save_pipeline(NAME, pipeline, about(seed, found), folder)
    return found


def _counts(labels: np.ndarray) -> dict[str, int]:
    names, counts = np.unique(labels, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def report(found: dict[str, Any]) -> None:
    """Prints the figures as they stand in the card."""
    print("\nreal bodies, one person or recording left out at a time")
    print(metrics.table(found["real, one group left out at a time"]))
    for group, row in found["per group left out"].items():
        print(f"  {group:<26}{row['accuracy']:>8.4f}  {row['labels']} read as {row['read_as']}")
    print("\nsynthetic bodies, unseen")
    print(metrics.table(found["synthetic, unseen"]))


def about(seed: int, found: dict[str, Any]) -> dict[str, Any]:
    """The card, but for what the registry adds."""
    sources = (
        gestures.ARM_SIGNALS,
        gestures.EXERCISES,
        gestures.SEMAPHORE,
        signing.ABOUT,
        synthetic_body.ABOUT,
    )
    return {
        "what": "pose of the arms from the upper body's geometry: "
        "standard scaling and a multilayer perceptron",
        "classes": list(CLASSES),
        "command": f"python -m models train pose --seed {seed}",
        "seed": seed,
        "data": [
            {"name": s.name, "what": s.what, "origin": s.origin, "licence": s.licence}
            for s in sources
        ],
        "terms": "; ".join(dict.fromkeys(s.terms for s in sources if s.terms != "none"))
        + ". The model holds no row of any of them.",
        "metrics": found,
        "intended_use": "gestures that steer an art installation; arms crossed and held"
        " clears the scene",
        "limits": "Both arms must be in view to be named. Arms up and out with two arms are"
        " composed from people who gave them with one; folded arms come from two people and"
        " from synthetic bodies. Sitting people seen from the side are rare in the data.",
    }


