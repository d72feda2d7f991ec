"""Trains the pose classifier: `python -m models train pose`.

Films of real people where there are any, synthetic ones beside them.  Evaluation leaves
out one group (a person or a recording) at a time and is done on real people only; the
model that is kept has seen all of them.  Classes that no real person shows are judged on
other synthetic people, and the card names them: SYNTHETIC_ONLY.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from datasets import gestures, signing, synthetic_body, synthetic_films
from datasets.synthetic_films import MOVEMENTS
from datasets.synthetic_poses import POSES
from models import registry
from models.core import metrics
from models.core.perceptron import cool, forget_training
from models.pose import rules
from models.pose.classifier import NAME
from models.pose.geometry import (
    LEFT_ELBOW,
    LEFT_WRIST,
    RIGHT_ELBOW,
    RIGHT_WRIST,
    features_many,
)
from models.pose.recorded import recorded
from models.pose.rules import BETWEEN
from models.pose.samples import Film, Samples, samples_of, together

CLASSES = (*POSES, *MOVEMENTS)
FILMS = dict.fromkeys(CLASSES, 350) | {"arms_crossed": 700, "neutral": 1800}
"""How many synthetic films of each."""
ROUNDS = 12
"""Of training."""
HIDDEN = 64, 32
SHARE = dict.fromkeys(CLASSES, 0.04) | {"arms_crossed": 0.06, "neutral": 0.42}
"""How much each class weighs: doing nothing is what visitors mostly do, and a pose
seen where there is none is worse than one missed."""
SHARE_OF_REAL, SHARE_OF_ONE = 0.6, 0.15
"""How much of a class weighs at most on its real people, and on each of them; the rest on
synthetic ones.  One person must not stand for all."""


def synthetic(counts: dict[str, int], rng: np.random.Generator) -> list[Film]:
    """Synthetic films, each pose labelled where the picture shows it.

    Left out are named poses whose arms are hidden, and bodies that look like another
    pose than the one they were put in.
    """
    films = []
    for name, count in counts.items():
        for _ in tqdm(range(count), desc=f"synthetic {name}", unit="film", leave=False):
            made = synthetic_films.film(name, rng)
            labels = as_seen(made.labels, made.bodies, made.aspect)
            films.append(Film(made.times, made.bodies, made.aspect, labels, f"synthetic {name}"))
    return films


def as_seen(labels: np.ndarray, bodies: np.ndarray, aspect: float) -> np.ndarray:
    """[T] the labels, BETWEEN where the picture [T, 33, 4] shows something else."""
    table = features_many(bodies, aspect)
    seen = rules.label(table)
    by_rule = np.isin(labels, [name for name in rules.CLASSES if name != "neutral"])
    by_head = np.isin(labels, ("nod", "shake"))
    elbows = bodies[:, [LEFT_ELBOW, RIGHT_ELBOW], 3].min(1)
    wrists = bodies[:, [LEFT_WRIST, RIGHT_WRIST], 3].max(1)
    hidden = (elbows < 0.4) | (wrists < 0.4)
    named = ~np.isin(seen, ("neutral", BETWEEN))
    quiet = (labels == "neutral") | by_head
    wrong = np.where(quiet, named, hidden)
    # Arms may be near a pose without being it; but they may not be another one.
    wrong |= by_rule & (seen != labels) & (seen != BETWEEN)
    wrong |= (labels == "hands_together") & rules.forearms_cross(table, longer=1.0)
    return np.where(wrong, BETWEEN, labels)


def weights(samples: Samples, share: dict[str, float] = SHARE) -> np.ndarray:
    """[N] so that every class has its share, real and made-up people theirs within it,
    and every group of real people the same."""
    made_up = samples.made_up
    weight = np.zeros(len(samples.labels))
    for name, part_of_class in share.items():
        inside = samples.labels == name
        real = np.unique(samples.groups[inside & ~made_up])
        synthetic_rows = inside & made_up
        part = min(SHARE_OF_ONE * len(real), SHARE_OF_REAL) if synthetic_rows.any() else 1.0
        for group in real:
            rows = inside & (samples.groups == group)
            weight[rows] = part_of_class * part / len(real) / rows.sum()
        weight[synthetic_rows] = part_of_class * (1 - part) / max(synthetic_rows.sum(), 1)
    return weight * len(weight) / weight.sum()


def fit(
    table: np.ndarray, labels: np.ndarray, weight: np.ndarray, seed: int, rounds: int
) -> Pipeline:
    """The pipeline on windows [N, F] with labels and weights [N]: all that is needed to
    teach it other classes."""
    batch = min(512, len(labels))
    pipeline = make_pipeline(
        StandardScaler(),
        MLPClassifier(
            HIDDEN, alpha=1e-3, batch_size=batch, max_iter=rounds, tol=0, random_state=seed
        ),
    )
    with warnings.catch_warnings():
        # A fixed number of rounds, whether it has converged or not.
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(table, labels, mlpclassifier__sample_weight=weight)
    return pipeline


def in_order(pipeline: Pipeline, table: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Probabilities [N, C] in the order of `classes`; 0 for one that it does not know."""
    known = list(pipeline.classes_)
    shares = pipeline.predict_proba(table)
    found = np.zeros((len(table), len(classes)))
    for number, name in enumerate(classes):
        if name in known:
            found[:, number] = shares[:, known.index(name)]
    return found


