"""Emotional style: its losses by hand, its network, and a toy training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from datasets import style_works
from datasets.paths import DataMissing
from datasets.pictures import read_rgb
from gan_cut.__main__ import main
from gan_cut.batches import Crops
from gan_cut.publish import publish
from gan_cut.style import (
    CONTENT_LEVEL,
    Style,
    StyleNetwork,
    StyleSettings,
    burnt_loss,
    content_loss,
    draw_mixtures,
    gram,
    light_loss,
    load_style,
    mixed_style,
    style_loss,
    style_of,
    style_of_works,
    total_variation,
    with_grain,
)
from gan_cut.style_evaluate import evaluate_style
from gan_cut.stylist import Stylist
from gan_cut.train import TrainSettings, train
from models.core.backends import BACKENDS
from models.core.emotions import EXPRESSIONS
from models.core.files import UnknownCheckpoint, half_precision
from models.core.pictures import write_rgb
from models.core.run import Run
from models.core.squeezenet import SqueezeNetFeatures
from models.core.vgg import VGGFeatures

SMALL = {"width": 4, "blocks": 1}
COLOURS = {"red": (210, 60, 40), "blue": (30, 60, 190), "grey": (128, 128, 128)}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


def plain(colour: tuple, size: int = 32) -> np.ndarray:
    """A work of one colour with a little grain."""
    grain = np.random.default_rng(0).integers(-15, 16, (size, size, 1))
    return (np.array(colour) + grain).clip(0, 255).astype(np.uint8)


def captures(count: int, size: int = 32) -> list[np.ndarray]:
    """A light half above a dark one, each at another height."""
    heights = np.random.default_rng(1).integers(size // 4, 3 * size // 4, count)
    rows = np.arange(size)[:, None, None]
    return [
        np.where(rows < height, 200, 70).repeat(size, 1).repeat(3, 2).astype(np.uint8)
        for height in heights
    ]


def backbone() -> VGGFeatures:
    """VGG19's shape with few channels and random weights."""
    network = VGGFeatures((8, 8, 8, 8, 8))
    torch.nn.init.dirac_(network.first.weight)
    for stage in network.stages:
        for convolution in stage:
            torch.nn.init.orthogonal_(convolution.weight, 1.4)
            torch.nn.init.constant_(convolution.bias, 0.05)
    return network


def network(styles: int = 7, **changes) -> StyleNetwork:
    """Untrained, but every style differs."""
    made = StyleNetwork(**{**SMALL, "styles": styles, **changes}).eval()
    with torch.no_grad():
        for name, weights in made.named_parameters():
            if ".norm." in name:
                weights.add_(torch.randn_like(weights))
    return made


@pytest.fixture
def weights(tmp_path) -> Path:
    """A file with all seven styles."""
    file = tmp_path / "style.safetensors"
    safetensors.torch.save_file(half_precision(network()), file)
    return file


@pytest.fixture
def unmeasured(monkeypatch):
    """PyTorch paints: nothing is compiled and measured to choose the fastest."""
    monkeypatch.setattr("gan_cut.stylist.usable", lambda device: ["eager-fp32"])


def method(works: dict | None = None, **changes) -> Style:
    works = works or {name: [plain(colour)] for name, colour in COLOURS.items()}
    return Style(StyleSettings(**{**SMALL, "rate": 5e-3, **changes}), [backbone()], works)


# --- losses --------------------------------------------------------------------


def test_gram_by_hand():
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, 0.0]]]])  # 2 channels of 1 x 2 places
    wanted = torch.tensor([[[5.0, 3.0], [3.0, 9.0]]]) / (2 * 1 * 2)
    assert torch.allclose(gram(features), wanted)


def test_gram_does_not_ask_where():
    features = torch.rand(2, 5, 6, 7)
    elsewhere = features.flatten(2)[:, :, torch.randperm(42)].view(2, 5, 6, 7)
    assert torch.allclose(gram(features), gram(elsewhere), atol=1e-6)


def test_style_loss_by_hand():
    made = [(torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]), torch.tensor([[1.0, 2.0]]))]
    wanted = [(torch.tensor([[[3.0, 0.0], [0.0, 4.0]]]), torch.tensor([[1.0, 0.0]]))]
    # ((1-3)² + (1-4)²) / (3² + 4²) + 2² / 1²
    assert style_loss(made, wanted).item() == pytest.approx(13 / 25 + 4)
    assert style_loss(wanted, wanted) == 0
    # a second level without any difference halves the mean
    assert style_loss(made + wanted, wanted + wanted).item() == pytest.approx((13 / 25 + 4) / 2)


