"""The conditional GAN: its networks, its augmentation, its labels, and that it learns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan_cut.augment import KINDS, augment
from gan_cut.batches import Squares
from gan_cut.conditional import Dream, DreamSettings, DreamTrainSettings
from gan_cut.conditional_networks import (
    STYLES,
    ConditionalBatchNorm,
    ConditionalGenerator,
    LabelEmbedding,
    ProjectionDiscriminator,
    conditions,
)
from gan_cut.labels import labelled, relative
from gan_cut.train import train
from models.core.emotions import EXPRESSIONS
from models.core.pictures import write_rgb
from models.core.run import Run
from models.core.squeezenet import SqueezeNetFeatures

HAPPY, SAD = EXPRESSIONS.index("happy"), EXPRESSIONS.index("sad")


def wanted(style: int, *expressions: int) -> torch.Tensor:
    """A condition for each expression."""
    mixtures = torch.eye(len(EXPRESSIONS))[list(expressions)]
    return conditions(torch.full((len(expressions),), style), mixtures)


def colours_by_emotion(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Yellow noise for happy, blue noise for sad."""
    condition = wanted(2, *([HAPPY, SAD] * (count // 2)))
    yellow, blue = torch.tensor([0.8, 0.6, -0.8]), torch.tensor([-0.8, -0.4, 0.6])
    colour = torch.stack([yellow, blue]).repeat(count // 2, 1)[:, :, None, None]
    told = torch.cat([condition, condition[:, len(STYLES) :]], 1)
    return colour + 0.1 * torch.randn(count, 3, 64, 64), told


@pytest.fixture
def features() -> SqueezeNetFeatures:
    torch.manual_seed(0)
    network = SqueezeNetFeatures()
    for p in network.parameters():
        if p.ndim > 1:
            torch.nn.init.kaiming_normal_(p)
    return network


def test_conditional_batch_norm_by_hand():
    norm = ConditionalBatchNorm(channels=1, features=2)
    with torch.no_grad():
        norm.gain.weight.copy_(torch.tensor([[2.0, 0.0]]))
        norm.offset.weight.copy_(torch.tensor([[0.0, 5.0]]))
    x = torch.tensor([1.0, 3.0]).view(2, 1, 1, 1)  # mean 2, deviation 1: -1 and 1
    y = norm(x, torch.tensor([[1.0, 0.0], [0.0, 1.0]])).flatten()
    # gain 1 + 2 and offset 0; gain 1 and offset 5
    assert torch.allclose(y, torch.tensor([-3.0, 6.0]), atol=1e-4)


def test_a_soft_label_is_embedded_as_the_mean_of_its_parts():
    embed = LabelEmbedding(features=5)
    ends = embed(wanted(1, HAPPY, SAD))
    soft = torch.zeros(1, 7)
    soft[0, HAPPY], soft[0, SAD] = 0.25, 0.75
    between = embed(conditions(torch.tensor([1]), soft))
    assert torch.allclose(between[0], 0.25 * ends[0] + 0.75 * ends[1], atol=1e-5)
    assert not torch.allclose(embed(wanted(0, HAPPY)), embed(wanted(1, HAPPY)))


@pytest.mark.parametrize("size", [64, 128])
def test_sizes_and_scores(size):
    generator, judge = ConditionalGenerator(size, width=4), ProjectionDiscriminator(size, width=4)
    pictures = generator(torch.randn(2, 100), wanted(0, HAPPY, SAD))
    assert pictures.shape == (2, 3, size, size) and pictures.abs().max() <= 1
    assert judge(pictures, wanted(0, HAPPY, SAD)).shape == (2,)


def test_other_sizes_are_refused():
    with pytest.raises(ValueError, match="known sizes"):
        ConditionalGenerator(96)


def test_the_label_is_projected():
    """psi(f) + <V c, f>: the difference of two labels' scores is <V (c - c'), f>."""
    torch.manual_seed(0)
    judge = ProjectionDiscriminator(64, width=4).eval()
    picture = torch.randn(1, 3, 64, 64)
    happy, sad = wanted(0, HAPPY), wanted(0, SAD)
    f = judge.model(picture).sum((2, 3))
    difference = ((judge.embedding(happy) - judge.embedding(sad)) * f).sum()
    assert torch.allclose(judge(picture, happy) - judge(picture, sad), difference, atol=1e-5)
    assert difference != 0


@pytest.mark.parametrize("kind", KINDS)
def test_augmentation_lets_the_gradient_through(kind):
    torch.manual_seed(0)
    pictures = (torch.rand(4, 3, 32, 32) * 2 - 1).requires_grad_(True)
    changed = augment(pictures, (kind,))
    assert changed.shape == pictures.shape and not torch.equal(changed, pictures)
    changed.square().sum().backward()
    assert torch.isfinite(pictures.grad).all()
    assert all(gradient.abs().sum() > 0 for gradient in pictures.grad)


def test_augmentation_changes_real_and_generated_pictures_alike():
    """Equal random numbers do the same to both: moved and cut at the same places."""
    grid = torch.arange(32.0).expand(2, 3, 32, 32)
    torch.manual_seed(5)
    once = augment(grid, ("translation", "cutout"))
    torch.manual_seed(5)
    again = augment(2 * grid, ("translation", "cutout"))
    assert torch.equal(2 * once, again)
    torch.manual_seed(1)
    hole = augment(torch.ones(200, 1, 32, 32), ("cutout",))
    assert 1 / 16 <= float((hole == 0).float().mean()) <= 1 / 4
    with pytest.raises(ValueError, match="known: colour, translation, cutout"):
        augment(grid, ("blur",))


def test_a_translation_by_hand():
    torch.manual_seed(0)
    picture = torch.arange(1.0, 257.0).view(1, 1, 16, 16)
    moved = augment(picture, ("translation",))
    inside = moved[0, 0] != 0
    rows, columns = inside.any(1).sum(), inside.any(0).sum()
    assert rows >= 14 and columns >= 14 and (rows < 16 or columns < 16)
    steps = moved[0, 0][:, 1:] - moved[0, 0][:, :-1]
    both = inside[:, 1:] & inside[:, :-1]
    assert (steps[both] == 1).all()


def test_shares_become_what_is_special_about_a_picture():
    shares = np.full((4, 7), 0.01)
    shares[:, HAPPY] = [0.9, 0.8, 0.5, 0.4]  # everybody says happy
    shares[:, SAD] = [0.02, 0.02, 0.2, 0.25]
    mixtures = relative(shares, np.zeros(4, int))
    assert np.allclose(mixtures.sum(1), 1, atol=1e-5) and (mixtures >= 0).all()
    assert mixtures[:2, HAPPY].min() > 0.5 and mixtures[2:, SAD].min() > 0.5
    alone = relative(shares, np.array([0, 0, 1, 1]))  # compared within their own style only
    assert alone[0, HAPPY] > alone[1, HAPPY] and alone[2, HAPPY] > alone[3, HAPPY]


def labelled_folder(folder, count=4):
    names, shares = [], []
    for style in STYLES[:2]:
        (folder / style).mkdir(parents=True)
        for number in range(count):
            picture = np.full((80, 80, 3), 255 * number // count, np.uint8)
            write_rgb(folder / style / f"{number}.png", picture)
            names.append(f"{style}/{number}.png")
            shares.append(0.1 + 0.3 * np.eye(7)[number % 7])
    for name in ("unknown", "judged"):
        write_rgb(folder / STYLES[0] / f"{name}.png", picture)
    names, shares = [*names, f"{STYLES[0]}/judged.png"], [*shares, np.full(7, 1 / 7)]
    judged = np.array([name.endswith("judged.png") for name in names])
    np.savez(folder / "labels.npz", files=names, shares=np.array(shares), judged=judged)
    return sorted(folder.rglob("*.png")), folder / "labels.npz"


def test_labelled_squares(tmp_path):
    found, labels = labelled_folder(tmp_path)
    files, told = labelled(found, labels)
    assert len(files) == 8 and told.shape == (8, 18)
    assert {f.parent.name for f in files} == set(STYLES[:2])
    assert np.allclose(told[:, :4].sum(1), 1) and np.allclose(told[:, 4:11].sum(1), 1, atol=1e-5)
    assert np.allclose(told[:, 11:].sum(1), 1, atol=1e-5)
    squares = Squares(files, told, size=64, batch=8, seed=0)
    pictures, conditions_ = squares.at(3)
    assert pictures.shape == (8, 3, 64, 64) and conditions_.shape == (8, 18)
    levels = [int(f.stem) for f in files]
    for picture, row in zip(pictures, conditions_, strict=True):  # labels stay with pictures
        number = next(i for i, t in enumerate(told) if np.allclose(t, row))
        assert round(float((picture.mean() + 1) * 127.5)) == 255 * levels[number] // 4
    again = Squares(files, told, size=64, batch=8, seed=0).at(3)
    assert torch.equal(pictures, again[0])


def test_labels_of_other_forms_are_refused(tmp_path):
    found, labels = labelled_folder(tmp_path)
    (tmp_path / "wrong.npz").write_text("file,happy\na,1\n")
    with pytest.raises(ValueError, match="no file of labels"):
        labelled(found, tmp_path / "wrong.npz")
    np.savez(tmp_path / "few.npz", files=["a"], shares=np.ones((1, 3)), judged=np.array([False]))
    with pytest.raises(ValueError, match="shares for 1 pictures"):
        labelled(found, tmp_path / "few.npz")
    with pytest.raises(ValueError, match="none of 2 pictures"):
        labelled([f for f in found if f.stem in ("unknown", "judged")], labels)


def test_it_learns_colours_by_emotion_and_mixes_them_steadily():
    torch.manual_seed(0)
    settings = DreamSettings(
        width=4, code=8, embedding=32, discriminator_width=8, augment="", projected_weight=0.0,
        emotion_weight=0.0, rate=3e-3,
    )  # fmt: skip
    dream = Dream(settings)
    for _ in range(80):
        losses = dream.step(*colours_by_emotion(8))
    assert set(losses) == {"discriminator", "gan"}
    generator = dream.generator
    dream.settle(generator)
    steps = torch.linspace(0, 1, 6)
    mixtures = torch.zeros(6, 7)
    mixtures[:, HAPPY], mixtures[:, SAD] = 1 - steps, steps
    codes = torch.randn(32, 8)
    with torch.no_grad():
        blueness = []
        for mixture in mixtures:
            condition = conditions(torch.full((32,), 2), mixture.expand(32, 7))
            pictures = generator(codes, condition)
            blueness.append(float(pictures[:, 2].mean() - pictures[:, 0].mean()))
    assert blueness[-1] - blueness[0] > 1.0
    assert all(after > before for before, after in zip(blueness, blueness[1:], strict=False))


def test_only_what_learns_changes(features):
    torch.manual_seed(0)
    dream = Dream(DreamSettings(width=4, discriminator_width=4, look=64), features=features)
    before = {k: v.clone() for k, v in dream.look.state_dict().items()}
    heads = [p.clone() for p in dream.networks["projected"].parameters()]
    losses = dream.step(*colours_by_emotion(4))
    assert set(losses) == {"discriminator", "gan", "projected", "labels", "emotion"}
    assert all(torch.isfinite(value) for value in losses.values())
    assert all(torch.equal(v, before[k]) for k, v in dream.look.state_dict().items())
    changed = dream.networks["projected"].parameters()
    assert any(not torch.equal(p, q) for p, q in zip(changed, heads, strict=True))


def test_the_labeller_learns_and_the_generator_follows_it(features):
    """With the labeller alone the generator makes what it reads as asked for."""
    torch.manual_seed(0)
    settings = DreamSettings(
        width=4, discriminator_width=4, look=64, augment="", projected_weight=0.0,
        emotion_weight=50.0, rate=3e-3,
    )  # fmt: skip
    dream = Dream(settings, features=features)
    history = [dream.step(*colours_by_emotion(8)) for _ in range(40)]
    assert history[-1]["labels"] < 0.5 * history[0]["labels"]
    last = torch.stack([h["emotion"] for h in history[-5:]]).mean()
    assert last < 0.6 * history[0]["emotion"]


def test_weights_need_features():
    with pytest.raises(ValueError, match="SqueezeNet"):
        Dream(DreamSettings(width=4))
    with pytest.raises(ValueError, match="to start from"):
        plain = replace(DreamSettings(width=4), projected_weight=0.0, emotion_weight=0.0)
        Dream(plain, generator=ConditionalGenerator(64, width=4), size=128)


def test_an_interrupted_training_goes_on_with_the_same_result(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_cut.conditional.SHEET_COLUMNS", 1)
    found, labels = labelled_folder(tmp_path / "data")
    files, told = labelled(found, labels)
    own = DreamSettings(
        width=4, code=8, embedding=4, discriminator_width=4, projected_weight=0.0,
        emotion_weight=0.0,
    )  # fmt: skip
    settings = DreamTrainSettings(batch=4, epochs=2, decay=1, epoch_steps=3)

    def go(name: str, stop_at: int | None) -> Run:
        torch.manual_seed(0)
        asked = []

        def should_stop() -> bool:
            asked.append(1)
            return len(asked) == stop_at

        squares = Squares(files, told, 64, 4, 0)
        return train(Dream(own), squares, tmp_path / name, settings, [], None, should_stop)

    whole = go("whole", None)
    go("parts", 2)
    parts = go("parts", None)
    assert whole.epochs() == parts.epochs() == [1, 2]
    assert whole.weights(2).read_bytes() == parts.weights(2).read_bytes()
    assert whole.sheet(2).is_file() and (whole.path / "losses.png").is_file()
