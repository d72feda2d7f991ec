"""Networks that enlarge pictures, with the layers and names of Real-ESRGAN's published files.

Both take and give [N, 3, H, W], RGB from 0 to 1 (what they give may go a little beyond), and
know from how far away a pixel can have an effect: their `reach`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2
"""Of RRDBNet's leaky ReLUs below 0."""
RESIDUAL = 0.2
"""How much of what a block of RRDBNet has found is added to what it was given."""


class SRVGGNetCompact(nn.Module):
    """Convolutions in a row at the small size, then all pixels of the large one at once.

    Published with Real-ESRGAN (Wang 2021) for videos: `convolutions` layers of `features`
    channels with PReLU between the first and the last, a pixel shuffle (Shi 2016), and the
    nearest pixel added, so that only what it lacks is learnt.
    """

    def __init__(self, features: int = 64, convolutions: int = 16, scale: int = 4) -> None:
        super().__init__()
        self.scale = scale
        layers = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(convolutions):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        layers.append(nn.Conv2d(features, 3 * scale**2, 3, padding=1))
        self.body = nn.Sequential(*layers)
        self.reach = convolutions + 2
        """Pixels of the small picture."""

    def forward(self, x: Tensor) -> Tensor:
        near = F.interpolate(x, scale_factor=float(self.scale), mode="nearest")
        return F.pixel_shuffle(self.body(x), self.scale) + near


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees what all before it saw and found (Huang 2017)."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        for number in range(4):
            layer = nn.Conv2d(features + number * growth, growth, 3, padding=1)
            setattr(self, f"conv{number + 1}", layer)
        self.conv5 = nn.Conv2d(features + 4 * growth, features, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        seen = x
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            seen = torch.cat((seen, F.leaky_relu(layer(seen), SLOPE)), 1)
        return x + RESIDUAL * self.conv5(seen)


class ResidualInResidual(nn.Module):
    """Three dense blocks, with a way around them all."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = DenseBlock(features, growth)
        self.rdb2 = DenseBlock(features, growth)
        self.rdb3 = DenseBlock(features, growth)

    def forward(self, x: Tensor) -> Tensor:
        return x + RESIDUAL * self.rdb3(self.rdb2(self.rdb1(x)))


class RRDBNet(nn.Module):
    """The generator of ESRGAN (Wang 2018) as Real-ESRGAN uses it (Wang 2021, section 3.3).

    It always enlarges four times; at `scale` 2 and 1 it is given a picture folded into four
    and sixteen times the channels.
    """

    def __init__(
        self, features: int = 64, blocks: int = 23, growth: int = 32, scale: int = 4
    ) -> None:
        super().__init__()
        self.scale = scale
        self.fold = 4 // scale
        """Neighbours in each direction that become channels."""
        self.conv_first = nn.Conv2d(3 * self.fold**2, features, 3, padding=1)
        self.body = nn.Sequential(*(ResidualInResidual(features, growth) for _ in range(blocks)))
        self.conv_body = nn.Conv2d(features, features, 3, padding=1)
        self.conv_up1 = nn.Conv2d(features, features, 3, padding=1)
        self.conv_up2 = nn.Conv2d(features, features, 3, padding=1)
        self.conv_hr = nn.Conv2d(features, features, 3, padding=1)
        self.conv_last = nn.Conv2d(features, 3, 3, padding=1)
        self.reach = self.fold * (15 * blocks + 4)
        """Pixels of the small picture; four, because the convolutions after the first
        enlargement see half a pixel and less."""

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        if self.fold > 1:  # to whole folds, and cut off again
            edges = (0, -width % self.fold, 0, -height % self.fold)
            x = F.pixel_unshuffle(F.pad(x, edges, mode="replicate"), self.fold)
        x = self.conv_first(x)
        x = x + self.conv_body(self.body(x))
        for layer in (self.conv_up1, self.conv_up2):
            x = F.leaky_relu(layer(F.interpolate(x, scale_factor=2.0, mode="nearest")), SLOPE)
        x = self.conv_last(F.leaky_relu(self.conv_hr(x), SLOPE))
        return x[..., : height * self.scale, : width * self.scale]
