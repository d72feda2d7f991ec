"""Mixtures of expressions for engines: as arrays, and laid over a picture.

A mixture is [7] float32 in the order of `EXPRESSIONS`: shares from 0, their sum is 1.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageFilter

from server.values import EXPRESSIONS

EMPHASIS = 2.0
"""As in the scene's colours: the power that lets what leads win."""
GATHERED = 0.5
"""How much of the leading expression's place is its own: 0 is the same mixture everywhere."""
FINE = 64
"""Cells along the longer side of a field: feeling has no hard edges."""


def array_of(mixture: Mapping[str, float] | None) -> np.ndarray:
    """[7]; all neutral where no expression is read."""
    shares = {"neutral": 1.0} if mixture is None else mixture
    found = np.array([shares.get(name, 0.0) for name in EXPRESSIONS], np.float32)
    return found / found.sum()


def mapping_of(mixture: np.ndarray) -> dict[str, float]:
    """By name, as Artworks keep it."""
    return {name: round(float(share), 4) for name, share in zip(EXPRESSIONS, mixture, strict=True)}


def emphasised(mixture: np.ndarray) -> np.ndarray:
    """The mixture in which what leads is heard more clearly."""
    raised = mixture**EMPHASIS
    return (raised / raised.sum()).astype(np.float32)


def field_over(picture: np.ndarray, mixture: np.ndarray) -> np.ndarray:
    """[h, w, 7]: the mixture for each place of a picture [H, W, 3] uint8 RGB.

    What leads gathers in the light, which is where the form is; what else is in the mixture
    surrounds it.  A mixture of one expression is the same everywhere.
    """
    leader = int(mixture.argmax())
    others = mixture.copy()
    others[leader] = 0.0
    if others.sum() < 0.01:
        return np.broadcast_to(mixture, (1, 1, len(mixture))).astype(np.float32)
    alone = np.zeros_like(mixture)
    alone[leader] = 1.0
    inside = (1 - GATHERED) * mixture + GATHERED * alone
    outside = (1 - GATHERED) * mixture + GATHERED * others / others.sum()
    light = light_of(picture)[..., None]
    return (light * inside + (1 - light) * outside).astype(np.float32)


def light_of(picture: np.ndarray) -> np.ndarray:
    """[h, w] from 0 to 1: how bright it is around each place, and how near the middle."""
    height, width = picture.shape[:2]
    scale = FINE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = Image.fromarray(picture).convert("L").resize(size, Image.Resampling.BOX)
    light = np.asarray(grey.filter(ImageFilter.GaussianBlur(FINE / 16)), np.float32)
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in size[::-1])
    near = np.exp(-(x[None, :] ** 2 + y[:, None] ** 2))
    light = near * (light - light.min() + 1) / (np.ptp(light) + 1)
    return (light - light.min()) / max(float(np.ptp(light)), 1e-6)
