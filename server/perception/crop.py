"""The face as a small upright picture: eyes level and always at the same place."""

from __future__ import annotations

import cv2
import numpy as np

SIZE = 112
EYES = np.array([[0.32, 0.42], [0.68, 0.42]])
"""Where the middles of the eyes come to lie, in shares of the crop."""
EYE_CORNERS = ([33, 133], [362, 263])
"""Of the face mesh: outer and inner corner of each eye, left in the picture first."""


def crop_face(picture: np.ndarray, face: np.ndarray) -> np.ndarray:
    """[height, width, 3] uint8 and mesh [468, 3] -> [112, 112, 3] uint8.

    A similarity transform puts the eyes where EYES says; what lies outside the
    picture is filled from its edge.
    """
    height, width = picture.shape[:2]
    pixels = face[:, :2].astype(np.float64) * (width, height)
    left, right = (pixels[corners].mean(0) for corners in EYE_CORNERS)
    target_left, target_right = EYES * SIZE
    source, target = right - left, target_right - target_left
    # as complex numbers, a similarity transform is a multiplication and a shift
    turn = complex(*target) / complex(*source)
    matrix = np.array([[turn.real, -turn.imag, 0.0], [turn.imag, turn.real, 0.0]])
    matrix[:, 2] = target_left - matrix[:, :2] @ left
    return cv2.warpAffine(
        picture, matrix, (SIZE, SIZE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
