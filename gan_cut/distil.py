"""The live student: a small generator that learns to do what the full one does."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_cut.methods import Method, detached, setting
from gan_cut.networks import StudentGenerator, initialise
from models.core.squeezenet import SqueezeNetFeatures

FEATURE_LAYERS = (1, 4, 7, 10, 12)


@dataclass(frozen=True)
class DistilSettings:
    """Hinton 2015, for pictures."""

    width: int = setting(24, "channels of the student at full size", most=1024)
    blocks: int = setting(6, "residual blocks of the student", most=64)
    feature_weight: float = setting(1.0, "weight of the distance in features against L1")
    rate: float = setting(5e-4, "learning rate")


def feature_distance(network: SqueezeNetFeatures, x: Tensor, y: Tensor) -> Tensor:
    """sum over layers of E[|f(x) - f(y)|^2], each place's features brought to length one.

    Zhang 2018, eq. 1, without learned weights.  x, y: [N, 3, H, W] from -1 to 1.
    """
    distances = []
    for fx, fy in zip(network(x, FEATURE_LAYERS), network(y, FEATURE_LAYERS), strict=True):
        difference = F.normalize(fx.float(), dim=1) - F.normalize(fy.float(), dim=1)
        distances.append(difference.square().sum(1).mean())
    return torch.stack(distances).sum()


class Distillation(Method):
    """L = E[|S(a) - G(a)|_1] + w * feature_distance(S(a), G(a)), with the teacher G fixed.

    The student S is a `StudentGenerator`, new or given, to go on from.
    """

    def __init__(
        self,
        settings: DistilSettings,
        teacher: nn.Module,
        squeezenet: SqueezeNetFeatures,
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: nn.Module | None = None,
    ) -> None:
        super().__init__(device, precision)
        self.settings = settings
        if generator is None:
            generator = StudentGenerator(settings.width, settings.blocks)
            initialise(generator)
        self.teacher = teacher.to(self.device).eval().requires_grad_(False)
        self.squeezenet = squeezenet.to(self.device)
        self.optimise("generator", self.add("generator", generator), rate=settings.rate)

    def step(self, a: Tensor, b: Tensor | None = None) -> dict[str, Tensor]:
        a = self.place(a)
        with torch.no_grad(), self.mixed():
            target = self.teacher(a).float()
        with self.mixed():
            made = self.generator(a).float()
            loss_features = feature_distance(self.squeezenet, made, target)
        loss_l1 = F.l1_loss(made, target)
        self.update("generator", loss_l1 + self.settings.feature_weight * loss_features)
        return detached({"l1": loss_l1, "features": loss_features})
