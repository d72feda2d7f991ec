"""SqueezeNet 1.1, the small pretrained network that pictures are compared and judged with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.core.files import UnknownCheckpoint, read_tensors

MEAN_BGR = (104.0, 117.0, 123.0)
"""What the published network takes away from each channel."""
FIRES = {
    3: (64, 16, 64), 4: (128, 16, 64),
    6: (128, 32, 128), 7: (256, 32, 128),
    9: (256, 48, 192), 10: (384, 48, 192), 11: (384, 64, 256), 12: (512, 64, 256),
}  # fmt: skip
"""By place in the sequence: channels in, squeezed, and of each of the two expansions."""
LEVELS = tuple(FIRES)
CHANNELS = {place: 2 * expand for place, (_in, _squeeze, expand) in FIRES.items()}


class Fire(nn.Module):
    """Squeeze to few channels, expand by 1x1 and 3x3 side by side (Iandola and others 2016)."""

    def __init__(self, channels_in: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels_in, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.squeeze(x))
        return F.relu(torch.cat([self.expand1x1(x), self.expand3x3(x)], 1))


class SqueezeNet(nn.Module):
    """The convolutions of SqueezeNet 1.1 (Iandola and others 2016), with torchvision's key names.

    Takes pictures [N, 3, H, W], RGB from 0 to 255, H and W from 32.  The weights are those of the
    original Caffe model, which wants BGR less its mean.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: dict[int, nn.Module] = {place: Fire(*sizes) for place, sizes in FIRES.items()}
        layers |= {0: nn.Conv2d(3, 64, 3, stride=2), 1: nn.ReLU()}
        layers |= {place: nn.MaxPool2d(3, stride=2, ceil_mode=True) for place in (2, 5, 8)}
        self.features = nn.Sequential(*(layers[place] for place in range(len(layers))))
        self.register_buffer("mean", torch.tensor(MEAN_BGR).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor, levels: Sequence[int] = LEVELS) -> list[Tensor]:
        """The outputs [N, C, h, w] of the layers at the places `levels`, ascending."""
        x, found = pictures.flip(1) - self.mean, []
        for place, layer in enumerate(self.features[: max(levels) + 1]):
            x = layer(x)
            if place in levels:
                found.append(x)
        return found


class SqueezeNetFeatures(SqueezeNet):
    """The same for pictures from -1 to 1.  Frozen, but gradients pass through to the pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.eval().requires_grad_(False)

    def forward(self, pictures: Tensor, levels: Sequence[int] = LEVELS[-1:]) -> list[Tensor]:
        return super().forward((pictures + 1) * 127.5, levels)


def load_squeezenet(path: Path | str) -> SqueezeNetFeatures:
    """The pretrained features from a state dict with torchvision's key names."""
    tensors = {k: v.float() for k, v in read_tensors(Path(path)).items()}
    network = SqueezeNetFeatures()
    try:
        wanted = {k: v for k, v in tensors.items() if k.startswith("features.")}
        network.load_state_dict(wanted)
    except RuntimeError:
        raise UnknownCheckpoint(f"{path} is no SqueezeNet 1.1 with torchvision's names") from None
    return network
