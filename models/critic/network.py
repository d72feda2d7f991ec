"""The networks that judge a work's emotion, in torch: SqueezeNet with a head, and a shallow one.

Pictures are [N, 3, H, W] float32, RGB from 0 to 255, H and W from 64.  The critic's head reads
each channel's mean over the picture, so that its answer comes from places: how much each adds is
the class activation map, weighted by gradients (Selvaraju and others 2017, "Grad-CAM", equations
1 and 2) and summed over all levels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.core.emotions import EXPRESSIONS, FEELINGBLUE
from models.core.squeezenet import CHANNELS, SqueezeNet


class CriticNetwork(nn.Module):
    """SqueezeNet, and two linear readings of its eight levels: what people name, and how
    strongly they feel FeelingBlue's five."""

    def __init__(self) -> None:
        super().__init__()
        width = sum(CHANNELS.values())
        self.backbone = SqueezeNet()
        self.expressions = nn.Linear(width, len(EXPRESSIONS))
        self.feelings = nn.Linear(width, len(FEELINGBLUE))
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def pooled(self, pictures: Tensor) -> Tensor:
        """[N, D]: the root of each channel's mean over the picture, standardised."""
        roots = torch.cat([root(level) for level in self.backbone(pictures)], 1)
        return (roots - self.centre) / self.scale

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the seven expressions [N, 7], and FeelingBlue's scores [N, 5]."""
        pooled = self.pooled(pictures)
        return self.expressions(pooled), self.feelings(pooled)

    def places(self, pictures: Tensor) -> Tensor:
        """[N, 7, h, w]: what each place adds to each logit, to first order."""
        levels = self.backbone(pictures)
        sizes = [level.shape[1] for level in levels]
        weights = (self.expressions.weight / self.scale).split(sizes, 1)
        maps = [
            torch.einsum("kc,nc,nchw->nkhw", weight, 0.5 / root(level), level.float())
            for level, weight in zip(levels, weights, strict=True)
        ]
        size = maps[0].shape[2:]
        return sum(
            functional.interpolate(one, size, mode="bilinear", align_corners=False) for one in maps
        )


def root(level: Tensor) -> Tensor:
    """[N, C] for [N, C, h, w]: a root evens out how much rare, strong answers count."""
    return (level.float().mean((2, 3)) + 1e-2).sqrt()


class ShallowNetwork(nn.Module):
    """Three convolutions that see 64x64 pictures without having seen any before (N1)."""

    size = 64

    def __init__(self, classes: int = len(EXPRESSIONS), width: int = 24) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for channels in (width, 2 * width, 4 * width):
            layers += [nn.Conv2d(before, channels, 3, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.MaxPool2d(2)]
            before = channels
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(before, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits [N, classes]."""
        return self.head(self.layers(pictures / 127.5 - 1).mean((2, 3)))
