"""How pictures get worse, and a training of toy size that learns the way back."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor, nn
from torch.nn import functional as F

from datasets.paths import data_folder
from datasets.pictures import read_rgb
from models import registry
from models.core.pictures import write_rgb
from models.core.squeezenet import SqueezeNetFeatures
from models.upscaler import evaluate, material
from models.upscaler.degradation import RANGES, degrade, gaussian, sinc
from models.upscaler.files import load_network
from models.upscaler.train import (
    Batches,
    PerceptualLoss,
    Recipe,
    grid_of,
    learn,
    publish,
)
from models.upscaler.ways import bicubic, enlarged

INKS = ((10, 10, 10), (245, 245, 245), (200, 30, 30))
CPU = torch.device("cpu")
TOY = Recipe(
    features=16, convolutions=2, crop=48, batch=8, steps=240, plain=200, seen=4, rate=4e-3,
    perceptual=0.01, even_from=220, average=0.97, every=80,
)  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def strokes(count: int, seed: int, side: int = 128) -> list[np.ndarray]:
    """Pictures of hard-edged strokes, black, white and red, [side, side, 3]."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        picture = np.full((side, side, 3), INKS[random.integers(3)], np.uint8)
        for _ in range(5):
            begin, end = random.integers(0, side, (2, 2)).tolist()
            colour = INKS[random.integers(3)]
            cv2.line(picture, begin, end, colour, side // int(random.integers(3, 8)))
        made.append(picture)
    return made


class Edges(nn.Module):
    """A stand-in for VGG19: differences to the right and down, at two sizes."""

    def forward(self, pictures: Tensor) -> list[Tensor]:
        half = nn.functional.avg_pool2d(pictures, 2)
        return [x.diff(dim=dim) for x in (pictures, half) for dim in (2, 3)]


def away(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


# ------------------------------------------------------------------------------


def test_the_same_seed_makes_a_picture_worse_in_the_same_way():
    picture = strokes(1, 0)[0]
    first = [degrade(picture, 4, np.random.default_rng((5, n))) for n in range(40)]
    again = [degrade(picture, 4, np.random.default_rng((5, n))) for n in range(40)]
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert len({p.tobytes() for p in first}) > 20


def test_a_worsened_picture_is_still_that_picture():
    for number, picture in enumerate(strokes(60, 1)):
        picture = cv2.GaussianBlur(picture, (0, 0), 2)  # nothing finer than a small pixel
        small = degrade(picture, 4, np.random.default_rng(number), clean=0)
        assert small.shape == (32, 32, 3) and small.dtype == np.uint8
        clean = cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA)
        assert away(small, clean) < 40
        assert np.corrcoef(small.ravel(), clean.ravel())[0, 1] > 0.8


def test_a_clean_one_is_only_smaller():
    picture = strokes(1, 2)[0]
    small = degrade(picture, 4, np.random.default_rng(0), clean=1)
    assert (small == cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA)).all()
    shares = [away(degrade(picture, 4, np.random.default_rng(n)), small) == 0 for n in range(300)]
    assert 0.15 < np.mean(shares) < 0.35


def test_each_kind_of_harm_does_harm():
    """One at a time, with everything else switched off."""
    nothing = replace(RANGES[0], blurred=0, noisy=0, compressed=0, size=(1, 1))
    picture = strokes(1, 3)[0]

    def harm(**changes) -> float:
        ranges = (replace(nothing, **changes), nothing)
        pairs = [
            (
                degrade(picture, 4, np.random.default_rng(n), ranges, clean=0),
                degrade(picture, 4, np.random.default_rng(n), (nothing, nothing), clean=0),
            )
            for n in range(12)
        ]
        return float(np.mean([away(*pair) for pair in pairs]))

    for changes in (
        {"blurred": 1, "sigma": (3, 3)},
        {"noisy": 1, "gaussian": (20, 20), "poisson": (8, 8)},
        {"compressed": 1, "quality": (5, 5)},
        {"size": (0.3, 0.3)},
    ):
        assert harm(**changes) > 1.5, changes


def test_uneven_sides_are_refused():
    with pytest.raises(ValueError, match="66 x 64 pixels"):
        degrade(np.zeros((64, 66, 3), np.uint8), 4, np.random.default_rng(0))


