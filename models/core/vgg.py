"""VGG19 (Simonyan and Zisserman 2015), the network that content and style are compared with.

Two published files are read, told apart by their key names:

    "0.weight" … "16.weight"    VGG19 up to relu3_1, weights scaled so that every channel is
                                1 on average (Gatys 2016, section 2.1), as published with
                                AdaIN in PyTorch; keys are places in an nn.Sequential
    "conv0.weight" … and "…_aux"  VGG19 with a quarter of the channels, distilled from it up to
                                relu5_1 (Wang 2020), under the key "model"; the aux layers only
                                served its training

Both begin with a 1x1 convolution that turns RGB from 0 to 1 into BGR from 0 to 255 less
ImageNet's mean, and reflect the borders.
"""

from __future__ import annotations

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn

from models.core.files import UnknownCheckpoint, opened

STAGES = (2, 2, 4, 4, 1)
"""Convolutions before each pooling; the levels are the first of each stage."""


class VGGFeatures(nn.Module):
    """Pictures [N, 3, H, W], RGB from -1 to 1 -> relu1_1, relu2_1, … [N, C, H/2^i, W/2^i].

    `channels` is the number of channels of each stage.  Frozen, but gradients pass through to
    the pictures.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 3, 1)
        self.stages = nn.ModuleList()
        before = 3
        for number, count in enumerate(channels):
            last = number == len(channels) - 1
            stage = nn.ModuleList()
            for _ in range(1 if last else STAGES[number]):
                stage.append(nn.Conv2d(before, count, 3, padding=1, padding_mode="reflect"))
                before = count
            self.stages.append(stage)
        self.eval().requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        x, levels = self.first((pictures + 1) / 2), []
        for number, stage in enumerate(self.stages):
            x = x if number == 0 else F.max_pool2d(x, 2, ceil_mode=True)
            for place, convolution in enumerate(stage):
                x = F.relu(convolution(x))
                if place == 0:
                    levels.append(x)
        return levels


def load_vgg(path: Path | str) -> VGGFeatures:
    """The backbone in one of the two published files.

    Raises FileNotFoundError, and UnknownCheckpoint when it is neither.
    """
    path = Path(path)
    content = opened(path)
    try:
        tensors = content.get("model", content)
        keys = [k.removesuffix(".weight") for k in tensors if k.endswith("weight")]
        convolutions = [k for k in keys if not k.endswith("_aux")]
        channels = [len(tensors[f"{k}.bias"]) for k in convolutions[1:]]
        firsts = [sum(STAGES[:n]) for n in range(len(STAGES)) if sum(STAGES[:n]) < len(channels)]
        network = VGGFeatures(tuple(channels[n] for n in firsts))
        ours = [name.removesuffix(".weight") for name in network.state_dict() if "weight" in name]
        network.load_state_dict(
            {
                f"{new}.{part}": tensors[f"{old}.{part}"].float()
                for new, old in zip(ours, convolutions, strict=True)
                for part in ("weight", "bias")
            }
        )
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise UnknownCheckpoint(
            f"{path} is neither VGG19 up to relu3_1 nor its distilled form ({reason})"
        ) from None
    return network.requires_grad_(False)
