"""Paint on canvas: laying strokes and letting the light fall on them, compiled.

A canvas is [H, W, 4] uint16: red, green, blue (sRGB in 1/256) and the height of the paint.
"""

from __future__ import annotations

import numpy as np

from gan_cut.painter.brushes import LEVELS, atlas
from gan_cut.painter.compiled import compiled

THICKNESS = np.array([200, 256, 230, 40], np.int64)
"""Of the paint of each brush, in 1/256."""

TOOTH = 640
"""Grains of the bare canvas on its longer side."""


def prepared_canvas(height: int, width: int, ground: tuple[int, int, int]) -> np.ndarray:
    """Bare canvas of one colour, with a faint irregular tooth."""
    canvas = np.empty((height, width, 4), np.uint16)
    _prime(canvas, np.array(ground, np.int64), TOOTH / max(height, width))
    return canvas


@compiled
def _grain(i, j):
    """0 to 255, always the same for a place."""
    h = (i * 374761393 + j * 668265263) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    return (h ^ (h >> 16)) & 255


@compiled
def _prime(canvas, ground, pitch):
    for y in range(canvas.shape[0]):
        v = (y + 0.5) * pitch
        j = int(v)
        wv = v - j
        for x in range(canvas.shape[1]):
            u = (x + 0.5) * pitch
            i = int(u)
            wu = u - i
            top = _grain(i, j) * (1 - wu) + _grain(i + 1, j) * wu
            low = _grain(i, j + 1) * (1 - wu) + _grain(i + 1, j + 1) * wu
            grain = int(top * (1 - wv) + low * wv)
            for c in range(3):
                value = ground[c] * 256 + (grain - 128) * 5
                canvas[y, x, c] = min(max(value, 0), 65535)
            canvas[y, x, 3] = 5000 + grain * 9


def lay_strokes(canvas: np.ndarray, ribbons: np.ndarray, paint: np.ndarray) -> None:
    """Lay strokes in their order.

    ribbons  [N, 7] float64: x, y, cosine, sine, length and width in pixels, bend
    paint    [N, 5] int64: red, green, blue, brush * 8 + pattern, opacity in 1/256
    """
    _lay(canvas, ribbons, paint, atlas(), THICKNESS)


@compiled
def _lay(canvas, ribbons, paint, levels, thickness):
    """Row by row, from where a stroke's ribbon can begin in a row to where it can end."""
    rows, columns = canvas.shape[0], canvas.shape[1]
    longer = max(rows, columns)
    for n in range(ribbons.shape[0]):
        x, y, c, s = ribbons[n, 0], ribbons[n, 1], ribbons[n, 2], ribbons[n, 3]
        length, width, bend = ribbons[n, 4], ribbons[n, 5], ribbons[n, 6]
        level = 0
        while level < LEVELS - 1 and width < (32 >> level):
            level += 1
        pattern = levels[level][paint[n, 3]]
        red, green, blue, opacity = paint[n, 0], paint[n, 1], paint[n, 2], paint[n, 4]
        body = 90 + min(int(width / longer * 3200), 166)  # broad strokes carry more paint
        thick = thickness[paint[n, 3] >> 3] * body >> 8
        arc = bend * length
        along, across = pattern.shape[0] - 1.001, pattern.shape[1] - 1.001
        per_length, per_width = 1 / length, 1 / width
        # A bent ribbon goes piece by piece, each between straight lines of its own.
        pieces = 1 + min(int(abs(arc) * 4 / width), 7)
        for piece in range(pieces):
            t0, t1 = piece / pieces - 0.5, (piece + 1) / pieces - 0.5
            a, b = arc * (1 / 3 - 4 * t0 * t0), arc * (1 / 3 - 4 * t1 * t1)
            peak = arc / 3 if t0 < 0 < t1 else a
            low_v = min(a, b, peak) - width / 2
            high_v = max(a, b, peak) + width / 2
            u0, u1 = t0 * length, t1 * length
            low_y = y + min(s * u0, s * u1) + min(c * low_v, c * high_v)
            high_y = y + max(s * u0, s * u1) + max(c * low_v, c * high_v)
            for py in range(max(int(low_y - 0.5), 0), min(int(high_y + 1.5), rows)):
                dy = py + 0.5 - y
                first, last = -x, columns - x
                if abs(c) > 1e-6:
                    a, b = (u0 - s * dy) / c, (u1 - s * dy) / c
                    first, last = max(first, min(a, b)), min(last, max(a, b))
                elif s * dy < u0 or s * dy >= u1:
                    continue
                if abs(s) > 1e-6:
                    a, b = (c * dy - low_v) / s, (c * dy - high_v) / s
                    first, last = max(first, min(a, b)), min(last, max(a, b))
                elif c * dy < low_v or c * dy > high_v:
                    continue
                for px in range(max(int(first + x - 0.5), 0), min(int(last + x + 1.5), columns)):
                    dx = px + 0.5 - x
                    t = (c * dx + s * dy) * per_length
                    v = (c * dy - s * dx - arc * (1 / 3 - 4 * t * t)) * per_width + 0.5
                    if t < t0 or t >= t1 or v < 0 or v >= 1:
                        continue
                    _touch(
                        canvas[py, px], pattern, (t + 0.5) * along, v * across,
                        red, green, blue, opacity, thick,
                    )  # fmt: skip


