"""Thirteen measures of a picture that somebody thought of, each with its source (N1).

They are taken at 128x128 pixels.  Colours are CIELAB under D65, as OpenCV converts sRGB
(L 0 to 100); C is chroma, h is hue, H, S and V are OpenCV's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

NAMES = (
    "brightness", "contrast", "saturation", "warmth", "hard-soft", "hard texture", "soft texture",
    "red", "yellow", "green", "blue", "purple", "harmony",
)  # fmt: skip
SIDE = 128

LANDMARKS: Mapping[str, tuple[int, int, int]] = {
    "red": (190, 30, 45),
    "yellow": (245, 205, 30),
    "green": (0, 140, 80),
    "blue": (0, 105, 180),
    "purple": (120, 60, 150),
}
"""Munsell's five principal hues, as vivid as paint gets, in sRGB."""

TEMPLATES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "i": ((0, 18),),
    "V": ((0, 93.6),),
    "L": ((0, 18), (90, 79.2)),
    "I": ((0, 18), (180, 18)),
    "Y": ((0, 93.6), (180, 18)),
    "X": ((0, 93.6), (180, 93.6)),
}
"""Centre and width in degrees of the sectors in which harmonious hues lie (Matsuda's, after
Cohen-Or and others 2006, "Color harmonization", figure 4; without T, half the circle)."""


def features(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """[N, 13] float32, the measures NAMES of pictures [H, W, 3] uint8 RGB."""
    return np.array([measure(picture) for picture in pictures], np.float32)


def measure(picture: np.ndarray) -> list[float]:
    """The thirteen of one picture."""
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    light = brightness(small)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    hsv = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hue, saturation = hsv[..., 0], hsv[..., 1]
    return [
        float(light.mean()),
        float(light.std()),
        float(saturation.mean()),
        float(warmth(lab).mean()),
        float(hard_soft(lab).mean()),
        similarity(light, hard_texture()),
        similarity(light, soft_texture()),
        *(distance(lab, colour) for colour in LANDMARKS.values()),
        disharmony(hue, saturation * hsv[..., 2]),
    ]


def brightness(picture: np.ndarray) -> np.ndarray:
    """[H, W], 0 to 1: perceived brightness, the root of 0.299 R² + 0.587 G² + 0.114 B² (Finley
    2006, "HSP color model").  Its deviation is the contrast (RMS contrast, Peli 1990)."""
    squares = (picture.astype(np.float32) / 255) ** 2
    return np.sqrt(squares @ np.array([0.299, 0.587, 0.114], np.float32))


def warmth(lab: np.ndarray) -> np.ndarray:
    """[H, W]: -0.5 + 0.02 C^1.07 cos(h - 50°), warm above 0 (Ou, Luo, Woodcock and Wright 2004,
    "A study of colour emotion and colour preference", part I)."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.arctan2(lab[..., 2], lab[..., 1])
    return -0.5 + 0.02 * chroma**1.07 * np.cos(hue - np.deg2rad(50))


def hard_soft(lab: np.ndarray) -> np.ndarray:
    """[H, W]: 11.1 + 0.03 (100 - L) - 11.4 C^0.02, hard above 0 (Ou and others 2004)."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return 11.1 + 0.03 * (100 - lab[..., 0]) - 11.4 * np.maximum(chroma, 0.1) ** 0.02


def hard_texture() -> np.ndarray:
    """[128, 128], 0 to 1: steep zigzags, what people call hard (bouba and kiki: Ramachandran and
    Hubbard 2001)."""
    down, right = np.mgrid[:SIDE, :SIDE]
    return ((down + 2 * np.abs(right % 16 - 8)) // 8 % 2).astype(np.float32)


def soft_texture() -> np.ndarray:
    """[128, 128], 0 to 1: round hills, what people call soft."""
    down, right = np.mgrid[:SIDE, :SIDE] * (2 * np.pi / 32)
    return ((2 + np.sin(down) + np.sin(right)) / 4).astype(np.float32)


def similarity(light: np.ndarray, texture: np.ndarray) -> float:
    """-1 to 1: the mean structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004, equation
    13: Gaussian window of 1.5 pixels, constants 0.01² and 0.03²) of two maps from 0 to 1."""

    def blur(x: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(x, (11, 11), 1.5)

    mean_a, mean_b = blur(light), blur(texture)
    var_a, var_b = blur(light * light) - mean_a**2, blur(texture * texture) - mean_b**2
    both = blur(light * texture) - mean_a * mean_b
    top = (2 * mean_a * mean_b + 1e-4) * (2 * both + 9e-4)
    return float((top / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))).mean())


def distance(lab: np.ndarray, colour: tuple[int, int, int]) -> float:
    """The mean distance of the pixels to a colour (CIE 1976, delta E)."""
    one = np.array([[colour]], np.float32) / 255
    return float(np.linalg.norm(lab - cv2.cvtColor(one, cv2.COLOR_RGB2LAB), axis=2).mean())


def disharmony(hue: np.ndarray, weight: np.ndarray) -> float:
    """Degrees by which hues (0 to 360) lie outside the best turned of TEMPLATES, weighted by how
    colourful each pixel is (Cohen-Or and others 2006, equation 2); 0 for a picture of greys."""
    total = float(weight.sum())
    if total < 1e-3 * weight.size:
        return 0.0
    step = 5
    counts, edges = np.histogram(hue, np.arange(0, 361, step), weights=weight)
    middles = (edges[:-1] + edges[1:]) / 2
    turns = np.arange(0, 360, step)[:, None]
    best = np.inf
    for sectors in TEMPLATES.values():
        outside = np.min(
            [
                np.maximum(np.abs((middles - turns - at + 180) % 360 - 180) - width / 2, 0)
                for at, width in sectors
            ],
            axis=0,
        )
        best = min(best, float((outside @ counts).min()))
    return best / total
