"""The brushes: how dense paint lies in a stroke and how high it stands, as pictures.

The page that replays strokes needs the same pictures, all of them in one:

    python -m gan_cut.painter.brushes > static/src/art/brushes.png

Only whole and rational arithmetic is used, so that every machine draws the same.
"""

from __future__ import annotations

import sys
from functools import cache

import numpy as np
from PIL import Image

BRUSHES = ("brush", "knife", "dab", "wash")
VARIANTS = 8
"""Patterns of each brush."""

ALONG, ACROSS = 256, 64
"""Pixels of a pattern: along the stroke and across it."""

LEVELS = 4
"""Each half as large as the one before; small strokes use small ones."""


@cache
def atlas() -> tuple[np.ndarray, ...]:
    """LEVELS arrays [32, along, across, 2] uint8: density and height of brush * 8 + pattern."""
    random = np.random.default_rng(20)
    drawn = [_DRAWN[name](random) for name in BRUSHES for _ in range(VARIANTS)]
    level = np.stack([_framed(density, height) for density, height in drawn])
    levels = [level]
    for _ in range(LEVELS - 1):
        n, along, across, _ = level.shape
        sums = level.reshape(n, along // 2, 2, across // 2, 2, 2).sum((2, 4), dtype=np.int64)
        level = ((sums + 2) >> 2).astype(np.uint8)
        levels.append(level)
    return tuple(np.ascontiguousarray(level) for level in levels)


def atlas_picture() -> np.ndarray:
    """[256 * 4, 64 * 8, 2] uint8: a row for each brush, a column for each pattern."""
    rows = atlas()[0].reshape(len(BRUSHES), VARIANTS, ALONG, ACROSS, 2)
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows])


def _framed(density: np.ndarray, height: np.ndarray) -> np.ndarray:
    """[along, across, 2] uint8 with an empty border, so that a stroke ends softly."""
    both = np.stack([density, density * height], -1).clip(0, 1)
    both[[0, -1]] = 0
    both[:, [0, -1]] = 0
    return np.floor(both * 255 + 0.5).astype(np.uint8)


def _step(x: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, smooth between."""
    x = x.clip(0, 1)
    return x * x * (3 - 2 * x)


def _noise(random: np.random.Generator, along: int, across: int) -> np.ndarray:
    """[ALONG, ACROSS] from 0 to 1: smooth between random knots."""
    knots = random.random((along + 1, across + 1))
    u, v = np.linspace(0, along, ALONG), np.linspace(0, across, ACROSS)
    i, j = np.minimum(u.astype(int), along - 1), np.minimum(v.astype(int), across - 1)
    wu, wv = _step(u - i)[:, None], _step(v - j)[None]
    top = knots[i][:, j] * (1 - wv) + knots[i][:, j + 1] * wv
    low = knots[i + 1][:, j] * (1 - wv) + knots[i + 1][:, j + 1] * wv
    return top * (1 - wu) + low * wu


def _grid() -> tuple[np.ndarray, np.ndarray]:
    """Along, 0 to 1, and across, -1 to 1."""
    return np.linspace(0, 1, ALONG)[:, None], np.linspace(-1, 1, ACROSS)[None]


def _brush(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Bristles that start together, run dry one by one, and wander a little."""
    u, v = _grid()
    bristles = 0.55 * _noise(random, 2, 22) + 0.45 * _noise(random, 3, 9)
    starts = 0.02 + 0.07 * _noise(random, 1, 12)
    ends = 0.74 + 0.24 * _noise(random, 1, 14)
    run = _step((u - starts) * 22) * _step((ends - u) * 11)
    side = 0.93 - 0.10 * _noise(random, 5, 1)
    edge = _step((side - np.abs(v + 0.12 * (_noise(random, 3, 1) - 0.5))) * 7)
    dry = (1.25 - (u - 0.35).clip(0, 1) * 2.1 * (1 - bristles)).clip(0, 1)
    density = run * edge * dry
    ridge = _step((np.abs(v) - 0.62) * 4) * 0.35
    load = 1 - 0.45 * u
    return density, ((0.25 + 0.75 * bristles) * load + ridge).clip(0, 1)


def _knife(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A slab of even paint with sharp sides, torn where the knife leaves, piled at one side."""
    u, v = _grid()
    starts = 0.015 + 0.05 * _noise(random, 1, 3)
    ends = 0.90 + 0.08 * _noise(random, 1, 5) - 0.10 * (_noise(random, 1, 18) > 0.72)
    run = _step((u - starts) * 60) * _step((ends - u) * 34)
    side = 0.96 - 0.07 * _noise(random, 4, 1)
    edge = _step((side - np.abs(v)) * 16)
    torn = _step((_noise(random, 9, 14) - 0.30 * _step((u - 0.55) * 2.5)) * 14)
    pile = _step((v * (1 if random.random() < 0.5 else -1) - 0.55) * 3) * 0.55
    return run * edge * (0.25 + 0.75 * torn), 0.35 + 0.15 * _noise(random, 14, 2) + pile


def _dab(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A round touch of a loaded brush: thick at its rim where it was lifted."""
    u, v = _grid()
    x, y = 2 * u - 1, v
    radius = x * x + y * y
    rim = 0.80 + 0.30 * (_noise(random, 5, 5) - 0.5)
    density = _step((rim - radius) * 4.5)
    bristles = 0.5 + 0.5 * _noise(random, 3, 13)
    height = 0.45 + 0.35 * bristles + 0.15 * _step((radius - 0.30) * 2.4)
    return density, height


def _wash(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Thin paint with soft sides and a faint grain; it stands no higher than the canvas."""
    u, v = _grid()
    run = _step((u - 0.02 - 0.10 * _noise(random, 1, 8)) * 6)
    run = run * _step((0.86 + 0.12 * _noise(random, 1, 10) - u) * 4.5)
    edge = _step((0.97 - np.abs(v + 0.2 * (_noise(random, 4, 1) - 0.5))) * 2.6)
    grain = 0.78 + 0.22 * _noise(random, 5, 16)
    return run * edge * grain, 0.10 + 0.15 * _noise(random, 6, 12)


_DRAWN = {"brush": _brush, "knife": _knife, "dab": _dab, "wash": _wash}


if __name__ == "__main__":
    # What the page lays strokes with: density is red, height is green.
    both = atlas_picture()
    picture = Image.fromarray(np.concatenate([both, np.zeros_like(both[..., :1])], axis=2))
    picture.save(sys.stdout.buffer, "PNG", optimize=True)
