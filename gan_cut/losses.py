"""The losses of the CUT, CycleGAN and pix2pix papers.

Each is a function of tensors that returns a scalar to minimise.  Scores are the
raw outputs of a discriminator, of any shape: G(a) is fake, b is real.

    from gan_cut.losses import lsgan_discriminator, lsgan_generator
    loss = lsgan_discriminator(real=D(b), fake=D(G(a).detach()))
    loss = lsgan_generator(fake=D(G(a)))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


def lsgan_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """1/2 E[(D(b) - 1)^2] + 1/2 E[D(G(a))^2]: least squares (Mao 2017, eq. 9)."""
    return 0.5 * (real - 1).square().mean() + 0.5 * fake.square().mean()


def lsgan_generator(fake: Tensor) -> Tensor:
    """E[(D(G(a)) - 1)^2] (Mao 2017, eq. 9, with the factor of Zhu 2017, section 4)."""
    return (fake - 1).square().mean()


def nonsaturating_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """-1/2 E[log s(D(b))] - 1/2 E[log(1 - s(D(G(a))))], s the logistic function.

    Goodfellow 2014, eq. 1, halved as in Isola 2017, section 3.3.
    """
    return 0.5 * F.softplus(-real).mean() + 0.5 * F.softplus(fake).mean()


def nonsaturating_generator(fake: Tensor) -> Tensor:
    """-E[log s(D(G(a)))]: learns even while the fakes are poor (Goodfellow 2014, section 3)."""
    return F.softplus(-fake).mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[max(0, 1 - D(b))] + E[max(0, 1 + D(G(a)))] (Lim 2017; Miyato 2018, eq. 16)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_generator(fake: Tensor) -> Tensor:
    """-E[D(G(a))] (Lim 2017; Miyato 2018, eq. 17)."""
    return -fake.mean()


class Adversarial(NamedTuple):
    """Both sides of one adversarial loss."""

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]


ADVERSARIAL = {
    "lsgan": Adversarial(lsgan_discriminator, lsgan_generator),
    "nonsaturating": Adversarial(nonsaturating_discriminator, nonsaturating_generator),
    "hinge": Adversarial(hinge_discriminator, hinge_generator),
}
ADVERSARIAL_HELP = f"adversarial loss: {', '.join(ADVERSARIAL)}"


def patch_nce(queries: Tensor, keys: Tensor, temperature: float = 0.07) -> Tensor:
    """Each patch of the result must know its own patch of the input among all others.

    l(v, v+, v-) = -log( exp(v.v+ / t) / (exp(v.v+ / t) + sum_n exp(v.v-_n / t)) )

    Park 2020, eq. 3 and 4, with negatives from the same picture only.

    queries, keys: [N, S, features], unit length; row s of both comes from the
    same place.  No gradient reaches the keys.
    """
    logits = queries @ keys.detach().transpose(1, 2) / temperature
    own = torch.arange(logits.shape[1], device=logits.device).repeat(logits.shape[0])
    return F.cross_entropy(logits.flatten(0, 1), own)


def multilayer_patch_nce(
    queries: list[Tensor], keys: list[Tensor], temperature: float = 0.07
) -> Tensor:
    """Mean of `patch_nce` over the layers of the encoder (Park 2020, eq. 4).

    Between a and G(a) it holds the composition; between b and G(b) it is the
    identity loss of CUT, which keeps the generator from needless change (eq. 5).
    """
    losses = [patch_nce(q, k, temperature) for q, k in zip(queries, keys, strict=True)]
    return torch.stack(losses).mean()


def cycle(original: Tensor, there_and_back: Tensor) -> Tensor:
    """E[|F(G(a)) - a|_1] (Zhu 2017, eq. 2); mean over pixels."""
    return F.l1_loss(there_and_back, original)


def identity(original: Tensor, translated: Tensor) -> Tensor:
    """E[|G(b) - b|_1]: what is in the target domain already stays (Zhu 2017, section 5.2)."""
    return F.l1_loss(translated, original)


def paired_l1(target: Tensor, translated: Tensor) -> Tensor:
    """E[|b - G(a)|_1] for pairs (a, b) (Isola 2017, eq. 3)."""
    return F.l1_loss(translated, target)
