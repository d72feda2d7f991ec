"""Decode a frame that a stranger sent."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

END = b"\xff\xd9"
"""The last two bytes of a whole JPEG."""
HOW = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
NOT_WHOLE = "the frame is not a whole JPEG picture; send the next one"


class BadPicture(ValueError):
    """The bytes are not a picture that Mien reads; the message says why."""


def decode(jpeg: bytes, most_pixels: int) -> np.ndarray:
    """JPEG bytes -> [height, width, 3] uint8 RGB.

    Pillow reads the header, and the size is checked before a single pixel is
    decoded; OpenCV decodes, in half of Pillow's time.  Raises BadPicture for
    anything but a whole JPEG of at most `most_pixels` pixels.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            width, height = image.size
            if width * height > most_pixels:
                raise BadPicture(
                    f"the frame has {width}×{height} pixels; send at most {most_pixels} pixels"
                )
            if min(width, height) < 32:
                raise BadPicture(f"the frame is only {width}×{height}; send at least 32×32")
    except BadPicture:
        raise
    except Image.DecompressionBombError as error:
        raise BadPicture(f"the frame is far too large; at most {most_pixels} pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture(NOT_WHOLE) from error
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), HOW) if jpeg.endswith(END) else None
    if picture is None or picture.shape != (height, width, 3):
        raise BadPicture(NOT_WHOLE)
    return picture
