"""The networks: generators, discriminator, patch sampler.

Pictures are float tensors [N, C, H, W] from -1 to 1.  Modules keep the order
and the key names of the original CUT, CycleGAN and pix2pix code, so that their
checkpoints load directly (see `checkpoints.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NORMS = ("instance", "batch", "none")


def norm_layer(norm: str, channels: int) -> nn.Module:
    """Instance norm without weights (Ulyanov 2016), batch norm (Ioffe 2015) or nothing."""
    if norm == "instance":
        return nn.InstanceNorm2d(channels)
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    if norm == "none":
        return nn.Identity()
    raise ValueError(f"unknown norm {norm!r}; known: {', '.join(NORMS)}")


def initialise(network: nn.Module, deviation: float = 0.02) -> None:
    """Weights from a normal distribution, biases zero (Isola 2017, section 6.2)."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(module.weight, 0.0, deviation)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d) and module.affine:
            nn.init.normal_(module.weight, 1.0, deviation)
            nn.init.zeros_(module.bias)


class BlurDown(nn.Module):
    """Halve the size after a binomial blur, so that nothing aliases (Zhang 2019).

    [N, C, H, W] -> [N, C, H/2, W/2], H and W even.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        row = torch.tensor([1.0, 2.0, 1.0]) / 4
        kernel = torch.outer(row, row).expand(channels, 1, 3, 3).clone()
        self.register_buffer("kernel", kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.conv2d(x, self.kernel, stride=2, groups=x.shape[1])


class ResnetBlock(nn.Module):
    """x + conv(relu(conv(x))), both 3x3 with reflected borders (He 2016, Johnson 2016)."""

    def __init__(self, channels: int, norm: str, dropout: bool) -> None:
        super().__init__()
        bias = norm == "instance"
        layers = [
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3, bias=bias),
            norm_layer(norm, channels),
            nn.ReLU(),
        ]
        if dropout:
            layers.append(nn.Dropout(0.5))
        layers += [
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3, bias=bias),
            norm_layer(norm, channels),
        ]
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


class ResnetGenerator(nn.Module):
    """Two steps down, residual blocks, two steps up (Johnson 2016; Zhu 2017; Park 2020).

    Fully convolutional: any H and W that are multiples of 4.  `width` is the
    number of channels at full size; the blocks have four times as many.
    """

    multiple = 4

    def __init__(
        self,
        width: int = 64,
        blocks: int = 9,
        norm: str = "instance",
        antialias_down: bool = True,
        antialias_up: bool = True,
        dropout: bool = False,
        channels_in: int = 3,
        channels_out: int = 3,
    ) -> None:
        super().__init__()
        bias = norm == "instance"
        layers = [
            nn.ReflectionPad2d(3),
            nn.Conv2d(channels_in, width, 7, bias=bias),
            norm_layer(norm, width),
            nn.ReLU(),
        ]
        for c in (width, 2 * width):
            stride = 1 if antialias_down else 2
            layers += [
                nn.Conv2d(c, 2 * c, 3, stride=stride, padding=1, bias=bias),
                norm_layer(norm, 2 * c),
                nn.ReLU(),
            ]
            if antialias_down:
                layers.append(BlurDown(2 * c))
        layers += [ResnetBlock(4 * width, norm, dropout) for _ in range(blocks)]
        for c in (4 * width, 2 * width):
            if antialias_up:
                layers += [
                    nn.Upsample(scale_factor=2, mode="bilinear"),
                    nn.Conv2d(c, c // 2, 3, padding=1, bias=bias),
                ]
            else:
                layers.append(
                    nn.ConvTranspose2d(c, c // 2, 3, 2, padding=1, output_padding=1, bias=bias)
                )
            layers += [norm_layer(norm, c // 2), nn.ReLU()]
        self.channels = channels_in, channels_out
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(width, channels_out, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)

    def with_features(self, x: Tensor, layers: Sequence[int]) -> tuple[Tensor, list[Tensor]]:
        """The picture, and the outputs of the layers numbered in `layers` (ascending)."""
        features = []
        for number, layer in enumerate(self.model):
            x = layer(x)
            if number in layers:
                features.append(x)
        return x, features

    def encode(self, x: Tensor, layers: Sequence[int]) -> list[Tensor]:
        """The same features alone: stops at the last of them."""
        features = []
        for number, layer in enumerate(self.model[: max(layers) + 1]):
            x = layer(x)
            if number in layers:
                features.append(x)
        return features


class UNetLevel(nn.Module):
    """One level of the U-Net: down, everything below, up; joined with its own input."""

    def __init__(
        self,
        outer: int,
        inner: int,
        norm: str,
        below: UNetLevel | None = None,
        dropout: bool = False,
    ) -> None:
        super().__init__()
        bias = norm == "instance"
        layers = [
            nn.LeakyReLU(0.2),
            nn.Conv2d(outer, inner, 4, stride=2, padding=1, bias=bias),
        ]
        if below is not None:
            layers += [norm_layer(norm, inner), below]
        layers += [
            nn.ReLU(),
            nn.ConvTranspose2d(
                inner if below is None else 2 * inner, outer, 4, stride=2, padding=1, bias=bias
            ),
            norm_layer(norm, outer),
        ]
        if dropout:
            layers.append(nn.Dropout(0.5))
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.model(x)], 1)


class UNetOutside(nn.Module):
    """The outermost level, which makes the picture."""

    def __init__(
        self, width: int, norm: str, below: UNetLevel, channels_in: int, channels_out: int
    ) -> None:
        super().__init__()
        bias = norm == "instance"
        self.model = nn.Sequential(
            nn.Conv2d(channels_in, width, 4, stride=2, padding=1, bias=bias),
            below,
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, channels_out, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class UNet(nn.Module):
    """Encoder and decoder joined at every size (Ronneberger 2015; Isola 2017).

    H and W must be multiples of 2^downs; `downs` is at least 5.  256 x 256
    with 8 downs reaches a single pixel at the bottom.
    """

    def __init__(
        self,
        downs: int = 8,
        width: int = 64,
        norm: str = "batch",
        dropout: bool = True,
        channels_in: int = 3,
        channels_out: int = 3,
    ) -> None:
        super().__init__()
        if downs < 5:
            raise ValueError(f"a U-Net needs at least 5 downs, not {downs}")
        self.multiple = 2**downs
        level = UNetLevel(8 * width, 8 * width, norm)
        for _ in range(downs - 5):
            level = UNetLevel(8 * width, 8 * width, norm, level, dropout)
        for c in (4 * width, 2 * width, width):
            level = UNetLevel(c, 2 * c, norm, level)
        self.channels = channels_in, channels_out
        self.model = UNetOutside(width, norm, level, channels_in, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class Separable(nn.Sequential):
    """A 3x3 convolution of each channel alone, then a 1x1 mix (Howard 2017)."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels_in, channels_in, 3, groups=channels_in, bias=False),
            nn.Conv2d(channels_in, channels_out, 1, bias=False),
        )


