"""How pictures get worse on their way to us, so that a network can learn the way back.

The second-order model of Real-ESRGAN (Wang 2021, section 3): blur, resize, noise, JPEG, twice,
and then ringing.  Its ranges are for photographs from the web; RANGES are gentler, because a
painting comes from a generator or a museum's page, its grain is the canvas, and what is
enlarged must stay the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import j1

from datasets.pictures import read_rgb

KERNEL = 21
"""Pixels a side of blur and ringing."""
FILTERS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)


@dataclass(frozen=True)
class Ranges:
    """What is drawn by lot, each evenly within its bounds, in one round."""

    blurred: float
    """Share of pictures that are blurred at all."""
    sigma: tuple[float, float]
    """Standard deviation of the blur, pixels."""
    anisotropic: float
    """Share of blurs that differ by direction."""
    size: tuple[float, float]
    """Factor of the size."""
    noisy: float
    """Share of pictures with noise."""
    gaussian: tuple[float, float]
    """Standard deviation, in levels of 255."""
    poisson: tuple[float, float]
    """Scale: the variance of a pixel is its value times this, from 0 to 1, times 1/255."""
    grey: float
    """Share of noise that is the same in all colours."""
    quality: tuple[int, int]
    """Of JPEG."""
    compressed: float
    """Share of pictures that are JPEGs."""


RANGES = (
    Ranges(0.7, (0.2, 1.6), 0.4, (0.7, 1.2), 0.5, (0.5, 6), (0.02, 0.8), 0.4, (60, 95), 0.6),
    Ranges(0.3, (0.2, 0.8), 0.4, (0.8, 1.1), 0.3, (0.5, 3), (0.02, 0.4), 0.4, (70, 95), 0.6),
)
"""First and second round."""
RINGING = 0.2
"""Share of pictures with a sinc filter at the end."""
CLEAN = 0.25
"""Share of pictures that are only made smaller: the network must know these, too."""


def degrade(
    picture: np.ndarray,
    scale: int,
    random: np.random.Generator,
    ranges: tuple[Ranges, Ranges] = RANGES,
    clean: float = CLEAN,
) -> np.ndarray:
    """[H, W, 3] uint8 RGB -> [H/scale, W/scale, 3] uint8; both sides are multiples of `scale`.

    Equal states of `random` give equal pictures.  Raises ValueError for other sides.
    """
    height, width = picture.shape[:2]
    if height % scale or width % scale:
        raise ValueError(f"{width} x {height} pixels do not shrink {scale} times evenly")
    small = (width // scale, height // scale)
    if random.random() < clean:
        return cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    x = picture.astype(np.float32) / 255
    first, second = ranges
    # half of the way down in each round, around which the sizes are drawn
    half = np.sqrt(1 / scale)
    x = blurred(x, first, random)
    x = resize(x, resized(x.shape, height * half, width * half, first, random), random)
    x = compress(with_noise(x, first, random), first, random)
    x = blurred(x, second, random)
    x = resize(x, resized(x.shape, *small[::-1], second, random), random)
    x = with_noise(x, second, random)
    # the last size and ringing in either order, as the paper does, before or after JPEG
    if random.random() < 0.5:
        x = resize(x, small, random)
        x = compress(rung(x, random), second, random)
    else:
        x = compress(x, second, random)
        x = rung(resize(x, small, random), random)
    return (x * 255).round().clip(0, 255).astype(np.uint8)


def resized(
    shape: tuple[int, ...], height: float, width: float, ranges: Ranges, random: np.random.Generator
) -> tuple[int, int]:
    """(width, height) drawn around a size, never larger than the picture is."""
    factor = random.uniform(*ranges.size)
    return (
        int(np.clip(round(width * factor), 1, shape[1])),
        int(np.clip(round(height * factor), 1, shape[0])),
    )


def resize(x: np.ndarray, size: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """To (width, height) by a filter drawn by lot."""
    chosen = FILTERS[random.integers(len(FILTERS))]
    return cv2.resize(x, size, interpolation=chosen).clip(0, 1)


def blurred(x: np.ndarray, ranges: Ranges, random: np.random.Generator) -> np.ndarray:
    if random.random() >= ranges.blurred:
        return x
    across = random.uniform(*ranges.sigma)
    along, angle = across, 0.0
    if random.random() < ranges.anisotropic:
        along, angle = random.uniform(*ranges.sigma), random.uniform(0, np.pi)
    return cv2.filter2D(x, -1, gaussian(across, along, angle), borderType=cv2.BORDER_REFLECT_101)


def gaussian(across: float, along: float, angle: float, size: int = KERNEL) -> np.ndarray:
    """[size, size] float32, sum 1: standard deviations in pixels on two axes, turned (radians)."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    kernel = np.exp(-0.5 * ((u / across) ** 2 + (v / along) ** 2))
    return (kernel / kernel.sum()).astype(np.float32)


def sinc(cutoff: float, size: int = KERNEL) -> np.ndarray:
    """[size, size] float32, sum 1: the ideal low-pass filter in a circle, which rings.

    k(r) = cutoff / (2 pi r) J1(cutoff r), cutoff in radians per pixel up to pi
    (Wang 2021, equation 6).
    """
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    r = np.hypot(x, y)
    with np.errstate(invalid="ignore", divide="ignore"):
        kernel = cutoff * j1(cutoff * r) / (2 * np.pi * r)
    kernel[r == 0] = cutoff**2 / (4 * np.pi)
    return (kernel / kernel.sum()).astype(np.float32)


def rung(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    if random.random() >= RINGING:
        return x
    kernel = sinc(random.uniform(np.pi / 2, np.pi))
    return cv2.filter2D(x, -1, kernel, borderType=cv2.BORDER_REFLECT_101).clip(0, 1)


def with_noise(x: np.ndarray, ranges: Ranges, random: np.random.Generator) -> np.ndarray:
    """Of a sensor: the same everywhere (Gaussian), or more where it is light (Poisson)."""
    if random.random() >= ranges.noisy:
        return x
    is_grey = random.random() < ranges.grey
    shape = (*x.shape[:2], 1) if is_grey else x.shape
    if random.random() < 0.5:
        spread = random.uniform(*ranges.gaussian) / 255
        return (x + random.normal(0, spread, shape)).clip(0, 1).astype(np.float32)
    light = x.mean(2, keepdims=True) if is_grey else x
    unit = random.uniform(*ranges.poisson) / 255
    noise = random.poisson(light.clip(0, 1) / unit) * unit - light
    return (x + noise).clip(0, 1).astype(np.float32)


def compress(x: np.ndarray, ranges: Ranges, random: np.random.Generator) -> np.ndarray:
    """Through a JPEG and back."""
    if random.random() >= ranges.compressed:
        return x
    quality = int(random.integers(ranges.quality[0], ranges.quality[1] + 1))
    levels = (x[..., ::-1] * 255).round().astype(np.uint8)
    _, file = cv2.imencode(".jpg", levels, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return read_rgb(file.tobytes()).astype(np.float32) / 255
