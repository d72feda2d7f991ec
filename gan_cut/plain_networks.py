"""The plain networks of row N4: fully connected and deconvolution generators from a code of 100
numbers, fully connected and convolutional discriminators.

The label, a condition of `conditional_networks.py`, stands beside the code, and beside the
picture, as it is (Mirza and Osindero 2014).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_cut.conditional_networks import CONDITION, SIZES


class PlainGenerator(nn.Module):
    """Codes [N, code] and conditions [N, 11] -> pictures [N, 3, size, size] from -1 to 1."""

    size: int
    code: int


class ConnectedGenerator(PlainGenerator):
    """Three fully connected layers."""

    def __init__(self, size: int = 64, hidden: int = 512, code: int = 100) -> None:
        super().__init__()
        if size not in SIZES:
            raise ValueError(f"pictures of {size} pixels; known sizes: {SIZES}")
        self.size, self.code = size, code
        self.connected = nn.Sequential(
            nn.Linear(code + CONDITION, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, 3 * size * size),
            nn.Tanh(),
        )

    def forward(self, codes: Tensor, condition: Tensor) -> Tensor:
        return self.connected(torch.cat([codes, condition], 1)).unflatten(
            1, (3, self.size, self.size)
        )


class DeconvolutionGenerator(PlainGenerator):
    """DCGAN (Radford 2016): transposed convolutions with batch norm."""

    def __init__(self, size: int = 64, width: int = 32, code: int = 100) -> None:
        super().__init__()
        if size not in SIZES:
            raise ValueError(f"pictures of {size} pixels; known sizes: {SIZES}")
        self.size, self.code = size, code
        into = width * min(8, size // 8)
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(code + CONDITION, into, 4, bias=False),
            nn.BatchNorm2d(into),
            nn.ReLU(),
        ]
        for side in (2**n for n in range(3, (size // 2).bit_length())):
            out = width * min(8, size // 2 // side)
            layers += [
                nn.ConvTranspose2d(into, out, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(out),
                nn.ReLU(),
            ]
            into = out
        layers += [nn.ConvTranspose2d(into, 3, 4, stride=2, padding=1), nn.Tanh()]
        self.deconvolution = nn.Sequential(*layers)

    def forward(self, codes: Tensor, condition: Tensor) -> Tensor:
        return self.deconvolution(torch.cat([codes, condition], 1)[:, :, None, None])


class ConnectedDiscriminator(nn.Module):
    """Pictures [N, 3, size, size] and conditions [N, 11] -> scores [N], by three layers."""

    def __init__(self, size: int = 64, hidden: int = 256) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(3 * size * size + CONDITION, hidden),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(hidden, 1),
        )

    def forward(self, pictures: Tensor, condition: Tensor) -> Tensor:
        return self.model(torch.cat([pictures.flatten(1), condition], 1)).squeeze(1)


class ConvolutionalDiscriminator(nn.Module):
    """The same by DCGAN's convolutions; the label is a map of each of its shares."""

    def __init__(self, size: int = 64, width: int = 32) -> None:
        super().__init__()
        layers, into = [], 3 + CONDITION
        for number in range((size // 4).bit_length() - 1):
            out = width * min(8, 2**number)
            layers.append(nn.Conv2d(into, out, 4, stride=2, padding=1))
            if number:
                layers.append(nn.BatchNorm2d(out))
            layers.append(nn.LeakyReLU(0.2))
            into = out
        self.model = nn.Sequential(*layers, nn.Conv2d(into, 1, 4))

    def forward(self, pictures: Tensor, condition: Tensor) -> Tensor:
        maps = condition[:, :, None, None].expand(-1, -1, *pictures.shape[2:])
        return self.model(torch.cat([pictures, maps], 1)).flatten()