def test_content_loss_by_hand():
    made, source = torch.zeros(2, 1, 1, 2), torch.tensor([[[[3.0, 4.0]]], [[[1.0, 1.0]]]])
    made[1] = 3.0
    assert content_loss(made, source).item() == pytest.approx((1 + 8 / 2) / 2)


def test_total_variation_by_hand():
    picture = torch.tensor([[[[0.0, 1.0], [0.0, -1.0]]]])
    assert total_variation(picture).item() == pytest.approx((1 + 1) / 2 + (0 + 2) / 2)


def test_light_loss_asks_what_is_lighter_not_how_light():
    source = torch.from_numpy(np.stack(captures(3))).permute(0, 3, 1, 2).float() / 127.5 - 1
    assert light_loss(0.3 * source + 0.2, source).item() == pytest.approx(0, abs=1e-3)
    assert light_loss(-source, source).item() == pytest.approx(2, abs=1e-2), "a negative"
    assert light_loss(source.flip(2), source) > 1
    # nothing is lighter in a flat picture: no gradient that is no number
    flat = torch.zeros(1, 3, 32, 32, requires_grad=True)
    light_loss(flat, flat.detach()).backward()
    assert torch.isfinite(flat.grad).all()


def test_what_is_burnt_out_is_brought_back():
    raw = torch.tensor([[-40.0, -1.0, 0.5, 4.0]], requires_grad=True)
    loss = burnt_loss(raw)
    assert loss.item() == pytest.approx((38**2 + 2**2) / 4)
    loss.backward()
    assert raw.grad[0, 0] < 0 < raw.grad[0, 3] and not raw.grad[0, 1:3].any()


def test_between_two_styles_the_wanted_is_between():
    styles = style_of_works(backbone(), [[plain(c)] for c in COLOURS.values()])
    (half_gram, half_mean), *_ = mixed_style(torch.tensor([[0.25, 0.75, 0.0]]), styles)
    (grams, means), *_ = styles
    assert torch.allclose(half_gram[0], 0.25 * grams[0] + 0.75 * grams[1])
    assert torch.allclose(half_mean[0], 0.25 * means[0] + 0.75 * means[1])


def test_a_style_of_two_works_is_their_mean():
    features, (one, other) = backbone(), (plain(COLOURS["red"]), plain(COLOURS["blue"], 48))
    both = style_of_works(features, [[one, other]])
    alone = style_of_works(features, [[one], [other]])
    for (g, m), (grams, means) in zip(both, alone, strict=True):
        assert torch.allclose(g[0], grams.mean(0)) and torch.allclose(m[0], means.mean(0))


def test_drawn_mixtures():
    mixtures = torch.cat([draw_mixtures(3, 7, between=0.3) for _ in range(400)])
    assert torch.allclose(mixtures.sum(1), torch.ones(1200)) and (mixtures >= 0).all()
    assert (mixtures > 0).sum(1).max() == 2
    assert 0.25 < ((mixtures > 0).sum(1) == 2).float().mean() < 0.35
    assert (mixtures.mean(0) - 1 / 7).abs().max() < 0.03
    assert torch.equal(draw_mixtures(4, 1, 0.5), torch.ones(4, 1))


# --- network -------------------------------------------------------------------


def test_a_corner_of_the_mixture_is_that_style_alone():
    seven, x = network(), torch.rand(1, 3, 32, 24) * 2 - 1
    for style in (0, 4):
        alone = StyleNetwork(**SMALL, styles=1).eval()
        alone.load_state_dict(
            {
                name: tensor[style : style + 1] if ".norm." in name else tensor
                for name, tensor in seven.state_dict().items()
            }
        )
        with torch.no_grad():
            mixed = seven(x, torch.eye(7)[style][None])
            assert torch.allclose(mixed, alone(x, torch.ones(1, 1)), atol=1e-5)


def test_mixing_is_continuous():
    seven, x = network(), torch.rand(1, 3, 32, 32) * 2 - 1
    one, other = torch.eye(7)[[0, 3]]
    with torch.no_grad():
        path = [seven(x, ((1 - s) * one + s * other)[None]) for s in np.linspace(0, 1, 65)]
    steps = [(b - a).abs().mean().item() for a, b in zip(path, path[1:], strict=False)]
    whole = (path[-1] - path[0]).abs().mean().item()
    assert whole > 0.05
    assert max(steps) < 0.2 * whole


