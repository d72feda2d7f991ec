"""CUT, FastCUT, CycleGAN and pix2pix: a dataclass of settings and one `step` each.

method = CUT(CUTSettings(width=32, blocks=6))
for a, b in batches:                  # [N, 3, H, W] from -1 to 1
    losses = method.step(a, b)
paintings = method.generator(captures)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from gan_cut.image_pool import ImagePool
from gan_cut.losses import (
    ADVERSARIAL,
    ADVERSARIAL_HELP,
    cycle,
    identity,
    multilayer_patch_nce,
    paired_l1,
)
from gan_cut.networks import (
    PatchDiscriminator,
    PatchSampler,
    ResnetGenerator,
    UNet,
    initialise,
    random_places,
)
from gan_cut.projected import ProjectedDiscriminator, Projection
from models.core.backends import translate
from models.core.device import mixed_precision
from models.core.vgg import VGGFeatures


def setting(
    default: object,
    help: str,
    least: float | None = None,
    most: float | None = None,
    choices: Iterable[str] | None = None,
) -> object:
    """A field of a settings dataclass; its help is shown by the command line."""
    choices = None if choices is None else tuple(choices)
    return field(
        default=default,
        metadata={"help": help, "least": least, "most": most, "choices": choices},
    )


class Method:
    """What all methods share: networks, optimisers, and keeping both.

    `networks["generator"]` is the one that a training is for.
    """

    def __init__(self, device: torch.device | str = "cpu", precision: str = "fp32") -> None:
        self.device, self.precision = torch.device(device), precision
        self.networks: dict[str, nn.Module] = {}
        self.optimisers: dict[str, torch.optim.Optimizer] = {}
        self.pools: dict[str, ImagePool] = {}

    @property
    def generator(self) -> nn.Module:
        return self.networks["generator"]

    def add(self, name: str, network: nn.Module) -> nn.Module:
        """Take a network in: on the device, in training mode, channels last."""
        network = network.to(self.device, memory_format=torch.channels_last).train()
        self.networks[name] = network
        return network

    def optimise(self, name: str, *networks: nn.Module, rate: float, times: float = 1.0) -> None:
        """Adam with the momentum of the papers (Radford 2016), at some `times` the rate."""
        weights = [weight for network in networks for weight in network.parameters()]
        group = {"params": weights, "times": times}
        self.optimisers[name] = torch.optim.Adam([group], lr=times * rate, betas=(0.5, 0.999))

    def set_rate(self, rate: float) -> None:
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] = group["times"] * rate

    def place(self, pictures: Tensor) -> Tensor:
        return pictures.to(self.device, memory_format=torch.channels_last, non_blocking=True)

    def mixed(self) -> torch.autocast:
        return mixed_precision(self.device, self.precision)

    def step(self, a: Tensor, b: Tensor | None) -> dict[str, Tensor]:
        """One update on a batch; returns the losses, detached scalars by name."""
        raise NotImplementedError

    def show(
        self, generator: nn.Module, captures: Sequence[np.ndarray], epoch: int
    ) -> dict[str, list[np.ndarray]]:
        """Labelled rows for the contact sheet: what a generator makes of [H, W, 3] uint8 each."""
        made = [translate(generator, c[None], self.precision)[0] for c in captures]
        return {f"epoch {epoch}": made}

    def update(self, name: str, loss: Tensor) -> None:
        optimiser = self.optimisers[name]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    def settle(self, generator: nn.Module) -> None:
        """The last touch before an averaged generator is kept; here, none."""

    def state_dict(self) -> dict[str, dict]:
        """Everything the next step depends on, apart from the random numbers."""
        return {
            "networks": {name: n.state_dict() for name, n in self.networks.items()},
            "optimisers": {name: o.state_dict() for name, o in self.optimisers.items()},
            "pools": {name: p.pictures for name, p in self.pools.items()},
        }

    def load_state_dict(self, state: dict[str, dict]) -> None:
        for name, network in self.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
        for name, pool in self.pools.items():
            pool.pictures = [picture.to(self.device) for picture in state["pools"][name]]


def detached(losses: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: loss.detach() for name, loss in losses.items()}


@dataclass(frozen=True)
class CUTSettings:
    """Park 2020."""

    width: int = setting(64, "channels of the generator at full size", most=1024)
    blocks: int = setting(9, "residual blocks of the generator", most=64)
    discriminator_width: int = setting(64, "channels of the discriminator's first layer", most=1024)
    adversarial: str = setting("lsgan", ADVERSARIAL_HELP, choices=ADVERSARIAL)
    nce_weight: float = setting(1.0, "weight of PatchNCE against the adversarial loss")
    nce_identity: bool = setting(True, "PatchNCE on pictures of b as well")
    flip_equivariance: bool = setting(False, "translate mirrored half of the time, and unmirror")
    nce_layers: tuple[int, ...] = setting((0, 4, 8, 12, 16), "layers of the generator compared")
    patches: int = setting(256, "patches compared per layer")
    temperature: float = setting(0.07, "temperature of PatchNCE", least=1e-6)
    projected_weight: float = setting(0.0, "weight of a discriminator that looks through VGG19")
    stretch: float = setting(1.0, "by how much squares of b are widened at most: squeezed ones")
    rate: float = setting(2e-4, "learning rate")


@dataclass(frozen=True)
class FastCUTSettings(CUTSettings):
    """The light variant of Park 2020, appendix B: no identity, ten times the PatchNCE."""

    nce_weight: float = setting(10.0, "weight of PatchNCE against the adversarial loss")
    nce_identity: bool = setting(False, "PatchNCE on pictures of b as well")
    flip_equivariance: bool = setting(True, "translate mirrored half of the time, and unmirror")


class CUT(Method):
    """Contrastive unpaired translation (Park 2020).

    L = L_GAN(G, D, a, b) + w * PatchNCE(a, G(a)) and, with identity, the mean
    of that and PatchNCE(b, G(b)) (eq. 5).

    The generator may be given, to fine-tune it; it must be a ResNet.  With VGG19's
    features a second discriminator looks through them, with the hinge loss (see
    `projected.py`), as `settings.projected_weight` says.
    """

    def __init__(
        self,
        settings: CUTSettings,
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: nn.Module | None = None,
        features: VGGFeatures | None = None,
    ) -> None:
        super().__init__(device, precision)
        self.settings = settings
        if generator is None:
            generator = ResnetGenerator(settings.width, settings.blocks)
            initialise(generator)
        elif not isinstance(generator, ResnetGenerator):
            raise ValueError(f"CUT needs a ResNet generator, not a {type(generator).__name__}")
        if max(settings.nce_layers) >= len(generator.model):
            raise ValueError(
                f"nce_layers {settings.nce_layers} reach beyond this generator's "
                f"{len(generator.model)} layers"
            )
        with torch.no_grad():
            maps = generator.encode(torch.zeros(1, 3, 64, 64), settings.nce_layers)
        discriminator = PatchDiscriminator(settings.discriminator_width)
        sampler = PatchSampler([x.shape[1] for x in maps])
        initialise(discriminator)
        initialise(sampler)
        g, d = self.add("generator", generator), self.add("discriminator", discriminator)
        f = self.add("sampler", sampler)
        self.optimise("generator", g, f, rate=settings.rate)
        self.optimise("discriminator", d, rate=settings.rate)
        if settings.projected_weight > 0:
            if features is None:
                raise ValueError("projected_weight needs the features of VGG19")
            self.add("projection", Projection(features))
            p = self.add("projected", ProjectedDiscriminator())
            # Slower, it only follows the generator around (Heusel 2017: two time scales).
            self.optimise("projected", p, rate=settings.rate, times=4)

    def step(self, a: Tensor, b: Tensor) -> dict[str, Tensor]:
        s, g, d = self.settings, self.networks["generator"], self.networks["discriminator"]
        a, b = self.place(a), self.place(b)
        gan = ADVERSARIAL[s.adversarial]
        mirrored = s.flip_equivariance and bool(torch.rand(()) < 0.5)
        source = torch.cat([a, b]) if s.nce_identity else a

        with self.mixed():
            if mirrored:
                translated = g(source.flip(3))
                with torch.no_grad():
                    keys = g.encode(source, s.nce_layers)
            else:
                translated, keys = g.with_features(source, s.nce_layers)
        fake = translated[: len(a)]

        d.requires_grad_(True)
        with self.mixed():
            real_score, fake_score = d(b), d(fake.detach())
        loss_d = gan.discriminator(real_score.float(), fake_score.float())
        self.update("discriminator", loss_d)

        d.requires_grad_(False)
        with self.mixed():
            score = d(fake)
        loss_gan = gan.generator(score.float())
        nce = self.nce(translated, [k.detach() for k in keys], len(a), mirrored)
        loss_nce = torch.stack(list(nce.values())).mean()
        losses = {"discriminator": loss_d, "gan": loss_gan, **nce}
        loss = loss_gan + s.nce_weight * loss_nce
        if s.projected_weight > 0:
            losses["projected_discriminator"], losses["projected"] = self.projected(fake, b)
            loss = loss + s.projected_weight * losses["projected"]
        self.update("generator", loss)
        return detached(losses)

    def projected(self, fake: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Updates the discriminator on features; its loss and the generator's."""
        look, d, gan = self.networks["projection"], self.networks["projected"], ADVERSARIAL["hinge"]
        with self.mixed():
            fake_maps = look(fake)
            with torch.no_grad():
                real_maps = look(real)
            d.requires_grad_(True)
            real_score, fake_score = d(real_maps), d([x.detach() for x in fake_maps])
        loss_d = gan.discriminator(real_score.float(), fake_score.float())
        self.update("projected", loss_d)
        d.requires_grad_(False)
        with self.mixed():
            score = d(fake_maps)
        return loss_d, gan.generator(score.float())

    def nce(
        self, translated: Tensor, keys: list[Tensor], count: int, mirrored: bool
    ) -> dict[str, Tensor]:
        """PatchNCE of a (the first `count` pictures) and of b (the rest, if any)."""
        s, g, f = self.settings, self.networks["generator"], self.networks["sampler"]
        with self.mixed():
            queries = g.encode(translated, s.nce_layers)
            if mirrored:
                queries = [q.flip(3) for q in queries]
            places = random_places(keys, s.patches)
            queries, keys = f(queries, places), f(keys, places)
        losses = {}
        for name, part in (("nce", slice(0, count)), ("nce_identity", slice(count, None))):
            if len(translated[part]) > 0:
                losses[name] = multilayer_patch_nce(
                    [q[part] for q in queries], [k[part] for k in keys], s.temperature
                )
        return losses


