"""Colour and tone before the strokes: OKLab, and the palette of works carried to a picture.

OKLab is Björn Ottosson's (2020): L 0 to 1, a and b about -0.4 to 0.4.  Carrying a palette is
sliced optimal transport (Rabin and others 2011; Bonneel and others 2015), partly: along random
directions the picture's colours take the places of the palette's, in order.  Only IEEE
arithmetic, square roots and tables are used, so that every processor mixes the same colours.
"""

from __future__ import annotations

import numpy as np

from gan_cut.painter.compiled import compiled

_LEVEL = np.arange(256) / 255
LINEAR = np.round(
    np.where(_LEVEL <= 0.04045, _LEVEL / 12.92, ((_LEVEL + 0.055) / 1.055) ** 2.4) * 1e9
) / 1e9  # fmt: skip
"""[256] linear light of each sRGB level."""

STEPS = 4096
_LIGHT = (np.arange(STEPS + 1) / STEPS) ** 2
LEVELS = np.round(
    np.where(_LIGHT <= 0.0031308, _LIGHT * 12.92, 1.055 * _LIGHT ** (1 / 2.4) - 0.055) * 255 * 1e6
) / 1e6  # fmt: skip
"""[STEPS + 1] sRGB level, 0 to 255, of linear light (n / STEPS)²."""

GRID = 17
"""Knots of a table of colours along each channel."""


@compiled
def _cube_root(x):
    """For 0 to 2."""
    if x <= 0:
        return 0.0
    y = np.sqrt(np.sqrt(x)) * 0.95 + 0.02 if x > 1e-4 else 0.05
    for _ in range(7):
        y = (2 * y + x / (y * y)) / 3
    return y