def test_a_map_of_one_mixture_everywhere_is_that_mixture():
    seven, x = network(), torch.rand(2, 3, 32, 40) * 2 - 1
    mixture = torch.softmax(torch.randn(2, 7), 1)
    with torch.no_grad():
        plain_map = mixture[:, :, None, None].expand(2, 7, 3, 5)
        assert torch.allclose(seven(x, mixture), seven(x, plain_map), atol=1e-5)


def test_a_map_changes_the_style_from_place_to_place():
    seven, x = network(), torch.rand(1, 3, 32, 128) * 2 - 1
    left, right = torch.eye(7)[[1, 5]]
    with torch.no_grad():
        both = seven(x, torch.stack([left, right], 1)[None, :, None])
        one, other = seven(x, left[None]), seven(x, right[None])
    difference = [(both - whole).abs().mean((0, 1, 2)) for whole in (one, other)]
    assert difference[0][:16].mean() < difference[1][:16].mean()
    assert difference[1][-16:].mean() < difference[0][-16:].mean()


def test_a_file_gives_the_network_back(tmp_path):
    made, file = network(5, width=6, blocks=2), tmp_path / "five.safetensors"
    safetensors.torch.save_file(half_precision(made), file)
    read = load_style(file)
    assert read.styles == 5 and len(read.blocks) == 2 and not read.training
    x, mixture = torch.rand(1, 3, 16, 16) * 2 - 1, torch.eye(5)[:1]
    with torch.no_grad():
        assert torch.allclose(read(x, mixture), made(x, mixture), atol=2e-2)
        assert not torch.allclose(read(x, mixture), made(x, torch.eye(5)[1:2]), atol=2e-2)


def test_grain_is_kept_with_the_network_and_the_same_for_a_seed(tmp_path):
    flat, file = np.zeros((1, 40, 52, 3), np.uint8), tmp_path / "style.safetensors"
    assert (with_grain(network(), flat) == flat).all(), "those of before had none"
    safetensors.torch.save_file(half_precision(network(grain=0.1)), file)
    rough = with_grain(load_style(file), flat)
    assert rough.shape == flat.shape and 2 < rough.std() < 20
    assert (rough == rough[..., :1]).all(), "grey"
    assert (with_grain(load_style(file), flat) == rough).all()
    assert (with_grain(load_style(file), flat, seed=1) != rough).any()
    smooth = rough.astype(float).reshape(8, 5, 13, 4, 3).mean((1, 3)).std()
    assert smooth > 0.3 * rough.std(), "broad grain, too"
    # what is painted on a flat ground is no longer flat
    painted = Stylist(file, "eager-fp32", "cpu")(flat[0], np.eye(7)[0])
    assert painted[8:-8, 8:-8].std() > 2


def test_other_files_are_refused(tmp_path):
    file = tmp_path / "other.safetensors"
    safetensors.torch.save_file({"stem.1.weight": torch.zeros(2)}, file)
    with pytest.raises(UnknownCheckpoint, match="no emotional style network"):
        load_style(file)
    with pytest.raises(FileNotFoundError):
        load_style(tmp_path / "absent.safetensors")


# --- stylist -------------------------------------------------------------------


def test_every_back_end_paints_the_same(weights):
    pytest.importorskip("models.core.openvino")
    ends = [Stylist(weights, name, "cpu") for name in BACKENDS]
    random = np.random.default_rng(0)
    mixture = random.dirichlet(np.ones(7)).astype(np.float32)
    sizes = ((64, 64), (51, 90))
    for size, given in zip(sizes, (mixture, np.stack([[mixture, np.eye(7)[2]]])), strict=True):
        picture = random.integers(0, 256, (*size, 3), np.uint8)
        exact, *others = (end(picture, given).astype(int) for end in ends)
        assert exact.shape == (*size, 3) and exact.std() > 3
        assert all(np.abs(exact - other).mean() < 4 for other in others)


def test_the_stylist_chooses_a_back_end_and_refuses_what_it_cannot_paint(weights):
    stylist = Stylist(weights)
    assert stylist.backend in BACKENDS
    picture, mixture = np.zeros((40, 40, 3), np.uint8), np.eye(7)[0]
    assert stylist(picture, mixture).dtype == np.uint8
    for wrong, shares in (
        (picture.astype(float), mixture),
        (picture[..., 0], mixture),
        (picture[:20], mixture),
        (picture, np.ones(6)),
        (picture, np.ones((2, 7))),
        (picture, -mixture),
        (picture, np.full(7, np.nan)),
    ):
        with pytest.raises(ValueError):
            stylist(wrong, shares)


