"""SqueezeNet 1.1, the small pretrained network that pictures are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_cut.checkpoints import UnknownCheckpoint, read_tensors

MEAN_BGR = (104.0, 117.0, 123.0)


class Fire(nn.Module):
    """Squeeze to few channels, expand by 1x1 and 3x3 side by side (Iandola 2016)."""

    def __init__(self, channels_in: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels_in, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.squeeze(x))
        return F.relu(torch.cat([self.expand1x1(x), self.expand3x3(x)], 1))


class SqueezeNetFeatures(nn.Module):
    """The convolutions of SqueezeNet 1.1 (Iandola 2016), with torchvision's key names.

    Takes pictures [N, 3, H, W], RGB from -1 to 1, H and W from 32.  The weights
    are those of the original Caffe model, which wants BGR from 0 to 255 less
    its mean.  Frozen, but gradients pass through to the pictures.
    """

    def __init__(self) -> None:
        super().__init__()
        pool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 3, stride=2),
            nn.ReLU(),
            pool,
            Fire(64, 16, 64),
            Fire(128, 16, 64),
            pool,
            Fire(128, 32, 128),
            Fire(256, 32, 128),
            pool,
            Fire(256, 48, 192),
            Fire(384, 48, 192),
            Fire(384, 64, 256),
            Fire(512, 64, 256),
        )
        self.register_buffer("mean", torch.tensor(MEAN_BGR).view(1, 3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, pictures: Tensor, layers: Sequence[int] = (12,)) -> list[Tensor]:
        """The outputs [N, C, h, w] of the layers numbered in `layers` (ascending)."""
        x = (pictures.flip(1) + 1) * 127.5 - self.mean
        outputs = []
        for number, layer in enumerate(self.features[: max(layers) + 1]):
            x = layer(x)
            if number in layers:
                outputs.append(x)
        return outputs


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
