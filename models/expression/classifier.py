"""Which expression a face shows: a calibrated scikit-learn pipeline on the face's geometry.

It speaks of expressions as people would name them, never of what somebody feels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn import config_context
from sklearn.pipeline import Pipeline

from models import registry
from models.expression.geometry import MeanFace, align, features, mirrored
from models.expression.movements import movements

NAME = "expression"
CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
TRUSTED: tuple[str, ...] = ()
"""Types beyond scikit-learn's and numpy's that the file may hold: none."""


class ExpressionClassifier:
    """Probabilities of the seven expressions."""

    def __init__(self, pipeline: Pipeline, mean: MeanFace) -> None:
        self._pipeline = pipeline
        self._mean = mean
        found = tuple(str(name) for name in pipeline.classes_)
        if found != CLASSES:
            raise registry.ModelError(
                f"the expression model knows {', '.join(found)} and not {', '.join(CLASSES)}:"
                " train it again with 'python -m models train expression'"
            )

    @classmethod
    def load(cls, folder: Path = registry.WEIGHTS) -> ExpressionClassifier:
        """The model in `models/weights/`; raises registry.ModelError."""
        return cls(registry.load_pipeline(NAME, TRUSTED, folder), MeanFace.load(folder))

    def read(self, face: np.ndarray, aspect: float) -> dict[str, float]:
        """Probability of each expression, summing to 1.

        face [468, 3] in picture coordinates; `aspect` is the picture's width divided
        by its height.  Raises ValueError on another shape or on values that are not
        numbers.
        """
        return self.read_with_movements(face, aspect)[0]

    def read_with_movements(
        self, face: np.ndarray, aspect: float
    ) -> tuple[dict[str, float], dict[str, float]]:
        """As `read`, and how the parts of the same face are moved (`movements.NAMES`)."""
        aligned = align(face, aspect, self._mean).points
        shares = self.read_aligned(aligned[None])[0]
        return dict(zip(CLASSES, shares.tolist(), strict=True)), movements(aligned)

    def read_aligned(self, aligned: np.ndarray) -> np.ndarray:
        """[N, 7] from faces [N, 468, 3] on the mean face: the mean of what each face and
        its mirror image say, so that left and right are the same."""
        both = np.concatenate((aligned, mirrored(aligned, self._mean)))
        with config_context(assume_finite=True, skip_parameter_validation=True):
            shares = self._pipeline.predict_proba(features(both))
        return shares.reshape(2, len(aligned), len(CLASSES)).mean(0)
