"""Palette and tone before the strokes: what colours a feeling sees, and where its light is."""

from __future__ import annotations

import numpy as np

from gan_cut.painter.colour import (
    blended,
    carry,
    looked_up,
    oklab_of,
    samples,
    to_oklab,
    to_srgb,
)  # fmt: skip
from gan_cut.painter.field import blurred
from gan_cut.painter.ground import composed
from gan_cut.painter.hand import Hand, Palette

SAMPLES = 4096
APART = 0.17
"""Least difference in lightness of subject and surroundings."""


def coloured(picture: np.ndarray, mask: np.ndarray | None, mixed, random) -> np.ndarray:
    """[h, w, 3] uint8: a picture in the colours, on the ground and in the light of the hands.

    mixed (`plan.Mixed`): the hands and their shares at each place.
    """
    works = [_work(hand, random) for hand in mixed.hands]
    palettes = [_palette((*w, *h.accents)) for w, h in zip(works, mixed.hands, strict=True)]
    ground = composed(picture, mask, palettes, mixed, random) if all(works) else None
    if ground is None:  # accents are for what is made up: in a portrait they would be green hair
        palettes = [_palette(work) for work in works]
    before = to_oklab(picture)
    source = before[mask > 127] if ground is not None else before.reshape(-1, 3)
    source = source[(random.random(SAMPLES) * len(source)).astype(np.int64)]
    after = np.zeros_like(before)
    for palette, share in zip(palettes, leading(mixed.shares), strict=True):
        colours = before
        if len(palette):
            target = _target(palette, ground is not None, random)
            colours = looked_up(picture, carry(source, target, random))
        after += colours * share[..., None]
    lab = blended(before, after, mixed.named("carry"))
    lab = _toned(lab, mixed)
    if ground is not None:
        lab = _joined(lab, ground, mask)
    return to_srgb(_lit(_united(lab, mixed), mask, mixed))


def _work(hand: Hand, random) -> Palette:
    """The palette of one of a hand's works, or nothing."""
    chance = random.random()  # always drawn: hands without works change nothing for the others
    return hand.palettes[int(chance * len(hand.palettes))] if hand.palettes else ()


def _palette(of: Palette) -> np.ndarray:
    """[K, 4]: OKLab, dark to light, and share."""
    if not of:
        return np.empty((0, 4))
    colours = np.array(of)
    palette = np.concatenate([oklab_of(colours[:, :3]), colours[:, 3:]], 1)
    return palette[np.argsort(palette[:, 0], kind="stable")]


def _target(palette: np.ndarray, accents: bool, random) -> np.ndarray:
    """[SAMPLES, 3] OKLab colours of a palette by their shares.

    With accents, for a subject before a ground of the same palette, strong and light colours
    count more.
    """
    weight = palette[:, 3]
    if accents:
        chroma = np.sqrt(palette[:, 1] ** 2 + palette[:, 2] ** 2)
        weight = weight * (0.15 + 6 * chroma) * (0.1 + 1.6 * palette[:, 0] * palette[:, 0])
    return samples(palette[:, :3], weight, SAMPLES, random)


def leading(shares: np.ndarray) -> np.ndarray:
    """Shares [N, H, W] with clearer leaders: colours of two hands meet and are not stirred."""
    clear = shares * shares * shares
    return clear / clear.sum(0)


def _toned(lab: np.ndarray, mixed) -> np.ndarray:
    """Key, contrast and chroma."""
    middle = float(lab[..., 0].mean())
    light = (lab[..., 0] - middle) * mixed.named("contrast") + middle + mixed.named("key")
    chroma = mixed.named("chroma")[..., None]
    return np.concatenate([light[..., None], lab[..., 1:] * chroma], -1)


def _joined(lab: np.ndarray, ground: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The subject before its ground, which near it is as much lighter or darker as is needed."""
    soft = blurred(mask.astype(np.int64) << 8, 1.0) / 65280
    far = max(mask.shape) / 8
    near = blurred(mask.astype(np.int64) << 8, far) / 65280
    subject = float(lab[..., 0][mask > 127].mean())
    weight = near * (mask < 128)
    behind = float((ground[..., 0] * weight).sum() / max(weight.sum(), 1e-9))
    if abs(subject - behind) < APART:
        wishes = [w for w in (subject - APART, subject + APART) if 0.2 <= w <= 0.9]
        wish = min(wishes, key=lambda w: abs(w - behind))
        ground = ground.copy()
        ground[..., 0] += (wish - behind) * np.clip(near * 2.2 + 0.25, 0, 1)
    return lab * soft[..., None] + ground * (1 - soft[..., None])


def _united(lab: np.ndarray, mixed) -> np.ndarray:
    """Fewer hues; light keeps its differences."""
    unity = mixed.named("unity")[..., None]
    mean = lab[..., 1:].reshape(-1, 2).mean(0)
    return np.concatenate([lab[..., :1], lab[..., 1:] * (1 - unity) + mean * unity], -1)


def _lit(lab: np.ndarray, mask: np.ndarray | None, mixed) -> np.ndarray:
    """Light gathers about the subject (or the middle) and leaves the edges; no pure black."""
    height, width = lab.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    if mask is not None and (mask > 127).any():
        ys, xs = np.nonzero(mask > 127)
        cx, cy = float(xs.mean()), float(ys.mean())
    else:
        cx, cy = width / 2, height * 0.45
    away = np.sqrt((x - cx) ** 2 + (y - cy) ** 2) / max(height, width)
    light = lab[..., 0] + mixed.named("gather") * (0.42 - away) * 1.3
    low, high = 0.10, 0.975
    light = np.where(light < 0.2, 0.2 - (0.2 - light) * 0.5, light).clip(low, high)
    light = np.where(light > 0.93, 0.93 + (light - 0.93) * 0.6, light)
    return np.concatenate([light[..., None], lab[..., 1:]], -1)
