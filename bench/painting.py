"""A picture painted at two sizes, beside the way of the painter's first sketch.

That way laid each stroke by going through all pixels of the box about it.  The strokes are the
same, and so is the time to decide on them.  What counts is the time of one thread, so that other
work on the machine counts less.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from bench.rows import Row, at_most
from gan_cut.commands.painter import HANDS
from gan_cut.painter.brushes import atlas
from gan_cut.painter.compiled import compiled
from gan_cut.painter.field import noise
from gan_cut.painter.hand import Hand, read_hands
from gan_cut.painter.lay import lit, prepared_canvas
from gan_cut.painter.paint import paint
from gan_cut.painter.strokes import Painting, ribbons_of

GOALS = {1024: 1.0, 2048: 3.0}
"""Pixels of the side: seconds of one thread."""


def rows(quick: bool) -> Iterator[Row]:
    """The slowest of the seven hands at each size; bytes of the strokes."""
    picture = scene()
    hands = read_hands(HANDS)
    paintings = {name: paint(picture, hand) for name, hand in hands.items()}
    for size, most in GOALS.items():
        spent = {
            n: seconds(lambda h=h, s=size: paint_at(picture, h, s), quick) for n, h in hands.items()
        }
        name = max(spent, key=spent.get)
        laid = seconds(lambda n=name, s=size: paintings[n].render(s), quick)
        boxes = seconds(lambda n=name, s=size: by_boxes(paintings[n], s), quick)
        what = f"a painting of {size}², the slowest hand ({name}), beside strokes laid by boxes"
        yield Row(what, spent[name], "s of one thread", spent[name] - laid + boxes, at_most(most))
    largest = max(len(painting.to_bytes()) for painting in paintings.values())
    yield Row(
        "strokes of a painting, the most of seven hands", largest / 1e6, "MB", None, at_most(1)
    )


def scene(side: int = 512) -> np.ndarray:
    """[side, side, 3] uint8: hills of many colours, at three sizes, with edges."""
    random = np.random.default_rng(0)
    layers = [
        np.stack([noise(random, (side, side), cells) for _ in range(3)], -1)
        for cells in (4, 13, 40)
    ]
    smooth = 0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2]
    edges = (noise(random, (side, side), 6) > 0.5)[..., None]
    return np.floor((smooth * 0.7 + 0.3 * edges) * 255).astype(np.uint8)


def paint_at(picture: np.ndarray, hand: Hand, size: int) -> np.ndarray:
    return paint(picture, hand).render(size)


def seconds(run: Callable[[], object], quick: bool) -> float:
    """Of this thread: the median of several."""
    run()
    spent = []
    for _ in range(1 if quick else 3):
        began = time.thread_time()
        run()
        spent.append(time.thread_time() - began)
    return float(np.median(spent))


def by_boxes(painting: Painting, size: int) -> np.ndarray:
    height, width = painting.size(size)
    canvas = prepared_canvas(height, width, painting.ground)
    _boxes(canvas, *ribbons_of(painting.strokes, height, width), atlas()[0])
    return lit(canvas, painting.relief)


@compiled
def _boxes(canvas, ribbons, paint, patterns):
    """All pixels of the box about each stroke, the nearest point of its pattern."""
    rows, columns = canvas.shape[0], canvas.shape[1]
    for n in range(ribbons.shape[0]):
        x, y, c, s, length, width, bend = ribbons[n]
        pattern = patterns[paint[n, 3]]
        reach = int(np.sqrt(length * length + width * width) / 2 + abs(bend) * length) + 2
        for py in range(max(int(y) - reach, 0), min(int(y) + reach, rows)):
            for px in range(max(int(x) - reach, 0), min(int(x) + reach, columns)):
                dx, dy = px + 0.5 - x, py + 0.5 - y
                t = (c * dx + s * dy) / length
                if t < -0.5 or t >= 0.5:
                    continue
                v = (c * dy - s * dx - bend * length * (1 / 3 - 4 * t * t)) / width
                if v < -0.5 or v >= 0.5:
                    continue
                i, j = int((t + 0.5) * pattern.shape[0]), int((v + 0.5) * pattern.shape[1])
                alpha = pattern[i, j, 0] * paint[n, 4] >> 8
                high = np.int64(pattern[i, j, 1])
                for channel in range(3):
                    new = min(paint[n, channel] * (244 + (high * 24 >> 8)), 65280)
                    old = np.int64(canvas[py, px, channel])
                    canvas[py, px, channel] = old + ((new - old) * alpha >> 8)
                old = np.int64(canvas[py, px, 3])
                canvas[py, px, 3] = old + ((8000 + high * 200 - old) * alpha >> 8)
