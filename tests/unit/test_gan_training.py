"""Trainings of toy size: they learn, they go on as if never interrupted, they publish."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets.paths import write_whole
from datasets.pictures import read_rgb
from gan_cut.__main__ import main
from gan_cut.batches import Crops
from gan_cut.checkpoints import load_generator
from gan_cut.distil import Distillation, DistilSettings
from gan_cut.methods import (
    CUT,
    CUTSettings,
    CycleGAN,
    CycleGANSettings,
    FastCUTSettings,
    Pix2Pix,
    Pix2PixSettings,
)
from gan_cut.networks import ResnetGenerator, UNet
from gan_cut.publish import publish
from gan_cut.train import TrainSettings, rate_factor, train
from models.core.pictures import write_rgb
from models.core.run import Run
from models.core.squeezenet import SqueezeNetFeatures

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"width": 8, "discriminator_width": 8, "rate": 1e-3}
DARK = {"ground": (50, 50, 100), "ink": (230, 140, 60)}
LIGHT = {"ground": (217, 217, 166), "ink": (50, 153, 230)}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def discs(count: int, seed: int, ground: tuple, ink: tuple, size: int = 32) -> list[np.ndarray]:
    """Pictures of one disc each; the same seed gives the same discs in other colours."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / size
    made = []
    for _ in range(count):
        cx, cy, radius = random.uniform((0.2, 0.2, 0.12), (0.8, 0.8, 0.27))
        inside = (x - cx) ** 2 + (y - cy) ** 2 < radius**2
        made.append(np.where(inside[..., None], ink, ground).astype(np.uint8))
    return made


def tensor(pictures: list[np.ndarray]) -> torch.Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


@pytest.fixture
def folders(tmp_path) -> tuple[Path, Path]:
    for name, colours in (("dark", DARK), ("light", LIGHT)):
        (tmp_path / name).mkdir()
        for number, picture in enumerate(discs(12, 0, size=40, **colours)):
            write_rgb(tmp_path / name / f"{number:02}.png", picture)
    return tmp_path / "dark", tmp_path / "light"


def cut(kind=CUTSettings, **changes) -> CUT:
    small = {**SMALL, "blocks": 2, "nce_layers": (0, 4, 8, 12), "patches": 64}
    return CUT(kind(**{**small, **changes}))


