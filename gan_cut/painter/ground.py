"""A ground made for pictures, where a capture has only the darkness of a room.

Scenes show their subject before black; a picture has air, water, foliage or a table in it.  The
colours are those of the hands' palettes, as a ramp from dark to light or each for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from gan_cut.painter.field import blurred, noise

DARK = 0.30
"""Share of the frame's darkness that makes it a void."""


def estimated_mask(picture: np.ndarray) -> np.ndarray | None:
    """[h, w] uint8: what stands out from a dark room and its softly lit floor; None where the
    picture [h, w, 3] uint8 is no such thing."""
    value = picture.max(2).astype(np.int64)
    height, width = value.shape
    rim = max(1, min(height, width) // 16)
    frame = np.concatenate(
        [value[:rim].ravel(), value[:, :rim].ravel(), value[:, -rim:].ravel()]
    )  # fmt: skip
    if min(height, width) < 32 or (frame < 40).mean() < DARK:
        return None
    floor = np.sort(value, axis=1)[:, int(width * 0.40)]
    floor = blurred(np.repeat(floor[:, None], 3, 1) << 8, height / 40)[:, 1] >> 8
    stands = (value > floor[:, None] + 26) & (value > 48)
    # A lit floor is smooth: what stands out only slowly is light, not a thing.
    wide = blurred(value << 8, max(height, width) / 9) >> 8
    stands &= (value > wide + 6) | (value > 120)
    mask = stands.astype(np.uint8) * 255
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    large = [o for o in outlines if _is_thing(value, o)]
    if not large:
        return None
    mask = np.zeros_like(mask)
    cv2.drawContours(mask, large, -1, 255, cv2.FILLED)
    share = (mask > 0).mean()
    return mask if 0.01 < share < 0.75 else None


def _is_thing(value: np.ndarray, outline: np.ndarray) -> bool:
    """Neither a speck nor a dark drop, which would be a hole in a light ground."""
    area = cv2.contourArea(outline) / value.size
    if area < 0.0005 or area > 0.01:
        return area > 0.01
    x, y, width, height = cv2.boundingRect(outline)
    return float(value[y : y + height, x : x + width].mean()) > 105


@dataclass(frozen=True)
class Place:
    """Where things are: maps [h, w], 0 to 1 across and down; the subject's middle, foot, reach."""

    x: np.ndarray
    y: np.ndarray
    middle: tuple[float, float]
    foot: float
    reach: float
    mask: np.ndarray
    random: np.random.Generator

    @property
    def shape(self) -> tuple[int, int]:
        return self.mask.shape

    def noise(self, cells: int, flat: int = 1) -> np.ndarray:
        """Smooth, 0 to 1; `flat` times as wide as high."""
        height, width = self.shape
        if flat == 1:
            return noise(self.random, self.shape, cells)
        return noise(self.random, (height * flat, width), cells)[::flat]

    def away(self) -> np.ndarray:
        """Distance from the subject's middle, in shares of the longer side."""
        height, width = self.shape
        longer = max(self.shape)
        dx, dy = (self.x - self.middle[0]) * width, (self.y - self.middle[1]) * height
        return np.sqrt(dx * dx + dy * dy) / longer


def composed(
    picture: np.ndarray, mask: np.ndarray | None, palettes: Sequence[np.ndarray], mixed, random
) -> np.ndarray | None:
    """[h, w, 3] OKLab of a ground for a dark capture, or None where it has one of its own.

    palettes: of each hand, [K, 4]: OKLab, dark to light, and share.
    """
    if mask is None or not (mask > 127).any() or not _is_void(picture, mask):
        return None
    height, width = mask.shape
    y, x = np.mgrid[0:height, 0:width]
    rows, columns = np.flatnonzero((mask > 127).any(1)), np.flatnonzero((mask > 127).any(0))
    ys, xs = np.nonzero(mask > 127)
    place = Place(
        (x + 0.5) / width,
        (y + 0.5) / height,
        (float(xs.mean()) / width, float(ys.mean()) / height),
        float(np.sort(ys)[int(len(ys) * 0.97)]) / height,
        max(len(rows), len(columns)) / 2 / max(height, width),
        mask,
        random,
    )
    total = np.zeros((height, width, 3))
    shares = mixed.shares * mixed.shares * mixed.shares  # grounds meet, and are not laid over
    shares = shares / shares.sum(0)
    for hand, palette, share in zip(mixed.hands, palettes, shares, strict=True):
        total += _KINDS[hand.ground](place, palette) * share[..., None]
    return total


def _is_void(picture: np.ndarray, mask: np.ndarray) -> bool:
    rest = picture.max(2)[mask < 128]
    return rest.size > 0 and float((rest < 60).mean()) > 0.35


def _ramp(palette: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """Colours of a palette for tones 0 to 1, dark to light: masses, with short ways between."""
    where = np.cumsum(palette[:, 3]) - palette[:, 3] / 2
    where = 0.5 * where / palette[:, 3].sum() + 0.5 * np.linspace(0, 1, len(palette))
    out = np.empty((*tone.shape, 3))
    at = np.clip(np.searchsorted(where, tone) - 1, 0, len(palette) - 2)
    w = np.clip((tone - where[at]) / (where[at + 1] - where[at]), 0, 1)
    w = np.clip((w - 0.5) * 1.8 + 0.5, 0, 1)
    for c in range(3):
        out[..., c] = palette[at, c] * (1 - w) + palette[at + 1, c] * w
    return out


def _chosen(palette: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Colours of a palette [K, 4] for whole numbers [h, w], each as often as its share."""
    steps = np.cumsum(palette[:, 3]) / palette[:, 3].sum()
    chance = ((number * 0x9E3779B1) >> 8 & 0xFFFF) / 65536
    return palette[np.minimum(np.searchsorted(steps, chance), len(palette) - 1), :3]


def _air(place: Place, palette: np.ndarray) -> np.ndarray:
    """Light about the subject, clouds before it, deeper toward the edges."""
    clouds = 0.6 * place.noise(4, 2) + 0.4 * place.noise(11)
    tone = 0.86 - 0.75 * place.away() + 0.55 * (clouds - 0.5) - 0.12 * place.y
    return _ramp(palette, _grounded(place, tone))


def _water(place: Place, palette: np.ndarray) -> np.ndarray:
    """Sky, a far shore, and its mirror in long flat bands; the subject's reflection."""
    horizon = min(max(place.foot - 0.75 * place.reach, 0.34), 0.62)
    shore = horizon + 0.02 * (place.noise(7) - 0.5)
    sky = 0.92 - 0.30 * (1 - place.y / horizon) + 0.26 * (place.noise(4, 3) - 0.5)
    bank = 0.26 + 0.25 * place.noise(16)
    depth = (place.y - horizon) / (1 - horizon)
    bands = 0.65 * place.noise(7, 8) + 0.35 * place.noise(16, 6)
    water = 0.80 - 0.50 * depth + 0.62 * (bands - 0.5)
    high = 0.035 + 0.05 * place.noise(9)
    tone = np.where(place.y < shore - high, sky, np.where(place.y < shore, bank, water))
    return _ramp(palette, _mirrored(place, tone))


def _foliage(place: Place, palette: np.ndarray) -> np.ndarray:
    """Masses of leaves and blossom, touch beside touch, and light on the ground before them."""
    masses = 0.42 + 1.0 * (place.noise(4) - 0.5) + 0.30 * (0.45 - place.y)
    meadow = 0.60 + 0.6 * (place.noise(6, 4) - 0.5)
    edge = place.foot - 0.12 + 0.08 * (place.noise(6) - 0.5)
    tone = np.where(place.y < edge, masses, meadow)
    return _ramp(palette, _grounded(place, tone + 0.28 * (_touches(place, 30) - 0.5)))


def _touches(place: Place, cells: int) -> np.ndarray:
    """0 to 1, one number for each of many small patches with ragged edges."""
    height, width = place.shape
    size = max(height, width) / cells
    x = place.x * width / size + 1.6 * place.noise(cells)
    y = place.y * height / size * 1.3 + 1.6 * place.noise(cells)
    row = np.floor(y).astype(np.int64)
    column = np.floor(x + 0.5 * (row & 1)).astype(np.int64)
    return ((row * 7919 + column * 104729 + 12345) * 2654435761 >> 9 & 0xFFFF) / 65536


def _table(place: Place, palette: np.ndarray) -> np.ndarray:
    """A wall with a lamp's light on it, and a table's edge before it."""
    edge = min(place.foot - 0.35 * place.reach, 0.80) + 0.05 * (place.x - 0.5)
    lamp = np.clip(1 - place.away() / 0.62, 0, 1)
    wall = 0.20 + 0.42 * lamp + 0.25 * (place.noise(5) - 0.5)
    panel = np.where(place.x + 0.04 * (place.noise(4) - 0.5) < 0.30, -0.16, 0.0)
    table = 0.86 - 0.30 * (place.y - edge) + 0.25 * (place.noise(6, 4) - 0.5)
    return _ramp(palette, _grounded(place, np.where(place.y < edge, wall + panel, table)))


def _waves(place: Place, palette: np.ndarray) -> np.ndarray:
    """Bands that bend round the subject, above and below."""
    warp = 0.9 * place.noise(3) + 0.35 * place.noise(7)
    echo = np.clip(1.35 - place.away() / (place.reach + 0.16), 0, 1)
    phase = 4.6 * (place.y + 0.30 * warp) + 1.8 * echo + 0.6 * place.x
    band = np.abs(phase - np.floor(phase + 0.5)) * 2
    tone = 0.15 + 0.66 * band + 0.30 * (0.55 - place.y) + 0.16 * (place.noise(12) - 0.5)
    return _ramp(palette, _grounded(place, tone))


def _discs(place: Place, palette: np.ndarray) -> np.ndarray:
    """Rings about the subject, cut into parts of different colours, on open light."""
    away = place.away() + 0.05 * (place.noise(4) - 0.5)
    height, width = place.shape
    dx, dy = (place.x - place.middle[0]) * width, (place.y - place.middle[1]) * height
    ring = np.floor(away / (0.10 + 0.07 * place.random.random()) + 0.4).astype(np.int64)
    lean = dx * (0.35 + 0.2 * (ring & 3)) + dy * (1 - 0.3 * (ring & 1))
    part = (lean > 0) * 1 + (dx > dy * 0.4) * 2
    salt = int(place.random.integers(1, 1 << 16))
    return _chosen(palette, ring * 31 + part * 7 + salt)


def _shards(place: Place, palette: np.ndarray) -> np.ndarray:
    """Wedges that drive in from the edges along steep diagonals, dark against hot."""
    bent = 0.16 * (place.noise(4) - 0.5)
    first = np.floor((place.x * 0.8 + place.y * 0.75 + bent) * 5.2).astype(np.int64)
    second = np.floor((place.x * 1.1 - place.y * 0.62 - bent) * 3.1).astype(np.int64)
    salt = int(place.random.integers(1, 1 << 16))
    colours = _chosen(palette, first * 37 + second * 101 + salt)
    dark = palette[0, :3]
    deep = np.clip(1.25 * (place.away() - 0.30) + 0.5 * (place.noise(5) - 0.35), 0, 0.75)
    return colours * (1 - deep[..., None]) + dark * deep[..., None]


def _grounded(place: Place, tone: np.ndarray) -> np.ndarray:
    """A soft shadow under the subject."""
    dx = (place.x - place.middle[0] - 0.04) / (0.9 * place.reach + 0.05)
    dy = (place.y - place.foot - 0.015) / 0.055
    near = np.clip(1 - (dx * dx + dy * dy), 0, 1)
    return tone - 0.5 * near


def _mirrored(place: Place, tone: np.ndarray) -> np.ndarray:
    """The subject's image in the water below its foot, broken by ripples."""
    height, width = place.shape
    foot = round(place.foot * height)
    rows = np.arange(height)
    source = np.clip(2 * foot - rows, 0, height - 1)
    image = place.mask[source].astype(np.int64)
    image[:foot] = 0
    image = blurred(image << 8, max(place.shape) / 60) / 65280
    ripples = np.clip(place.noise(18, 7) * 2.2 - 0.45, 0, 1)
    return tone - 0.42 * image * ripples


_KINDS: dict[str, Callable[[Place, np.ndarray], np.ndarray]] = {
    "air": _air,
    "water": _water,
    "foliage": _foliage,
    "table": _table,
    "waves": _waves,
    "discs": _discs,
    "shards": _shards,
}
