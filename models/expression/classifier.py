"""Which expression a face shows: a calibrated scikit-learn pipeline.

It reads the geometry of the mesh, the head's turn, and what the compact network sees in the
picture; a recording has no picture, and is read by its geometry alone.

It speaks of expressions as people would name them, never of what somebody feels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.ensemble import StackingClassifier
from sklearn.pipeline import Pipeline

from datasets.faces import CLASSES
from models import registry
from models.core.fast_predict import probabilities
from models.expression.crop import grey_face
from models.expression.fusion import COLUMNS, MESH, rows_of
from models.expression.geometry import Aligned, MeanFace, align, angles, features, mirrored
from models.expression.live_network import LiveNetwork
from models.expression.movements import movements

NAME = "expression"
TRUSTED = ("numpy.clip", "numpy.take")
"""Functions that the file may name, beyond scikit-learn's and numpy's types."""
MEMBERS = ("network", "geometry", "head")
"""What a pipeline with a network weighs, in the order of its estimators."""


class ExpressionClassifier:
    """Probabilities of the seven expressions."""

    def __init__(
        self,
        pipeline: Pipeline | StackingClassifier,
        mean: MeanFace,
        network: LiveNetwork | None = None,
    ) -> None:
        """Without a `network` the pipeline is the geometry's alone."""
        self.pipeline, self.mean, self.network = pipeline, mean, network
        found = tuple(str(name) for name in pipeline.classes_)
        if found != CLASSES:
            raise registry.ModelError(
                f"the expression model knows {', '.join(found)} and not {', '.join(CLASSES)}:"
                " train it again with 'python -m models train expression'"
            )

    @classmethod
    def load(cls, folder: Path = registry.WEIGHTS) -> ExpressionClassifier:
        """The model in `models/weights/`; raises registry.ModelError."""
        pipeline = registry.load_pipeline(NAME, TRUSTED, folder)
        network = None
        if isinstance(pipeline, StackingClassifier):
            network = LiveNetwork.load(folder)
        return cls(pipeline, MeanFace.load(folder), network)

    def read(
        self, face: np.ndarray, aspect: float, picture: np.ndarray | None = None
    ) -> dict[str, float]:
        """Probability of each expression, summing to 1.

        face [468, 3] in coordinates of `picture` [H, W, 3] uint8 RGB; `aspect` is the
        picture's width divided by its height.  Without a picture the geometry decides.
        Raises ValueError on a face of another shape or on values that are not numbers.
        """
        return self.read_with_movements(face, aspect, picture)[0]

    def read_with_movements(
        self, face: np.ndarray, aspect: float, picture: np.ndarray | None = None
    ) -> tuple[dict[str, float], dict[str, float]]:
        """As `read`, and how the parts of the same face are moved (`movements.NAMES`)."""
        aligned = align(face, aspect, self.mean)
        points = aligned.points[None]
        if picture is None or self.network is None:
            shares = self.read_aligned(points)[0]
        else:
            embedding = self.network.embed(cut(picture, aligned)[None])
            shares = self.read_whole(embedding, points, aligned.rotation[None])[0]
        return dict(zip(CLASSES, shares.tolist(), strict=True)), movements(aligned.points)

    def look(self, face: np.ndarray, aspect: float, picture: np.ndarray) -> dict[str, float]:
        """As `read`, by the network alone."""
        aligned = align(face, aspect, self.mean)
        embedding = self.network.embed(cut(picture, aligned)[None])
        shares = self.read_member("network", aligned.points[None], embedding)[0]
        return dict(zip(CLASSES, shares.tolist(), strict=True))

    def read_aligned(self, aligned: np.ndarray) -> np.ndarray:
        """[N, 7] from faces [N, 468, 3] on the mean face, by geometry alone: the mean of what
        each face and its mirror image say, so that left and right are the same."""
        return self.read_member("geometry", aligned)

    def read_whole(
        self, embeddings: np.ndarray, aligned: np.ndarray, rotations: np.ndarray
    ) -> np.ndarray:
        """[N, 7] from embeddings [N, 192], faces on the mean face [N, 468, 3] and the head's
        rotations [N, 3, 3]; needs a network."""
        both = self.rows(embeddings, aligned, rotations)
        return _mean_of_both(self.pipeline, both)

    def rows(
        self, embeddings: np.ndarray, aligned: np.ndarray, rotations: np.ndarray
    ) -> np.ndarray:
        """[2N, 1599] what the pipeline reads: each face, then their mirror images."""
        turns = np.array([angles(rotation) for rotation in rotations])
        return np.concatenate(
            [
                rows_of(embeddings, features(points), turns)
                for points in (aligned, mirrored(aligned, self.mean))
            ]
        )

    def read_member(self, name: str, aligned: np.ndarray, embeddings: np.ndarray | None = None):
        """[N, 7] what one of MEMBERS says alone; "network" needs embeddings [N, 192]."""
        both = features(np.concatenate((aligned, mirrored(aligned, self.mean))))
        if self.network is None:
            return _mean_of_both(self.pipeline, both)
        rows = np.zeros((len(both), COLUMNS), np.float32)
        rows[:, MESH] = both
        if embeddings is not None:
            rows[:, : MESH.start] = np.tile(embeddings, (2, 1))
        return _mean_of_both(self.pipeline.estimators_[MEMBERS.index(name)], rows)


def cut(picture: np.ndarray, aligned: Aligned) -> np.ndarray:
    """[48, 48] uint8: the face as the network sees it."""
    return grey_face(picture, aligned.centre, aligned.scale, angles(aligned.rotation)[2])


def _mean_of_both(pipeline, rows: np.ndarray) -> np.ndarray:
    """[N, 7] from [2N, ...] rows of faces and of their mirror images."""
    return probabilities(pipeline, rows).reshape(2, -1, len(CLASSES)).mean(0)
