"""The networks that enlarge, and the files they come in."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image, ImageDraw

from datasets.paths import data_folder
from models.registry import ModelError
from models.upscaler.evaluate import ssim
from models.upscaler.files import load_network
from models.upscaler.networks import RRDBNet, SRVGGNetCompact
from models.upscaler.ways import bicubic, enlarged

PUBLISHED = data_folder() / "backbones" / "realesr-animevideov3-x4_srvgg_fp16.pth"


def compact_tensors(features: int, convolutions: int, scale: int) -> dict[str, torch.Tensor]:
    """Random tensors as they are published: "body.0.weight", its bias, PReLU's slopes …"""
    torch.manual_seed(0)
    channels = [3, *[features] * (convolutions + 1), 3 * scale**2]
    tensors = {}
    for number, (before, after) in enumerate(zip(channels, channels[1:], strict=False)):
        tensors[f"body.{2 * number}.weight"] = torch.randn(after, before, 3, 3) / (3 * before)
        tensors[f"body.{2 * number}.bias"] = torch.randn(after) / 10
        if number <= convolutions:
            tensors[f"body.{2 * number + 1}.weight"] = torch.rand(after)
    return tensors


def rrdb_tensors(features: int, blocks: int, growth: int, scale: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    shapes = {"conv_first": (features, 3 * (4 // scale) ** 2), "conv_last": (3, features)}
    for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
        shapes[name] = (features, features)
    for block in range(blocks):
        for dense in (1, 2, 3):
            for layer in range(1, 6):
                after = features if layer == 5 else growth
                name = f"body.{block}.rdb{dense}.conv{layer}"
                shapes[name] = (after, features + (layer - 1) * growth)
    tensors = {}
    for name, (after, before) in shapes.items():
        tensors[f"{name}.weight"] = torch.randn(after, before, 3, 3) / (3 * before**0.5)
        tensors[f"{name}.bias"] = torch.randn(after) / 10
    return tensors


@pytest.mark.parametrize("wrapper", ["params", "params_ema", None])
@pytest.mark.parametrize("features, convolutions, scale", [(8, 2, 4), (12, 5, 2), (4, 1, 3)])
def test_compact_networks_are_read_with_their_shape(
    tmp_path, wrapper, features, convolutions, scale
):
    tensors = compact_tensors(features, convolutions, scale)
    file = tmp_path / "some.pth"
    torch.save({wrapper: tensors} if wrapper else tensors, file)
    network = load_network(file)
    assert isinstance(network, SRVGGNetCompact)
    assert (network.scale, network.reach) == (scale, convolutions + 2)
    assert network(torch.rand(2, 3, 5, 7)).shape == (2, 3, 5 * scale, 7 * scale)
    torch.testing.assert_close(network.state_dict()["body.0.weight"], tensors["body.0.weight"])


def test_averaged_weights_come_first(tmp_path):
    old, averaged = compact_tensors(4, 1, 4), compact_tensors(4, 1, 4)
    averaged["body.0.bias"] = averaged["body.0.bias"] + 1
    torch.save({"params": old, "params_ema": averaged}, tmp_path / "both.pth")
    found = load_network(tmp_path / "both.pth").state_dict()["body.0.bias"]
    torch.testing.assert_close(found, averaged["body.0.bias"])


@pytest.mark.parametrize("scale", [4, 2, 1])
def test_rrdb_networks_are_read_with_their_shape(tmp_path, scale):
    file = tmp_path / "some.pth"
    torch.save({"params_ema": rrdb_tensors(8, 2, 4, scale)}, file)
    network = load_network(file)
    assert isinstance(network, RRDBNet)
    assert network.scale == scale and len(network.body) == 2
    # odd sides are folded with a mirrored edge, which is cut off again
    assert network(torch.rand(1, 3, 7, 9)).shape == (1, 3, 7 * scale, 9 * scale)


def test_compact_is_the_published_arithmetic():
    """Convolution, PReLU, …, pixel shuffle, plus the nearest pixel; by hand."""
    tensors = compact_tensors(4, 1, 2)
    network = SRVGGNetCompact(4, 1, 2)
    network.load_state_dict(tensors)
    picture = torch.rand(1, 3, 4, 4)
    x = picture
    for number in (0, 2, 4):
        weight, bias = tensors[f"body.{number}.weight"], tensors[f"body.{number}.bias"]
        x = torch.nn.functional.conv2d(x, weight, bias, padding=1)
        if number < 4:
            slope = tensors[f"body.{number + 1}.weight"].view(1, -1, 1, 1)
            x = torch.where(x > 0, x, slope * x)
    wanted = torch.empty(1, 3, 8, 8)
    for colour in range(3):
        for row in (0, 1):
            for column in (0, 1):
                near = x[:, 4 * colour + 2 * row + column] + picture[:, colour]
                wanted[:, colour, row::2, column::2] = near
    torch.testing.assert_close(network(picture), wanted)


def test_nothing_beyond_its_reach_has_an_effect():
    network = SRVGGNetCompact(6, 3, 4)
    picture = torch.rand(1, 3, 24, 24)
    changed = picture.clone()
    changed[..., 12, 12] += 1
    with torch.inference_mode():
        where = (network(changed) - network(picture)).abs().sum((0, 1)) > 0
    rows = torch.nonzero(where.any(1)).ravel() // 4
    assert rows.min() >= 12 - network.reach and rows.max() <= 12 + network.reach


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("words.pth", b"no tensors here", "not a file of tensors alone"),
        ("words.safetensors", b"no tensors here", "not a safetensors file"),
        ("list.pth", [1, 2], "holds a list"),
        ("run.pth", {"step": 3, "params_ema": 4}, "holds other things than tensors: params_ema"),
        ("monet.pth", {"model.1.weight": torch.zeros(2, 3, 7, 7)}, "a generator of gan_cut"),
        ("old.pth", {"RRDB_trunk.0.RDB1.conv1.weight": torch.zeros(1)}, "ESRGAN's older names"),
        ("odd.pth", {"what.weight": torch.zeros(2, 5)}, r"what.weight [2, 5]"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_named(tmp_path, name, content, says):
    file = tmp_path / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        torch.save(content, file)
    with pytest.raises(ModelError, match=re.escape(says)) as error:
        load_network(file)
    assert name in str(error.value)


def test_what_does_not_fit_is_named(tmp_path):
    lacking = compact_tensors(4, 2, 4)
    del lacking["body.2.bias"]
    without_slopes = {
        name: tensor for name, tensor in compact_tensors(4, 2, 4).items() if tensor.dim() == 4
    }
    without_slopes["body.1.weight"] = torch.zeros(4, 4, 3, 3)
    five = compact_tensors(4, 1, 4)
    five["body.4.weight"] = torch.zeros(20, 4, 3, 3)
    first = rrdb_tensors(8, 1, 4, 4)
    first["conv_first.weight"] = torch.zeros(8, 5, 3, 3)
    named, far = compact_tensors(4, 1, 4), compact_tensors(4, 1, 4)
    named["body.end.bias"] = torch.zeros(3)
    far["body.123456789.weight"] = torch.zeros(48, 4, 3, 3)
    deep = rrdb_tensors(8, 1, 4, 4) | {"body.123456789.rdb1.conv1.weight": torch.zeros(4, 8, 3, 3)}
    for tensors, says in (
        (lacking, "body.2.bias"),
        (without_slopes, "without a PReLU"),
        (five, "no whole scale"),
        (first, "where 3, 12 or 48 channels are known"),
        (named, "body.end.bias"),
        (far, "far fewer layers"),
        (deep, "far fewer layers"),
    ):
        safetensors.torch.save_file(tensors, tmp_path / "odd.safetensors")
        with pytest.raises(ModelError, match=says):
            load_network(tmp_path / "odd.safetensors")


def test_no_code_in_a_file_runs(tmp_path):
    torch.save({"params": Path("of some type")}, tmp_path / "object.pth")
    with pytest.raises(ModelError, match="not a file of tensors alone"):
        load_network(tmp_path / "object.pth")


def drawing(side: int) -> np.ndarray:
    """What the published network was trained for: flat colours and clean lines, [side, side, 3]."""
    image = Image.new("RGB", (4 * side, 4 * side), (240, 235, 220))
    draw = ImageDraw.Draw(image)
    unit = side / 64
    for number in range(7):
        place = unit * (20 + 30 * number)
        colour = (40 + 30 * number, 200 - 25 * number, 90 + 20 * (number % 3))
        draw.ellipse((place, 30 * unit, place + 70 * unit, 110 * unit), colour, (20, 20, 30), 6)
        draw.line(
            (place, 130 * unit, 250 * unit - place, 240 * unit), (30, 30, 40), round(4 * unit)
        )
    return cv2.resize(np.asarray(image), (side, side), interpolation=cv2.INTER_AREA)


def test_the_published_network_is_nearer_to_a_drawing_than_bicubic():
    if not PUBLISHED.is_file():
        pytest.skip(f"the shared data (MIEN_DATA) with backbones/{PUBLISHED.name} is not here")
    network = load_network(PUBLISHED)
    assert (network.scale, network.reach) == (4, 18)
    wanted = drawing(256)
    given = cv2.resize(wanted, (64, 64), interpolation=cv2.INTER_AREA)
    plain, found = bicubic(given), enlarged(network, given)

    def away(picture: np.ndarray) -> float:
        return float(np.abs(picture.astype(float) - wanted).mean())

    assert away(found) < 0.9 * away(plain)
    assert ssim(found, wanted) > ssim(plain, wanted)


def test_it_is_what_the_package_computes(tmp_path):
    """Where `requirements-realesrgan.txt` is installed: the same numbers, both networks."""
    reason = "realesrgan is not installed here: requirements-realesrgan.txt"
    archs = pytest.importorskip("realesrgan.archs.srvgg_arch", reason=reason)
    rrdb = pytest.importorskip("basicsr.archs.rrdbnet_arch", reason=reason)
    torch.manual_seed(0)
    theirs = (
        archs.SRVGGNetCompact(3, 3, num_feat=8, num_conv=3, upscale=4, act_type="prelu"),
        rrdb.RRDBNet(3, 3, scale=4, num_feat=8, num_block=2, num_grow_ch=4),
        rrdb.RRDBNet(3, 3, scale=2, num_feat=8, num_block=2, num_grow_ch=4),
    )
    picture = torch.rand(1, 3, 12, 16)
    for number, network in enumerate(theirs):
        file = tmp_path / f"{number}.pth"
        torch.save({"params_ema": network.state_dict()}, file)
        with torch.inference_mode():
            torch.testing.assert_close(
                load_network(file)(picture), network.eval()(picture), atol=1e-5, rtol=1e-4
            )
