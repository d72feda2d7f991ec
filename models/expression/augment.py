"""Random changes of a batch of faces that leave their expression as it is.

Everything is drawn for each face, and computed where the batch lies.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def prepare(pictures: Tensor, size: int) -> Tensor:
    """[N, 48, 48] uint8 -> the middle [N, 1, size, size], standardised; for reading."""
    edge = (pictures.shape[-1] - size) // 2
    inside = pictures[:, None, edge : edge + size, edge : edge + size].float()
    return standardise(inside)


def standardise(pictures: Tensor) -> Tensor:
    """Grey levels [N, 1, S, S] with mean 0 and standard deviation 1, as the live reading."""
    pictures = pictures - pictures.mean((2, 3), keepdim=True)
    return pictures / (pictures.std((2, 3), keepdim=True, correction=0) + 1.0)


def strong(pictures: Tensor, size: int) -> Tensor:
    """[N, 48, 48] uint8 -> [N, 1, size, size]: turned, moved, lit, blurred, noisy, partly hidden.

    Wide enough for what a webcam adds: a mesh that sits a little off, light from one side,
    a dark and noisy picture, glasses, hair and hands.
    """
    count, device = len(pictures), pictures.device

    def some(share: float) -> Tensor:
        return (torch.rand(count, 1, 1, 1, device=device) < share).float()

    def between(low: float, high: float) -> Tensor:
        return torch.empty(count, 1, 1, 1, device=device).uniform_(low, high)

    x = moved(pictures, size, turn=15.0, zoom=0.15, shift=0.08, shear=0.1) / 255
    x = x.clamp(1e-3, 1) ** between(-0.5, 0.5).exp()
    steps = torch.linspace(-1, 1, size, device=device)
    x = x + 0.15 * some(0.5) * (between(-1, 1) * steps[:, None] + between(-1, 1) * steps)
    small = functional.interpolate(x, scale_factor=0.5, mode="area")
    blurred = functional.interpolate(small, size=(size, size), mode="bilinear")
    blur = some(0.2)
    x = x + blur * (blurred - x)
    x = x + some(0.5) * between(0, 0.03) * torch.randn_like(x)
    return hidden(standardise(x * 255), 0.5)


def gentle(pictures: Tensor, size: int) -> Tensor:
    """[N, 48, 48] uint8 -> [N, 1, size, size]: turned, moved and mirrored a little."""
    return standardise(moved(pictures, size, turn=10.0, zoom=0.1, shift=0.05, shear=0.0))


def moved(
    pictures: Tensor, size: int, turn: float, zoom: float, shift: float, shear: float
) -> Tensor:
    """Grey levels [N, 1, size, size] after a random similarity, shear and mirror.

    `turn` in degrees, `zoom` as the logarithm of a factor, `shift` in shares of the
    picture, all to both sides.
    """
    count, device = len(pictures), pictures.device

    def between(most: float) -> Tensor:
        return torch.empty(count, device=device).uniform_(-most, most)

    angle, factor = torch.deg2rad(between(turn)), between(zoom).exp() * size / pictures.shape[-1]
    mirror = torch.randint(0, 2, (count,), device=device) * 2 - 1
    cos, sin, lean = factor * angle.cos(), factor * angle.sin(), between(shear)
    top = torch.stack((mirror * cos, lean * cos - sin, 2 * between(shift)), 1)
    bottom = torch.stack((mirror * sin, lean * sin + cos, 2 * between(shift)), 1)
    grid = functional.affine_grid(
        torch.stack((top, bottom), 1), [count, 1, size, size], align_corners=False
    )
    return functional.grid_sample(
        pictures[:, None].float(), grid, padding_mode="border", align_corners=False
    )


def hidden(pictures: Tensor, share: float) -> Tensor:
    """A `share` of the standardised pictures with one rectangle of noise in it (Zhong and
    others 2020, "Random erasing data augmentation")."""
    count, size, device = len(pictures), pictures.shape[-1], pictures.device
    sides = torch.empty(count, 2, device=device).uniform_(0.15, 0.5) * size
    corner = torch.rand(count, 2, device=device) * (size - sides)
    place = torch.arange(size, device=device)
    inside = (place >= corner[:, :, None]) & (place < (corner + sides)[:, :, None])
    mask = (inside[:, 0, :, None] & inside[:, 1, None, :])[:, None]
    mask &= torch.rand(count, 1, 1, 1, device=device) < share
    return torch.where(mask, torch.randn_like(pictures), pictures)
