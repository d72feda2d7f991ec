"""Every picture made of a capture is painted: by the hands of the visitor's mixture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from server.art.mixtures import emphasised
from server.art.task import Task
from server.values import EXPRESSIONS

if TYPE_CHECKING:
    from gan_cut.painter.strokes import Painting

HANDS = Path(__file__).parents[1] / "stage" / "mappings.toml"
PIXELS = 1024 * 1024
"""Of a finished picture, whatever its shape."""


class Hands:
    """The installation's seven; neutral's where no expression is read."""

    def __init__(self) -> None:
        """Also compiles what paints, or loads it compiled: no visitor waits for that.

        Raises OSError, and ValueError for hands that cannot be used.
        """
        from gan_cut.painter.hand import read_hands

        hands = read_hands(HANDS)
        self._hands = [hands[name] for name in EXPRESSIONS]
        small = np.zeros((SMALL, SMALL, 3), np.uint8)
        small[SMALL // 3 : 2 * SMALL // 3, SMALL // 3 : 2 * SMALL // 3] = 200
        everything = np.full(len(EXPRESSIONS), 1 / len(EXPRESSIONS), np.float32)
        self.strokes(small, small, Task(everything, 0, 1)).render(SMALL)

    def strokes(self, picture: np.ndarray, capture: np.ndarray, task: Task) -> Painting:
        """Strokes over a picture [H, W, 3] uint8 RGB made of the capture [h, w, 3], in which the
        subject is looked for.  The same task gives the same strokes."""
        from gan_cut.painter.ground import estimated_mask
        from gan_cut.painter.paint import paint
        from gan_cut.painter.plan import WORK

        image = Image.fromarray(capture)
        image.thumbnail((WORK, WORK))
        mask = estimated_mask(np.asarray(image))
        return paint(picture, self._hands, emphasised(task.mixture), task.seed, mask)


SMALL = 64
"""Pixels a side of the picture that is painted first, for nobody."""


def longer_side(painting: Painting) -> int:
    """Of the finished picture, in pixels."""
    width, height = painting.width, painting.height
    return round(math.sqrt(PIXELS * max(width, height) / min(width, height)))


def plain(capture: np.ndarray, _task: Task) -> np.ndarray:
    """The engine without a network: the capture is what is painted over."""
    return capture