def test_kernels():
    for kernel in (gaussian(1.2, 1.2, 0.3), gaussian(0.5, 3, 1), sinc(np.pi / 2), sinc(np.pi)):
        assert kernel.shape == (21, 21) and kernel.sum() == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-6)
    even = gaussian(1.2, 1.2, 0.3)
    np.testing.assert_allclose(even, even.T, atol=1e-6)
    across = gaussian(0.5, 3, 0)  # narrow in x, wide in y
    assert across[14, 10] > 100 * across[10, 14]
    assert sinc(np.pi / 2).min() < -0.005, "it rings"
    # a wave above the cutoff is taken away, one below passes
    x = np.arange(64)
    for frequency, least, most in ((0.6 * np.pi / 2, 0.8, 1.2), (1.6 * np.pi / 2, 0, 0.2)):
        wave = np.cos(frequency * x)[None].repeat(64, 0)
        passed = cv2.filter2D(wave, -1, sinc(np.pi / 2).astype(float))
        assert least <= passed[20:44, 20:44].std() / wave.std() <= most


# ------------------------------------------------------------------------------


def test_crops_come_from_all_groups_at_their_size():
    dark, light = np.zeros((50, 90, 3), np.uint8), np.full((40, 40, 3), 255, np.uint8)
    crops = material.Crops([[dark] * 3, [light], []], 32)
    drawn = [crops.draw(np.random.default_rng(n)) for n in range(60)]
    assert {crop.shape for crop in drawn} == {(32, 32, 3)}
    assert 15 < sum(crop.max() == 0 for crop in drawn) < 45
    with pytest.raises(ValueError, match="a picture of 90 x 50 gives no crop of 64"):
        material.Crops([[dark]], 64)
    with pytest.raises(ValueError, match="no pictures"):
        material.Crops([[]], 32)


def test_squares_cover_the_middle():
    picture = np.arange(70 * 100).reshape(70, 100, 1)
    found = material.squares(picture, 32)
    assert [piece.shape for piece in found] == [(32, 32, 1)] * 6
    assert found[0][0, 0, 0] == picture[3, 2, 0] and found[1][0, 0, 0] == picture[3, 34, 0]


def test_nobody_is_learnt_from_and_judged():
    if not (data_folder() / "art" / "styles").is_dir():
        pytest.skip("the shared data (MIEN_DATA) with art/styles is not here")
    works = material.works()
    learnt = {material.artist(f) for f in (*works.large, *works.small) if "monet" not in str(f)}
    assert not learnt & {*material.CHOOSING, *material.JUDGED}
    assert len(works.large) == 10 and len(works.choosing) == 2 and len(works.judged) == 4
    assert len(works.judged_small) == len(material.JUDGED_SMALL) * material.OF_EACH
    # no name of the other judged artists is among those learnt from
    assert not {name.split("-")[-1] for name in material.JUDGED_SMALL} & learnt
    files = [*works.large, *works.small, *works.choosing, *works.judged, *works.judged_small]
    assert len(files) == len(set(files))


# ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """The weights of a toy training, and its folder."""
    torch.set_num_threads(1)
    run = tmp_path_factory.mktemp("run")
    groups = [strokes(40, 10), strokes(10, 11, 64)]
    write_rgb(run / "shown.png", strokes(1, 12, 256)[0])
    shown = (run / "shown.png",)
    return learn(TOY, groups, shown, PerceptualLoss(Edges()), run, 0, CPU), run


def test_it_learns_to_be_better_than_bicubic(learnt):
    weights, run = learnt
    network = load_network(weights)
    random = np.random.default_rng(0)
    errors = []
    for picture in strokes(12, 99):
        given = degrade(picture, 4, random)
        errors.append((away(bicubic(given), picture), away(enlarged(network, given), picture)))
    plain, ours = np.mean(errors, 0)
    assert ours < 0.93 * plain
    assert (run / "losses.png").is_file()
    sheets = sorted(run.glob("sheet-*.png"))
    assert [file.name for file in sheets] == [
        "sheet-00080.png",
        "sheet-00160.png",
        "sheet-00240.png",
    ]
    assert read_rgb(sheets[-1]).std() > 20


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path, monkeypatch):
    groups, loss = [strokes(4, 10)], PerceptualLoss(Edges())
    recipe = replace(TOY, steps=24, plain=6, even_from=20, every=12)
    at = Batches.at

    class Stopped(Exception):
        pass

    def stop_at(self, step):
        if step == 19:
            raise Stopped
        return at(self, step)

    with monkeypatch.context() as patch:
        patch.setattr(Batches, "at", stop_at)
        with pytest.raises(Stopped):
            learn(recipe, groups, (), loss, tmp_path / "stopped", 0, CPU)
    weights = [learn(recipe, groups, (), loss, tmp_path / f, 0, CPU) for f in ("stopped", "whole")]
    one, other = (load_network(path).state_dict() for path in weights)
    assert all((one[name] == other[name]).all() for name in one)
    with pytest.raises(ValueError, match="holds a training with another seed"):
        learn(recipe, groups, (), loss, tmp_path / "whole", 1, CPU)


