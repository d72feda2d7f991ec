"""Four classical pipelines on one Body Language Decoder CSV, side by side.

The comparison of BetaProject (logistic regression, ridge classifier, random forest,
gradient boosting on raw coordinates), with two differences: rows next to each other in
time never stand on both sides of the split, and the body's geometry is tried beside
the raw coordinates.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from datasets.gestures import read_csv
from models.pose.geometry import features_many

PIPELINES = {
    "logistic regression": lambda: make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=1000)
    ),
    "ridge classifier": lambda: make_pipeline(StandardScaler(), RidgeClassifier()),
    "random forest": lambda: RandomForestClassifier(random_state=0),
    "gradient boosting": lambda: HistGradientBoostingClassifier(random_state=0),
}
BLOCKS = 5
"""Every class's rows are cut into this many blocks in time; each is left out once."""
ASPECT = 4 / 3
"""Of the camera picture, which the CSV does not say."""


def compare(path: str | Path) -> str:
    """A table of accuracy and macro F1; raises OSError, BrokenCsv, or ValueError when
    there are too few rows or classes."""
    recording = read_csv(Path(path))
    for name, spellings in recording.merged.items():
        print(f"warning: {' and '.join(map(repr, spellings))} are one class: {name!r}",
              file=sys.stderr)  # fmt: skip
    labels = np.array(recording.classes)
    names, counts = np.unique(labels, return_counts=True)
    if len(names) < 2:
        raise ValueError(f"{path} holds one class ({names[0]}); two are the least")
    if counts.min() < BLOCKS:
        rare = names[counts.argmin()]
        raise ValueError(f"{path} holds {counts.min()} rows of {rare!r}; {BLOCKS} are the least")
    raw = recording.bodies.reshape(len(labels), -1)
    if recording.faces is not None:
        raw = np.concatenate((raw, recording.faces.reshape(len(labels), -1)), 1)
    tables = {
        "raw coordinates": raw,
        "body geometry": features_many(recording.bodies, ASPECT),
    }
    block = np.zeros(len(labels), int)
    for name in names:
        rows = np.flatnonzero(labels == name)
        block[rows] = np.arange(len(rows)) * BLOCKS // len(rows)

    lines = [f"{'pipeline':<22}{'features':<18}{'accuracy':>10}{'macro F1':>10}"]
    with tqdm(total=len(PIPELINES) * len(tables) * BLOCKS, unit="fit") as bar:
        for title, table in tables.items():
            for name, build in PIPELINES.items():
                guess = np.empty_like(labels)
                for number in range(BLOCKS):
                    out = block == number
                    guess[out] = build().fit(table[~out], labels[~out]).predict(table[out])
                    bar.update()
                accuracy = accuracy_score(labels, guess)
                f1 = f1_score(labels, guess, average="macro")
                lines.append(f"{name:<22}{title:<18}{accuracy:>10.3f}{f1:>10.3f}")
    return "\n".join(lines)