def left_out(
    real: Samples,
    made_up: Samples,
    classes: Sequence[str],
    seed: int,
    rounds: int,
    share: dict[str, float] = SHARE,
) -> np.ndarray:
    """Probabilities [N, C] of each group of `real`, by a pipeline that has not seen it."""
    probabilities = np.zeros((len(real.labels), len(classes)))
    for group in tqdm(np.unique(real.groups), desc="left out", unit="group"):
        out = real.groups == group
        rest = together([real[~out], made_up])
        pipeline = fit(rest.table, rest.labels, weights(rest, share), seed, rounds)
        probabilities[out] = in_order(pipeline, real.table[out], classes)
    return probabilities


def learn(
    real: Samples, made_up: Samples, unseen: Samples, seed: int, rounds: int
) -> tuple[Pipeline, dict[str, Any]]:
    """The classifier and its figures; each group of `real` is left out once for them."""
    probabilities = left_out(real, made_up, CLASSES, seed, rounds)
    both = together([real, made_up])
    balance = weights(both)[: len(real.labels)]
    temperature = metrics.best_temperature(
        np.eye(len(CLASSES))[numbers(real.labels)] * balance[:, None], probabilities
    )
    probabilities = probabilities ** (1 / temperature)
    probabilities /= probabilities.sum(1, keepdims=True)

    pipeline = fit(both.table, both.labels, weights(both), seed, rounds)
    cool(pipeline[-1], temperature)
    forget_training(pipeline[-1])
    return pipeline, figures(real, probabilities) | {
        "synthetic, unseen": metrics.classification(
            numbers(unseen.labels), in_order(pipeline, unseen.table, CLASSES), CLASSES
        ),
        "temperature": round(temperature, 3),
    }


def numbers(labels: np.ndarray) -> np.ndarray:
    """[N] index into CLASSES."""
    return np.array([CLASSES.index(name) for name in labels])


def figures(real: Samples, probabilities: np.ndarray) -> dict[str, Any]:
    """Per class and per group, of real people who were left out."""
    per_group = {}
    for group in np.unique(real.groups):
        rows = real.groups == group
        guess = np.array(CLASSES)[probabilities[rows].argmax(1)]
        per_group[str(group)] = {
            "accuracy": round(float((guess == real.labels[rows]).mean()), 4),
            "samples": int(rows.sum()),
            "labels": _counts(real.labels[rows]),
            "wrong": _counts(guess[guess != real.labels[rows]]),
        }
    shown = np.unique(real.labels)
    return {
        "real, one group left out at a time": metrics.classification(
            numbers(real.labels), probabilities, CLASSES
        ),
        "per group left out": per_group,
        "synthetic only": [name for name in CLASSES if name not in shown],
    }


def material(rng: np.random.Generator, films: dict[str, int] = FILMS) -> tuple[Samples, ...]:
    """Windows of real people, of synthetic ones, and of synthetic ones to judge by.

    Raises DataMissing.
    """
    real = samples_of(recorded(rng))
    made_up = samples_of(synthetic(films, rng), both_sides=False)
    few = {name: max(count // 5, 1) for name, count in films.items()}
    unseen = samples_of(synthetic(few, rng), both_sides=False)
    return real, made_up, unseen


def train(seed: int = 0, rounds: int = ROUNDS, folder: Path = registry.WEIGHTS) -> dict[str, Any]:
    """Trains on everything, prints the figures, writes the classifier with its card;
    returns the figures.  Raises DataMissing without the data."""
    pipeline, found = learn(*material(np.random.default_rng(seed)), seed, rounds)
    text = report(found)
    print(text)
    registry.save_pipeline(NAME, pipeline, about(seed, found), text, folder)
    return found


def _counts(labels: np.ndarray) -> dict[str, int]:
    names, counts = np.unique(labels, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def report(found: dict[str, Any]) -> str:
    """The figures as text."""
    only = found["synthetic only"]
    real = found["real, one group left out at a time"]
    shown = {name: row for name, row in real["per_class"].items() if name not in only}
    lines = [
        "real people, one person or recording left out at a time",
        metrics.table(real | {"per_class": shown}),
        "",
        f"synthetic only, never seen on a real person: {', '.join(only)}",
        "",
        "left out                    accuracy  windows and their mirror images",
    ]
    for group, row in found["per group left out"].items():
        labels = ", ".join(f"{name} {count}" for name, count in row["labels"].items())
        wrong = ", ".join(f"{name} {count}" for name, count in row["wrong"].items())
        lines.append(
            f"{group:<26}{row['accuracy']:>10.4f}  {labels}"
            + (f"; read wrongly as {wrong}" if wrong else "")
        )
    lines += ["", "synthetic people, unseen", metrics.table(found["synthetic, unseen"])]
    return "\n".join(lines)


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
        "what": "poses of the arms and short movements from the last 1.5 seconds of the upper"
        " body's geometry: standard scaling and a multilayer perceptron",
        "classes": list(CLASSES),
        "synthetic_only": found["synthetic only"],
        "command": f"python -m models train pose --seed {seed}",
        "seed": seed,
        "data": [
            {"name": s.name, "what": s.what, "origin": s.origin, "licence": s.licence}
            for s in sources
        ],
        "terms": "; ".join(dict.fromkeys(s.terms for s in sources if s.terms != "none"))
        + ". The model holds no row of any of them.",
        "metrics": found,
        "intended_use": "poses and movements that steer an art installation; arms crossed and"
        " held clears the scene. What is synthetic only triggers nothing that destroys",
        "limits": f"Synthetic only: {', '.join(found['synthetic only'])}; no real person who does"
        " them was there to learn from or to judge by. Both arms must be in view for a pose of the"
        " arms to be named. Arms up and out with two arms are composed from people who gave them"
        " with one; folded arms come from two people and from synthetic bodies. Waving comes from"
        " three people who wave one arm over the head. Sitting people seen from the side are rare"
        " in the data.",
    }