# --- training ------------------------------------------------------------------


def test_a_toy_style_is_learned():
    painter = method(content_weight=0.05, rate=2e-3)
    batch = torch.from_numpy(np.stack(captures(16))).permute(0, 3, 1, 2).float() / 127.5 - 1

    def distance() -> np.ndarray:
        """Of what each style makes to what each style wants."""
        painter.generator.eval()
        with torch.no_grad():
            made = [painter.generator(batch, c.expand(16, 3)) for c in torch.eye(3)]
            of_made = [style_of(painter.features[0](m)) for m in made]
        painter.generator.train()
        return np.array(
            [
                [
                    style_loss(m, mixed_style(c.expand(16, 3), painter.wanted[0])).item()
                    for c in torch.eye(3)
                ]
                for m in of_made
            ]
        )

    before = distance()
    for _ in range(120):
        losses = painter.step(batch[torch.randint(16, (4,))])
    after = distance()
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert np.diag(after).mean() < 0.4 * np.diag(before).mean()
    assert (after.argmin(0) == np.arange(3)).all(), "each is best met by what is made for it"


def test_content_is_held_by_its_weight():
    weights = {"rate": 1e-3, "light_weight": 0.0}
    held, free = (method(content_weight=weight, **weights) for weight in (20.0, 0.0))
    batch = torch.from_numpy(np.stack(captures(4))).permute(0, 3, 1, 2).float() / 127.5 - 1
    for painter in (held, free):
        torch.manual_seed(0)
        for _ in range(50):
            painter.step(batch)
    left = []
    for painter in (held, free):
        with torch.no_grad():
            made = painter.generator(batch, torch.eye(3)[[0, 1, 2, 0]])
            levels = [painter.features[0](x)[CONTENT_LEVEL] for x in (made, batch)]
        left.append(content_loss(*levels).item())
    assert left[0] < 0.85 * left[1]


def test_a_network_of_other_styles_is_refused():
    with pytest.raises(ValueError, match="7 styles cannot learn 3"):
        Style(
            StyleSettings(**SMALL),
            [backbone()],
            {name: [plain(colour)] for name, colour in COLOURS.items()},
            generator=network(),
        )


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path):
    files = []
    for number, capture in enumerate(captures(6)):
        files.append(tmp_path / f"{number}.png")
        write_rgb(files[-1], capture)
    settings = TrainSettings(crop=32, load=32, epochs=2, decay=1, epoch_steps=3, average=0.5)

    def go(run: str, stops: list[int]) -> dict:
        done = iter(range(1, 100))
        torch.manual_seed(3)
        painter = method()
        crops = Crops(files, None, 32, 32, batch=2, seed=0)
        held_out = [read_rgb(files[0])]
        train(painter, crops, tmp_path / run, settings, held_out, None, lambda: next(done) in stops)
        return painter.state_dict()

    whole = go("whole", [])
    go("parts", [2])
    parts = go("parts", [])
    for name, tensor in whole["networks"]["generator"].items():
        assert torch.equal(tensor, parts["networks"]["generator"][name]), name
    newest = [Run(tmp_path / run).weights(2).read_bytes() for run in ("whole", "parts")]
    assert newest[0] == newest[1]
    # a row for each of three styles, two between them, and the captures
    sheet = read_rgb(Run(tmp_path / "whole").sheet(2))
    assert sheet.shape[0] // 196 == 6


