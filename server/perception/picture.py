"""Decode a frame that a stranger sent."""

from __future__ import annotations

import time

import cv2
import numpy as np

from datasets.pictures import BadPicture, read_rgb
from server.markers import CostlyPicture, size_of_jpeg, size_of_png

HOW = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
DECODING = 0.25
"""Seconds of processor time for one frame; the largest of our page's takes a tenth of that."""


def decode(jpeg: bytes, most_pixels: int, most_time: float = DECODING) -> np.ndarray:
    """JPEG bytes -> [height, width, 3] uint8 RGB.

    Markers say whether it is a baseline JPEG of at most `most_pixels` pixels before a single one
    is decoded; OpenCV decodes, in half of Pillow's time.  Raises BadPicture for anything else,
    CostlyPicture for what takes long.
    """
    try:
        width, height = checked(size_of_jpeg(jpeg), most_pixels)
    except CostlyPicture as error:
        raise CostlyPicture(f"the frame is refused: {error}") from None
    except BadPicture as error:
        raise BadPicture(f"the frame is refused: {error}; send the next one") from None
    started = time.thread_time()
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), HOW)
    if time.thread_time() - started > most_time:
        raise CostlyPicture("the frame took too long to decode; send simpler ones")
    if picture is None or picture.shape != (height, width, 3):
        raise BadPicture("the frame is refused: it is not a whole JPEG picture; send the next one")
    return picture


def decode_png(png: bytes, most_pixels: int) -> np.ndarray:
    """PNG bytes -> [height, width, 3] uint8 RGB, of any kind.  Raises BadPicture as `decode`."""
    checked(size_of_png(png), most_pixels)
    return read_rgb(png, ("PNG",), most_pixels)


def checked(size: tuple[int, int], most_pixels: int) -> tuple[int, int]:
    """The size, unless it is too large or too small.  Raises BadPicture."""
    width, height = size
    if width * height > most_pixels:
        raise BadPicture(f"it has {width}×{height} pixels; send at most {most_pixels} pixels")
    if min(width, height) < 32:
        raise BadPicture(f"it is only {width}×{height}; send at least 32×32")
    return size
