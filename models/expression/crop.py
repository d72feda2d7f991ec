"""A face as the networks see it: upright, 48x48 grey pixels, always at the same place.

FER-2013's faces are cut, a large colour face of a webcam is cut, and both by the same rule:
a face laid on the mean face (`geometry.align`) is moved, turned upright and scaled to where
the faces of FER-2013 lie on average.  The size comes from the mesh in three dimensions, so
that a turned head or an open mouth is not enlarged.
"""

from __future__ import annotations

import cv2
import numpy as np

SIZE = 48
SCALE = 0.272
"""Shares of the crop's side for one unit of the mean face: the median over 500 faces of
FER-2013's Training."""
CENTRE = (0.5, 0.543)
"""Where the weighted middle of the mesh comes to lie, in shares of the crop; as above."""


def grey_face(picture: np.ndarray, centre: np.ndarray, scale: float, roll: float) -> np.ndarray:
    """[H, W, 3] RGB or [H, W] uint8 -> [48, 48] uint8.

    `centre` [2 or 3] and `scale` of the face are in picture widths, as `geometry.Aligned`
    has them; `roll` in degrees, positive for a head tilted clockwise in the picture.
    What lies outside the picture is filled from its edge.
    """
    height, width = picture.shape[:2]
    zoom = SCALE * SIZE / max(scale * width, 1e-6)
    x, y = float(centre[0]) * width, float(centre[1]) * width
    left = top = 0
    if zoom < 1:
        # Averaged while it shrinks; the turning below only ever moves pixels.
        reach = SIZE / zoom
        left, top = (int(np.clip(v - reach, 0, end - 1)) for v, end in ((x, width), (y, height)))
        right, bottom = (int(np.clip(v + reach, 1, end)) for v, end in ((x, width), (y, height)))
        part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
        shape = tuple(max(1, round(side * zoom)) for side in part.shape[1::-1])
        x, y = (x - left) * shape[0] / part.shape[1], (y - top) * shape[1] / part.shape[0]
        picture, zoom = cv2.resize(grey(part), shape, interpolation=cv2.INTER_AREA), 1.0
    picture = grey(picture)
    turn = np.radians(roll)
    cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = np.array(CENTRE) * SIZE - matrix[:, :2] @ (x, y)
    return cv2.warpAffine(
        picture, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def grey(picture: np.ndarray) -> np.ndarray:
    """[H, W, 3] RGB or [H, W] uint8 -> [H, W]."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
