"""VGG19's features, and the discriminator that looks through them."""

from __future__ import annotations

import pytest
import torch

from datasets.paths import data_folder
from gan_cut.methods import CUT, CUTSettings
from gan_cut.projected import ProjectedDiscriminator, Projection
from models.core.files import UnknownCheckpoint
from models.core.vgg import VGGFeatures, load_vgg


def scaled_file(path) -> dict:
    """A file like the published one of AdaIN, with few channels."""
    torch.manual_seed(0)
    shapes = {0: (3, 3, 1), 2: (4, 3, 3), 5: (4, 4, 3), 9: (6, 4, 3), 12: (6, 6, 3), 16: (8, 6, 3)}
    tensors = {}
    for place, (out, into, size) in shapes.items():
        tensors[f"{place}.weight"] = torch.randn(out, into, size, size) / 4
        tensors[f"{place}.bias"] = torch.randn(out) / 4
    torch.save(tensors, path)
    return tensors


def test_the_scaled_backbone_computes_what_its_sequence_does(tmp_path):
    from torch import nn

    tensors = scaled_file(tmp_path / "vgg.pth")
    pad = nn.ReflectionPad2d(1)
    sequence = nn.Sequential(nn.Conv2d(3, 3, 1))
    for into, out, pool in (
        (3, 4, False),
        (4, 4, False),
        (4, 6, True),
        (6, 6, False),
        (6, 8, True),
    ):
        sequence.extend([nn.MaxPool2d(2, ceil_mode=True)] if pool else [])
        sequence.extend([pad, nn.Conv2d(into, out, 3), nn.ReLU()])
    sequence.load_state_dict(tensors)
    pictures = torch.rand(1, 3, 17, 20) * 2 - 1
    levels = load_vgg(tmp_path / "vgg.pth")(pictures)
    with torch.no_grad():
        assert torch.allclose(levels[-1], sequence((pictures + 1) / 2), atol=1e-5)
    assert [level.shape[1] for level in levels] == [4, 6, 8]


@pytest.mark.parametrize(
    "file, channels",
    [
        ("vgg_normalised_conv3_1.pth", [64, 128, 256]),
        ("vgg19_16x_distilled_e5_5SE.pth", [16, 32, 64, 128, 128]),
    ],
)
def test_the_shared_backbones_are_read(file, channels):
    path = data_folder() / "backbones" / file
    if not path.is_file():
        pytest.skip(f"{path} is not on this machine")
    network = load_vgg(path)
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1).expand(1, 3, 32, 32)
    # the first layer makes BGR less ImageNet's mean, as the weights were trained with
    assert torch.allclose(
        network.first((red + 1) / 2)[0, :, 0, 0],
        torch.tensor([-103.939, -116.779, 255 - 123.68]),
        atol=1.0,  # the distilled one has learned its own a little
    )
    levels = network(red.clone().requires_grad_(True))
    assert [level.shape[1] for level in levels] == channels
    assert levels[-1].requires_grad and not any(p.requires_grad for p in network.parameters())


def test_another_network_is_no_backbone(tmp_path):
    torch.save({"features.0.weight": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(UnknownCheckpoint, match="neither VGG19 up to relu3_1 nor"):
        load_vgg(tmp_path / "other.pth")
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_vgg(tmp_path / "nothing.pth")


@pytest.fixture
def features() -> VGGFeatures:
    torch.manual_seed(0)
    network = VGGFeatures((4, 8, 8, 16, 16))
    for p in network.parameters():
        if p.ndim > 1:
            torch.nn.init.kaiming_normal_(p)
    return network


def test_a_projection_gives_four_sizes_of_one_strength(features):
    look = Projection(features, width=8)
    pictures = (torch.rand(2, 3, 64, 96) * 2 - 1).requires_grad_(True)
    maps = look(pictures)
    assert [tuple(x.shape) for x in maps] == [
        (2, 8, 32, 48),
        (2, 8, 16, 24),
        (2, 8, 8, 12),
        (2, 8, 4, 6),
    ]
    assert all(0.2 < x.std() < 5 for x in maps)
    scores = ProjectedDiscriminator(width=8)(maps)
    assert scores.shape == (2, 4 * 4 * 6)
    scores.mean().backward()
    assert pictures.grad.abs().sum() > 0


def test_only_the_heads_learn(features):
    torch.manual_seed(0)
    settings = CUTSettings(
        width=8, blocks=2, discriminator_width=8, nce_layers=(0, 4, 8), patches=64, rate=1e-3,
        projected_weight=1.0,
    )  # fmt: skip
    method = CUT(settings, features=features)
    look, heads = method.networks["projection"], method.networks["projected"]
    before = {k: v.clone() for k, v in look.state_dict().items()}
    first = [p.clone() for p in heads.parameters()]
    a, b = torch.full((2, 3, 64, 64), -0.5), torch.rand(2, 3, 64, 64) * 2 - 1
    losses = [method.step(a + 0.1 * torch.rand(a.shape), b) for _ in range(3)]
    assert all(torch.isfinite(v) for v in losses[-1].values())
    assert {"projected", "projected_discriminator"} <= losses[-1].keys()
    assert all(torch.equal(v, before[k]) for k, v in look.state_dict().items())
    assert not any(p.requires_grad for p in look.parameters())
    assert all(not torch.equal(p, q) for p, q in zip(heads.parameters(), first, strict=True))


def test_the_discriminator_tells_two_kinds_of_picture_apart(features):
    torch.manual_seed(0)
    settings = CUTSettings(width=8, blocks=2, nce_layers=(0, 4, 8), rate=1e-3, projected_weight=1.0)
    method = CUT(settings, features=features)
    for _ in range(30):
        smooth = torch.full((2, 3, 64, 64), -0.2)
        loss, _ = method.projected(smooth, torch.rand(2, 3, 64, 64) * 2 - 1)
    assert loss < 1  # 2 by chance


def test_without_the_features_it_is_refused():
    with pytest.raises(ValueError, match="needs the features of VGG19"):
        CUT(CUTSettings(width=8, blocks=2, nce_layers=(0, 4), projected_weight=1.0))
