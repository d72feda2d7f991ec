"""Enlarging as it is used: in tiles, by a command, with the file that is published."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import safetensors.torch
import torch

from datasets.pictures import read_rgb
from models import registry
from models.__main__ import main
from models.core.backends import BACKENDS
from models.core.pictures import write_rgb
from models.upscaler.files import load_network
from models.upscaler.networks import RRDBNet, SRVGGNetCompact
from models.upscaler.upscaler import LARGEST, Upscaler, spans, tiled
from models.upscaler.ways import bicubic, enlarged
from tests.unit.test_published_generators import view


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """A small network that knows nothing but whose every layer has an effect."""
    torch.manual_seed(0)
    network = SRVGGNetCompact(8, 3, 4)
    with torch.no_grad():
        for tensor in network.parameters():
            if tensor.dim() == 4:
                tensor.mul_(1.7)
    file = tmp_path_factory.mktemp("weights") / "some.safetensors"
    safetensors.torch.save_file(network.state_dict(), file)
    return file


@pytest.fixture(scope="module")
def upscaler(weights) -> Upscaler:
    return Upscaler(weights)


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


# ------------------------------------------------------------------------------


@pytest.mark.parametrize("length, tile, margin", [(7, 20, 5), (20, 20, 5), (21, 20, 5), (97, 20, 5),
                                                  (50, 12, 0), (320, 64, 31)])  # fmt: skip
def test_tiles_keep_every_pixel_once_and_far_from_their_edges(length, tile, margin):
    kept = []
    for begin, end, first, last in spans(length, tile, margin):
        assert 0 <= begin <= first <= last <= end <= length
        assert end - begin == min(length, tile)
        assert first == 0 or first - begin >= margin
        assert last == length or end - last >= margin
        kept += range(first, last)
    assert kept == list(range(length))


def test_a_tile_of_margins_is_refused():
    with pytest.raises(ValueError, match="nothing but margins of 10"):
        list(spans(100, 20, 10))


def test_in_tiles_it_is_the_same_picture(weights):
    """With margins as wide as the network sees: equal. Without: seams."""
    network = load_network(weights)
    given = picture(41, 67)
    whole = enlarged(network, given)

    def run(pieces: np.ndarray) -> np.ndarray:
        return enlarged(network, pieces[0])[None]

    heard = []
    in_tiles = tiled(run, given, 4, network.reach, 24, heard.append)
    assert np.abs(in_tiles.astype(int) - whole).max() <= 1
    assert heard == sorted(heard) and heard[-1] == 1 and len(heard) > 6
    seams = tiled(run, given, 4, 0, 24)
    assert np.abs(seams.astype(int) - whole).max() > 10


def test_what_rrdbnet_sees_beyond_the_margin_does_not_show():
    torch.manual_seed(0)
    network = RRDBNet(16, 6, 8, 4).eval()
    given = picture(40, 110)

    def run(pieces: np.ndarray) -> np.ndarray:
        return enlarged(network, pieces[0])[None]

    assert network.reach > 32
    away = np.abs(tiled(run, given, 4, 32, 100).astype(int) - enlarged(network, given))
    assert away.max() <= 1


# ------------------------------------------------------------------------------


def test_it_enlarges_as_the_network_does_on_any_threads(upscaler, weights):
    given = cv2.GaussianBlur(picture(60, 45), (0, 0), 2)
    wanted = enlarged(load_network(weights), given)
    assert upscaler.scale == 4 and upscaler.backend in BACKENDS
    for threads in (1, 2):
        before = torch.get_num_threads()
        found = upscaler(given, threads)
        assert found.shape == (240, 180, 3) and found.dtype == np.uint8
        away = np.abs(found.astype(int) - wanted)
        assert away.mean() < 1.5 and away.max() <= 12  # bfloat16
        assert torch.get_num_threads() == before


def test_large_pictures_go_in_tiles_and_say_how_far_they_are(upscaler):
    heard = []
    found = upscaler(picture(30, 700), 1, heard.append)
    assert found.shape == (120, 2800, 3)
    assert len(heard) == 3 and heard[-1] == 1


@pytest.mark.parametrize(
    "given, says",
    [
        (np.zeros((4, 4), np.uint8), r"expected uint8 \[H, W, 3\]"),
        (np.zeros((4, 4, 3), np.float32), "not float32"),
        (np.zeros((0, 4, 3), np.uint8), "4 x 0 cannot be enlarged"),
        (np.zeros((1, LARGEST + 1, 3), np.uint8), f"1 to {LARGEST} pixels"),
    ],
)
def test_other_arrays_are_refused(upscaler, given, says):
    with pytest.raises(ValueError, match=says):
        upscaler(given)


def test_a_file_that_is_not_that_of_its_card_is_refused(weights, tmp_path):
    (tmp_path / "some.safetensors").write_bytes(weights.read_bytes())
    (tmp_path / "some.card.json").write_text(
        '{"file": "some.safetensors", "sha256": "0", "command": "train it"}'
    )
    with pytest.raises(registry.ModelError, match="not the file of its card"):
        Upscaler(tmp_path / "some.safetensors")


# ------------------------------------------------------------------------------


def test_the_command_enlarges_a_file(weights, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("models.upscaler.upscaler.usable", lambda device: ["eager-fp32"])
    write_rgb(tmp_path / "small.png", picture(20, 30))
    out = tmp_path / "new" / "large.png"
    given = ["enlarge", str(tmp_path / "small.png"), str(out), "--weights", str(weights)]
    assert main(given) == 0
    assert read_rgb(out).shape == (80, 120, 3)
    assert "120 x 80, eager-fp32" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(weights, tmp_path, capsys):
    small, words = tmp_path / "small.png", tmp_path / "words.jpg"
    write_rgb(small, picture(20, 30))
    words.write_text("no picture")
    with_ours = ["--weights", str(weights)]
    for given, says in (
        ([tmp_path / "none.png", tmp_path / "x.png", *with_ours], "none.png is not there"),
        ([words, tmp_path / "x.png", *with_ours], "words.jpg is no picture of a known kind"),
        ([small, tmp_path / "x.txt", *with_ours], "end its name with .png, .jpg or .webp"),
        ([small, tmp_path / "x.png", "--weights", tmp_path / "none.pth"],
         "none.pth: there is no such file. Train one with"),
        ([small, tmp_path / "x.png", "--weights", small], "not a file of tensors alone"),
    ):  # fmt: skip
        assert main(["enlarge", *map(str, given)]) == 1
        assert says in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["small.png", "words.jpg"]


# ------------------------------------------------------------------------------


def test_the_published_network_enlarges():
    if "upscaler" not in registry.names():
        pytest.skip("models/weights has no upscaler: it is not published")
    registry.check("upscaler")
    card = registry.card("upscaler")
    assert card["bytes"] <= 2_000_000 and card["terms"] and card["limits"]
    page = (registry.WEIGHTS / "upscaler.card.md").read_text(encoding="utf-8")
    assert page.startswith("# upscaler") and "feature distance" in page
    upscaler = Upscaler(registry.WEIGHTS / card["file"])
    assert upscaler.scale == 4
    wanted = view(384, 256)
    given = cv2.resize(wanted, (96, 64), interpolation=cv2.INTER_AREA)
    found = upscaler(given)
    assert found.shape == wanted.shape
    grey = found.mean(2)
    assert grey.std() > 15, "flat"
    assert np.corrcoef(grey.ravel(), wanted.mean(2).ravel())[0, 1] > 0.97, "another picture"
    # sharper than bicubic at edges, and nowhere far from what it was given
    back = cv2.resize(found, (96, 64), interpolation=cv2.INTER_AREA)
    assert np.abs(back.astype(float) - given).mean() < 4
    assert edges(found) > edges(bicubic(given))


def edges(one: np.ndarray) -> float:
    """How steep the steepest thousandth of the picture is."""
    grey = cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.quantile(np.abs(np.diff(grey, axis=1)), 0.999))