@compiled
def _touch(place, pattern, fu, fv, red, green, blue, opacity, thick):
    """One pixel [4] takes paint as dense and as high as the pattern says, between its pixels."""
    one = np.uint32(1)
    i, j = np.uint32(fu), np.uint32(fv)
    wu, wv = np.int32((fu - i) * 16), np.int32((fv - j) * 16)
    w11 = wu * wv
    w10, w01 = wu * 16 - w11, wv * 16 - w11
    w00 = 256 - w11 - w10 - w01
    density = (
        pattern[i, j, 0] * w00
        + pattern[i, j + one, 0] * w01
        + pattern[i + one, j, 0] * w10
        + pattern[i + one, j + one, 0] * w11
    )
    alpha = (density * opacity) >> 16
    if alpha <= 0:
        return
    high = (
        pattern[i, j, 1] * w00
        + pattern[i, j + one, 1] * w01
        + pattern[i + one, j, 1] * w10
        + pattern[i + one, j + one, 1] * w11
    ) >> 8
    streak = 244 + (high * 24 >> 8)  # more paint is a little lighter
    old = np.int64(place[0])
    place[0] = old + ((min(red * streak, 65280) - old) * alpha >> 8)
    old = np.int64(place[1])
    place[1] = old + ((min(green * streak, 65280) - old) * alpha >> 8)
    old = np.int64(place[2])
    place[2] = old + ((min(blue * streak, 65280) - old) * alpha >> 8)
    old = np.int64(place[3])
    place[3] = old + ((min(8000 + high * thick, 65535) - old) * alpha >> 8)


def lit(canvas: np.ndarray, relief: int) -> np.ndarray:
    """[H, W, 3] uint8: the paint in light from the upper left."""
    out = np.empty((*canvas.shape[:2], 3), np.uint8)
    longer = max(canvas.shape[:2])
    _light(canvas, out, relief / 255, max(1, round(longer / 1024)), longer / 1024)
    return out


@compiled
def _light(canvas, out, relief, step, scale):
    """Slopes over the same share of the picture at any size."""
    rows, columns = canvas.shape[0], canvas.shape[1]
    gain = relief * scale / step / 22000
    for y in range(rows):
        up, down = max(y - step, 0), min(y + step, rows - 1)
        for x in range(columns):
            left, right = max(x - step, 0), min(x + step, columns - 1)
            slope = (
                np.int64(canvas[down, x, 3])
                - np.int64(canvas[up, x, 3])
                + np.int64(canvas[y, right, 3])
                - np.int64(canvas[y, left, 3])
                + np.int64(canvas[down, right, 3])
                - np.int64(canvas[up, left, 3])
            )
            shade = slope * gain
            light = 1 + min(max(shade, -0.30), 0.22)
            gloss = min(max(shade - 0.14, 0.0), 0.3) * 9000
            for channel in range(3):
                value = canvas[y, x, channel] * light + gloss
                out[y, x, channel] = min(int(value + 128) >> 8, 255)
