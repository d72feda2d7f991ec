"""The plain GANs of row N4 as a method of the trainer: the baselines of `conditional.py`."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gan_cut.conditional import GANFromNothing
from gan_cut.conditional_networks import CONDITION
from gan_cut.losses import ADVERSARIAL, ADVERSARIAL_HELP
from gan_cut.methods import detached, setting
from gan_cut.networks import initialise
from gan_cut.plain_networks import (
    ConnectedDiscriminator,
    ConnectedGenerator,
    ConvolutionalDiscriminator,
    DeconvolutionGenerator,
)

GENERATORS = {"connected": ConnectedGenerator, "deconvolution": DeconvolutionGenerator}
DISCRIMINATORS = {
    "connected": ConnectedDiscriminator,
    "convolutional": ConvolutionalDiscriminator,
}


@dataclass(frozen=True)
class PlainSettings:
    """Plain GANs from a code of 100 numbers."""

    generator: str = setting("deconvolution", " or ".join(GENERATORS), choices=GENERATORS)
    discriminator: str = setting(
        "convolutional", " or ".join(DISCRIMINATORS), choices=DISCRIMINATORS
    )
    adversarial: str = setting("nonsaturating", ADVERSARIAL_HELP, choices=ADVERSARIAL)
    rate: float = setting(2e-4, "learning rate")


class Plain(GANFromNothing):
    """One generator, one discriminator, nothing else (Goodfellow 2014, Mirza 2014)."""

    def __init__(
        self,
        settings: PlainSettings,
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: nn.Module | None = None,
        size: int = 64,
    ) -> None:
        super().__init__(device, precision)
        s = self.settings = settings
        if s.generator not in GENERATORS:
            raise ValueError(f"unknown generator {s.generator!r}; known: {', '.join(GENERATORS)}")
        if s.discriminator not in DISCRIMINATORS:
            raise ValueError(
                f"unknown discriminator {s.discriminator!r}; known: {', '.join(DISCRIMINATORS)}"
            )
        if generator is None:
            generator = GENERATORS[s.generator](size)
            initialise(generator)
        elif not isinstance(generator, GENERATORS[s.generator]) or generator.size != size:
            raise ValueError(f"a {s.generator} generator of {size} pixels is needed to start from")
        self.code = generator.code
        discriminator = DISCRIMINATORS[s.discriminator](size)
        initialise(discriminator)
        self.optimise("generator", self.add("generator", generator), rate=s.rate)
        self.optimise("discriminator", self.add("discriminator", discriminator), rate=s.rate)

    def step(self, a: Tensor, b: Tensor) -> dict[str, Tensor]:
        """a: real pictures, b: [N, 18] of each, see `labels.labelled`."""
        gan, d = ADVERSARIAL[self.settings.adversarial], self.networks["discriminator"]
        real, condition = self.place(a), b[:, :CONDITION].to(self.device)
        fake = self.fakes(condition)
        d.requires_grad_(True)
        with self.mixed():
            score_real, score_fake = d(real, condition), d(fake.detach(), condition)
        loss_d = gan.discriminator(score_real.float(), score_fake.float())
        self.update("discriminator", loss_d)
        d.requires_grad_(False)
        with self.mixed():
            score = d(fake, condition)
        loss = gan.generator(score.float())
        self.update("generator", loss)
        return detached({"discriminator": loss_d, "gan": loss})
