"""Emotional style: one transformation network for all expressions, and what it learns from.

network = StyleNetwork(width=24, blocks=5, styles=7)
painting = network(captures, mixture)      # [N, 3, H, W] from -1 to 1, [N, 7] or [N, 7, h, w]

The network is Johnson's (2016) with conditional instance normalisation (Dumoulin 2017): all
weights are shared, apart from a scale and a shift per channel, style and layer.  These are mixed
by the mixture of expressions, so that a face between two gives a picture between two.  With one
style it is Johnson's own network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_cut.checkpoints import UnknownCheckpoint, read_tensors
from gan_cut.emotions import EXPRESSIONS
from gan_cut.inference import pad_to_multiple
from gan_cut.methods import Method, detached, setting
from gan_cut.pictures import to_tensor, to_uint8
from gan_cut.vgg import VGGFeatures

STYLE_LEVELS = (0, 1, 2, 3)
"""relu1_1 to relu4_1 of VGG19: from colours to large strokes (Gatys 2016, section 2.2)."""
CONTENT_LEVEL = 2
"""relu3_1: what is where, without how it is painted (Johnson 2016, section 4.1)."""


class ConditionalNorm(nn.Module):
    """z = scale_s (x - mean) / deviation + shift_s (Dumoulin 2017, eq. 5).

    Mean and deviation are of each channel of each picture; scale and shift [styles, channels]
    are mixed by a mixture [N, styles, 1, 1], or [N, styles, H, W] for each place of x.
    """

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def forward(self, x: Tensor, mixture: Tensor) -> Tensor:
        scale = F.conv2d(mixture, self.scale.t()[..., None, None])
        shift = F.conv2d(mixture, self.shift.t()[..., None, None])
        return F.instance_norm(x) * scale + shift


class Layer(nn.Module):
    """A convolution with reflected borders, then conditional normalisation."""

    def __init__(self, before: int, after: int, size: int, styles: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            before, after, size, stride, size // 2, bias=False, padding_mode="reflect"
        )
        self.norm = ConditionalNorm(after, styles)

    def forward(self, x: Tensor, mixture: Tensor) -> Tensor:
        return self.norm(self.conv(x), mixture)


class StyleNetwork(nn.Module):
    """Two steps down, residual blocks, two steps up (Johnson 2016, table 1 of the supplement).

    Going up, the nearest pixel is repeated and then convolved, so that no checkerboard can
    appear (Odena 2016).  Fully convolutional: any H and W that are multiples of 4.
    """

    multiple = 4

    def __init__(self, width: int = 24, blocks: int = 5, styles: int = len(EXPRESSIONS)) -> None:
        super().__init__()
        self.styles = styles
        self.stem = Layer(3, width, 7, styles)
        self.down = nn.ModuleList(Layer(c, 2 * c, 3, styles, stride=2) for c in (width, 2 * width))
        self.blocks = nn.ModuleList(
            nn.ModuleList(Layer(4 * width, 4 * width, 3, styles) for _ in range(2))
            for _ in range(blocks)
        )
        self.up = nn.ModuleList(Layer(c, c // 2, 3, styles) for c in (4 * width, 2 * width))
        self.head = nn.Conv2d(width, 3, 7, padding=3, padding_mode="reflect")

    def forward(self, x: Tensor, mixture: Tensor) -> Tensor:
        """[N, 3, H, W] from -1 to 1 -> the same.

        mixture: [N, styles], or [N, styles, h, w] of any size, enlarged to the picture.
        """
        full, half, quarter = mixtures_at(mixture, x.shape[2], x.shape[3])
        x = F.relu(self.stem(x, full))
        x = F.relu(self.down[0](x, half))
        x = F.relu(self.down[1](x, quarter))
        for first, second in self.blocks:
            x = x + second(F.relu(first(x, quarter)), quarter)
        x = F.relu(self.up[0](F.interpolate(x, scale_factor=2.0, mode="nearest"), half))
        x = F.relu(self.up[1](F.interpolate(x, scale_factor=2.0, mode="nearest"), full))
        return torch.tanh(self.head(x))


def mixtures_at(mixture: Tensor, height: int, width: int) -> list[Tensor]:
    """The mixture for maps of the whole, half and a quarter of a picture's size.

    One mixture for all places stays [N, styles, 1, 1]; a map is enlarged bilinearly.
    """
    if mixture.dim() == 2:
        return [mixture[:, :, None, None]] * 3
    sizes = [(height // n, width // n) for n in (1, 2, 4)]
    return [F.interpolate(mixture, size, mode="bilinear") for size in sizes]


def load_style(path: Path | str) -> StyleNetwork:
    """The network in a file of ours, in float32, ready to use.

    Raises FileNotFoundError, and UnknownCheckpoint when it holds anything else.
    """
    tensors = read_tensors(Path(path))
    try:
        styles, width = tensors["stem.norm.scale"].shape
        blocks = {key.split(".")[1] for key in tensors if re.match(r"blocks\.\d+\.", key)}
        network = StyleNetwork(width, len(blocks), styles)
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (KeyError, ValueError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())
        raise UnknownCheckpoint(f"{path} is no emotional style network ({reason})") from None
    return network.eval()


def stylise(
    network: StyleNetwork, pictures: np.ndarray, mixtures: np.ndarray, precision: str = "fp32"
) -> np.ndarray:
    """[N, H, W, 3] uint8 of any size, mixtures [N, styles] -> the same, by the torch module."""
    weight = network.head.weight
    height, width = pictures.shape[1:3]
    x = to_tensor(pad_to_multiple(pictures, network.multiple)).to(weight.device)
    mixture = torch.as_tensor(mixtures, dtype=torch.float32, device=weight.device)
    bf16 = torch.autocast(weight.device.type, torch.bfloat16, enabled=precision == "bf16")
    with torch.inference_mode(), bf16:
        return to_uint8(network(x, mixture))[:, :height, :width]


def gram(features: Tensor) -> Tensor:
    """G_ij = sum over places of F_i F_j / (C H W): [N, C, H, W] -> [N, C, C].

    Johnson 2016, eq. 3: which features come together, wherever they are.
    """
    count, channels, height, width = features.shape
    flat = features.float().flatten(2)
    return flat @ flat.transpose(1, 2) / (channels * height * width)


def style_loss(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """mean over levels and pictures of |G - G'|^2 / |G'|^2, Frobenius norms.

    Johnson 2016, eq. 4; divided by the wanted Gram's own square, so that no level and no
    style counts for more because its features are stronger.

    made, wanted: Gram matrices [N, C, C] of each level.
    """
    levels = [
        (g - w).square().sum((1, 2)) / w.square().sum((1, 2))
        for g, w in zip(made, wanted, strict=True)
    ]
    return torch.stack(levels).mean()


def content_loss(made: Tensor, source: Tensor) -> Tensor:
    """|F(y) - F(c)|^2 / |F(c)|^2 for features [N, C, H, W] of the result and the source.

    Johnson 2016, eq. 2, relative to the source for the same reason.
    """
    made, source = made.float().flatten(1), source.float().flatten(1)
    return ((made - source).square().sum(1) / source.square().sum(1)).mean()


def total_variation(pictures: Tensor) -> Tensor:
    """mean |y(i, j+1) - y(i, j)| + mean |y(i+1, j) - y(i, j)| (Rudin 1992; Johnson 2016, 3.2)."""
    across = (pictures[..., :, 1:] - pictures[..., :, :-1]).abs().mean()
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean()
    return across + down


def grams(network: VGGFeatures, pictures: Tensor) -> list[Tensor]:
    """The Gram matrices [N, C, C] of pictures [N, 3, H, W], a level each."""
    levels = network(pictures)
    return [gram(levels[n]) for n in STYLE_LEVELS]


def grams_of_works(network: VGGFeatures, works: Sequence[Sequence[np.ndarray]]) -> list[Tensor]:
    """For each level the Gram matrices of the styles [styles, C, C], each the mean of its works.

    works: of each style, pictures [H, W, 3] uint8 of any size.
    """
    device = next(network.parameters()).device
    with torch.no_grad():
        styles = [
            [grams(network, to_tensor([picture]).to(device)) for picture in of_style]
            for of_style in works
        ]
    return [
        torch.cat([torch.stack([g[level] for g in one]).mean(0) for one in styles])
        for level in range(len(STYLE_LEVELS))
    ]


def draw_mixtures(count: int, styles: int, between: float) -> Tensor:
    """[count, styles]: single styles, each different while there are enough; with the
    probability `between`, part of it is a second style's."""
    order = torch.cat([torch.randperm(styles) for _ in range(-(-count // styles))])[:count]
    mixtures = F.one_hot(order, styles).float()
    if styles == 1:
        return mixtures
    others = F.one_hot((order + torch.randint(1, styles, (count,))) % styles, styles).float()
    share = torch.rand(count, 1) * (torch.rand(count, 1) < between)
    return (1 - share) * mixtures + share * others


@dataclass(frozen=True)
class StyleSettings:
    """Johnson 2016 with Dumoulin 2017."""

    width: int = setting(24, "channels at full size")
    blocks: int = setting(5, "residual blocks")
    work_size: int = setting(256, "shorter side that works are brought to: sets the stroke's size")
    content_weight: float = setting(1.0, "weight of the content")
    style_weight: float = setting(2.0, "weight of the style")
    variation_weight: float = setting(0.05, "weight of the total variation")
    between: float = setting(0.3, "share of pictures drawn between two styles")
    rate: float = setting(1e-3, "learning rate")


class Style(Method):
    """Emotional style: L = w_c content + w_s style + w_v total variation (Johnson 2016, eq. 5).

    Every picture of a batch is given a mixture of its own; between two styles the wanted Gram
    matrix is between theirs.
    """

    def __init__(
        self,
        settings: StyleSettings,
        features: VGGFeatures,
        works: Mapping[str, Sequence[np.ndarray]],
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: StyleNetwork | None = None,
    ) -> None:
        """works: pictures [H, W, 3] uint8 of each style; the order of styles is that of the keys.

        Raises ValueError when the given generator has another number of styles.
        """
        super().__init__(device, precision)
        self.settings, self.styles = settings, tuple(works)
        generator = generator or StyleNetwork(settings.width, settings.blocks, len(works))
        if generator.styles != len(works):
            raise ValueError(
                f"a network of {generator.styles} styles cannot learn {len(works)}: "
                "give works for as many"
            )
        self.features = features.to(self.device)
        self.wanted = grams_of_works(self.features, list(works.values()))
        self.optimise("generator", self.add("generator", generator), rate=settings.rate)

    def show(
        self, generator: StyleNetwork, captures: Sequence[np.ndarray], epoch: int
    ) -> dict[str, list[np.ndarray]]:
        """A row for each style, and for half of each with half of the next."""
        corners = np.eye(len(self.styles), dtype=np.float32)
        rows = dict(zip(self.styles, corners, strict=True))
        for number, style in enumerate(self.styles[:-1]):
            rows[f"{style} and {self.styles[number + 1]}"] = corners[number : number + 2].mean(0)
        return {
            name: [stylise(generator, c[None], mixture[None], self.precision)[0] for c in captures]
            for name, mixture in rows.items()
        }

    def step(self, a: Tensor, b: Tensor | None = None) -> dict[str, Tensor]:
        s, a = self.settings, self.place(a)
        mixture = draw_mixtures(len(a), len(self.styles), s.between).to(self.device)
        with self.mixed():
            made = self.generator(a, mixture)
            levels = self.features(made)
            with torch.no_grad():
                source = self.features(a)[CONTENT_LEVEL]
        wanted = [torch.einsum("ns,sij->nij", mixture, g) for g in self.wanted]
        losses = {
            "content": content_loss(levels[CONTENT_LEVEL], source),
            "style": style_loss([gram(levels[n]) for n in STYLE_LEVELS], wanted),
            "variation": total_variation(made.float()),
        }
        self.update(
            "generator",
            s.content_weight * losses["content"]
            + s.style_weight * losses["style"]
            + s.variation_weight * losses["variation"],
        )
        return detached(losses)