def test_the_perceptual_loss_is_a_share_of_what_is_seen():
    loss = PerceptualLoss(Edges())
    wanted = torch.rand(2, 3, 16, 16)
    assert float(loss(wanted, wanted)) == 0
    assert float(loss(torch.full_like(wanted, 0.5), wanted)) == pytest.approx(1, abs=1e-5)
    found = wanted.clone().requires_grad_()
    loss(0.9 * found, wanted).backward()
    assert found.grad.abs().sum() > 0


def test_a_grid_is_seen_and_strokes_are_not():
    random = torch.Generator().manual_seed(0)
    given = torch.rand(2, 3, 16, 16, generator=random)
    plain = F.interpolate(given, scale_factor=4.0, mode="bicubic")
    assert float(grid_of(given, plain)) == 0
    pattern = torch.tensor([[0.0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
    grid = 0.1 * pattern.repeat(16, 16)
    anywhere = 0.1 * (torch.rand(2, 3, 64, 64, generator=random) < 0.25)
    seen, unseen = (float(grid_of(given, plain + more)) for more in (grid, anywhere))
    assert seen == pytest.approx(0.1 * 2 * 0.25 * 0.75)
    assert unseen < 0.15 * seen


# ------------------------------------------------------------------------------


def test_figures_are_those_of_scikit_image():
    one, other = (cv2.GaussianBlur(p, (0, 0), 1) for p in strokes(2, 7))
    assert evaluate.psnr(one, other) == pytest.approx(peak_signal_noise_ratio(one, other))
    greys = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in (one, other)]
    wanted = structural_similarity(
        *greys, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert evaluate.ssim(one, other) == pytest.approx(wanted, abs=1e-3)
    assert evaluate.ssim(one, one) == pytest.approx(1) and evaluate.psnr(one, one) == 100


def test_the_feature_distance_grows_with_the_blur():
    torch.manual_seed(0)
    backbone = SqueezeNetFeatures()
    picture = strokes(1, 8)[0]
    blurs = [cv2.GaussianBlur(picture, (0, 0), sigma) for sigma in (0.5, 1, 2, 4)]
    far = [evaluate.feature_distance(backbone, blur, picture) for blur in (picture, *blurs)]
    assert far[0] == 0 and all(a < b for a, b in pairwise(far))


def made_rows(ours: float) -> list[dict]:
    figures = {"psnr": 30.0, "ssim": 0.9}
    return [
        {"pictures": "some", "given": given, "by": by, "distance": distance, **figures}
        for given in ("clean", "worsened")
        for by, distance in (("bicubic", 0.5), ("upscaler", ours))
    ]


def test_only_what_is_better_is_published(learnt, tmp_path):
    weights, _ = learnt
    works = material.Works((), (), (), (), ())
    with pytest.raises(registry.ModelError, match="not published"):
        publish(weights, TOY, 0, works, made_rows(0.5), tmp_path)
    assert not list(tmp_path.iterdir())
    publish(weights, TOY, 0, works, made_rows(0.4), tmp_path)
    card = registry.card("upscaler", tmp_path)
    registry.check("upscaler", tmp_path)
    assert card["command"] == "python -m models train upscaler --seed 0"
    assert card["terms"] and [entry["name"] for entry in card["data"]] == ["styles", "monet"]
    page = (tmp_path / "upscaler.card.md").read_text(encoding="utf-8")
    assert "| some | worsened | upscaler | 0.4000 | 30.00 | 0.900 |" in page
    one, other = (load_network(p).state_dict() for p in (weights, tmp_path / card["file"]))
    assert all((one[name] == other[name]).all() for name in one)
