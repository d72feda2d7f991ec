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
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_cut.methods import Method, detached, setting
from models.core.backends import pad_to_multiple
from models.core.device import mixed_precision
from models.core.emotions import EXPRESSIONS
from models.core.files import UnknownCheckpoint, read_tensors
from models.core.pictures import to_tensor, to_uint8
from models.core.vgg import VGGFeatures

STYLE_LEVELS = 4
"""relu1_1 to relu4_1 of VGG19, or as many as there are: from colours to large strokes (Gatys 2016,
section 2.2)."""
Statistics = Sequence[tuple[Tensor, Tensor]]
"""Of each of these levels Gram matrices [N, C, C] and means [N, C]."""
CONTENT_LEVEL = 2
"""relu3_1: what is where, without how it is painted (Johnson 2016, section 4.1)."""
GRAIN_STEPS = (1, 4, 16)
"""Pixels from one value of the grain to the next, of fine, middle and broad grain."""
PLACE = 8
"""Pixels of a place whose light is compared."""
BURNT = 2.0
"""Before the tanh: 0.96 after it."""
STYLE_TIMES = 10.0
"""How much faster scales and shifts learn than what all styles share."""


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

    Unlike there, the map of half the size is added again on the way up (Ronneberger 2015 joins
    them): contours are there from the first hundred steps on.

    Going up, maps are enlarged bilinearly and then convolved, so that no checkerboard can
    appear (Odena 2016).  Fully convolutional: any H and W that are multiples of 4.
    """

    multiple = 4

    def __init__(
        self,
        width: int = 24,
        blocks: int = 5,
        styles: int = len(EXPRESSIONS),
        grain: float = 0.0,
    ) -> None:
        super().__init__()
        self.styles = styles
        self.register_buffer("grain", torch.tensor(grain))  # how much of it pictures came with
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
        return torch.tanh(self.raw(x, mixture))

    def raw(self, x: Tensor, mixture: Tensor) -> Tensor:
        """The same before the tanh, of any size."""
        full, half, quarter = mixtures_at(mixture, x.shape[2], x.shape[3])
        x = F.relu(self.stem(x, full))
        halved = F.relu(self.down[0](x, half))
        x = F.relu(self.down[1](halved, quarter))
        for first, second in self.blocks:
            x = x + second(F.relu(first(x, quarter)), quarter)
        x = F.relu(self.up[0](F.interpolate(x, scale_factor=2.0, mode="bilinear"), half)) + halved
        x = F.relu(self.up[1](F.interpolate(x, scale_factor=2.0, mode="bilinear"), full))
        return self.head(x)


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
        tensors.setdefault("grain", network.grain)  # those of before knew none
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (KeyError, ValueError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())
        raise UnknownCheckpoint(f"{path} is no emotional style network ({reason})") from None
    return network.eval()


def grained(x: Tensor, strength: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Pictures [N, 3, H, W] from -1 to 1 with grey grain, fine to broad, of this deviation.

    Convolutions make one flat colour of a flat ground, whatever its style wants: the grain is what
    strokes there begin at.
    """
    count, _, height, width = x.shape
    noise = torch.zeros(count, 1, height, width)
    for step in GRAIN_STEPS:
        coarse = torch.randn(count, 1, -(-height // step), -(-width // step), generator=generator)
        noise += F.interpolate(coarse, (height, width), mode="bicubic") / len(GRAIN_STEPS) ** 0.5
    return (x + strength * noise.to(x.device)).clamp(-1, 1)


class StyleLevels(nn.Module):
    """A style network from uint8 to uint8: [N, H, W, 3] RGB and mixtures -> the same shape."""

    def __init__(self, network: StyleNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor, mixture: Tensor) -> Tensor:
        x = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
        levels = ((self.network(x, mixture).float() + 1) * 127.5).round().clamp(0, 255)
        return levels.to(torch.uint8).permute(0, 2, 3, 1)


def stylise(
    network: StyleNetwork, pictures: np.ndarray, mixtures: np.ndarray, precision: str = "fp32"
) -> np.ndarray:
    """[N, H, W, 3] uint8 of any size, mixtures [N, styles] or [N, styles, h, w] float32 -> the
    same, by the torch module where it is."""
    device = network.head.weight.device
    height, width = pictures.shape[1:3]
    padded = torch.from_numpy(pad_to_multiple(pictures, network.multiple)).to(device)
    mixture = torch.tensor(mixtures, device=device)
    with torch.inference_mode(), mixed_precision(device, precision):
        return StyleLevels(network)(padded, mixture).cpu().numpy()[:, :height, :width]


def with_grain(network: StyleNetwork, pictures: np.ndarray, seed: int = 0) -> np.ndarray:
    """[N, H, W, 3] uint8 as the network has learned them: with grain, the same for a seed."""
    if not network.grain:
        return pictures
    generator = torch.Generator().manual_seed(seed)
    return to_uint8(grained(to_tensor(pictures), network.grain.cpu(), generator))


def in_every_style(
    network: StyleNetwork,
    styles: Sequence[str],
    captures: Sequence[np.ndarray],
    precision: str = "fp32",
) -> dict[str, list[np.ndarray]]:
    """Labelled rows for a contact sheet: each style, and half of it with half of the next."""
    corners = np.eye(len(styles), dtype=np.float32)
    mixtures = dict(zip(styles, corners, strict=True))
    rough = [with_grain(network, capture[None]) for capture in captures]
    for number, (one, other) in enumerate(pairwise(styles)):
        mixtures[f"{one} and {other}"] = corners[number : number + 2].mean(0)
    return {
        name: [stylise(network, c, mixture[None], precision)[0] for c in rough]
        for name, mixture in mixtures.items()
    }


def gram(features: Tensor) -> Tensor:
    """G_ij = sum over places of F_i F_j / (C H W): [N, C, H, W] -> [N, C, C].

    Johnson 2016, eq. 3: which features come together, wherever they are.
    """
    count, channels, height, width = features.shape
    flat = features.float().flatten(2)
    return flat @ flat.transpose(1, 2) / (channels * height * width)


def statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """The Gram matrix [N, C, C] and the mean [N, C] of features [N, C, H, W]."""
    return gram(features), features.float().mean((2, 3))


def style_loss(made: Statistics, wanted: Statistics) -> Tensor:
    """mean over levels and pictures of |G - G'|^2 / |G'|^2 + |m - m'|^2 / |m'|^2.

    G: Gram matrices (Johnson 2016, eq. 4), m: means of the features (Huang 2017, eq. 13), which
    keep a few glaring spots from standing for the energy of the whole.  Both are divided by the
    wanted one's own square, so that no level and no style counts for more because its features
    are stronger.

    made, wanted: (G [N, C, C], m [N, C]) of each level.
    """
    levels = [
        relative_square(g, wanted_g) + relative_square(m, wanted_m)
        for (g, m), (wanted_g, wanted_m) in zip(made, wanted, strict=True)
    ]
    return torch.stack(levels).mean()


def relative_square(x: Tensor, wanted: Tensor) -> Tensor:
    """|x - w|^2 / |w|^2 of each of N: [N, …] -> [N]."""
    return (x - wanted).flatten(1).square().sum(1) / wanted.flatten(1).square().sum(1)


def content_loss(made: Tensor, source: Tensor) -> Tensor:
    """|F(y) - F(c)|^2 / |F(c)|^2 for features [N, C, H, W] of the result and the source.

    Johnson 2016, eq. 2, relative to the source for the same reason.
    """
    return relative_square(made.float(), source.float()).mean()


def light_loss(made: Tensor, source: Tensor) -> Tensor:
    """1 - r: r, Pearson's, of how light the places of a picture [N, 3, H, W] are, before and after.

    Key and contrast are the style's; what is lighter than what is the capture's.  VGG's features
    do not mind a negative.
    """
    light = [
        F.avg_pool2d(x.float().mean(1, keepdim=True), PLACE).flatten(1) for x in (made, source)
    ]
    return 1 - F.cosine_similarity(*(x - x.mean(1, keepdim=True) for x in light), eps=1e-3).mean()


def burnt_loss(raw: Tensor) -> Tensor:
    """mean (|r| - 2)² of what lies beyond ±2 before the tanh: what is black or white for good there
    has no gradient that would bring it back."""
    return F.relu(raw.float().abs() - BURNT).square().mean()


def total_variation(pictures: Tensor) -> Tensor:
    """mean |y(i, j+1) - y(i, j)| + mean |y(i+1, j) - y(i, j)| (Rudin 1992; Johnson 2016, 3.2)."""
    across = (pictures[..., :, 1:] - pictures[..., :, :-1]).abs().mean()
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean()
    return across + down


def style_of(levels: Sequence[Tensor]) -> Statistics:
    """What `style_loss` compares, of the levels that VGG19 makes of pictures."""
    return [statistics(level) for level in levels[:STYLE_LEVELS]]


def style_of_works(network: VGGFeatures, works: Sequence[Sequence[np.ndarray]]) -> Statistics:
    """The same of styles: (G [styles, C, C], m [styles, C]) of each level, means over the works.

    works: of each style, pictures [H, W, 3] uint8 of any size.
    """
    device = network.first.weight.device
    with torch.no_grad():
        styles = [
            [style_of(network(to_tensor([picture]).to(device))) for picture in of_style]
            for of_style in works
        ]
    return [
        tuple(
            torch.cat([torch.stack([w[level][part] for w in works]).mean(0) for works in styles])
            for part in (0, 1)
        )
        for level in range(len(styles[0][0]))
    ]


def mixed_style(mixture: Tensor, styles: Statistics) -> Statistics:
    """Between styles lies the weighted mean of what they want: mixture [N, styles]."""
    return [
        (torch.einsum("ns,sij->nij", mixture, g), torch.einsum("ns,si->ni", mixture, m))
        for g, m in styles
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

    width: int = setting(24, "channels at full size", most=1024)
    blocks: int = setting(5, "residual blocks", most=64)
    work_size: int = setting(
        256, "shorter side that works are brought to: sets the stroke's size", 16, 4096
    )
    content_weight: float = setting(1.0, "weight of the content")
    style_weight: float = setting(2.0, "weight of the style")
    light_weight: float = setting(0.5, "weight of what is lighter than what")
    burnt_weight: float = setting(0.1, "weight of what is black or white for good")
    variation_weight: float = setting(0.05, "weight of the total variation")
    between: float = setting(0.3, "share of pictures drawn between two styles", most=1)
    grain: float = setting(0.08, "deviation of the grain on flat grounds, of pictures from -1 to 1")
    rate: float = setting(1e-3, "learning rate")


class Style(Method):
    """Emotional style: L = w_c content + w_s style + w_v total variation (Johnson 2016, eq. 5).

    Every picture of a batch is given a mixture of its own; between two styles the wanted Gram
    matrix is between theirs.
    """

    def __init__(
        self,
        settings: StyleSettings,
        features: Sequence[VGGFeatures],
        works: Mapping[str, Sequence[np.ndarray]],
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: StyleNetwork | None = None,
    ) -> None:
        """features: networks that compare; each counts alike.
        works: pictures [H, W, 3] uint8 of each style; the order of styles is that of the keys.

        Raises ValueError when the given generator has another number of styles.
        """
        super().__init__(device, precision)
        self.settings, self.styles = settings, tuple(works)
        generator = generator or StyleNetwork(settings.width, settings.blocks, len(works))
        generator.grain.fill_(settings.grain)
        if generator.styles != len(works):
            raise ValueError(
                f"a network of {generator.styles} styles cannot learn {len(works)}: "
                "give works for as many"
            )
        self.features = [network.to(self.device) for network in features]
        self.wanted = [style_of_works(network, list(works.values())) for network in self.features]
        weights = dict(self.add("generator", generator).named_parameters())
        shared = [w for name, w in weights.items() if ".norm." not in name]
        of_styles = [w for name, w in weights.items() if ".norm." in name]
        self.optimisers["generator"] = torch.optim.Adam(
            [
                {"params": shared, "times": 1.0, "lr": settings.rate},
                # Each is asked for in a seventh of the pictures, and starts like all others.
                {"params": of_styles, "times": STYLE_TIMES, "lr": STYLE_TIMES * settings.rate},
            ],
            betas=(0.5, 0.999),
        )

    def show(
        self, generator: StyleNetwork, captures: Sequence[np.ndarray], epoch: int
    ) -> dict[str, list[np.ndarray]]:
        return in_every_style(generator, self.styles, captures, self.precision)

    def step(self, a: Tensor, b: Tensor | None = None) -> dict[str, Tensor]:
        s, a = self.settings, self.place(a)
        mixture = draw_mixtures(len(a), len(self.styles), s.between).to(self.device)
        with self.mixed():
            raw = self.generator.raw(grained(a, self.generator.grain), mixture)
            made = torch.tanh(raw)
            seen = [network(made) for network in self.features]
            with torch.no_grad():
                sources = [network(a)[CONTENT_LEVEL] for network in self.features]
        contents = [content_loss(x[CONTENT_LEVEL], y) for x, y in zip(seen, sources, strict=True)]
        styles = [
            style_loss(style_of(x), mixed_style(mixture, wanted))
            for x, wanted in zip(seen, self.wanted, strict=True)
        ]
        losses = {
            "content": torch.stack(contents).mean(),
            "style": torch.stack(styles).mean(),
            "light": light_loss(made, a),
            "burnt": burnt_loss(raw),
            "variation": total_variation(made.float()),
        }
        self.update(
            "generator",
            s.content_weight * losses["content"]
            + s.style_weight * losses["style"]
            + s.light_weight * losses["light"]
            + s.burnt_weight * losses["burnt"]
            + s.variation_weight * losses["variation"],
        )
        return detached(losses)
