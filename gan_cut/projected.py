"""A discriminator that looks through a pretrained network (Sauer 2021, "Projected GANs").

A small discriminator that starts from nothing sees texture for hours before it sees
things.  This one judges what VGG19 makes of a picture, at four sizes, mixed by random
weights that never change, so that no single easy feature decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

LEVELS = (1, 2, 3, 4)
"""relu2_1 to relu5_1: half to a sixteenth of the picture's size."""


class Projection(nn.Module):
    """Pictures [N, 3, H, W] from -1 to 1 -> four maps [N, width, H/2^i, W/2^i], i from 1 to 4.

    Random mixing across channels, then from the coarsest map to the finest across
    sizes (Sauer 2021, section 3.2).  Frozen, but gradients pass through to the pictures.
    """

    def __init__(
        self, features: nn.Module, width: int = 64, levels: Sequence[int] = LEVELS
    ) -> None:
        super().__init__()
        self.features, self.levels = features, tuple(levels)
        with torch.no_grad():
            clouds = F.interpolate(torch.rand(4, 3, 16, 16), size=128, mode="bicubic")
            maps = features(clouds * 2 - 1)
        maps = [maps[i] for i in self.levels]
        scales = torch.stack([x.square().mean().rsqrt() for x in maps])
        self.register_buffer("scales", scales)  # Brings all levels to one strength.
        self.across_channels = nn.ModuleList(nn.Conv2d(x.shape[1], width, 1) for x in maps)
        self.across_sizes = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in maps)
        for module in (*self.across_channels, *self.across_sizes):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            nn.init.zeros_(module.bias)
        self.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Projection:
        """Nothing in it learns."""
        return super().train(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        return self.mix(self.features(pictures))

    def mix(self, maps: list[Tensor]) -> list[Tensor]:
        """The same, of what the pretrained network made of the pictures."""
        mixed: list[Tensor] = []
        for number in reversed(range(len(self.levels))):
            x = self.across_channels[number](maps[self.levels[number]] * self.scales[number])
            if mixed:
                coarser = F.interpolate(mixed[0], size=x.shape[2:], mode="bilinear")
                x = (x + coarser) / math.sqrt(2)
            mixed.insert(0, self.across_sizes[number](x))
        return mixed


class ProjectedDiscriminator(nn.Module):
    """Four maps -> scores [N, 1, about H/16, about W/16] of each, side by side as [N, S].

    Convolutions with spectral norm (Miyato 2018), no other.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.heads = nn.ModuleList()
        for halvings in (3, 2, 1, 0):
            layers: list[nn.Module] = []
            for _ in range(halvings):
                layers += [
                    spectral_norm(nn.Conv2d(width, width, 4, stride=2, padding=1)),
                    nn.LeakyReLU(0.2),
                ]
            layers += [
                spectral_norm(nn.Conv2d(width, width, 3, padding=1)),
                nn.LeakyReLU(0.2),
                spectral_norm(nn.Conv2d(width, 1, 3, padding=1)),
            ]
            self.heads.append(nn.Sequential(*layers))

    def forward(self, maps: list[Tensor]) -> Tensor:
        return torch.cat([h(x).flatten(1) for h, x in zip(self.heads, maps, strict=True)], 1)
