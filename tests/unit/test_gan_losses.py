"""Losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import tensor

from gan_cut import losses
from gan_cut.image_pool import ImagePool
from gan_cut.networks import PatchSampler, random_places

REAL, FAKE = tensor([1.0, 0.0]), tensor([0.5, -2.0])


def test_least_squares():
    # 1/2 * mean(0, 1) + 1/2 * mean(0.25, 4);  mean(0.25, 9)
    assert losses.lsgan_discriminator(REAL, FAKE).item() == pytest.approx(0.25 + 1.0625)
    assert losses.lsgan_generator(FAKE).item() == pytest.approx(4.625)


def test_nonsaturating():
    def logistic(x):
        return 1 / (1 + math.exp(-x))

    real = -(math.log(logistic(1.0)) + math.log(logistic(0.0))) / 2
    fake = -(math.log(1 - logistic(0.5)) + math.log(1 - logistic(-2.0))) / 2
    found = losses.nonsaturating_discriminator(REAL, FAKE).item()
    assert found == pytest.approx(real / 2 + fake / 2, rel=1e-5)
    made = -(math.log(logistic(0.5)) + math.log(logistic(-2.0))) / 2
    assert losses.nonsaturating_generator(FAKE).item() == pytest.approx(made, rel=1e-5)


def test_hinge():
    # mean(0, 1) + mean(1.5, 0);  -mean(0.5, -2)
    assert losses.hinge_discriminator(REAL, FAKE).item() == pytest.approx(0.5 + 0.75)
    assert losses.hinge_generator(FAKE).item() == pytest.approx(0.75)


def test_patch_nce_of_two_patches():
    # Keys at right angles; the first query is its key, the second lies between both.
    keys = tensor([[[1.0, 0.0], [0.0, 1.0]]])
    queries = tensor([[[1.0, 0.0], [math.sqrt(0.5), math.sqrt(0.5)]]])
    first = -math.log(math.exp(2) / (math.exp(2) + math.exp(0)))
    second = math.log(2)
    found = losses.patch_nce(queries, keys, temperature=0.5).item()
    assert found == pytest.approx((first + second) / 2, rel=1e-5)


def test_patch_nce_takes_negatives_from_the_same_picture_only():
    torch.manual_seed(0)
    one = torch.nn.functional.normalize(torch.randn(1, 5, 8), dim=-1)
    other = torch.nn.functional.normalize(torch.randn(1, 5, 8), dim=-1)
    keys = torch.nn.functional.normalize(torch.randn(2, 5, 8), dim=-1)
    together = losses.patch_nce(torch.cat([one, other]), keys)
    apart = (losses.patch_nce(one, keys[:1]) + losses.patch_nce(other, keys[1:])) / 2
    assert together.item() == pytest.approx(apart.item(), rel=1e-5)


def test_patch_nce_moves_queries_and_not_keys():
    queries, keys = (torch.randn(1, 4, 8, requires_grad=True) for _ in range(2))
    losses.multilayer_patch_nce([queries, queries], [keys, keys]).backward()
    assert queries.grad.abs().sum() > 0 and keys.grad is None


@pytest.mark.parametrize("loss", [losses.cycle, losses.identity, losses.paired_l1])
def test_distances_are_mean_absolute_differences(loss):
    assert loss(tensor([0.0, 1.0, -1.0]), tensor([0.5, 1.0, 1.0])).item() == pytest.approx(2.5 / 3)


def test_sampler_takes_the_same_places_and_gives_unit_length():
    torch.manual_seed(0)
    maps = [torch.randn(2, 3, 6, 5), torch.randn(2, 8, 3, 2)]
    places = random_places(maps, 10)
    assert [len(p) for p in places] == [10, 6]
    assert [len(set(p.tolist())) for p in places] == [10, 6]
    sampler = PatchSampler([3, 8], features=16)
    samples = sampler(maps, places)
    assert [list(s.shape) for s in samples] == [[2, 10, 16], [2, 6, 16]]
    assert torch.allclose(samples[0].norm(dim=-1), torch.ones(2, 10), atol=1e-5)
    row, column = divmod(int(places[0][4]), 5)
    alone = sampler.mlp_0(maps[0][1, :, row, column])
    assert torch.allclose(samples[0][1, 4], alone / alone.norm(), atol=1e-5)


def test_pool_shows_old_fakes_half_of_the_time():
    torch.manual_seed(0)
    pool = ImagePool(20)
    new = [torch.full((1, 1, 1, 1), float(n)) for n in range(420)]
    shown = [pool.query(n).item() for n in new]
    assert shown[:20] == list(range(20))
    old = [s for n, s in enumerate(shown[20:], 20) if s != n]
    assert 150 < len(old) < 250
    assert len(pool.pictures) == 20 and len(set(old)) == len(old)
    assert torch.equal(ImagePool(0).query(new[7]), new[7])
