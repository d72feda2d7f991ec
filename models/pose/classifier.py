"""Which pose a body takes: a calibrated scikit-learn pipeline on the body's geometry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn import config_context
from sklearn.pipeline import Pipeline

from models import registry
from models.pose.geometry import features

NAME = "pose"
TRUSTED: tuple[str, ...] = ()
"""Types beyond scikit-learn's and numpy's that the file may hold: none."""


class PoseClassifier:
    """Probabilities of the poses that the model file names."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.classes: tuple[str, ...] = tuple(str(name) for name in pipeline.classes_)

    @classmethod
    def load(cls, folder: Path = registry.WEIGHTS) -> PoseClassifier:
        """The model in `models/weights/`; raises registry.ModelError."""
        return cls(registry.load_pipeline(NAME, TRUSTED, folder))

    def read(self, body: np.ndarray, aspect: float) -> dict[str, float]:
        """Probability of each pose, summing to 1.

        body [33, 4] x, y, z, visibility in picture coordinates; `aspect` is the
        picture's width divided by its height.  Raises ValueError on another shape or
        on values that are not numbers.
        """
        row = features(body, aspect)[None]
        with config_context(assume_finite=True, skip_parameter_validation=True):
            shares = self._pipeline.predict_proba(row)[0]
        return dict(zip(self.classes, shares.tolist(), strict=True))
