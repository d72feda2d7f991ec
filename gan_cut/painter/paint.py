"""From a picture to a painting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from gan_cut.painter.colour import oklab_of, to_srgb
from gan_cut.painter.field import blurred, luma, noise, tensor
from gan_cut.painter.ground import estimated_mask
from gan_cut.painter.hand import Hand
from gan_cut.painter.plan import WORK, Mixed, plan
from gan_cut.painter.strokes import Painting
from gan_cut.painter.tone import coloured

LEAST, MOST_HANDS = 0.05, 3
"""A hand with a smaller share of the mixture does not show, nor does a fourth."""


def paint(
    picture: np.ndarray,
    hand: Hand | Sequence[Hand],
    shares: Sequence[float] | None = None,
    seed: int = 0,
    mask: np.ndarray | None = None,
    depth: np.ndarray | None = None,
) -> Painting:
    """Paint a picture of any shape.

    picture  an underpainting or capture [H, W] or [H, W, 1 to 4] (grey, grey and opacity, RGB, RGB
             and opacity); opacity is taken for the mask.  Here and below uint8, uint16, bool, or
             float from 0 to 1
    hand     or several, with their shares; each then leads in patches of its own
    seed     the same gives the same strokes, at any size and on any processor
    mask     of any size: 255 (1.0) the subject, 0 the ground; without one it is looked for
    depth    of any size: 0 near, 255 (1.0) far; what is far is painted more broadly

    Three hands at most are seen.  Raises ValueError for arrays that are no picture, and for
    shares that do not fit the hands.
    """
    hands, weights = _hands(hand, shares)
    colours, opacity = _levels(picture)
    height, width = colours.shape[:2]
    scale = WORK / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    work = np.asarray(Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC))
    mask = opacity if mask is None else mask
    given = None if mask is None else _map(mask, size)
    random = np.random.default_rng(seed)
    mixed = Mixed(hands, _patches(weights, work.shape[:2], random))
    subject = given if given is not None else estimated_mask(work)
    work = coloured(work, subject, mixed, random)
    detail = _detail(work, subject, None if depth is None else _map(depth, size))
    paper = _paper(hands, weights)
    relief = round(255 * sum(h.relief * w for h, w in zip(hands, weights, strict=True)))
    strokes = plan(work, detail, mixed, paper, random)
    return Painting(strokes, *_proportions(width, height), paper, relief)


def _hands(hand, shares) -> tuple[list[Hand], np.ndarray]:
    hands = [hand] if isinstance(hand, Hand) else list(hand)
    weights = np.array([1.0] * len(hands) if shares is None else shares, np.float64)
    if not hands or weights.shape != (len(hands),):
        raise ValueError(f"{len(hands)} hands need as many shares, not {weights.size}")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise ValueError(f"shares of hands are 0 or more and not all 0, not {weights.tolist()}")
    weights = weights / weights.sum()
    order = np.argsort(-weights, kind="stable")[:MOST_HANDS]
    kept = sorted(k for k in order if weights[k] >= min(LEAST, weights.max()))
    weights = weights[kept] / weights[kept].sum()
    return [hands[k] for k in kept], weights


def _levels(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """[H, W, 3] uint8, before black where it lets through, and opacity [H, W] if it has any."""
    shape = picture.shape
    flat = picture[..., None] if picture.ndim == 2 else picture
    if picture.size == 0 or flat.ndim != 3 or flat.shape[2] > 4:
        raise ValueError(f"an array of shape {shape} is no picture")
    levels = _uint8(flat)
    channels = levels.shape[2]
    colours = np.repeat(levels[..., :1], 3, 2) if channels < 3 else levels[..., :3]
    opacity = levels[..., -1] if channels in (2, 4) else None
    if opacity is None or opacity.min() == 255:
        return np.ascontiguousarray(colours), None
    whole = colours.astype(np.int64) * opacity[..., None]
    return ((whole + 127) // 255).astype(np.uint8), opacity


def _uint8(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return (array // 257).astype(np.uint8)
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind == "f":
        return np.floor(np.nan_to_num(array).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    raise ValueError(f"pictures are uint8, uint16, bool, or float from 0 to 1, not {array.dtype}")


def _map(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """[h, w] uint8 at the working size."""
    levels = _levels(picture)[0][..., 0]
    image = Image.fromarray(np.ascontiguousarray(levels))
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))


def _proportions(width: int, height: int) -> tuple[int, int]:
    """What a Painting keeps of them: numbers of 16 bits."""
    scale = min(1.0, 65535 / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _patches(weights: np.ndarray, shape: tuple[int, int], random) -> np.ndarray:
    """[N, H, W] shares that sum to 1: each hand leads where its own noise is high."""
    if len(weights) == 1:
        return np.ones((1, *shape))
    wishes = np.stack([noise(random, shape, 4) + 0.3 * noise(random, shape, 14) for _ in weights])
    wishes = np.maximum(wishes / 1.3 - 0.5, -0.5) * 4 + 2.2  # 0.2 to 4.2
    wishes = wishes * wishes * weights[:, None, None]
    return wishes / wishes.sum(0)


def _detail(work: np.ndarray, subject: np.ndarray | None, depth: np.ndarray | None) -> np.ndarray:
    """[h, w] uint8: how finely each place is painted."""
    if subject is None:  # what has the most form, and the middle
        slopes = tensor(luma(work))
        edges = blurred((slopes[..., 0] + slopes[..., 2]) << 4, max(work.shape) / 40)
        ordered = np.sort(edges.ravel())
        eye = np.searchsorted(ordered, edges.ravel()).reshape(edges.shape) / edges.size
        height, width = edges.shape
        y, x = np.mgrid[0:height, 0:width]
        away = ((x + 0.5) / width - 0.5) ** 2 + ((y + 0.5) / height - 0.5) ** 2
        eye = np.clip(0.75 * eye + 0.45 - 1.3 * away, 0, 1)
    else:
        soft = blurred(subject.astype(np.int64) << 8, max(work.shape) / 160) / 65280
        eye = np.clip(1.15 * soft, 0.12, 1)
    if depth is not None:
        eye = eye * (1 - 0.7 * depth / 255)
    return np.floor(eye * 255).astype(np.uint8)


def _paper(hands: Sequence[Hand], weights: np.ndarray) -> tuple[int, int, int]:
    lab = np.zeros(3)
    for hand, weight in zip(hands, weights, strict=True):
        lab += oklab_of(np.array(hand.paper)) * weight
    return tuple(int(level) for level in to_srgb(lab[None])[0])
