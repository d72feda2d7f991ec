"""The face's geometry: a mesh laid on the mean face, the head's angles, features.

A mesh is moved, turned and scaled (never bent) onto the mean face by weighted
Procrustes analysis (Umeyama 1991, "Least-squares estimation of transformation
parameters between two point patterns").  The rotation that this takes is the head's
pose; what remains is the expression and the person's own shape.

The mean face is computed from data (Gower 1975, "Generalized Procrustes analysis")
by `python -m models train expression`; points that move little between expressions
and people weigh more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models import registry

NAME = "mean_face"
POINTS = 468
FEATURES = POINTS * 3


@dataclass(frozen=True)
class MeanFace:
    """A face without expression or pose, to lay others on."""

    points: np.ndarray
    """[468, 3] float64, centred, weighted root mean square distance 1; x to the right
    and y down in the picture, z away from the camera; looks at the camera."""
    weights: np.ndarray
    """[468] sums to 1; how much a point counts when faces are laid on each other."""
    mirror: np.ndarray
    """[468] number of the point on the other side of the face."""

    @classmethod
    def load(cls, folder: Path = registry.WEIGHTS) -> MeanFace:
        """The mean face in `models/weights/`; raises registry.ModelError."""
        arrays = registry.load_arrays(NAME, folder)
        return cls(arrays["points"], arrays["weights"], arrays["mirror"])


@dataclass(frozen=True)
class Aligned:
    """One face laid on the mean face."""

    points: np.ndarray
    """[468, 3] in units of the mean face."""
    rotation: np.ndarray
    """[3, 3] turns the mean face to where the head looks: picture = scale·rotation·mean."""
    scale: float
    """Size of the face in picture widths, per unit of the mean face."""
    centre: np.ndarray
    """[3] weighted middle of the mesh, in picture widths."""


def comparable(face: np.ndarray, aspect: float) -> np.ndarray:
    """[..., 468, 3] in picture widths on all three axes, from picture shares.

    `aspect` is the picture's width divided by its height.
    """
    return np.asarray(face, np.float64) * (1.0, 1.0 / aspect, 1.0)


def align(face: np.ndarray, aspect: float, mean: MeanFace) -> Aligned:
    """Lays one mesh [468, 3] (picture coordinates) on the mean face.

    Raises ValueError when the mesh has another shape or holds no numbers.
    """
    face = np.asarray(face)
    if face.shape != (POINTS, 3):
        raise ValueError(f"a face mesh is [{POINTS}, 3], this is {list(face.shape)}")
    if not np.isfinite(face).all():
        raise ValueError("the face mesh holds values that are not numbers")
    whole = comparable(face, aspect)
    points, rotation, scale = align_many(whole[None], mean.points, mean.weights)
    return Aligned(points[0], rotation[0], float(scale[0]), mean.weights @ whole)


def align_many(
    faces: np.ndarray, mean: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lays faces [N, 468, 3] (in comparable units) on `mean` [468, 3].

    Returns the aligned faces [N, 468, 3], rotations [N, 3, 3] and scales [N] with
    faces = scale · rotation · aligned + centre.
    """
    centres = np.einsum("p,npd->nd", weights, faces)
    centred = faces - centres[:, None]
    scales = np.sqrt(np.einsum("p,npd,npd->n", weights, centred, centred))
    shaped = centred / np.maximum(scales, 1e-12)[:, None, None]
    covariance = np.einsum("p,npd,pe->nde", weights, shaped, mean)
    left, _, right = np.linalg.svd(covariance)
    handed = np.sign(np.linalg.det(left @ right))
    left[:, :, 2] *= handed[:, None]
    rotations = left @ right
    return shaped @ rotations, rotations, scales


def angles(rotation: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll of the head in degrees from a rotation [3, 3].

    Yaw is positive when the face turns to the right side of the picture, pitch when
    it looks up, roll when it tilts clockwise in the picture.
    """
    yaw = np.arctan2(-rotation[0, 2], rotation[2, 2])
    pitch = np.arcsin(np.clip(rotation[1, 2], -1, 1))
    roll = np.arctan2(rotation[1, 0], rotation[1, 1])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def mirrored(aligned: np.ndarray, mean: MeanFace) -> np.ndarray:
    """Aligned faces [..., 468, 3] as a mirror shows them."""
    return aligned[..., mean.mirror, :] * (-1.0, 1.0, 1.0)


def mean_face(faces: np.ndarray, rounds: int = 10) -> MeanFace:
    """The mean of faces [N, 468, 3] (in comparable units) and their mirror images.

    `faces` must hold as many mirrored pictures as plain ones, so that the mean looks
    straight ahead; raises ValueError when left and right cannot be matched.
    """
    weights = np.full(POINTS, 1 / POINTS)
    centred = faces - faces.mean(1, keepdims=True)
    mean = (centred / np.sqrt((centred**2).sum(2).mean(1))[:, None, None]).mean(0)
    for _ in range(rounds):
        aligned, _, _ = align_many(faces, mean, weights)
        mean = aligned.mean(0)
        variance = ((aligned - mean) ** 2).sum(2).mean(0)
        # No point may rule: one whose spread is below the median counts as the median.
        weights = 1 / np.maximum(variance, np.median(variance))
        weights /= weights.sum()
        mean -= weights @ mean
        mean /= np.sqrt(weights @ (mean**2).sum(1))
    mirror = _mirror(mean)
    symmetric = (mean + mean[mirror] * (-1, 1, 1)) / 2
    weights = (weights + weights[mirror]) / 2
    symmetric -= weights @ symmetric
    symmetric /= np.sqrt(weights @ (symmetric**2).sum(1))
    return MeanFace(symmetric, weights, mirror)


def _mirror(mean: np.ndarray) -> np.ndarray:
    """Which point lies opposite: the matching of the face with its own mirror image."""
    from scipy.optimize import linear_sum_assignment

    reflected = mean * (-1, 1, 1)
    distance = ((mean[:, None] - reflected[None]) ** 2).sum(2)
    _, other = linear_sum_assignment(distance)
    if not np.array_equal(other[other], np.arange(POINTS)):
        raise ValueError("the mean face is not symmetric enough to tell left from right")
    return other


def features(aligned: np.ndarray) -> np.ndarray:
    """[..., 1404] float32 from aligned faces [..., 468, 3].

    Every coordinate in units of the mean face: independent of place, size and turn.
    The pipeline's principal components make the measures out of them.
    """
    return np.asarray(aligned, np.float32).reshape(*np.shape(aligned)[:-2], FEATURES)
