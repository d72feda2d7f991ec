"""What the expression models learn from: which faces, how much each counts, how they are cut."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.arrays import keep_arrays, kept_arrays
from datasets.faces import PUBLIC_TEST, Faces, apart, clean_training
from datasets.paths import PROJECT, DataMissing
from models.expression.crop import grey_face
from models.expression.geometry import MeanFace, align_many, angles, comparable
from models.expression.meshes import VIEWS, picture_meshes

LIVE = VIEWS.index("tracked")
"""The view that is read as the live program reads a face."""
APART = 0.1
"""Share of Training that no network and no mesh model learns from: everything is chosen,
weighed and calibrated on it, and PublicTest only says how good the result is."""
TRUST = 0.3
"""Weight of a face with whose label none of FER+'s ten annotators agrees; one with which
all do weighs 1 more."""
RUNS = PROJECT / "runs"
"""Unfinished and finished trainings of networks; ignored by git."""
PLACES = PROJECT / "build" / "fer2013_places.npz"


@dataclass(frozen=True)
class Parts:
    """Rows of a set of faces [N], bool each."""

    learn: np.ndarray
    """Clean Training, without what is apart."""
    apart: np.ndarray
    """Clean Training that nothing is fitted on but what weighs and calibrates."""
    test: np.ndarray
    """PublicTest, with all its faults."""
    left_out: dict[str, int]


def parts(faces: Faces) -> Parts:
    """The same parts at every call; raises ValueError when one is empty."""
    clean, left_out = clean_training(faces)
    away = apart(faces, APART)
    found = Parts(clean & ~away, clean & away, faces.split == PUBLIC_TEST, left_out)
    for name, rows in (("Training", found.learn), ("PublicTest", found.test)):
        if not rows.any():
            raise ValueError(
                f"this copy of the set has no faces of {name}: see 'python -m datasets show'"
                " for the form that has"
            )
    return found


def trust(labels: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """[N] weights by the annotators' agreement with labels [N]; every class keeps its
    own total, so that the ones people disagree about are not read less often."""
    agreed = np.take_along_axis(votes, labels[:, None], 1)[:, 0]
    weight = TRUST + agreed / 10
    for number in np.unique(labels):
        inside = labels == number
        weight[inside] /= weight[inside].mean()
    return weight


def shares_of_votes(faces: Faces) -> np.ndarray:
    """[N, 8] float32 shares of the votes for each class and for anything else; all 0
    where nobody was asked."""
    table = np.column_stack((faces.votes, faces.other_votes)).astype(np.float32)
    return table / np.maximum(table.sum(1, keepdims=True), 1)


def places_of(meshes: np.ndarray, mean: MeanFace) -> np.ndarray:
    """[N, 4] x and y of the middle, scale (all in picture widths) and roll in degrees, from
    meshes [N, 468, 3] of square pictures; NaN where there is no mesh."""
    places = np.full((len(meshes), 4), np.nan)
    for row in np.flatnonzero(np.isfinite(meshes[:, 0, 0])):
        whole = comparable(meshes[row], 1.0)
        _, rotation, scale = align_many(whole[None], mean.points, mean.weights)
        places[row] = (*(mean.weights @ whole)[:2], scale[0], angles(rotation[0])[2])
    return places


def picture_places(pictures: np.ndarray, cache: Path = PLACES) -> np.ndarray:
    """`places_of` for pictures [N, 48, 48] uint8, kept in build/.

    Raises DataMissing when they are not there and MediaPipe is not, either.
    """
    key = hashlib.sha256(pictures.tobytes()).hexdigest()
    if (there := kept_arrays(cache, key, ("places",))) is not None:
        return there["places"]
    try:
        meshes = picture_meshes(pictures)
    except ModuleNotFoundError as error:
        raise DataMissing(
            f"{cache} is missing, damaged or of other faces, and MediaPipe, which makes it, is not"
            f" installed ({error})."
            " Run 'python -m models places' on a machine that has it, and bring the file here."
        ) from None
    places = places_of(meshes[:, LIVE], MeanFace.load())
    keep_arrays(cache, key, {"places": places})
    return places


def as_live(pictures: np.ndarray, places: np.ndarray) -> np.ndarray:
    """[N, 48, 48] uint8: faces cut as the live program cuts them; where there was no mesh,
    the picture as it is."""
    cut = pictures.copy()
    for row in np.flatnonzero(np.isfinite(places[:, 0])):
        x, y, scale, roll = places[row]
        cut[row] = grey_face(pictures[row], np.array((x, y)), scale, roll)
    return cut