class StudentBlock(nn.Module):
    """A residual block of two separable convolutions."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            Separable(channels, channels),
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            Separable(channels, channels),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class StudentGenerator(nn.Module):
    """The live student: the ResNet generator's shape at a small part of its cost.

    1.5 GMAC at 256 x 256 with 24 channels and 6 blocks.  Fully convolutional:
    any H and W that are multiples of 4.
    """

    multiple = 4

    def __init__(self, width: int = 24, blocks: int = 6) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.ReflectionPad2d(3),
            nn.Conv2d(3, width, 7, bias=False),
            nn.InstanceNorm2d(width),
            nn.ReLU(),
        )
        self.down = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=False),
            nn.InstanceNorm2d(2 * width),
            nn.ReLU(),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1, bias=False),
            nn.InstanceNorm2d(4 * width),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*[StudentBlock(4 * width) for _ in range(blocks)])
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="bilinear"),
            Separable(4 * width, 2 * width),
            nn.InstanceNorm2d(2 * width),
            nn.ReLU(),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            Separable(2 * width, width),
            nn.InstanceNorm2d(width),
            nn.ReLU(),
        )
        self.head = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.up(self.blocks(self.down(self.stem(x)))))


class PatchDiscriminator(nn.Module):
    """PatchGAN: a map of scores, each for one overlapping patch (Isola 2017).

    [N, C, H, W] -> [N, 1, about H/8, about W/8] with the usual 3 layers, whose
    patches are 70 x 70.  Scores are raw: no sigmoid.
    """

    def __init__(
        self,
        width: int = 64,
        layers: int = 3,
        norm: str = "instance",
        antialias: bool = True,
        channels_in: int = 3,
    ) -> None:
        super().__init__()
        bias = norm == "instance"
        stride = 1 if antialias else 2
        model = [nn.Conv2d(channels_in, width, 4, stride, padding=1), nn.LeakyReLU(0.2)]
        if antialias:
            model.append(BlurDown(width))
        c = width
        for n in range(1, layers):
            wider = width * min(2**n, 8)
            model += [
                nn.Conv2d(c, wider, 4, stride, padding=1, bias=bias),
                norm_layer(norm, wider),
                nn.LeakyReLU(0.2),
            ]
            if antialias:
                model.append(BlurDown(wider))
            c = wider
        wider = width * min(2**layers, 8)
        model += [
            nn.Conv2d(c, wider, 4, padding=1, bias=bias),
            norm_layer(norm, wider),
            nn.LeakyReLU(0.2),
            nn.Conv2d(wider, 1, 4, padding=1),
        ]
        self.model = nn.Sequential(*model)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class PatchSampler(nn.Module):
    """Picks the same random places from feature maps and projects them (Park 2020, section 3).

    One two-layer perceptron per feature map; its output has length one.
    """

    def __init__(self, channels: Sequence[int], features: int = 256) -> None:
        super().__init__()
        for number, c in enumerate(channels):
            mlp = nn.Sequential(nn.Linear(c, features), nn.ReLU(), nn.Linear(features, features))
            setattr(self, f"mlp_{number}", mlp)

    def forward(self, maps: Sequence[Tensor], places: Sequence[Tensor]) -> list[Tensor]:
        """maps: [N, C, H, W] each; places: [S] indices into H*W each -> [N, S, features] each."""
        samples = []
        for number, (x, place) in enumerate(zip(maps, places, strict=True)):
            x = x.flatten(2)[:, :, place].transpose(1, 2)
            x = getattr(self, f"mlp_{number}")(x)
            samples.append(F.normalize(x.float(), dim=-1))
        return samples


def random_places(maps: Sequence[Tensor], count: int) -> list[Tensor]:
    """For each map [N, C, H, W], `count` different places (all of them if there are fewer)."""
    return [torch.randperm(x[0, 0].numel(), device=x.device)[:count] for x in maps]
