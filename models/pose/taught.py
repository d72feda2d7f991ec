"""Poses that staff have taught: a second classifier beside the one that ships.

It knows the taught poses and NONE, on the same windows.  What it says is laid over what the
model that ships says, as far as it is sure: `combined`.  `teach.py` trains it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn import config_context
from sklearn.pipeline import Pipeline

from models import registry
from models.pose.take import NONE, TAUGHT
from models.pose.window import FEATURES

DOUBT, SURE = 0.5, 0.9
"""Share of all taught poses together from which they begin to count, and count alone."""
WINDOW = hashlib.sha256("\n".join(FEATURES).encode()).hexdigest()[:16]
"""In the card: a model is only read with the window it was trained on."""


class TaughtClassifier:
    """Probabilities of the taught poses and NONE."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.classes: tuple[str, ...] = tuple(str(name) for name in pipeline.classes_)

    @classmethod
    def load(cls, folder: Path) -> TaughtClassifier:
        """The model in this folder; raises registry.ModelError, also when it was trained on
        other windows than this version of Mien reads."""
        if registry.card(TAUGHT, folder).get("window") != WINDOW:
            raise registry.ModelError(
                f"the taught poses in {folder.name} were learnt by another version of Mien:"
                " train them again in the workshop"
            )
        pipeline = registry.load_pipeline(TAUGHT, (), folder)
        if not isinstance(pipeline, Pipeline) or pipeline.n_features_in_ != len(FEATURES):
            raise registry.ModelError(f"what is in {folder.name} reads no windows: train it again")
        return cls(pipeline)

    def over(self, shares: Mapping[str, float], row: np.ndarray) -> dict[str, float]:
        """What the model that ships says of a window's features [F], with the taught poses."""
        with config_context(assume_finite=True, skip_parameter_validation=True):
            taught = self.pipeline.predict_proba(row[None])
        names, table = combined(
            list(shares), np.array([list(shares.values())]), self.classes, taught
        )
        return dict(zip(names, table[0].tolist(), strict=True))


def combined(
    shipped_names: Sequence[str],
    shipped: np.ndarray,
    taught_names: Sequence[str],
    taught: np.ndarray,
) -> tuple[list[str], np.ndarray]:
    """Names [D] and probabilities [N, D], summing to 1, from what the model that ships says
    [N, C] and the taught one [N, K].

    The taught poses take over as their share goes from DOUBT to SURE, in the proportions they
    have among themselves: a pose is named only when the taught classifier is sure of it.
    """
    names = list(dict.fromkeys((*shipped_names, *taught_names)))
    poses = [number for number, name in enumerate(taught_names) if name != NONE]
    told = taught[:, poses].sum(1, keepdims=True)
    way = np.clip((told - DOUBT) / (SURE - DOUBT), 0.0, 1.0)
    table = np.zeros((len(shipped), len(names)))
    table[:, : len(shipped_names)] = shipped * (1.0 - way)
    for number in poses:
        part = way[:, 0] * taught[:, number] / np.maximum(told[:, 0], 1e-9)
        table[:, names.index(taught_names[number])] += part
    return names, table