@dataclass(frozen=True)
class CycleGANSettings:
    """Zhu 2017."""

    width: int = setting(64, "channels of both generators at full size", most=1024)
    blocks: int = setting(9, "residual blocks of both generators", most=64)
    discriminator_width: int = setting(64, "channels of the discriminators' first layer", most=1024)
    adversarial: str = setting("lsgan", ADVERSARIAL_HELP, choices=ADVERSARIAL)
    cycle_weight: float = setting(10.0, "weight of the way there and back")
    identity_weight: float = setting(0.5, "weight of the identity, as a share of the cycle's")
    pool: int = setting(50, "earlier fakes remembered for the discriminators", least=0)
    rate: float = setting(2e-4, "learning rate")


class CycleGAN(Method):
    """Two generators that undo each other (Zhu 2017).

    L = L_GAN(G, D_b) + L_GAN(F, D_a) + w (|F(G(a)) - a| + |G(F(b)) - b|)
        + w v (|G(b) - b| + |F(a) - a|)      (eq. 3 and section 5.2)

    `generator` is G, from a to b; `backward` is F.
    """

    def __init__(
        self,
        settings: CycleGANSettings,
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: nn.Module | None = None,
    ) -> None:
        super().__init__(device, precision)
        self.settings = settings
        if generator is None:
            generator = ResnetGenerator(settings.width, settings.blocks)
            initialise(generator)
        others = {
            "backward": ResnetGenerator(settings.width, settings.blocks),
            "discriminator_a": PatchDiscriminator(settings.discriminator_width),
            "discriminator_b": PatchDiscriminator(settings.discriminator_width),
        }
        g = self.add("generator", generator)
        for name, network in others.items():
            initialise(network)
            self.add(name, network)
        f = self.networks["backward"]
        d_a, d_b = self.networks["discriminator_a"], self.networks["discriminator_b"]
        self.pools = {"a": ImagePool(settings.pool), "b": ImagePool(settings.pool)}
        self.optimise("generators", g, f, rate=settings.rate)
        self.optimise("discriminators", d_a, d_b, rate=settings.rate)

    def step(self, a: Tensor, b: Tensor) -> dict[str, Tensor]:
        s, g, f = self.settings, self.networks["generator"], self.networks["backward"]
        d_a, d_b = self.networks["discriminator_a"], self.networks["discriminator_b"]
        a, b = self.place(a), self.place(b)
        gan = ADVERSARIAL[s.adversarial]

        d_a.requires_grad_(False)
        d_b.requires_grad_(False)
        with self.mixed():
            fake_b, fake_a = g(a), f(b)
            back_a, back_b = f(fake_b), g(fake_a)
            same_b, same_a = g(b), f(a)
            score_b, score_a = d_b(fake_b), d_a(fake_a)
        loss_gan = gan.generator(score_b.float()) + gan.generator(score_a.float())
        loss_cycle = cycle(a, back_a.float()) + cycle(b, back_b.float())
        loss_identity = identity(b, same_b.float()) + identity(a, same_a.float())
        self.update(
            "generators",
            loss_gan + s.cycle_weight * (loss_cycle + s.identity_weight * loss_identity),
        )

        d_a.requires_grad_(True)
        d_b.requires_grad_(True)
        with self.mixed():
            real_a, real_b = d_a(a), d_b(b)
            old_a = d_a(self.pools["a"].query(fake_a))
            old_b = d_b(self.pools["b"].query(fake_b))
        loss_d = gan.discriminator(real_a.float(), old_a.float())
        loss_d = loss_d + gan.discriminator(real_b.float(), old_b.float())
        self.update("discriminators", loss_d)
        return detached(
            {
                "discriminator": loss_d,
                "gan": loss_gan,
                "cycle": loss_cycle,
                "identity": loss_identity,
            }
        )


