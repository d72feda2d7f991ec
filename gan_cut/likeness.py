"""How near pictures come to works held out of training, beside what needs no network.

A distance alone says little: noise in the colours of some work comes nearer than a capture, and
real works lie apart from each other, too.  So every figure stands beside those of the captures
themselves, of captures in the palette of a random work, with noise and as the painter paints them
without any network, and is measured from the floor: the distance between two halves of the works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from gan_cut.evaluate import bar, row
from gan_cut.lite0 import Lite0
from gan_cut.metrics import FEATURE_SIZE, kernel_distance
from gan_cut.painter.hand import Hand
from gan_cut.painter.paint import paint
from models.core.pictures import centre_square, resize_shorter, to_tensor
from models.core.squeezenet import SqueezeNetFeatures

THOUSAND = 1000.0
"""KIDs are small: they are shown in thousandths."""
NOISE = 12.0
"""Deviation of the baseline's noise, in levels of 255."""
ROUNDS = 8
PALETTE = "a random work's palette"
"""What the names of the baselines begin with."""
WORK_SIZE = 64
"""A work's palette is taken from it as small as this."""

Look = Callable[[Tensor], Tensor]
"""Pictures [N, 3, 224, 224] from -1 to 1 -> features [N, D]."""


def looks(squeezenet: SqueezeNetFeatures, lite0: Lite0 | None) -> dict[str, Look]:
    """The networks that measure, by what a table calls them."""
    found: dict[str, Look] = {}
    if lite0 is not None:
        found["EfficientNet-Lite0"] = lite0
    found["SqueezeNet, which teaches some"] = lambda x: squeezenet(x)[0].mean((2, 3))
    return found


def features(look: Look, pictures: Sequence[np.ndarray], batch: int = 16) -> np.ndarray:
    """[N, D] float64 of [H, W, 3] uint8 each."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(pictures), batch):
            squares = [centre_square(p, FEATURE_SIZE) for p in pictures[start : start + batch]]
            found.append(look(to_tensor(squares)).double().cpu())
    return torch.cat(found).numpy()


def baselines(
    captures: Sequence[np.ndarray], works: Sequence[np.ndarray]
) -> dict[str, list[np.ndarray]]:
    """What needs no network, by name: each capture in the colours of a work drawn by lot."""
    random = np.random.default_rng(0)
    noisy, painted = [], []
    for number, capture in enumerate(bar(captures, "baselines")):
        coloured = in_palette_of(capture, works[random.integers(len(works))], random)
        grain = random.normal(0, NOISE, capture.shape)
        noisy.append((coloured + grain).round().clip(0, 255).astype(np.uint8))
        painted.append(paint(coloured, Hand(), seed=number).render(max(capture.shape)))
    return {f"{PALETTE}, noise": noisy, f"{PALETTE}, painted": painted}


def in_palette_of(picture: np.ndarray, work: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A picture whose colours take the places of a work's: [H, W, 3] uint8.

    Sliced optimal transport in CIE Lab (Rabin 2011): along random axes, in order.
    """
    colours = lab(picture).reshape(-1, 3)
    wanted = lab(resize_shorter(work, WORK_SIZE)).reshape(-1, 3)
    shares = (np.arange(len(colours)) + 0.5) / len(colours)
    known = (np.arange(len(wanted)) + 0.5) / len(wanted)
    for _ in range(ROUNDS):
        axes = np.linalg.qr(random.normal(size=(3, 3)))[0].astype(np.float32)
        for axis in axes:
            places = colours @ axis
            targets = np.interp(shares, known, np.sort(wanted @ axis))
            order = places.argsort()
            moved = np.empty_like(places)
            moved[order] = targets
            colours += np.outer(moved - places, axis).astype(np.float32)
    coloured = cv2.cvtColor(colours.reshape(picture.shape), cv2.COLOR_LAB2RGB) * 255
    return coloured.round().clip(0, 255).astype(np.uint8)


def lab(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def likeness(
    pictures: Mapping[str, Sequence[np.ndarray]],
    works: Sequence[np.ndarray],
    look: Look,
    name: str,
    goal: float | None = None,
) -> list[dict]:
    """Rows for the pictures by name, captures first: KID above the floor, and by how much of the
    captures' each falls.  The goal is for those after the captures and what needs no network.

    pictures, works: [H, W, 3] uint8; no network may have learned from the works.
    """
    of_works = features(look, works)
    strength = np.sqrt(np.square(of_works).mean())  # networks count in units of their own
    of_works /= strength
    halves = np.random.default_rng(0).permutation(len(works))
    floor, _ = kernel_distance(of_works[halves[::2]], of_works[halves[1::2]])
    rows, before = [], None
    for what, several in pictures.items():
        far, deviation = kernel_distance(features(look, several) / strength, of_works)
        above = THOUSAND * (far - floor)
        unit = f"KID×1000 above {THOUSAND * floor:.2f}, ±{THOUSAND * deviation:.1f}"
        rows.append(row(f"{name}: {what}", above, unit, before))
        if before is None:
            before = above
            continue
        fall = 100 * (1 - above / before)
        wanted = None if what.startswith(PALETTE) else goal
        rows.append(row("… falls by", fall, "% of the captures'", None, wanted))
    return rows
