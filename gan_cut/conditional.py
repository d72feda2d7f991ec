"""The conditional GAN as a method of the trainer: pictures and their labels in, networks out.

dream = Dream(DreamSettings(), features=load_squeezenet(...))
for pictures, condition in batches:          # [N, 3, S, S] from -1 to 1, [N, 11]
    losses = dream.step(pictures, condition)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_cut.augment import augment
from gan_cut.conditional_networks import (
    CONDITION,
    LOOK_CHANNELS,
    SIZES,
    STYLES,
    ConditionalGenerator,
    ConditionalHeads,
    Labeller,
    Look,
    ProjectionDiscriminator,
    conditions,
)
from gan_cut.losses import ADVERSARIAL, ADVERSARIAL_HELP
from gan_cut.methods import Method, detached, setting
from gan_cut.projected import Projection
from gan_cut.train import TrainSettings
from models.core.emotions import EXPRESSIONS
from models.core.pictures import to_uint8
from models.core.squeezenet import SqueezeNetFeatures

SHEET_COLUMNS = 3
"""Codes of each style on the contact sheet."""
SETTLING_BATCHES = 8


@dataclass(frozen=True)
class DreamTrainSettings(TrainSettings):
    """What networks that begin from nothing are trained with."""

    crop: int = setting(64, f"side of the pictures, in pixels: {', '.join(map(str, SIZES))}")
    load: int = setting(64, "the same: nothing is cropped")
    batch: int = setting(32, "pictures per step", most=4096)
    epochs: int = setting(100, "epochs in all")
    decay: int = setting(30, "last epochs, over which the learning rate falls to zero", 0)
    average: float = setting(0.998, "share of the past in the averaged generator, per step", most=1)
    held_out: int = setting(0, "nothing is translated, so nothing is kept for that", 0)


@dataclass(frozen=True)
class DreamSettings:
    """Conditional GAN: DCGAN, projected labels, differentiable augmentation."""

    width: int = setting(32, "channels of the generator at full size", most=1024)
    code: int = setting(100, "random numbers that a picture is made from")
    embedding: int = setting(64, "numbers that a label becomes")
    discriminator_width: int = setting(32, "channels of the discriminator's first layer", most=1024)
    adversarial: str = setting("hinge", ADVERSARIAL_HELP, choices=ADVERSARIAL)
    augment: str = setting("translation,cutout", "colour, translation, cutout; or nothing")
    projected_weight: float = setting(1.0, "weight of a discriminator through SqueezeNet; 0: none")
    emotion_weight: float = setting(1.0, "weight of the labeller's cross-entropy; 0: none")
    look: int = setting(80, "side at which SqueezeNet sees the pictures")
    rate: float = setting(1e-3, "learning rate")


class GANFromNothing(Method):
    """What all methods share that make pictures from random numbers and a condition."""

    code: int

    def fakes(self, condition: Tensor) -> Tensor:
        """A picture for each condition, with codes by chance."""
        codes = torch.randn(len(condition), self.code, device=self.device)
        with self.mixed():
            return self.generator(codes, condition).float()

    def settle(self, generator: nn.Module) -> None:
        """Measure the batch norms' statistics of these weights (Brock 2019, "standing statistics").

        The averaged generator comes with the statistics of the one that learns.
        """
        norms = [m for m in generator.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        if not norms:
            return
        random = torch.Generator().manual_seed(0)
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # A plain mean over all batches.
        generator.train()
        with torch.no_grad(), self.mixed():
            for _ in range(SETTLING_BATCHES):
                styles = torch.randint(len(STYLES), (64,), generator=random)
                mixtures = torch.rand(64, len(EXPRESSIONS), generator=random) ** 4
                mixtures = mixtures / mixtures.sum(1, keepdim=True)
                codes = torch.randn(64, self.code, generator=random)
                generator(codes.to(self.device), conditions(styles, mixtures).to(self.device))
        generator.eval()

    def show(
        self, generator: nn.Module, captures: Sequence[np.ndarray], epoch: int
    ) -> dict[str, list[np.ndarray]]:
        """A row for each expression, the same codes in all; four styles side by side."""
        random = torch.Generator().manual_seed(0)
        codes = torch.randn(SHEET_COLUMNS, self.code, generator=random).repeat(len(STYLES), 1)
        styles = torch.arange(len(STYLES)).repeat_interleave(SHEET_COLUMNS)
        rows = {}
        for number, expression in enumerate(EXPRESSIONS):
            mixtures = torch.eye(len(EXPRESSIONS))[[number] * len(styles)]
            wanted = conditions(styles, mixtures).to(self.device)
            with torch.no_grad():
                rows[expression] = list(to_uint8(generator(codes.to(self.device), wanted)))
        return rows


class Dream(GANFromNothing):
    """Conditional GAN (Mirza 2014, Radford 2016, Miyato and Koyama 2018).

    Two discriminators look at augmented pictures: one at the pixels, one, as
    `settings.projected_weight` says, through SqueezeNet (Sauer 2021).  A labeller learns from the
    real pictures to read off SqueezeNet's maps how their emotion differs from all others'; the
    generator must make what it reads as asked for (Odena 2017): `settings.emotion_weight` times
    its cross-entropy.  The discriminators compare within a style, and alone would be content with
    a portrait that is sad for a portrait.
    """

    def __init__(
        self,
        settings: DreamSettings,
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: nn.Module | None = None,
        features: SqueezeNetFeatures | None = None,
        size: int = 64,
    ) -> None:
        super().__init__(device, precision)
        s = self.settings = settings
        if generator is None:
            generator = ConditionalGenerator(size, s.width, s.code, s.embedding)
        elif not isinstance(generator, ConditionalGenerator) or generator.size != size:
            raise ValueError(f"a conditional generator of {size} pixels is needed to start from")
        self.code = generator.code
        self.kinds = tuple(kind for kind in s.augment.split(",") if kind)
        d = ProjectionDiscriminator(size, s.discriminator_width)
        discriminators = [self.add("discriminator", d)]
        if s.projected_weight > 0 or s.emotion_weight > 0:
            if features is None:
                raise ValueError("projected_weight and emotion_weight need SqueezeNet's features")
            self.look = Look(features, s.look).to(self.device)
        if s.projected_weight > 0:
            levels = tuple(range(len(LOOK_CHANNELS)))
            self.add("projection", Projection(self.look, levels=levels))
            discriminators.append(self.add("projected", ConditionalHeads()))
        if s.emotion_weight > 0:
            self.optimise("labeller", self.add("labeller", Labeller()), rate=s.rate)
        self.optimise("generator", self.add("generator", generator), rate=s.rate)
        # Slower, they only follow the generator around (Heusel 2017: two time scales).
        self.optimise("discriminators", *discriminators, rate=s.rate, times=2)

    def step(self, a: Tensor, b: Tensor) -> dict[str, Tensor]:
        """a: real pictures, b: [N, 18] of each, see `labels.labelled`."""
        s, gan, n = self.settings, ADVERSARIAL[self.settings.adversarial], self.networks
        real = self.place(a)
        condition, overall = b.to(self.device).split([CONDITION, len(EXPRESSIONS)], 1)
        fake = augment(self.fakes(condition), self.kinds)
        real = augment(real, self.kinds)
        losses = {}
        judges = [n["discriminator"]]
        seen = [(real, fake)]
        weights = [1.0]
        maps = None
        if s.projected_weight > 0 or s.emotion_weight > 0:
            with self.mixed():
                maps = self.look(fake)
                with torch.no_grad():
                    real_maps = self.look(real)
        if s.projected_weight > 0:
            mix = n["projection"].mix
            with self.mixed():
                seen.append((mix(real_maps), mix(maps)))
            judges.append(n["projected"])
            weights.append(s.projected_weight)

        loss = 0.0
        for d, (of_real, of_fake) in zip(judges, seen, strict=True):
            d.requires_grad_(True)
            with self.mixed():
                score_real = d(of_real, condition)
                score_fake = d(cut_off(of_fake), condition)
            loss = loss + gan.discriminator(score_real.float(), score_fake.float())
        self.update("discriminators", loss)
        losses["discriminator"] = loss

        loss = 0.0
        for name, d, (_, of_fake), weight in zip(
            ("gan", "projected"), judges, seen, weights, strict=False
        ):
            d.requires_grad_(False)
            with self.mixed():
                losses[name] = gan.generator(d(of_fake, condition).float())
            loss = loss + weight * losses[name]
        if s.emotion_weight > 0:
            losses["labels"], losses["emotion"] = self.emotion(
                real_maps, overall, maps, condition[:, len(STYLES) :]
            )
            loss = loss + s.emotion_weight * losses["emotion"]
        self.update("generator", loss)
        return detached(losses)

    def emotion(
        self, real_maps: list[Tensor], overall: Tensor, maps: list[Tensor], wanted: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Teaches the labeller on real pictures; its loss, and that of the generated ones."""
        labeller = self.networks["labeller"]
        labeller.train().requires_grad_(True)
        taught = F.cross_entropy(labeller(real_maps), overall)
        self.update("labeller", taught)
        labeller.eval().requires_grad_(False)
        return taught, F.cross_entropy(labeller(maps), wanted)


def cut_off(x: Tensor | list[Tensor]) -> Tensor | list[Tensor]:
    """Without the way back to where it came from."""
    return x.detach() if isinstance(x, Tensor) else [m.detach() for m in x]