def test_from_the_command_line_to_a_published_network_of_ones_own_picture(
    tmp_path, monkeypatch, unmeasured
):
    pictures, work, file = tmp_path / "views", tmp_path / "mine.png", tmp_path / "vgg.pth"
    pictures.mkdir()
    for number, capture in enumerate(captures(6)):
        write_rgb(pictures / f"{number}.png", capture)
    write_rgb(work, plain(COLOURS["red"], 40))
    monkeypatch.setattr("gan_cut.commands.training.find", lambda *_: file)
    monkeypatch.setattr("gan_cut.commands.training.load_vgg", lambda _: backbone())
    run = tmp_path / "run"
    options = "--width 4 --blocks 1 --work-size 32 --crop 32 --load 32 --epochs 1 --decay 1"
    command = ["train", "style", "--a", str(pictures), "--works", str(work), "--run", str(run)]
    rest = "--epoch-steps 2 --held-out 2 --average 0.5 --device cpu --precision fp32"
    assert main([*command, *options.split(), *rest.split()]) == 0
    published, card_file = publish(Run(run), 1, "mine", tmp_path)
    card = json.loads(card_file.read_text())
    assert card["what"].startswith("StyleNetwork trained by style")
    assert [entry["what"] for entry in card["data"] if entry["used_as"] == "works"] == ["own: mine"]
    painting = tmp_path / "painting.png"
    stylise = ["stylise", str(published), str(pictures / "0.png"), "--out", str(painting)]
    assert main([*stylise, "--device", "cpu"]) == 0
    assert read_rgb(painting).shape == (32, 32, 3)
    assert main([*stylise, "--emotion", "happy"]) == 2, "it has one style"
    sheet = ["sheet-style", str(published), "--a", str(pictures), "--out", str(painting)]
    assert main(sheet) == 2


def test_stylise_names_the_choices(weights, tmp_path, capsys, unmeasured):
    picture, out = tmp_path / "picture.png", tmp_path / "out.png"
    write_rgb(picture, captures(1)[0])
    stylise = ["stylise", str(weights), str(picture), "--out", str(out), "--emotion"]
    assert main([*stylise, "joy"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in EXPRESSIONS)
    assert main([*stylise, "happy=0.6,surprise=0.4", "--size", "40"]) == 0
    assert read_rgb(out).shape == (40, 40, 3)


def test_a_sheet_of_all_expressions(weights, tmp_path):
    write_rgb(tmp_path / "0.png", captures(1)[0])
    out = tmp_path / "sheets" / "all.png"
    out.parent.mkdir()
    sheet = ["sheet-style", str(weights), "--a", str(tmp_path), "--out", str(out)]
    assert main([*sheet, "--cell", "32"]) == 0
    assert read_rgb(out).shape[0] == 14 * 36 + 4  # captures, seven styles, six between


def test_figures_of_a_network(tmp_path, monkeypatch, unmeasured):
    monkeypatch.setattr("gan_cut.style_evaluate.PAIRED", 1)
    file = tmp_path / "three.safetensors"
    safetensors.torch.save_file(half_precision(network(3)), file)
    works = {name: [plain(colour, 64)] for name, colour in COLOURS.items()}
    rows = evaluate_style(file, captures(2, 64), works, SqueezeNetFeatures(), "cpu")
    figures = {row["name"]: row for row in rows}
    assert len(figures) == len(rows) and all(np.isfinite(row["value"]) for row in rows)
    assert json.loads(json.dumps(rows)) == rows
    nearest = next(row for row in rows if row["goal"])
    assert nearest["baseline"] == pytest.approx(100 / 3, abs=1e-3)
    assert {f"… {name}" for name in COLOURS} <= figures.keys()
    with pytest.raises(ValueError, match="3 styles, not 2"):
        evaluate_style(file, captures(1, 64), dict(list(works.items())[:2]), SqueezeNetFeatures())


def test_the_chosen_works_are_four_to_six_of_the_sets_for_every_expression():
    assert tuple(style_works.CHOSEN) == EXPRESSIONS
    assert all(4 <= len(files) <= 6 for files in style_works.CHOSEN.values())
    every = [file for files in style_works.CHOSEN.values() for file in files]
    assert len(set(every)) == len(every), "no work stands for two expressions"
    try:
        works = style_works.chosen()
    except DataMissing as problem:
        pytest.skip(str(problem))
    for work in (work for of_style in works.values() for work in of_style):
        assert work.file.is_file() and "filename" not in work.name
    assert style_works.as_set(works).about.name == "styles, styles_large"


def test_two_networks_that_compare_count_alike():
    one, other = backbone(), backbone()
    other.stages = other.stages[:3]  # as VGG19 up to relu3_1
    batch = torch.from_numpy(np.stack(captures(2))).permute(0, 3, 1, 2).float() / 127.5 - 1
    losses = []
    for features in ([one], [other], [one, other]):
        torch.manual_seed(0)
        works = {name: [plain(colour)] for name, colour in COLOURS.items()}
        painter = Style(StyleSettings(**SMALL), features, works)
        losses.append(painter.step(batch))
    for name in ("content", "style"):
        alone, beside, both = (of[name].item() for of in losses)
        assert both == pytest.approx((alone + beside) / 2, rel=1e-4)
