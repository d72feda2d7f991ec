"""The networks that read an expression from a face, in torch.

All of them take grey pictures [N, 1, S, S] with mean 0 and standard deviation 1, and say
twice what they see: as one of the seven classes, and as FER+'s annotators would vote.
"""

from __future__ import annotations

from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional

from datasets.faces import CLASSES
from models.core.files import read_state
from models.expression.live_network import BLOCKS, EMBEDDING, EPSILON, INSIDE, STEM

VOTES = len(CLASSES) + 1
"""FER+ votes for each class, and for anything else."""


class ExpressionNetwork(nn.Module):
    """An embedding and two layers that read it."""

    size: int
    """Side of the pictures in pixels."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.expression = nn.Linear(width, len(CLASSES))
        self.votes = nn.Linear(width, VOTES)

    def embed(self, pictures: Tensor) -> Tensor:
        """[N, 1, S, S] -> [N, E]."""
        raise NotImplementedError

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the classes [N, 7] and of the votes [N, 8]."""
        embedding = self.dropout(self.embed(pictures))
        return self.expression(embedding), self.votes(embedding)


class Compact(ExpressionNetwork):
    """A small residual network (He and others 2016): 1.5 million weights, read live."""

    size = INSIDE

    def __init__(self) -> None:
        super().__init__(EMBEDDING, dropout=0.3)
        self.stem = nn.ModuleDict(
            {
                "conv": nn.Conv2d(1, STEM, 3, padding=1, bias=False),
                "norm": nn.BatchNorm2d(STEM, EPSILON),
            }
        )
        before, blocks = STEM, []
        for channels, stride in BLOCKS:
            blocks.append(Residual(before, channels, stride))
            before = channels
        self.blocks = nn.Sequential(*blocks)

    def embed(self, pictures: Tensor) -> Tensor:
        x = functional.relu(self.stem["norm"](self.stem["conv"](pictures)))
        return self.blocks(x).mean((2, 3))


class Residual(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels, EPSILON)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels, EPSILON)
        if stride != 1:
            self.shortcut = nn.Conv2d(before, channels, 1, stride, bias=False)
            self.shortcut_norm = nn.BatchNorm2d(channels, EPSILON)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.norm1(self.conv1(x)))
        inner = self.norm2(self.conv2(inner))
        if self.stride != 1:
            x = self.shortcut_norm(self.shortcut(x))
        return functional.relu(inner + x)


class CNN21(ExpressionNetwork):
    """Twenty-one layers of convolution, pooling, batch norm, dropout and dense, as in
    Emotion-Based Style Transfer: three times two convolutions with their norms, pooling and
    dropout, then a dense layer, dropout and the classes."""

    size = 48

    def __init__(self) -> None:
        super().__init__(256, dropout=0.5)
        layers: list[nn.Module] = []
        before = 1
        for channels in (32, 64, 128):
            for _ in range(2):
                layers += [nn.Conv2d(before, channels, 3, padding=1), nn.BatchNorm2d(channels)]
                layers += [nn.ReLU(inplace=True)]
                before = channels
            layers += [nn.MaxPool2d(2), nn.Dropout(0.25)]
        self.features = nn.Sequential(*layers)
        self.dense = nn.Linear(before * 6 * 6, 256)

    def embed(self, pictures: Tensor) -> Tensor:
        return functional.relu(self.dense(self.features(pictures).flatten(1)))


class VGG16(ExpressionNetwork):
    """VGG16 (Simonyan and Zisserman 2015), configuration D, every layer trainable.

    The convolutions have torchvision's names, so that its ImageNet weights fit.
    """

    size = 48

    def __init__(self) -> None:
        super().__init__(512, dropout=0.5)
        layers: list[nn.Module] = []
        before = 3
        for channels, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(convolutions):
                layers += [nn.Conv2d(before, channels, 3, padding=1), nn.ReLU(inplace=True)]
                before = channels
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.dense = nn.Linear(512, 512)
        for layer in self.features:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def embed(self, pictures: Tensor) -> Tensor:
        features = self.features(pictures.expand(-1, 3, -1, -1))
        return functional.relu(self.dense(features.flatten(1)))

    def start_from(self, path: Path) -> None:
        """Takes the convolutions of an ImageNet VGG16, `.pth` or `.safetensors`.

        Raises FileNotFoundError, and ValueError when the file is none.
        """
        try:
            if path.suffix == ".safetensors":
                tensors = safetensors.torch.load_file(path)
            else:
                tensors = read_state(path)
            wanted = self.features.state_dict()
            self.features.load_state_dict({name: tensors[f"features.{name}"] for name in wanted})
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no VGG16 with torchvision's names ({error})") from None
        except SafetensorError as error:
            raise ValueError(f"{path} is no safetensors file ({error})") from None


ARCHITECTURES: dict[str, type[ExpressionNetwork]] = {
    "compact": Compact,
    "cnn21": CNN21,
    "vgg16": VGG16,
}
