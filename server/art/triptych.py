"""Panels on a quiet ground: one picture in the shape of the capture it came from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

GROUND = (14, 11, 8)
"""The room's own dark, oklch(0.15 0.01 60), as RGB."""
GAP = 1 / 12
"""Between two panels, as a share of a panel's side."""
EDGE = 1 / 8
"""Around them."""


def mounted(
    panels: Sequence[np.ndarray],
    shape: tuple[int, ...],
    ground: tuple[int, ...] | float = GROUND,
) -> np.ndarray:
    """Square panels [S, S, 3] uint8 RGB, all of a size, side by side, or one above the other
    where `shape` (height, width, …) is upright.  The ground is as large as they need and has
    the proportions of `shape`, within a pixel.  Or maps [S, S], with a number for the ground."""
    height, width = shape[:2]
    side = panels[0].shape[0]
    step = side + round(GAP * side)
    long, short = side + step * (len(panels) - 1), side
    upright = height > width
    needed = np.array((long, short) if upright else (short, long)) + 2 * round(EDGE * side)
    scale = max(needed / (height, width))
    size = np.maximum(np.rint(scale * np.array((height, width))).astype(int), needed)
    picture = np.empty((*size, *panels[0].shape[2:]), panels[0].dtype)
    picture[:] = ground
    top, left = (size - ((long, short) if upright else (short, long))) // 2
    for number, panel in enumerate(panels):
        y, x = (top + number * step, left) if upright else (top, left + number * step)
        picture[y : y + side, x : x + side] = panel
    return picture
