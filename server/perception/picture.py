"""Decode a frame that a stranger sent."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from datasets.pictures import BadPicture, read_rgb

END = b"\xff\xd9"
"""The last two bytes of a whole JPEG."""
HOW = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
NOT_WHOLE = "the frame is not a whole JPEG picture; send the next one"


def decode(jpeg: bytes, most_pixels: int) -> np.ndarray:
    """JPEG bytes -> [height, width, 3] uint8 RGB.

    Pillow reads the header, and the size is checked before a single pixel is
    decoded; OpenCV decodes, in half of Pillow's time.  Raises BadPicture for
    anything but a whole JPEG of at most `most_pixels` pixels.
    """
    width, height = _size(jpeg, "JPEG", most_pixels)
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), HOW) if jpeg.endswith(END) else None
    if picture is None or picture.shape != (height, width, 3):
        raise BadPicture(NOT_WHOLE)
    return picture


def decode_png(png: bytes, most_pixels: int) -> np.ndarray:
    """PNG bytes -> [height, width, 3] uint8 RGB, of any kind.  Raises BadPicture as `decode`."""
    _size(png, "PNG", most_pixels)
    return read_rgb(png, ("PNG",), most_pixels)


def _size(content: bytes, kind: str, most_pixels: int) -> tuple[int, int]:
    """Width and height, from the header alone.  Raises BadPicture."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            width, height = image.size
    except Image.DecompressionBombError as error:
        raise BadPicture(f"the frame is far too large; at most {most_pixels} pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture(NOT_WHOLE) from error
    if width * height > most_pixels:
        raise BadPicture(
            f"the frame has {width}×{height} pixels; send at most {most_pixels} pixels"
        )
    if min(width, height) < 32:
        raise BadPicture(f"the frame is only {width}×{height}; send at least 32×32")
    return width, height
