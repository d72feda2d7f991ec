"""Checkpoints of the original code open, and translate as they did there."""

from __future__ import annotations

import pickle

import pytest
import safetensors.torch
import torch
from torch import nn

from gan_cut.checkpoints import load_generator
from gan_cut.networks import (
    PatchDiscriminator,
    PatchSampler,
    ResnetGenerator,
    StudentGenerator,
    UNet,
)
from models.core.files import UnknownCheckpoint
from tests.unit import original_networks as original

LAYOUTS = {
    "CUT": lambda: original.resnet(8, 9, "instance", True, True),
    "CUT, six blocks": lambda: original.resnet(12, 6, "instance", True, True),
    "CUT, no_antialias": lambda: original.resnet(8, 6, "instance", False, True),
    "CUT, no_antialias_up": lambda: original.resnet(8, 6, "instance", True, False),
    "CUT, batch norm": lambda: original.resnet(8, 4, "batch", True, True),
    "CycleGAN": lambda: original.resnet(8, 9, "instance", False, False),
    "CycleGAN of 2018": lambda: original.resnet(
        8, 9, "instance", False, False, old_statistics=True
    ),
    "CycleGAN, no norm": lambda: original.resnet(8, 6, "none", False, False),
    "pix2pix, resnet": lambda: original.resnet(8, 6, "batch", False, False, dropout=True),
    "one channel in": lambda: original.resnet(8, 6, "batch", False, False, channels_in=1),
    "pix2pix, unet_128": lambda: original.unet(7, 4, "batch", dropout=True),
    "pix2pix, unet_256": lambda: original.unet(8, 4, "batch", dropout=True),
    "unet, instance norm": lambda: original.unet(7, 4, "instance"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_original_checkpoint_gives_the_original_picture(layout, tmp_path):
    theirs = original.randomise(LAYOUTS[layout]())
    torch.save(theirs.state_dict(), tmp_path / "latest_net_G.pth")
    ours = load_generator(tmp_path / "latest_net_G.pth")
    channels = 1 if layout == "one channel in" else 3
    size = (48, 64) if isinstance(ours, ResnetGenerator) else (ours.multiple, 2 * ours.multiple)
    picture = torch.rand(1, channels, *size) * 2 - 1
    # Today's originals drop the old statistics: instance norm looks at the picture alone.
    theirs.train(layout == "CycleGAN of 2018")
    with torch.no_grad():
        expected, found = theirs(picture), ours(picture)
    assert expected.std() > 0.05
    assert torch.allclose(found, expected, atol=1e-4)


def test_names_left_by_wrappers_do_not_matter(tmp_path):
    theirs = original.randomise(original.resnet(8, 2, "instance", True, True))
    wrapped = {f"module._orig_mod.{k}": v for k, v in theirs.state_dict().items()}
    torch.save(wrapped, tmp_path / "net.pth")
    picture = torch.rand(1, 3, 32, 32)
    ours = load_generator(tmp_path / "net.pth")
    with torch.no_grad():
        assert torch.allclose(ours(picture), theirs(picture), atol=1e-4)


@pytest.mark.parametrize(
    "network",
    [
        ResnetGenerator(8, 3),
        ResnetGenerator(8, 1, antialias_down=False, antialias_up=False, dropout=True),
        UNet(5, 4, "instance"),
        StudentGenerator(8, 2),
    ],
    ids=lambda n: type(n).__name__,
)
def test_our_own_file_is_read_back(network, tmp_path):
    file = tmp_path / "own.safetensors"
    safetensors.torch.save_file(network.state_dict(), file)
    read = load_generator(file)
    assert type(read) is type(network) and not read.training
    for name, tensor in network.state_dict().items():
        assert torch.equal(read.state_dict()[name], tensor)


class Harmful:
    def __reduce__(self):
        return (print, ("code in a checkpoint was run",))


UNKNOWN = {
    "discriminator": (PatchDiscriminator(8).state_dict(), "PatchGAN discriminator"),
    "sampler": (PatchSampler([3, 8]).state_dict(), "patch sampler"),
    "classifier": (nn.ModuleDict({"features": nn.Conv2d(3, 8, 3)}).state_dict(), "a classifier"),
    "StyleGAN2": ({"convs.0.conv.modulation.weight": torch.zeros(3)}, "StyleGAN2"),
    "anything": ({"weight": torch.zeros(3)}, r"1 tensors \(weight \[3\]"),
    "empty": ({}, "0 tensors"),
    "training state": ({"netG": {"a": torch.zeros(1)}, "epoch": 3}, "epoch, netG"),
    "list": ([torch.zeros(1)], "holds a list"),
    "code": ({"a": Harmful()}, "not a file of tensors alone"),
    "blur of another size": (
        {
            k: (torch.zeros(16, 1, 5, 5) if k == "model.7.filt" else v)
            for k, v in original.resnet(8, 2, "instance", True, True).state_dict().items()
        },
        r"blur model\.7\.filt \(16, 1, 5, 5\)",
    ),
    "a missing tensor": (
        {
            k: v
            for k, v in original.resnet(8, 2, "instance", True, True).state_dict().items()
            if k != "model.4.weight"
        },
        r"Missing key.*model\.4\.weight",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_an_unknown_file_is_named_for_what_it_is(case, tmp_path, capsys):
    content, said = UNKNOWN[case]
    torch.save(content, tmp_path / "strange.pth")
    with pytest.raises(UnknownCheckpoint, match=said) as error:
        load_generator(tmp_path / "strange.pth")
    assert "strange.pth" in str(error.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["torn.pth", "torn.safetensors"])
def test_a_torn_file_is_refused(name, tmp_path):
    (tmp_path / name).write_bytes(pickle.dumps("x" * 100)[:50])
    with pytest.raises(UnknownCheckpoint, match="not a"):
        load_generator(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_generator(tmp_path / f"no_{name}")
