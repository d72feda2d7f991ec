"""Pictures that strangers sent, and their sizes for the engines."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from datasets.pictures import BadPicture, read_rgb
from server.markers import size_of_jpeg, size_of_png

SMALLEST, LARGEST = 256, 1024
"""Pixels a side that engines translate."""
NARROWEST = LARGEST / SMALLEST
"""The longer side is at most so many times the shorter one."""


def check(content: bytes, kind: str, most_pixels: int) -> tuple[int, int]:
    """Width and height, from the markers alone: nothing is decoded or unpacked.

    `kind` is Pillow's name of the only format taken, PNG or JPEG.  Raises BadPicture.
    """
    width, height = (size_of_png if kind == "PNG" else size_of_jpeg)(content)
    if width * height > most_pixels:
        raise BadPicture(f"it has {width}×{height} pixels; send at most {most_pixels} pixels")
    if min(width, height) < 64 or max(width, height) > NARROWEST * min(width, height):
        raise BadPicture(f"it is {width}×{height}: too small or too narrow for a picture")
    return width, height


def decode(content: bytes, kind: str, most_pixels: int) -> np.ndarray:
    """[height, width, 3] uint8 RGB.  Raises BadPicture for anything but a whole picture."""
    check(content, kind, most_pixels)
    return read_rgb(content, (kind,), most_pixels)


def encode(picture: np.ndarray, kind: str, **options: object) -> bytes:
    """[height, width, 3] uint8 RGB as a file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


def fitted(picture: np.ndarray, shorter: int) -> np.ndarray:
    """The picture with a shorter side of at most `shorter` pixels, within what engines take."""
    height, width = picture.shape[:2]
    factor = min(shorter / min(height, width), 1.0)
    factor = max(factor, SMALLEST / min(height, width))
    factor = min(factor, LARGEST / max(height, width))
    size = tuple(max(SMALLEST, min(LARGEST, round(side * factor))) for side in (width, height))
    if size == (width, height):
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
