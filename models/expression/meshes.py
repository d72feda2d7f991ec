"""FER-2013 through MediaPipe's face mesh, once; the result is kept in build/.

Training only: the live perception process never imports this file.

Each picture is padded, enlarged and read in four ways, because a live face is
never found in exactly the same way twice: as it is and mirrored, each by the
detector alone (static) and once more from its own landmarks, as in a video
(tracked).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from tqdm import tqdm

from datasets.arrays import keep_arrays, kept_arrays
from datasets.paths import PROJECT

CACHE = PROJECT / "build" / "fer2013_meshes.npz"
VIEWS = ("static", "tracked", "mirrored static", "mirrored tracked")
POINTS = 468
FACE = 48
SIZE = 400
PADDINGS = (16, 36)
"""Pixels added around a 48-pixel face; the wider one when the first finds nothing."""
AT_ONCE = 2000
UNIT = "in shares of the picture without padding "
"""Of the stored meshes: part of their key."""


def picture_meshes(pictures: np.ndarray, cache: Path = CACHE, at_once: int = AT_ONCE) -> np.ndarray:
    """[N, 4, 468, 3] float32 for [N, 48, 48] uint8; NaN where no face was found.

    Views as in VIEWS, points as in MediaPipe's face mesh, in shares of the 48x48
    picture.  The mirrored views show the mirrored picture.  `at_once` of them are kept beside
    the cache as soon as they are read, so that what is stopped goes on there.
    """
    if (meshes := _kept(cache, pictures)) is not None:
        return meshes
    parts = []
    for start in range(0, len(pictures), at_once):
        some, part = pictures[start : start + at_once], cache.with_suffix(f".{start}.npz")
        found = _kept(part, some)
        if found is None:
            found = read_meshes(some)
            _keep(part, some, found)
        parts.append((part, found))
    meshes = np.concatenate([found for _, found in parts])
    _keep(cache, pictures, meshes)
    for part, _ in parts:
        part.unlink()
    return meshes


def _key(pictures: np.ndarray) -> str:
    return UNIT + hashlib.sha256(pictures.tobytes()).hexdigest()


def _kept(file: Path, pictures: np.ndarray) -> np.ndarray | None:
    """The meshes in a file, if they are of these pictures."""
    there = kept_arrays(file, _key(pictures), ("meshes",))
    return None if there is None else there["meshes"]


def _keep(file: Path, pictures: np.ndarray, meshes: np.ndarray) -> None:
    keep_arrays(file, _key(pictures), {"meshes": meshes})


def read_meshes(pictures: np.ndarray) -> np.ndarray:
    """As `picture_meshes`, without keeping them; about 27 faces a second on one core."""
    import mediapipe

    options = {"max_num_faces": 1, "refine_landmarks": False, "min_detection_confidence": 0.2}
    face_mesh = mediapipe.solutions.face_mesh
    meshes = np.full((len(pictures), len(VIEWS), POINTS, 3), np.nan, np.float32)
    with (
        face_mesh.FaceMesh(static_image_mode=True, **options) as static,
        face_mesh.FaceMesh(static_image_mode=False, **options) as tracked,
    ):
        for row, picture in enumerate(tqdm(pictures, desc="face meshes", unit="face")):
            for view, side in ((0, picture), (2, picture[:, ::-1])):
                for padding in PADDINGS:
                    large = enlarged(side, padding)
                    mesh = _points(static.process(large), padding)
                    if mesh is not None:
                        break
                else:
                    continue
                meshes[row, view] = meshes[row, view + 1] = mesh
                tracked.reset()
                tracked.process(large)
                mesh = _points(tracked.process(large), padding)
                if mesh is not None:
                    meshes[row, view + 1] = mesh
    return meshes


def enlarged(picture: np.ndarray, padding: int) -> np.ndarray:
    """[SIZE, SIZE, 3] uint8: a grey picture with its edge repeated, enlarged."""
    import cv2

    padded = cv2.copyMakeBorder(picture, padding, padding, padding, padding, cv2.BORDER_REPLICATE)
    large = cv2.resize(padded, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    return cv2.cvtColor(large, cv2.COLOR_GRAY2RGB)


def _points(result, padding: int) -> np.ndarray | None:
    """[468, 3] in shares of the picture without its padding."""
    if not result.multi_face_landmarks:
        return None
    landmarks = result.multi_face_landmarks[0].landmark
    points = np.array([(point.x, point.y, point.z) for point in landmarks], np.float32)
    share = padding / (FACE + 2 * padding)
    return ((points - (share, share, 0)) / (1 - 2 * share)).astype(np.float32)
