"""Differentiable augmentation (Zhao 2020): real and generated pictures are changed alike
before the discriminator sees them, and the gradient passes through to the generator.

A discriminator that sees the same few thousand pictures again and again soon knows them by
heart; shifted, recoloured and with a hole they are new each time.
"""

from __future__ import annotations

import torch
from torch import Tensor

KINDS = ("colour", "translation", "cutout")


def augment(pictures: Tensor, kinds: tuple[str, ...]) -> Tensor:
    """[N, 3, H, W] from -1 to 1 -> the same shape, each picture changed by chance.

    colour: brightness by -0.25 to 0.25, saturation and contrast by half to one and a half;
    translation: by up to an eighth of a side, zeros from outside;
    cutout: a square of half a side becomes zero.
    Raises ValueError for another kind.
    """
    functions = {"colour": colour, "translation": translation, "cutout": cutout}
    for kind in kinds:
        if kind not in functions:
            raise ValueError(f"unknown augmentation {kind!r}; known: {', '.join(KINDS)}")
        pictures = functions[kind](pictures)
    return pictures


def colour(x: Tensor) -> Tensor:
    brightness, saturation, contrast = torch.rand(3, len(x), 1, 1, 1, device=x.device) - 0.5
    x = x + 0.5 * brightness
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * (1 + saturation)
    middle = x.mean((1, 2, 3), keepdim=True)
    return middle + (x - middle) * (1 + contrast)


def translation(x: Tensor) -> Tensor:
    count, _, height, width = x.shape
    down, right = (torch.randint(-(side // 8), side // 8 + 1, (count, 1), device=x.device)
                   for side in (height, width))  # fmt: skip
    y = torch.arange(height, device=x.device)[None] + down
    z = torch.arange(width, device=x.device)[None] + right
    inside = ((y >= 0) & (y < height))[:, :, None] & ((z >= 0) & (z < width))[:, None, :]
    each = torch.arange(count, device=x.device)[:, None, None]
    y, z = y.clamp(0, height - 1)[:, :, None], z.clamp(0, width - 1)[:, None, :]
    moved = x.permute(0, 2, 3, 1)[each, y, z].permute(0, 3, 1, 2)
    return moved * inside[:, None]


def cutout(x: Tensor) -> Tensor:
    count, _, height, width = x.shape
    holes = []
    for side in (height, width):
        middle = torch.randint(0, side + 1, (count, 1), device=x.device)
        place = torch.arange(side, device=x.device)[None]
        holes.append((place >= middle - side // 4) & (place < middle + side // 4))
    hole = holes[0][:, :, None] & holes[1][:, None, :]
    return x * ~hole[:, None]
