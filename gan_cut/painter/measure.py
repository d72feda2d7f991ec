"""Measures of works of art: how they are painted, in a few numbers.

orientation   which way forms run, and how many agree (structure tensor, doubled angles)
coherence     how much of the picture has one direction at each place
scale         size of what there is, as share of the longer side: half of the light's variation
              beyond the coarsest octave is in finer octaves
relief        how deep the finest octave is, in lightness
palette       its colours (k-means in OKLab), and key, contrast and chroma
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from gan_cut.painter.colour import to_oklab
from gan_cut.painter.field import Forms, luma

SIDE = 640
COLOURS = 8


@dataclass(frozen=True, slots=True)
class Measures:
    angle: float
    """Degrees: 0 lies, 90 stands, 45 falls to the right."""
    agreement: float
    """0 all ways alike, 1 all one way."""
    coherence: float
    scale: float
    relief: float
    key: float
    """Mean lightness,"""
    contrast: float
    """its standard deviation,"""
    chroma: float
    """and mean chroma, all in OKLab."""


def measured(picture: np.ndarray) -> Measures:
    """Of a picture [H, W, 3] uint8."""
    picture = at_side(picture, SIDE)
    light = luma(picture)
    along, sure = Forms(light).directions(6.0)
    x, y = (float((along[..., k] * sure).sum() / (sure.sum() + 1e-9)) for k in range(2))
    lab = to_oklab(picture)
    energy = octaves(lab[..., 0])
    steps = np.cumsum(energy[::-1])  # fine to coarse
    half = np.interp(steps[-1] / 2, steps, np.arange(len(steps)))
    return Measures(
        angle=float(np.degrees(np.arctan2(y, x)) / 2),
        agreement=float(np.hypot(x, y)),
        coherence=float(sure.mean()),
        scale=float(2.0 ** (half + 1) / SIDE),
        relief=float(np.sqrt(energy[-1])),
        key=float(lab[..., 0].mean()),
        contrast=float(lab[..., 0].std()),
        chroma=float(np.hypot(lab[..., 1], lab[..., 2]).mean()),
    )


def octaves(light: np.ndarray) -> np.ndarray:
    """[6] mean squares of lightness between one halving of the size and the next, coarse first."""
    image, found = Image.fromarray(light.astype(np.float32)), []
    for _ in range(6):
        width, height = (max(1, side // 2) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BOX)
        back = small.resize(image.size, Image.Resampling.BILINEAR)
        found.append(float(((np.asarray(image) - np.asarray(back)) ** 2).mean()))
        image = small
    return np.array(found[::-1])


def at_side(picture: np.ndarray, side: int) -> np.ndarray:
    """Longer side `side`."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))


def palette(picture: np.ndarray, colours: int = COLOURS) -> list[tuple[float, ...]]:
    """Its colours, dark to light, as (lightness, chroma, hue in degrees, share).

    k-means in OKLab from the colours that differ most; a small strong accent counts more than
    its area, as it does to the eye.
    """
    lab = to_oklab(at_side(picture, 96)).reshape(-1, 3)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    weight = 1 + 10 * chroma
    stretched = lab * (1, 2.2, 2.2)
    centres = [stretched[np.abs(lab[:, 0] - np.median(lab[:, 0])).argmin()]]
    for _ in range(colours - 1):
        away = np.min([((stretched - c) ** 2).sum(1) for c in centres], axis=0)
        centres.append(stretched[(away * weight).argmax()])
    centres = np.array(centres)
    for _ in range(20):
        nearest = ((stretched[:, None] - centres[None]) ** 2).sum(-1).argmin(1)
        for k in range(colours):
            if (nearest == k).any():
                centres[k] = np.average(
                    stretched[nearest == k], axis=0, weights=weight[nearest == k]
                )
    found = []
    for k in range(colours):
        share = float(weight[nearest == k].sum() / weight.sum())
        if share > 0.005:
            light, a, b = centres[k] / (1, 2.2, 2.2)
            mean = float(np.hypot(a, b))  # duller than the paints it is of, if they are of one hue
            strong = min(float(np.quantile(chroma[nearest == k], 0.7)), 1.4 * mean)
            found.append((float(light), strong, float(np.degrees(np.arctan2(b, a)) % 360), share))
    return sorted(found)