LEARNERS = {
    # method, steps, share of the first distance that may be left
    "cut": (cut, 50, 0.7),
    "cyclegan": (lambda: CycleGAN(CycleGANSettings(blocks=1, **SMALL)), 40, 0.4),
    "pix2pix": (lambda: Pix2Pix(Pix2PixSettings(downs=5, **SMALL)), 40, 0.4),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_a_toy_translation_is_learned(name):
    make, steps, share = LEARNERS[name]
    torch.manual_seed(0)
    method = make()
    a, b = tensor(discs(64, 0, **DARK)), tensor(discs(64, 0, **LIGHT))
    unseen, truth = tensor(discs(16, 2, **DARK)), tensor(discs(16, 2, **LIGHT))

    def distance() -> float:
        method.generator.eval()
        with torch.no_grad():
            found = (method.generator(unseen) - truth).abs().mean().item()
        method.generator.train()
        return found

    before = distance()
    for _ in range(steps):
        chosen = torch.randint(64, (4,))
        partners = chosen if name == "pix2pix" else torch.randint(64, (4,))
        losses = method.step(a[chosen], b[partners])
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert distance() < share * before


def test_fastcut_compares_patches_of_the_mirrored_picture():
    torch.manual_seed(0)
    method = cut(FastCUTSettings)
    assert method.settings.nce_weight == 10 and not method.settings.nce_identity
    a, b = tensor(discs(16, 0, **DARK)), tensor(discs(16, 1, **LIGHT))
    nce = [method.step(a[n % 16][None], b[n % 16][None])["nce"].item() for n in range(40)]
    assert np.mean(nce[-8:]) < 0.85 * np.mean(nce[:4])


def test_a_student_comes_nearer_to_its_teacher():
    torch.manual_seed(0)

    class Negative(torch.nn.Module):
        def forward(self, x):
            return -x

    settings = DistilSettings(width=8, blocks=1, rate=5e-3)
    method = Distillation(settings, Negative(), SqueezeNetFeatures())
    a = tensor(discs(32, 0, **DARK))
    first = method.step(a[:4])
    for _ in range(30):
        last = method.step(a[torch.randint(32, (4,))])
    assert last["l1"] < 0.5 * first["l1"]
    assert last["features"] < first["features"]


@pytest.mark.parametrize("method", [CUT, CycleGAN, Pix2Pix])
def test_fine_tuning_starts_at_the_given_generator(method):
    torch.manual_seed(0)
    given = ResnetGenerator(8, 5)
    before = {name: tensor.clone() for name, tensor in given.state_dict().items()}
    settings = {
        CUT: CUTSettings(**SMALL),
        CycleGAN: CycleGANSettings(blocks=1, **SMALL),
        Pix2Pix: Pix2PixSettings(**SMALL),
    }[method]
    started = method(settings, generator=given).generator
    assert all(torch.equal(started.state_dict()[k], v) for k, v in before.items())
    assert len(started.model) == len(ResnetGenerator(8, 5).model)


def test_cut_refuses_a_generator_without_layers_to_compare():
    with pytest.raises(ValueError, match="ResNet generator, not a UNet"):
        CUT(CUTSettings(**SMALL), generator=UNet(5, 4))
    with pytest.raises(ValueError, match="beyond this generator's"):
        CUT(CUTSettings(blocks=2, nce_layers=(0, 40), **SMALL))


RESUMED = {
    "cut": (cut, False),
    "cyclegan": (lambda: CycleGAN(CycleGANSettings(blocks=1, pool=3, **SMALL)), False),
    "pix2pix": (lambda: Pix2Pix(Pix2PixSettings(downs=5, **SMALL)), True),
}


@pytest.mark.parametrize("name", RESUMED)
def test_an_interrupted_training_ends_as_an_uninterrupted_one(name, folders, tmp_path):
    make, paired = RESUMED[name]
    settings = TrainSettings(crop=32, load=36, epochs=3, decay=2, epoch_steps=4, average=0.5)
    a, b = (sorted(folder.iterdir()) for folder in folders)
    held_out = [read_rgb(path) for path in a[:2]]

    def go(run: str, stops: list[int]):
        done = iter(range(1, 100))
        torch.manual_seed(7)
        method = make()
        crops = Crops(a[2:], b[2:], 32, 36, batch=2, seed=0, paired=paired)
        train(method, crops, tmp_path / run, settings, held_out, None, lambda: next(done) in stops)
        return method

    whole = go("whole", [])
    go("parts", [3])
    go("parts", [4])
    parts = go("parts", [])
    assert flat(whole.state_dict()).keys() == flat(parts.state_dict()).keys()
    for key, value in flat(whole.state_dict()).items():
        assert equal(value, flat(parts.state_dict())[key]), key
    for epoch in (1, 2, 3):
        files = [Run(tmp_path / run).weights(epoch) for run in ("whole", "parts")]
        assert files[0].read_bytes() == files[1].read_bytes()
        assert read_rgb(Run(tmp_path / "parts").sheet(epoch)).shape[2] == 3
    state = torch.load(tmp_path / "parts" / "state.pt", weights_only=True)
    assert state["step"] == 12 and [row["step"] for row in state["history"]] == list(range(1, 13))
    assert (tmp_path / "parts" / "losses.png").stat().st_size > 0


def flat(state, prefix: str = "") -> dict:
    if isinstance(state, dict):
        items = state.items()
    elif isinstance(state, list):
        items = enumerate(state)
    else:
        return {prefix: state}
    return {k: v for name, part in items for k, v in flat(part, f"{prefix}/{name}").items()}


def equal(a, b) -> bool:
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


def command(run: Path, folders: tuple[Path, Path], *more: str) -> list[str]:
    sizes = "--width 4 --blocks 1 --discriminator-width 4 --nce-layers 0 4 --patches 16"
    times = "--crop 32 --load 32 --epochs 10 --decay 2 --epoch-steps 2 --held-out 2 --threads 1"
    start = [sys.executable, "-m", "gan_cut", "train", "cut", "--a", folders[0], "--b", folders[1]]
    return [str(s) for s in (*start, "--run", run, *sizes.split(), *times.split(), *more)]


@pytest.mark.slow
def test_a_killed_training_is_repeated_to_the_same_end(folders, tmp_path):
    where = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 120}
    whole, killed = Run(tmp_path / "whole"), Run(tmp_path / "killed")
    process = subprocess.Popen(command(killed.path, folders), cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 100
    while not killed.weights(2).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert 2 <= len(killed.epochs()) < 10, "it was to be killed in the middle"
    for run in (whole, killed):
        done = subprocess.run(command(run.path, folders), **where)
        assert done.returncode == 0, done.stderr
    assert killed.weights(10).read_bytes() == whole.weights(10).read_bytes()

    other = subprocess.run(command(whole.path, folders, "--rate", "0.1"), **where)
    assert other.returncode == 2 and "other settings" in other.stderr

    assert main(["epochs", str(whole.path)]) == 0
    assert read_rgb(whole.path / "epochs.png").shape[0] > 11 * 192


def test_a_slice_of_minutes_keeps_where_it_was(folders, tmp_path, capsys):
    words = command(tmp_path / "run", folders)[3:]
    assert main([*words, "--minutes", "0", "--device", "cpu"]) == 0
    assert "goes on with" in capsys.readouterr().out
    run = Run(tmp_path / "run")
    assert torch.load(run.state, weights_only=True)["step"] == 1 and not run.epochs()
    assert main([*words, "--minutes", "5", "--device", "cpu"]) == 0
    assert "goes on with" not in capsys.readouterr().out and run.epochs()[-1] == 10


def test_files_are_whole_or_not_there(tmp_path):
    file = tmp_path / "state.pt"
    write_whole(file, lambda new: new.write_text("first"))

    def fail(new: Path) -> None:
        new.write_text("sec")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(file, fail)
    assert file.read_text() == "first"


def test_the_rate_falls_to_zero_over_the_last_epochs():
    settings = TrainSettings(epochs=10, decay=4)
    factors = [rate_factor(settings, step, 10) for step in range(100)]
    assert factors[:61] == [1.0] * 61
    assert factors[80] == pytest.approx(0.5) and factors[99] == pytest.approx(1 / 40)


def test_a_loss_that_is_no_number_stops_the_training(folders, tmp_path):
    a, b = (sorted(folder.iterdir()) for folder in folders)
    method = cut(rate=1e30)
    settings = TrainSettings(crop=32, load=32, epochs=2, epoch_steps=8)
    crops = Crops(a, b, 32, 32, batch=1, seed=0)
    with pytest.raises(FloatingPointError, match=r"is (nan|inf) at step"):
        train(method, crops, tmp_path / "run", settings, [read_rgb(a[0])])


def test_crops_follow_from_seed_and_step(folders):
    a, b = (sorted(folder.iterdir()) for folder in folders)
    crops = Crops(a, b, 24, 36, batch=3, seed=5)
    again = list(Crops(a, b, 24, 36, batch=3, seed=5).stream(2, 5))
    assert len(again) == 3
    for step, batch in enumerate(again, 2):
        assert all(torch.equal(x, y) for x, y in zip(crops.at(step), batch, strict=True))
    assert not torch.equal(crops.at(0)[0], Crops(a, b, 24, 36, 3, seed=6).at(0)[0])
    seen = [crops.order(0, len(a), number) for number in range(2 * len(a))]
    assert sorted(seen[: len(a)]) == sorted(seen[len(a) :]) == list(range(len(a)))
    assert crops.at(0)[0].shape == (3, 3, 24, 24) and crops.at(0)[0].abs().max() <= 1


def test_squeezed_squares_of_b_are_widened_by_chance(tmp_path):
    """Rings: in a widened picture a row is crossed by as many, but they are further apart."""
    y, x = np.mgrid[-24:24, -24:24]
    rings = np.where(np.hypot(x, y) % 8 < 4, 255, 0).astype(np.uint8)[..., None].repeat(3, 2)
    write_rgb(tmp_path / "square.png", rings)
    write_rgb(tmp_path / "wide.png", np.concatenate([rings, rings], 1))
    square, wide = ([tmp_path / f"{name}.png"] for name in ("square", "wide"))

    def changes(files, stretch) -> set[int]:
        crops = Crops(square, files, 48, 48, batch=1, seed=0, stretch=stretch)
        rows = [crops.at(step)[1][0, 0, 24] > 0 for step in range(12)]
        return {int((row[1:] != row[:-1]).sum()) for row in rows}

    plain = Crops(square, square, 48, 48, batch=1, seed=0)
    assert torch.equal(plain.at(3)[1], Crops(square, square, 48, 48, 1, 0, stretch=1.0).at(3)[1])
    assert len(changes(square, 1.0)) == 1 and len(changes(square, 1.5)) > 1
    first = Crops(square, square, 48, 48, 1, 0, stretch=1.5).at(0)
    assert first[1].shape == (1, 3, 48, 48), "crops keep their size"
    assert max(changes(square, 1.5)) <= max(changes(square, 1.0)), "wider, never narrower"
    assert changes(wide, 1.0) == changes(wide, 1.5), "others are as they are"


def test_pairs_are_cut_alike(folders):
    a, b = (sorted(folder.iterdir()) for folder in folders)
    for step in range(6):
        first, second = Crops(a, b, 24, 40, batch=2, seed=1, paired=True).at(step)
        # The discs are the same: where one picture is warm the other is blue.
        assert torch.equal(first[:, 0] > 0, second[:, 0] < 0)


def test_a_card_names_the_data_of_earlier_trainings(tmp_path):
    torch.manual_seed(0)
    asked = {
        "method": "cut",
        "settings": {},
        "training": {"seed": 0},
        "command": "python -m gan_cut train cut",
        "machine": {"device": "cpu"},
        "teacher": None,
    }
    start = None
    for name in ("first", "second", "third"):
        run = Run(tmp_path / name)
        run.make()
        run.save_weights(1, ResnetGenerator(4, 1))
        data = [{"name": name, "what": "", "origin": "", "licence": "", "used_as": "b"}]
        run.start({**asked, "data": data, "terms": [f"of {name}"], "start_from": start})
        start = str(run.weights(1))
    _, card_file = publish(run, 1, "toy", tmp_path / "weights")
    card = json.loads(card_file.read_text())
    assert [entry["name"] for entry in card["data"]] == ["third", "second", "first"]
    assert [entry["used_as"] for entry in card["data"]] == ["b"] + ["b of an earlier training"] * 2
    assert card["terms"].startswith("of third; of second; of first.")

    # and those of a student of published weights, by their card
    student = Run(tmp_path / "student")
    student.make()
    student.save_weights(1, ResnetGenerator(4, 1))
    data = [{"name": "captures", "what": "", "origin": "", "licence": "", "used_as": "a"}]
    teacher = str(tmp_path / "weights" / "toy.safetensors")
    about = {**asked, "teacher": teacher, "start_from": str(tmp_path / "nowhere")}
    student.start({**about, "data": data, "terms": ["none"]})
    _, card_file = publish(student, 1, "toy-live", tmp_path / "weights")
    card = json.loads(card_file.read_text())
    assert [one["name"] for one in card["data"]] == ["captures", "third", "second", "first"]
    assert card["terms"].startswith("of third; of second; of first.")


def test_published_weights_come_with_a_card(folders, tmp_path):
    torch.manual_seed(0)
    run = Run(tmp_path / "run")
    run.make()
    generator = ResnetGenerator(8, 1)
    run.save_weights(3, generator)
    run.start(
        {
            "method": "cut",
            "settings": {"width": 8},
            "training": {"seed": 4},
            "data": [{"name": "dark", "what": "nights", "origin": "here", "licence": "ours"}],
            "terms": ["its owner's"],
            "command": "python -m gan_cut train cut",
            "machine": {"device": "cpu"},
            "start_from": None,
            "teacher": None,
        }
    )
    figures = [
        {"name": "fall", "value": 50.0, "unit": "%", "baseline": 0.0, "goal": 40, "met": True}
    ]
    run.weights(3).with_suffix(".evaluation.json").write_text(json.dumps(figures))
    file, card_file = publish(run, 3, "toy", tmp_path / "weights")
    card = json.loads(card_file.read_text())
    assert card["metrics"] == figures and card["seed"] == 4 and card["file"] == file.name
    for name in ("what", "command", "data", "terms", "intended_use", "limits", "bytes"):
        assert card[name]
    told = (tmp_path / "weights/toy.card.md").read_text()
    assert "**dark**: nights" in told and "50.000" in told and "40 ✓" in told
    assert card["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    picture = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(load_generator(file)(picture), generator.eval()(picture), atol=2e-2)
    with pytest.raises(FileNotFoundError, match="no epoch 9; it has 3 to 3"):
        publish(run, 9, "toy", tmp_path / "weights")
    run.save_weights(4, ResnetGenerator(64, 9))
    with pytest.raises(ValueError, match="stay under 16 MB"):
        publish(run, 4, "large", tmp_path / "weights")
