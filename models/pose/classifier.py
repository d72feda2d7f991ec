"""Which pose or movement a body shows: a calibrated scikit-learn pipeline on a window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.pipeline import Pipeline

from models import registry
from models.core.fast_predict import probabilities
from models.pose.window import Window

NAME = "pose"
TRUSTED: tuple[str, ...] = ()
"""Types beyond scikit-learn's and numpy's that the file may hold: none."""


class PoseClassifier:
    """Probabilities of the poses and movements that the model file names."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.classes: tuple[str, ...] = tuple(str(name) for name in pipeline.classes_)

    @classmethod
    def load(cls, folder: Path = registry.WEIGHTS) -> PoseClassifier:
        """The model in `models/weights/`; raises registry.ModelError."""
        return cls(registry.load_pipeline(NAME, TRUSTED, folder))

    def read(self, window: Window) -> dict[str, float]:
        """Probability of each class, summing to 1; raises IndexError while there is no body."""
        return self.read_features(window.features())

    def read_features(self, row: np.ndarray) -> dict[str, float]:
        """The same from a window's features [F]."""
        shares = probabilities(self.pipeline, row[None])[0]
        return dict(zip(self.classes, shares.tolist(), strict=True))
