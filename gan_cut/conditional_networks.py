"""The networks of the conditional GAN: pictures of a style and an emotion, from nothing.

A *condition* is [N, 4 + 7] float: shares of the four STYLES, then of the seven expressions
of `emotions.EXPRESSIONS`; each part is at least 0 and sums to 1.  Every network is linear in it
before its first nonlinearity, so that what lies between two emotions is between two pictures.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_cut.networks import initialise
from models.core.emotions import EXPRESSIONS

STYLES = ("abstract", "flower-painting", "landscape", "portrait")

CONDITION = len(STYLES) + len(EXPRESSIONS)

SIZES = (64, 128)

LOOK_LAYERS = (4, 7, 12)
"""Of SqueezeNet: a quarter, an eighth and a sixteenth of the picture's size."""
LOOK_CHANNELS = (128, 256, 512)


def conditions(styles: Tensor, mixtures: Tensor) -> Tensor:
    """Style numbers [N] and mixtures [N, 7] -> conditions [N, 11]."""
    shares = F.one_hot(styles, len(STYLES)).to(mixtures.dtype)
    return torch.cat([shares, mixtures], 1)


class LabelEmbedding(nn.Module):
    """Conditions [N, 11] -> [N, features]: a vector of each style, and of each emotion in it.

    A soft label is embedded as the mean of the vectors, weighted by its shares.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.style = nn.Parameter(torch.randn(len(STYLES), features))
        self.emotion = nn.Parameter(torch.randn(len(STYLES) * len(EXPRESSIONS), features))

    def forward(self, condition: Tensor) -> Tensor:
        styles, mixtures = condition.split([len(STYLES), len(EXPRESSIONS)], 1)
        both = (styles[:, :, None] * mixtures[:, None, :]).flatten(1)
        return styles @ self.style + both @ self.emotion


class ConditionalBatchNorm(nn.Module):
    """Batch norm whose gain and offset the condition sets (de Vries 2017; Miyato 2018).

    y = (1 + A h) (x - mean) / deviation + B h;   x: [N, C, H, W], h: [N, features]
    """

    def __init__(self, channels: int, features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(features, channels, bias=False)
        self.offset = nn.Linear(features, channels, bias=False)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        gain, offset = 1 + self.gain(h), self.offset(h)
        return gain[:, :, None, None] * self.norm(x) + offset[:, :, None, None]


class ConditionalGenerator(nn.Module):
    """DCGAN's generator (Radford 2016) with conditional batch norm in every layer, and with
    resized maps in the place of its strided deconvolutions, which leave a checkerboard that an
    enlargement brings out (Odena 2016, "Deconvolution and checkerboard artifacts").

    Codes [N, code] from a normal distribution and conditions [N, 11] -> pictures
    [N, 3, size, size] from -1 to 1.  `width` is the number of channels at full size; it doubles
    at each halving, to eight times at most.  The code alone makes the first, smallest map: when
    the label had a part in it, a thousand steps of training gave each label one composition, and
    the code coloured it.  Label and code go into every norm (Brock 2019, section 3).
    """

    def __init__(
        self, size: int = 64, width: int = 32, code: int = 100, embedding: int = 64
    ) -> None:
        super().__init__()
        if size not in SIZES:
            raise ValueError(f"pictures of {size} pixels; known sizes: {SIZES}")
        self.size, self.code = size, code
        self.embedding = LabelEmbedding(embedding)
        ups = (size // 4).bit_length() - 1
        channels = [width * min(8, 2**halvings) for halvings in range(ups, -1, -1)]
        features = code + embedding
        self.start = nn.Linear(code, channels[0] * 16)
        self.norms = nn.ModuleList(ConditionalBatchNorm(c, features) for c in channels)
        self.ups = nn.ModuleList(
            nn.Conv2d(c, narrower, 3, padding=1, bias=False)
            for c, narrower in zip(channels, channels[1:], strict=False)
        )
        self.picture = nn.Conv2d(channels[-1], 3, 3, padding=1)
        initialise(self)

    def forward(self, codes: Tensor, condition: Tensor) -> Tensor:
        h = torch.cat([codes, self.embedding(condition)], 1)
        x = self.start(codes).unflatten(1, (-1, 4, 4)).contiguous(memory_format=torch.channels_last)
        x = F.relu(self.norms[0](x, h))
        for up, norm in zip(self.ups, self.norms[1:], strict=True):
            x = F.relu(norm(up(F.interpolate(x, scale_factor=2)), h))
        return torch.tanh(self.picture(x))


class ProjectionDiscriminator(nn.Module):
    """DCGAN's discriminator with projection of the label (Miyato and Koyama 2018, eq. 4).

    Pictures [N, 3, H, W] and conditions [N, 11] -> scores [N]: psi(f) + <V c, f>, f the summed
    features.  Spectral norm everywhere but in the embedding (Miyato 2018).
    """

    def __init__(self, size: int = 64, width: int = 32) -> None:
        super().__init__()
        layers, into = [], 3
        for number in range((size // 4).bit_length() - 1):
            out = width * min(8, 2**number)
            layers += [
                spectral_norm(nn.Conv2d(into, out, 4, stride=2, padding=1)),
                nn.LeakyReLU(0.2),
            ]
            into = out
        self.model = nn.Sequential(*layers)
        self.score = spectral_norm(nn.Linear(into, 1))
        self.embedding = LabelEmbedding(into)
        for table in self.embedding.parameters():
            nn.init.normal_(table, 0.0, 0.1)

    def forward(self, pictures: Tensor, condition: Tensor) -> Tensor:
        f = self.model(pictures).float().sum((2, 3))
        return self.score(f).squeeze(1) + (self.embedding(condition) * f).sum(1)


class Look(nn.Module):
    """What SqueezeNet makes of pictures [N, 3, H, W] from -1 to 1: three maps, fine to coarse.

    `features` is SqueezeNetFeatures.  Pictures are enlarged to `size` first: it has learned from
    those of 224 pixels and sees little in 64.
    """

    def __init__(self, features: nn.Module, size: int) -> None:
        super().__init__()
        self.features, self.size = features, size
        self.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Look:
        """Nothing in it learns."""
        return super().train(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        if pictures.shape[-1] != self.size:
            pictures = F.interpolate(pictures, size=(self.size, self.size), mode="bilinear")
        return self.features(pictures, LOOK_LAYERS)


class ConditionalHeads(nn.Module):
    """A small discriminator per map of a projection, each with projection of the label.

    Maps [N, width, h, w], fine to coarse, and conditions [N, 11] -> scores [N, places].
    Spectral norm, and batch norm that keeps what passes at one strength (Sauer 2021); the label
    as in `ProjectionDiscriminator`, at each place, divided by the root of its length.
    """

    def __init__(self, levels: int = len(LOOK_LAYERS), width: int = 64) -> None:
        super().__init__()
        self.bodies, self.scores, self.embeddings = (nn.ModuleList() for _ in range(3))
        for halvings in reversed(range(levels)):
            layers: list[nn.Module] = []
            for _ in range(halvings):
                layers += [
                    spectral_norm(nn.Conv2d(width, width, 4, stride=2, padding=1)),
                    nn.BatchNorm2d(width),
                    nn.LeakyReLU(0.2),
                ]
            layers += [
                spectral_norm(nn.Conv2d(width, width, 3, padding=1)),
                nn.BatchNorm2d(width),
                nn.LeakyReLU(0.2),
            ]
            self.bodies.append(nn.Sequential(*layers))
            self.scores.append(spectral_norm(nn.Conv2d(width, 1, 3, padding=1)))
            self.embeddings.append(LabelEmbedding(width))
            for table in self.embeddings[-1].parameters():
                nn.init.normal_(table, 0.0, 0.1)

    def forward(self, maps: list[Tensor], condition: Tensor) -> Tensor:
        found = []
        for x, body, score, embedding in zip(
            maps, self.bodies, self.scores, self.embeddings, strict=True
        ):
            f = body(x)
            own = (f.float() * embedding(condition)[:, :, None, None]).sum(1, keepdim=True)
            own = own / math.sqrt(f.shape[1])
            found.append((score(f).float() + own).flatten(1))
        return torch.cat(found, 1)


class Labeller(nn.Module):
    """Reads the emotion in what SqueezeNet sees: three maps -> [N, 7] logits.

    Mean and deviation of every channel, one hidden layer.
    """

    def __init__(self, hidden: int = 128) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(2 * sum(LOOK_CHANNELS), affine=False)
        self.model = nn.Sequential(
            nn.Dropout(0.3),
            nn.Linear(2 * sum(LOOK_CHANNELS), hidden),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(hidden, len(EXPRESSIONS)),
        )

    def forward(self, maps: list[Tensor]) -> Tensor:
        told = []
        for x in maps:
            x = x.float()
            mean = x.mean((2, 3))
            variance = x.square().mean((2, 3)) - mean.square()
            # The constant keeps the root's gradient finite where a channel is constant.
            told += [mean, (variance.clamp(min=0) + 1e-4).sqrt()]
        return self.model(self.norm(torch.cat(told, 1)))