@compiled
def _oklab(red, green, blue):
    """Linear light, 0 to 1 -> L, a, b."""
    long = _cube_root(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = _cube_root(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = _cube_root(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@compiled
def _linear(light, a, b):
    """L, a, b -> linear light, which may lie outside 0 to 1."""
    long = light + 0.3963377774 * a + 0.2158037573 * b
    middle = light - 0.1055613458 * a - 0.0638541728 * b
    short = light - 0.0894841775 * a - 1.2914855480 * b
    long, middle, short = long * long * long, middle * middle * middle, short * short * short
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


@compiled
def srgb(light, a, b, levels):
    """L, a, b -> sRGB levels 0 to 255; chroma shrinks until the colour can be shown."""
    light = min(max(light, 0.0), 1.0)
    scale = 1.0
    for _ in range(12):
        red, green, blue = _linear(light, a * scale, b * scale)
        if min(red, green, blue) >= -0.001 and max(red, green, blue) <= 1.001:
            break
        scale *= 0.9
    red, green, blue = min(max(red, 0.0), 1.0), min(max(green, 0.0), 1.0), min(max(blue, 0.0), 1.0)
    return (
        int(levels[int(np.sqrt(red) * STEPS + 0.5)] + 0.5),
        int(levels[int(np.sqrt(green) * STEPS + 0.5)] + 0.5),
        int(levels[int(np.sqrt(blue) * STEPS + 0.5)] + 0.5),
    )


def to_oklab(picture: np.ndarray) -> np.ndarray:
    """[..., 3] uint8 sRGB -> [..., 3] float64."""
    flat = np.ascontiguousarray(picture).reshape(-1, 3)
    return _to_oklab(flat, LINEAR).reshape(picture.shape)


def to_srgb(lab: np.ndarray) -> np.ndarray:
    """[..., 3] float64 -> [..., 3] uint8 sRGB."""
    return _to_srgb(np.ascontiguousarray(lab).reshape(-1, 3), LEVELS).reshape(lab.shape)


@compiled
def _to_oklab(flat, linear):
    out = np.empty(flat.shape, np.float64)
    for n in range(flat.shape[0]):
        out[n, 0], out[n, 1], out[n, 2] = _oklab(
            linear[flat[n, 0]], linear[flat[n, 1]], linear[flat[n, 2]]
        )
    return out


@compiled
def _to_srgb(flat, levels):
    out = np.empty(flat.shape, np.uint8)
    for n in range(flat.shape[0]):
        out[n, 0], out[n, 1], out[n, 2] = srgb(flat[n, 0], flat[n, 1], flat[n, 2], levels)
    return out


def oklab_of(lch: np.ndarray) -> np.ndarray:
    """[..., 3] lightness, chroma, hue in degrees -> OKLab."""
    turn = np.deg2rad(lch[..., 2])
    lab = np.stack([lch[..., 0], lch[..., 1] * np.cos(turn), lch[..., 1] * np.sin(turn)], -1)
    return np.round(lab, 6)


def samples(palette: np.ndarray, shares: np.ndarray, count: int, random) -> np.ndarray:
    """[count, 3] OKLab colours about those of a palette [K, 3], by shares [K]."""
    steps = np.cumsum(shares) / shares.sum()
    chosen = np.searchsorted(steps, (np.arange(count) + 0.5) / count).clip(0, len(palette) - 1)
    spread = (random.random((count, 3)) + random.random((count, 3)) - 1) * (0.07, 0.025, 0.025)
    return palette[chosen] + spread


def carry(source: np.ndarray, target: np.ndarray, random, rounds: int = 10) -> np.ndarray:
    """A table [17, 17, 17, 3] OKLab: where each sRGB colour goes when source becomes target.

    source, target [N, 3] OKLab, as many of both.
    """
    knots = np.linspace(0, 255, GRID).astype(np.uint8)
    table = to_oklab(np.stack(np.meshgrid(knots, knots, knots, indexing="ij"), -1))
    flat = np.concatenate([table.reshape(-1, 3), source])
    moving = _transported(flat, target, len(source), random.random((rounds, 3, 3)) * 2 - 1)
    moved = moving[: GRID**3].reshape(table.shape)
    return table + _smoothed(moved - table)


@compiled
def _transported(points, target, count, directions):
    """The last `count` points become like target; the others follow."""
    moving = points.copy()
    first = points.shape[0] - count
    stride = max(1, count // 64)
    knots = count // stride
    for turn in range(directions.shape[0]):
        basis = directions[turn].copy()
        for axis in range(3):  # Gram and Schmidt
            for other in range(axis):
                dot = 0.0
                for k in range(3):
                    dot += basis[axis, k] * basis[other, k]
                for k in range(3):
                    basis[axis, k] -= dot * basis[other, k]
            norm = np.sqrt(basis[axis, 0] ** 2 + basis[axis, 1] ** 2 + basis[axis, 2] ** 2) + 1e-9
            for k in range(3):
                basis[axis, k] /= norm
        for axis in range(3):
            d = basis[axis]
            here = moving[:, 0] * d[0] + moving[:, 1] * d[1] + moving[:, 2] * d[2]
            there = np.sort(target[:, 0] * d[0] + target[:, 1] * d[1] + target[:, 2] * d[2])
            ordered = np.sort(here[first:])
            a, b = np.empty(knots), np.empty(knots)
            for k in range(knots):
                a[k] = ordered[k * stride : (k + 1) * stride].mean()
                b[k] = there[k * stride : (k + 1) * stride].mean()
            for n in range(moving.shape[0]):
                p = here[n]
                if p <= a[0]:
                    shift = b[0] - a[0]
                elif p >= a[-1]:
                    shift = b[-1] - a[-1]
                else:
                    k = np.searchsorted(a, p) - 1
                    w = (p - a[k]) / max(a[k + 1] - a[k], 1e-9)
                    shift = b[k] + w * (b[k + 1] - b[k]) - p
                for c in range(3):
                    moving[n, c] += 0.7 * shift * d[c]
    return moving


def _smoothed(table: np.ndarray) -> np.ndarray:
    """Neighbours in the table go to neighbouring places, so that no edge is torn open."""
    for axis in range(3):
        padded = np.concatenate([table.take([0], axis), table, table.take([-1], axis)], axis)
        low, mid, high = (padded.take(range(k, k + table.shape[axis]), axis) for k in range(3))
        table = (low + 2 * mid + high) / 4
    return table


def looked_up(picture: np.ndarray, table: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 through a table of `carry` -> [H, W, 3] OKLab."""
    return _looked_up(picture.reshape(-1, 3), table).reshape(picture.shape)


@compiled
def _looked_up(flat, table):
    out = np.zeros(flat.shape, np.float64)
    scale = (GRID - 1) / 255
    for n in range(flat.shape[0]):
        r, g, b = flat[n, 0] * scale, flat[n, 1] * scale, flat[n, 2] * scale
        i, j, k = min(int(r), GRID - 2), min(int(g), GRID - 2), min(int(b), GRID - 2)
        r, g, b = r - i, g - j, b - k
        for di in range(2):
            for dj in range(2):
                for dk in range(2):
                    w = (r if di else 1 - r) * (g if dj else 1 - g) * (b if dk else 1 - b)
                    for c in range(3):
                        out[n, c] += w * table[i + di, j + dj, k + dk, c]
    return out


def blended(before: np.ndarray, after: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Colours [H, W, 3] part of the way [H, W] from before to after, but never through grey.

    The straight way between two hues crosses mud; chroma is kept at the shares of both ends.
    What is still olive (a dull yellow) becomes ochre.
    """
    out = np.empty_like(before)
    _blended(before.reshape(-1, 3), after.reshape(-1, 3), amount.ravel(), out.reshape(-1, 3))
    return out


@compiled
def _blended(before, after, amount, out):
    for n in range(before.shape[0]):
        w = amount[n]
        light = before[n, 0] * (1 - w) + after[n, 0] * w
        a = before[n, 1] * (1 - w) + after[n, 1] * w
        b = before[n, 2] * (1 - w) + after[n, 2] * w
        wanted = (1 - w) * np.sqrt(before[n, 1] ** 2 + before[n, 2] ** 2) + w * np.sqrt(
            after[n, 1] ** 2 + after[n, 2] ** 2
        )
        chroma = np.sqrt(a * a + b * b) + 1e-9
        if chroma < 0.004:  # opposite hues: the palette's wins
            a, b = after[n, 1], after[n, 2]
            chroma = np.sqrt(a * a + b * b) + 1e-9
        a, b = a * wanted / chroma, b * wanted / chroma
        out[n, 0], out[n, 1], out[n, 2] = unmuddied(light, a, b)


@compiled
def unmuddied(light, a, b):
    """Dull yellow, neither gold nor green, is what paint becomes when all is stirred together."""
    chroma = np.sqrt(a * a + b * b)
    if chroma < 1e-6 or b <= 0:
        return light, a, b
    hue = a / chroma  # cosine: 0.17 at 80 degrees, 0 at 90, -0.5 at 120
    dull = ramp(hue, 0.22, 0.10) * ramp(hue, -0.56, -0.38) * ramp(chroma, 0.02, 0.045)
    dull *= ramp(chroma, 0.105, 0.075) * ramp(light, 0.30, 0.42) * ramp(light, 0.82, 0.70)
    return light, a + (0.72 * chroma - a) * dull, b + (0.80 * chroma - b) * dull


@compiled
def ramp(x, empty, full):
    """0 at `empty` and beyond, 1 at `full` and beyond."""
    return min(max((x - empty) / (full - empty), 0.0), 1.0)


def mixed_paints(
    colours: np.ndarray, chances: np.ndarray, broken: np.ndarray, varied: np.ndarray
) -> np.ndarray:
    """[N, 3] int64 sRGB: colours [N, 3] as each stroke has them on its brush.

    Chances [N, 3] move the hue as far as `broken` [N], and the lightness as far as `varied` [N].
    """
    return _mixed(colours, chances, broken, varied, LINEAR, LEVELS)


@compiled
def _mixed(colours, chances, broken, varied, linear, levels):
    out = np.empty(colours.shape, np.int64)
    for n in range(colours.shape[0]):
        light, a, b = _oklab(linear[colours[n, 0]], linear[colours[n, 1]], linear[colours[n, 2]])
        light += (chances[n, 0] - 0.5) * 0.22 * varied[n]
        t = (chances[n, 1] - 0.5) * 1.5 * broken[n]
        size = np.sqrt(1 + t * t)
        a, b = (a - b * t) / size, (a * t + b) / size
        grow = 1 + (chances[n, 2] - 0.35) * 0.7 * broken[n]
        a, b = a * grow, b * grow
        a += (chances[n, 1] - 0.5) * 0.05 * broken[n]
        b += (chances[n, 2] - 0.5) * 0.05 * broken[n]
        light, a, b = unmuddied(light, a, b)
        out[n, 0], out[n, 1], out[n, 2] = srgb(light, a, b, levels)
    return out
