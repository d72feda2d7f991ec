"""What a critic sees of a picture of any shape."""

from __future__ import annotations

import cv2
import numpy as np

SIZE = 128
"""Side of what the networks see: every picture is stretched to a square of it.  Generated pictures
and the large set are no larger, and a critic that is used to sharper ones takes them for sad."""


def square(picture: np.ndarray) -> np.ndarray:
    """[SIZE, SIZE, 3] uint8 of a picture [H, W, 3]; raises ValueError for another array."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"expected uint8 [H, W, 3], not {picture.dtype} {list(picture.shape)}")
    if picture.shape[:2] == (SIZE, SIZE):
        return picture
    how = cv2.INTER_AREA if min(picture.shape[:2]) > SIZE else cv2.INTER_CUBIC
    return cv2.resize(picture, (SIZE, SIZE), interpolation=how)
