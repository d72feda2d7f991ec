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

Picture = np.ndarray | Image.Image


def paint(
    picture: Picture,
    hand: Hand | Sequence[Hand],
    shares: Sequence[float] | None = None,
    seed: int = 0,
    mask: Picture | None = None,
    depth: Picture | None = None,
) -> Painting:
    """Paint a picture of any mode and shape.

    picture  an underpainting or capture: a Pillow picture, or [H, W], [H, W, 1 to 4] uint8, or
             float from 0 to 1; where it has transparency, that is the mask
    hand     or several, with their shares; each then leads in patches of its own
    seed     the same gives the same strokes, at any size and on any processor
    mask     of any size: 255 (1.0) the subject, 0 the ground; without one it is looked for
    depth    of any size: 0 near, 255 (1.0) far; what is far is painted more broadly

    Three hands at most are seen.  Raises ValueError for arrays that are no picture, and for
    shares that do not fit the hands.
    """
    hands, weights = _hands(hand, shares)
    whole, alpha = _opened(picture)
    width, height = whole.size
    scale = WORK / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    work = np.asarray(whole.resize(size, Image.Resampling.BICUBIC))
    given = _map(mask, size) if mask is not None else _map(alpha, size) if alpha else None
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


def _opened(picture: Picture) -> tuple[Image.Image, Image.Image | None]:
    """RGB, and the transparency if there is any."""
    image = picture if isinstance(picture, Image.Image) else _image(picture)
    if image.mode.startswith(("I", "F")):
        image = _image(np.asarray(image, np.float64) / (65535 if image.mode != "F" else 1))
    if not image.has_transparency_data:
        return image.convert("RGB"), None
    image = image.convert("RGBA")
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert("RGB"), None
    black = Image.new("RGBA", image.size, (0, 0, 0, 255))
    return Image.alpha_composite(black, image).convert("RGB"), alpha


def _image(array: np.ndarray) -> Image.Image:
    array = np.asarray(array)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.size == 0 or not (
        array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (2, 3, 4))
    ):
        raise ValueError(f"an array of shape {array.shape} is no picture")
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    elif array.dtype.kind == "f":
        array = np.floor(np.nan_to_num(array).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    elif array.dtype != np.uint8:
        raise ValueError(f"pictures are uint8, or float from 0 to 1, not {array.dtype}")
    return Image.fromarray(np.ascontiguousarray(array))


def _map(picture: Picture, size: tuple[int, int]) -> np.ndarray:
    """[h, w] uint8 at the working size."""
    image = picture if isinstance(picture, Image.Image) else _image(picture)
    return np.asarray(image.convert("L").resize(size, Image.Resampling.BILINEAR))


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
