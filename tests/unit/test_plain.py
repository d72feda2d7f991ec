"""The plain networks of row N4: shapes, files, and that each pair learns."""

from __future__ import annotations

import pytest
import safetensors.torch
import torch

from gan_cut.checkpoints import load_generator
from gan_cut.conditional_networks import conditions
from gan_cut.plain import DISCRIMINATORS, GENERATORS, Plain, PlainSettings
from models.core.files import half_precision


def some(count: int) -> torch.Tensor:
    return conditions(torch.arange(count) % 4, torch.eye(7)[torch.arange(count) % 7])


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("size", [64, 128])
def test_a_file_gives_the_same_generator(tmp_path, name, size):
    torch.manual_seed(0)
    generator = GENERATORS[name](size, 8).eval()
    file = tmp_path / "plain.safetensors"
    safetensors.torch.save_file(half_precision(generator), file)
    again = load_generator(file)
    assert type(again) is type(generator) and again.size == size and again.code == 100
    codes = torch.randn(3, 100)
    with torch.no_grad():
        pictures = generator(codes, some(3))
        assert pictures.shape == (3, 3, size, size) and pictures.abs().max() <= 1
        assert torch.allclose(again(codes, some(3)), pictures, atol=2e-2)


@pytest.mark.parametrize("name", DISCRIMINATORS)
@pytest.mark.parametrize("size", [64, 128])
def test_a_score_for_each_picture(name, size):
    judge = DISCRIMINATORS[name](size, 8)
    assert judge(torch.randn(4, 3, size, size), some(4)).shape == (4,)


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("discriminator", DISCRIMINATORS)
def test_each_pair_learns_a_colour(generator, discriminator):
    """Everything real is red: what is generated comes nearer to red."""
    torch.manual_seed(0)
    plain = Plain(PlainSettings(generator=generator, discriminator=discriminator, rate=1e-3))
    told = torch.cat([some(8), some(8)[:, 4:]], 1)
    red = torch.tensor([0.8, -0.6, -0.6]).view(1, 3, 1, 1)

    def distance() -> float:
        with torch.no_grad():
            return float((plain.fakes(some(8)).mean((0, 2, 3), keepdim=True) - red).abs().mean())

    before = distance()
    nearest = before
    for _ in range(20):
        losses = plain.step(red + 0.1 * torch.randn(8, 3, 64, 64), told)
        nearest = min(nearest, distance())
    assert set(losses) == {"discriminator", "gan"}
    assert nearest < 0.8 * before


def test_unknown_networks_are_refused():
    with pytest.raises(ValueError, match="known: connected, deconvolution"):
        Plain(PlainSettings(generator="transformer"))
    with pytest.raises(ValueError, match="known: connected, convolutional"):
        Plain(PlainSettings(discriminator="transformer"))
    with pytest.raises(ValueError, match="to start from"):
        Plain(PlainSettings(generator="connected"), generator=GENERATORS["deconvolution"](64, 4))
