"""Decode a frame that a stranger sent."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, UnidentifiedImageError


class BadPicture(ValueError):
    """The bytes are not a picture that Mien reads; the message says why."""


def decode(jpeg: bytes, most_pixels: int) -> np.ndarray:
    """JPEG bytes -> [height, width, 3] uint8 RGB.

    The size is checked before a single pixel is decoded.  Raises BadPicture
    for anything but a whole JPEG of at most `most_pixels` pixels.
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
            return np.asarray(image.convert("RGB"))
    except BadPicture:
        raise
    except Image.DecompressionBombError as error:
        raise BadPicture(f"the frame is far too large; at most {most_pixels} pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture("the frame is not a whole JPEG picture; send the next one") from error
