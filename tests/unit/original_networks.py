"""The generators of the original CUT, CycleGAN and pix2pix code, made again.

Written from the order of their modules and the names in their checkpoints, apart
from `gan_cut.networks`, to compare with: every layer at the number it has there,
blurs stored as `filt`, statistics as old versions stored them.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class StoredBlur(nn.Module):
    """CUT's resampling: a binomial kernel kept in the checkpoint as `filt`."""

    def __init__(self, channels: int, weights: list[float], gain: float) -> None:
        super().__init__()
        kernel = np.outer(weights, weights)
        kernel = torch.tensor(gain * kernel / kernel.sum(), dtype=torch.float32)
        self.register_buffer("filt", kernel.repeat(channels, 1, 1, 1))


class Shrink(StoredBlur):
    def __init__(self, channels: int) -> None:
        super().__init__(channels, [1, 2, 1], 1.0)

    def forward(self, x):
        return F.conv2d(F.pad(x, [1] * 4, "reflect"), self.filt, stride=2, groups=x.shape[1])


class Enlarge(StoredBlur):
    def __init__(self, channels: int) -> None:
        super().__init__(channels, [1, 3, 3, 1], 4.0)

    def forward(self, x):
        x = F.pad(x, [1] * 4, "replicate")
        x = F.conv_transpose2d(x, self.filt, stride=2, padding=2, groups=x.shape[1])
        return x[:, :, 1:-1, 1:-1]


class Residual(nn.Module):
    def __init__(self, parts: list[nn.Module]) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(*parts)

    def forward(self, x):
        return x + self.conv_block(x)


class Wrapped(nn.Module):
    """All originals keep everything under `model`."""

    def __init__(self, parts: list[nn.Module]) -> None:
        super().__init__()
        self.model = nn.Sequential(*parts)

    def forward(self, x):
        return self.model(x)


def norm_of(kind: str, channels: int, old_statistics: bool = False) -> nn.Module:
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels, track_running_stats=old_statistics)
    return nn.Identity()


def resnet(
    width: int,
    blocks: int,
    norm: str,
    smooth_down: bool,
    smooth_up: bool,
    dropout: bool = False,
    old_statistics: bool = False,
    channels_in: int = 3,
) -> nn.Module:
    bias = norm == "instance"

    def n(channels: int) -> nn.Module:
        return norm_of(norm, channels, old_statistics)

    parts = [nn.ReflectionPad2d(3), nn.Conv2d(channels_in, width, 7, bias=bias), n(width)]
    parts += [nn.ReLU(True)]
    for c in (2 * width, 4 * width):
        parts += [nn.Conv2d(c // 2, c, 3, 1 if smooth_down else 2, 1, bias=bias), n(c)]
        parts += [nn.ReLU(True)] + ([Shrink(c)] if smooth_down else [])
    c = 4 * width
    for _ in range(blocks):
        half = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3, bias=bias), n(c)]
        other = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3, bias=bias), n(c)]
        parts += [Residual(half + [nn.ReLU(True)] + [nn.Dropout(0.5)] * dropout + other)]
    for c in (2 * width, width):
        if smooth_up:
            parts += [Enlarge(2 * c), nn.Conv2d(2 * c, c, 3, 1, 1, bias=bias)]
        else:
            parts += [nn.ConvTranspose2d(2 * c, c, 3, 2, 1, 1, bias=bias)]
        parts += [n(c), nn.ReLU(True)]
    return Wrapped(parts + [nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()])


class Skip(nn.Module):
    def __init__(self, parts: list[nn.Module]) -> None:
        super().__init__()
        self.model = nn.Sequential(*parts)

    def forward(self, x):
        # The first part works in place, so the skip carries what it left behind.
        return torch.cat([x, self.model(x)], 1)


def unet(downs: int, width: int, norm: str, dropout: bool = False) -> nn.Module:
    bias = norm == "instance"
    outer = [width * min(2**level, 8) for level in range(downs)]
    inside = None
    for level in range(downs - 1, 0, -1):
        here, deeper = outer[level - 1], outer[level]
        down = [nn.LeakyReLU(0.2, True), nn.Conv2d(here, deeper, 4, 2, 1, bias=bias)]
        if inside is None:
            up = [nn.ReLU(True), nn.ConvTranspose2d(deeper, here, 4, 2, 1, bias=bias)]
            inside = Skip(down + up + [norm_of(norm, here)])
            continue
        up = [nn.ReLU(True), nn.ConvTranspose2d(2 * deeper, here, 4, 2, 1, bias=bias)]
        rest = [norm_of(norm, here)] + [nn.Dropout(0.5)] * (dropout and level > 3)
        inside = Skip(down + [norm_of(norm, deeper), inside] + up + rest)
    outside = [nn.Conv2d(3, width, 4, 2, 1, bias=bias), inside, nn.ReLU(True)]
    outside += [nn.ConvTranspose2d(2 * width, 3, 4, 2, 1), nn.Tanh()]
    network = Wrapped([])
    network.model = Wrapped(outside)
    return network


def randomise(network: nn.Module, seed: int = 0) -> nn.Module:
    """Weights and statistics that differ everywhere, as after a training."""
    random = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if name.endswith(("filt", "num_batches_tracked")):
            continue
        noise = torch.randn(tensor.shape, generator=random)
        if name.endswith("running_var"):
            tensor.copy_(1 + noise.abs())
        elif tensor.dim() == 1 and name.endswith("weight"):
            tensor.copy_(1 + 0.2 * noise)
        elif tensor.dim() == 1:
            tensor.copy_(0.2 * noise)
        else:
            tensor.copy_(noise / tensor[0].numel() ** 0.5)
    return network
