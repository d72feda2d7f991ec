"""Published generators at work, and the figures that judge them."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from datasets.folders import pairs, pictures
from datasets.paths import data_folder
from datasets.pictures import read_rgb
from gan_cut import metrics
from gan_cut.__main__ import main
from gan_cut.checkpoints import load_generator
from gan_cut.distil import feature_distance
from gan_cut.inference import Translator
from gan_cut.networks import ResnetGenerator, StudentGenerator, UNet, initialise
from models.core.backends import BACKENDS, pad_to_multiple
from models.core.device import choose_device, choose_precision
from models.core.files import UnknownCheckpoint
from models.core.pictures import to_tensor, to_uint8, write_rgb
from models.core.squeezenet import SqueezeNetFeatures, load_squeezenet
from tests.running import ROOT

BACKBONE = data_folder() / "backbones" / "squeezenet11_caffe_features_fp32.pth"
CLASSIFIER = data_folder() / "backbones" / "squeezenet11_caffe_full_fp16.pth"


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> dict[str, Path]:
    torch.manual_seed(0)
    folder, files = tmp_path_factory.mktemp("weights"), {}
    networks = {
        "full": ResnetGenerator(4, 1),
        "student": StudentGenerator(4, 1),
        "unet": UNet(5, 4, "instance", dropout=False),
    }
    for name, network in networks.items():
        initialise(network, 0.2)
        files[name] = folder / f"{name}.safetensors"
        half = {k: v.half() for k, v in network.state_dict().items()}
        safetensors.torch.save_file(half, files[name])
    return files


def picture(height: int, width: int) -> np.ndarray:
    """Smooth colours, with a bright square."""
    y, x = np.mgrid[0:height, 0:width]
    made = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], -1).astype(np.uint8)
    made[40:90, 60:120] = 250
    return made


@pytest.mark.parametrize("kind", ["full", "student", "unet"])
def test_backends_agree_at_any_size(kind, weights):
    pytest.importorskip("models.core.openvino")
    translators = {name: Translator(weights[kind], name, "cpu", threads=1) for name in BACKENDS}
    for height, width in ((256, 256), (301, 258)):
        results = {n: t(picture(height, width)).astype(int) for n, t in translators.items()}
        exact = results["eager-fp32"]
        assert exact.shape == (height, width, 3) and exact.std() > 5
        for name, result in results.items():
            assert result.shape == exact.shape
            assert np.abs(result - exact).mean() < 3, name


def test_a_translation_is_the_generator_on_the_whole_picture(weights):
    translator = Translator(weights["full"], "eager-fp32", "cpu")
    both = np.stack([picture(256, 320), picture(256, 320)[::-1]])
    with torch.no_grad():
        expected = to_uint8(load_generator(weights["full"])(to_tensor(list(both))))
    assert np.abs(translator(both).astype(int) - expected).max() <= 1
    assert np.abs(translator(both[0]).astype(int) - expected[0]).max() <= 1


@pytest.mark.parametrize(
    "less", [{"ATEN_CPU_CAPABILITY": "avx2"}, {"ONEDNN_MAX_CPU_ISA": "AVX2"}], ids=str
)
def test_nothing_computes_in_bfloat16_where_it_is_emulated(less):
    """It takes several times as long as float32 there."""
    look = (
        "import torch; from models.core.device import choose_precision, mixed_precision;"
        "from models.core.backends import usable;"
        "cpu = torch.device('cpu');"
        "print(usable(cpu), choose_precision('auto', cpu), mixed_precision(cpu)._enabled)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", look],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **less},
    )
    assert answer.stdout.strip() == "['eager-fp32', 'openvino'] fp32 False", answer.stderr


def test_the_backend_is_chosen_by_measure_and_logged(weights, caplog):
    with caplog.at_level(logging.INFO, "models.core.backends"):
        translator = Translator(weights["student"], device="cpu", threads=1)
    assert translator.backend in BACKENDS
    assert f"chosen: {translator.backend}" in caplog.text and "eager-fp32" in caplog.text
    assert translator(picture(256, 256)).shape == (256, 256, 3)


@pytest.mark.parametrize(
    "wrong, said",
    [
        (np.zeros((255, 256, 3), np.uint8), "256 x 255 is outside 256 to 1024"),
        (np.zeros((256, 1025, 3), np.uint8), "1025 x 256 is outside"),
        (np.zeros((256, 256, 4), np.uint8), "expected uint8"),
        (np.zeros((256, 256, 3), np.float32), "expected uint8.*float32"),
    ],
)
def test_other_arrays_are_refused(wrong, said, weights):
    with pytest.raises(ValueError, match=said):
        Translator(weights["full"], "eager-fp32", "cpu")(wrong)


def test_unknown_backends_devices_and_precisions_are_named(weights):
    with pytest.raises(ValueError, match="unknown backend 'tpu'"):
        Translator(weights["full"], "tpu", "cpu")
    with pytest.raises(ValueError, match="unknown device 'tpu'"):
        choose_device("tpu")
    with pytest.raises(ValueError, match="unknown precision 'fp8'"):
        choose_precision("fp8", torch.device("cpu"))


def test_padding_mirrors_the_far_edges():
    padded = pad_to_multiple(np.arange(2 * 5 * 6 * 3, dtype=np.uint8).reshape(2, 5, 6, 3), 4)
    assert padded.shape == (2, 8, 8, 3)
    assert np.array_equal(padded[:, 5:], padded[:, [3, 2, 1]])
    assert np.array_equal(padded[:, :, 6:], padded[:, :, [4, 3]])


def test_frechet_distance_of_known_gaussians():
    # |m|^2 + sum (s_a - s_b)^2 for independent features.
    random = np.random.default_rng(0)
    a = random.normal(0, 1, (40000, 3))
    b = random.normal((1, 0, 2), (1, 3, 0.5), (40000, 3))
    assert metrics.frechet_distance(a, b) == pytest.approx(5 + 4 + 0.25, rel=0.03)
    assert metrics.frechet_distance(a, a) == pytest.approx(0, abs=1e-8)
    # Correlated features of one shape: the same set turned by a right angle.
    turned = a @ np.array([[2, 1, 0], [0, 1, 0], [0, 0, 1.0]])
    assert metrics.frechet_distance(turned, turned + 1) == pytest.approx(3, abs=1e-6)


def test_composition_tells_own_from_other_sources():
    random = np.random.default_rng(0)
    sources = []
    for _ in range(12):
        made = np.full((256, 256, 3), random.integers(40, 90), np.uint8)
        y, x = random.integers(10, 180, 2)
        made[y : y + 60, x : x + 60] = random.integers(150, 250, 3)
        sources.append(made)
    negatives = [255 - p for p in sources]
    light, chance = metrics.composition(sources, sources, metrics.luminance_layout)
    assert light == pytest.approx(1, abs=1e-5) and chance < 0.5
    assert metrics.composition(sources, negatives, metrics.luminance_layout)[0] < -0.99
    edges, chance = metrics.composition(sources, negatives, metrics.edge_layout)
    assert edges > 0.95 and chance < 0.5


def test_diversity_is_a_ratio_of_distances():
    a = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 4.0]])
    assert metrics.mean_distance(a) == pytest.approx(4)
    assert metrics.diversity(a, a / 2) == pytest.approx(0.5)
    assert metrics.diversity(a, np.ones((3, 2))) == 0


@pytest.mark.skipif(not CLASSIFIER.exists(), reason=f"{CLASSIFIER.name} is not on this machine")
def test_squeezenet_knows_what_is_in_a_picture():
    from skimage import data

    network = load_squeezenet(CLASSIFIER)
    tensors = torch.load(CLASSIFIER, weights_only=True)
    names = (CLASSIFIER.parent / "imagenet_labels.txt").read_text().splitlines()
    square = data.chelsea()[:, 75:375]
    shrunk = torch.nn.functional.interpolate(to_tensor([square]), (224, 224), mode="area")
    (features,) = network(shrunk)
    assert features.shape == (1, 512, 13, 13)
    weight, bias = tensors["classifier.1.weight"].float(), tensors["classifier.1.bias"].float()
    scores = torch.nn.functional.conv2d(features, weight, bias).relu().mean((2, 3))
    best = [names[int(i)].lower() for i in scores[0].topk(3).indices]
    assert any("cat" in name or "tabby" in name for name in best), best


def test_other_weights_are_no_squeezenet(tmp_path):
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(UnknownCheckpoint, match="no SqueezeNet 1.1"):
        load_squeezenet(tmp_path / "other.pth")


def test_feature_distance_grows_with_the_difference():
    torch.manual_seed(0)
    network = SqueezeNetFeatures()
    x = torch.rand(2, 3, 48, 48) * 2 - 1
    near, far = (feature_distance(network, x, x + n * torch.randn_like(x)) for n in (0.05, 0.5))
    assert feature_distance(network, x, x).item() == 0 and near < far
    x.requires_grad_(True)
    feature_distance(network, x, -x).backward()
    assert x.grad.abs().sum() > 0


@pytest.mark.skipif(not BACKBONE.exists(), reason=f"{BACKBONE.name} is not on this machine")
def test_evaluation_prints_and_keeps_its_rows(weights, tmp_path, capsys):
    for name, shift in (("captures", 0), ("targets", 90)):
        (tmp_path / name).mkdir()
        for number in range(6):
            turned = np.roll(picture(256, 256), shift + number, axis=1)
            write_rgb(tmp_path / name / f"{number}.png", turned)
    file = tmp_path / "full.safetensors"
    file.write_bytes(weights["full"].read_bytes())
    sides = ["--a", tmp_path / "captures", "--b", tmp_path / "targets", "--device", "cpu"]
    code = main([str(word) for word in ("evaluate", file, *sides)])
    rows = json.loads(file.with_suffix(".evaluation.json").read_text())
    assert code == (0 if all(r["met"] is not False for r in rows) else 1)
    printed = capsys.readouterr().out
    assert all(set(row) == {"name", "value", "unit", "baseline", "goal", "met"} for row in rows)
    for row in rows:
        assert row["name"] in printed and np.isfinite(row["value"])


def test_pictures_in_a_folder_are_translated_each_under_its_name(weights, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    for name, (height, width) in {"tall.jpg": (200, 160), "wide.png": (300, 500)}.items():
        write_rgb(tmp_path / "mine" / name, picture(height, width))
    words = ["translate", weights["full"], "--a", tmp_path / "mine", "--out", tmp_path / "made"]
    words += ["--size", 256, "--device", "cpu"]
    assert main([str(word) for word in words]) == 0
    assert read_rgb(tmp_path / "made/tall.png").shape == (320, 256, 3)
    made = read_rgb(tmp_path / "made/wide.png")
    assert made.shape == (256, 427, 3) and made.std() > 5
    (tmp_path / "mine/more").mkdir()
    write_rgb(tmp_path / "mine/more/wide.png", picture(300, 500))
    assert main([str(word) for word in words]) == 2
    assert "names of pictures come twice" in capsys.readouterr().err


def test_generators_are_laid_side_by_side(weights, tmp_path):
    (tmp_path / "captures").mkdir()
    for number in range(3):
        write_rgb(tmp_path / "captures" / f"{number}.png", np.roll(picture(256, 256), number, 1))
    words = ["sheet", weights["full"], weights["student"], "--a", tmp_path / "captures"]
    words += ["--count", 2, "--device", "cpu", "--out", tmp_path / "sheet.png"]
    assert main([str(word) for word in words]) == 0
    sheet = read_rgb(tmp_path / "sheet.png")
    rows = np.array_split(sheet[4:, 100:292], 3)
    assert sheet.shape[0] > 3 * 192 and all(row.std() > 5 for row in rows)
    assert not any(np.array_equal(rows[0], row) for row in rows[1:])


def test_an_error_of_the_command_line_is_one_line(tmp_path, capsys):
    assert main(["epochs", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"python -m gan_cut: {tmp_path} has no finished epoch\n"


def test_folders_and_published_sets_are_found(tmp_path, monkeypatch):
    for name in ("photo/trainA", "photo/trainB", "photo/testA", "data/art/monet", "empty"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("photo/trainA/1.jpg", "photo/trainB/1.png", "photo/trainB/2.png"):
        (tmp_path / name).touch()
    (tmp_path / "photo/testA/3.JPG").touch()
    (tmp_path / "data/art/monet/lilies.jpg").touch()
    monkeypatch.setenv("MIEN_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    a, b = pictures("photo", side="A"), pictures("photo", side="B")
    assert [p.name for p in a.files] == ["1.jpg"] and len(b.files) == 2
    assert [[p.name for p in side] for side in pairs(a, b)] == [["1.jpg"], ["1.png"]]
    assert pictures("monet").about.origin == "WikiArt"
    for missing in ("nothing", "empty", "landscapes"):
        with pytest.raises(FileNotFoundError):
            pictures(missing)
    with pytest.raises(ValueError, match="come twice"):
        pairs(pictures("."), b)
    with pytest.raises(ValueError, match="no picture of trainA"):
        pairs(pictures("photo/trainA"), pictures("data"))


def test_a_style_and_an_artist_are_parts_of_a_published_set(tmp_path, monkeypatch):
    works = ("Impressionism/claude-monet_lilies.jpg", "Impressionism/alfred-sisley_snow.jpg")
    for work in (*works, "Realism/claude-monet_road.jpg"):
        (tmp_path / "art/wikiart" / work).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "art/wikiart" / work).touch()
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    style = pictures("wikiart:Impressionism")
    assert sorted(p.name for p in style.files) == sorted(work.split("/")[1] for work in works)
    assert style.about.name == "wikiart"
    assert len(pictures("wikiart:claude-monet").files) == 2
    assert len(pictures("wikiart").files) == 3
    both = pictures("wikiart:Realism,alfred-sisley")
    assert [p.name for p in both.files] == ["alfred-sisley_snow.jpg", "claude-monet_road.jpg"]
    assert both.about.what.startswith("Realism, alfred-sisley of about 80,000")
    with pytest.raises(FileNotFoundError, match="neither a folder Cubism nor pictures called Cu"):
        pictures("wikiart:Cubism")


def test_a_folder_may_say_what_it_holds(tmp_path):
    (tmp_path / "1.png").touch()
    assert pictures(tmp_path).about.origin == "not recorded"
    said = dict.fromkeys(("name", "what", "origin", "licence", "terms", "faults", "get"), "known")
    (tmp_path / "about.json").write_text(json.dumps({**said, "files": []}))
    assert pictures(tmp_path).about.terms == "known"
    (tmp_path / "about.json").write_text(json.dumps({"name": "x"}))
    with pytest.raises(ValueError, match="must be an object with the fields name, what"):
        pictures(tmp_path)


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ValueError, match=r"torn\.png is no picture"):
        read_rgb(tmp_path / "torn.png")