@dataclass(frozen=True)
class Pix2PixSettings:
    """Isola 2017."""

    generator: str = setting("unet", "unet or resnet", choices=("unet", "resnet"))
    downs: int = setting(7, "levels of the U-Net: 7 for crops of 128, 8 for 256", most=64)
    width: int = setting(64, "channels of the generator's first layer", most=1024)
    blocks: int = setting(9, "residual blocks, if it is a resnet", most=64)
    norm: str = setting(
        "instance",
        "instance or batch (the paper's, for larger batches)",
        choices=("instance", "batch"),
    )
    discriminator_width: int = setting(64, "channels of the discriminator's first layer", most=1024)
    adversarial: str = setting("nonsaturating", ADVERSARIAL_HELP, choices=ADVERSARIAL)
    l1_weight: float = setting(100.0, "weight of the distance to the partner")
    rate: float = setting(2e-4, "learning rate")


class Pix2Pix(Method):
    """Translation learned from pairs (Isola 2017).

    L = L_cGAN(G, D) + w E[|b - G(a)|_1]   (eq. 4); D sees a and its result together.
    """

    def __init__(
        self,
        settings: Pix2PixSettings,
        device: torch.device | str = "cpu",
        precision: str = "fp32",
        generator: nn.Module | None = None,
    ) -> None:
        super().__init__(device, precision)
        self.settings = settings
        if generator is None:
            if settings.generator == "unet":
                generator = UNet(settings.downs, settings.width, settings.norm)
            elif settings.generator == "resnet":
                generator = ResnetGenerator(settings.width, settings.blocks, settings.norm)
            else:
                raise ValueError(f"unknown generator {settings.generator!r}; known: unet, resnet")
            initialise(generator)
        discriminator = PatchDiscriminator(
            settings.discriminator_width, norm=settings.norm, channels_in=6
        )
        initialise(discriminator)
        g, d = self.add("generator", generator), self.add("discriminator", discriminator)
        self.optimise("generator", g, rate=settings.rate)
        self.optimise("discriminator", d, rate=settings.rate)

    def step(self, a: Tensor, b: Tensor) -> dict[str, Tensor]:
        s, g, d = self.settings, self.networks["generator"], self.networks["discriminator"]
        a, b = self.place(a), self.place(b)
        gan = ADVERSARIAL[s.adversarial]
        with self.mixed():
            fake = g(a)

        d.requires_grad_(True)
        with self.mixed():
            real_score = d(torch.cat([a, b], 1))
            fake_score = d(torch.cat([a, fake.detach().float()], 1))
        loss_d = gan.discriminator(real_score.float(), fake_score.float())
        self.update("discriminator", loss_d)

        d.requires_grad_(False)
        with self.mixed():
            score = d(torch.cat([a, fake.float()], 1))
        loss_gan = gan.generator(score.float())
        loss_l1 = paired_l1(b, fake.float())
        self.update("generator", loss_gan + s.l1_weight * loss_l1)
        return detached({"discriminator": loss_d, "gan": loss_gan, "l1": loss_l1})


METHODS = {
    "cut": (CUT, CUTSettings),
    "fastcut": (CUT, FastCUTSettings),
    "cyclegan": (CycleGAN, CycleGANSettings),
    "pix2pix": (Pix2Pix, Pix2PixSettings),
}
