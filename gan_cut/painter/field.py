"""What a painter sees in an underpainting: masses, and which way forms run.

Whole numbers and IEEE arithmetic alone, so that every processor sees the same.
"""

from __future__ import annotations

import numpy as np

from gan_cut.painter.compiled import compiled


def blurred(values: np.ndarray, sigma: float) -> np.ndarray:
    """[H, W, C] int64 (or [H, W]), about Gaussian: three means over squares."""
    flat = values.ndim == 2
    out = np.ascontiguousarray(values[..., None] if flat else values).astype(np.int64)
    radius = max(1, round((4 * sigma * sigma + 1) ** 0.5 / 2 - 0.5))
    for _ in range(3):
        out = _mean_down(_mean_across(out, radius), radius)
    return out[..., 0] if flat else out


@compiled
def _mean_across(values, radius):
    rows, columns, channels = values.shape
    out = np.empty_like(values)
    count = 2 * radius + 1
    share = (1 << 20) // count + 1  # multiplied and shifted: divisions are slow
    for y in range(rows):
        for c in range(channels):
            total = np.int64(count // 2)
            for k in range(-radius, radius + 1):
                total += values[y, min(max(k, 0), columns - 1), c]
            for x in range(columns):
                out[y, x, c] = total * share >> 20
                total += values[y, min(x + radius + 1, columns - 1), c]
                total -= values[y, max(x - radius, 0), c]
    return out


@compiled
def _mean_down(values, radius):
    rows, columns, channels = values.shape
    out = np.empty_like(values)
    count = 2 * radius + 1
    share = (1 << 20) // count + 1
    total = np.full((columns, channels), count // 2, np.int64)
    for k in range(-radius, radius + 1):
        total += values[min(max(k, 0), rows - 1)]
    for y in range(rows):
        coming, going = min(y + radius + 1, rows - 1), max(y - radius, 0)
        for x in range(columns):
            for c in range(channels):
                out[y, x, c] = total[x, c] * share >> 20
                total[x, c] += values[coming, x, c] - values[going, x, c]
    return out


def luma(picture: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [H, W] int64, 0 to 255 * 256."""
    return picture.astype(np.int64) @ np.array([77, 150, 29])


def tensor(light: np.ndarray) -> np.ndarray:
    """[H, W, 3] int64: products of the slopes (Scharr) of light [H, W] (0 to 65280)."""
    padded = np.pad(light >> 4, 1, mode="edge")
    across = 3 * padded[:-2] + 10 * padded[1:-1] + 3 * padded[2:]
    down = 3 * padded[:, :-2] + 10 * padded[:, 1:-1] + 3 * padded[:, 2:]
    x = (across[:, 2:] - across[:, :-2]) >> 4
    y = (down[2:] - down[:-2]) >> 4
    return np.stack([x * x, x * y, y * y], -1)


class Forms:
    """Which way forms run, at half the size of a picture's light [H, W] (0 to 65280).

    Structure tensors of three sizes are added (after Kyprianidis and Döllner 2008): near an edge
    the fine one is strongest, in the open the wide ones speak, so that strokes there echo the
    nearest form.
    """

    def __init__(self, light: np.ndarray) -> None:
        light = np.pad(light, ((0, light.shape[0] & 1), (0, light.shape[1] & 1)), mode="edge")
        half = (light[::2, ::2] + light[1::2, ::2] + light[::2, 1::2] + light[1::2, 1::2]) >> 2
        self._products = tensor(half) << 8
        self._most = max(half.shape) / 12
        self._wide = blurred(self._products, self._most) >> 5

    def directions(self, sigma: float) -> tuple[np.ndarray, np.ndarray]:
        """Of forms of about `sigma` pixels of the picture.

        [h, w, 2] float64, cosine and sine of twice the angle, and coherence [h, w], 0 to 1.
        """
        fine = blurred(self._products, max(1.0, sigma / 2))
        total = fine + (blurred(fine, min(1.5 * sigma, self._most)) >> 3) + self._wide
        first = (total[..., 0] - total[..., 2]).astype(np.float64)
        second = (2 * total[..., 1]).astype(np.float64)
        size = np.sqrt(first * first + second * second)
        along = np.stack([-first, -second], -1) / (size + 1e-9)[..., None]
        return along, size / ((total[..., 0] + total[..., 2]).astype(np.float64) + 40_000)


def noise(random: np.random.Generator, shape: tuple[int, int], cells: int) -> np.ndarray:
    """[H, W] float64, 0 to 1, smooth, about `cells` hills along the longer side."""
    height, width = shape
    pitch = max(height, width) / cells
    rows, columns = int(height / pitch) + 2, int(width / pitch) + 2
    knots = random.random((max(rows, cells + 2), max(columns, cells + 2)))
    y, x = (np.arange(height) + 0.5) / pitch, (np.arange(width) + 0.5) / pitch
    i, j = y.astype(np.int64), x.astype(np.int64)
    wy, wx = y - i, x - j
    wy, wx = (wy * wy * (3 - 2 * wy))[:, None], (wx * wx * (3 - 2 * wx))[None]
    lines = knots[i] * (1 - wy) + knots[i + 1] * wy
    return lines[:, j] * (1 - wx) + lines[:, j + 1] * wx
