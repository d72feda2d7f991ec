"""`generate` and the Dreamer: pictures of a style and an emotion from a file of weights."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from gan_cut.__main__ import main
from gan_cut.commands.options import WEIGHTS
from gan_cut.conditional_networks import ConditionalGenerator
from gan_cut.dream import STYLES, Dreamer, animate, between, parse_emotion, save_animation
from gan_cut.networks import ResnetGenerator
from models.core.files import UnknownCheckpoint, half_precision


@pytest.fixture
def weights(tmp_path):
    """A tiny network that knows nothing."""
    torch.manual_seed(0)
    generator = ConditionalGenerator(64, width=4, code=6, embedding=3)
    for p in generator.parameters():
        torch.nn.init.normal_(p, 0.0, 0.3)
    file = tmp_path / "dream.safetensors"
    safetensors.torch.save_file(half_precision(generator), file)
    return file


def test_equal_seeds_give_equal_pictures(weights):
    dreamer = Dreamer(weights)
    happy = parse_emotion("happy")
    one, same = (dreamer("landscape", happy, 3, seed=5) for _ in range(2))
    assert one.shape == (3, 64, 64, 3) and one.dtype == np.uint8 and dreamer.size == 64
    assert np.array_equal(one, same)
    assert np.array_equal(one[:2], dreamer("landscape", happy, 2, seed=5))
    assert not np.array_equal(one, dreamer("landscape", happy, 3, seed=6))
    assert not np.array_equal(one, dreamer("portrait", happy, 3, seed=5))
    assert not np.array_equal(one, dreamer("landscape", parse_emotion("sad"), 3, seed=5))
    assert not np.array_equal(one[0], one[1])


def test_threads_are_given_back(weights):
    before = torch.get_num_threads()
    Dreamer(weights)("abstract", parse_emotion("fear"), 1, 0, threads=before + 1)
    assert torch.get_num_threads() == before


def test_wrong_wishes(weights):
    dreamer, happy = Dreamer(weights), parse_emotion("happy")
    with pytest.raises(ValueError, match="abstract, flower-painting, landscape, portrait"):
        dreamer("still-life", happy, 1, 0)
    for mixture in (np.ones(7), np.full(7, np.nan), np.eye(7)[0] - np.eye(7)[1] + np.eye(7)[2]):
        with pytest.raises(ValueError, match="mixture"):
            dreamer("abstract", mixture, 1, 0)
    with pytest.raises(ValueError, match="a mixture has a share, .* surprise"):
        dreamer("abstract", np.ones(6) / 6, 1, 0)
    with pytest.raises(ValueError, match="count is 1 or more"):
        dreamer("abstract", happy, 0, 0)


def test_another_network_does_not_dream(tmp_path):
    file = tmp_path / "monet.safetensors"
    safetensors.torch.save_file(half_precision(ResnetGenerator(4, 1)), file)
    with pytest.raises(UnknownCheckpoint, match="translates pictures"):
        Dreamer(file)


def test_an_animation_is_smooth_and_ends_where_it_began(weights):
    dreamer = Dreamer(weights)
    frames = animate(dreamer, "abstract", parse_emotion("sad"), 2, seed=1).astype(float)
    assert frames.shape == (48, 64, 64, 3)
    steps = np.abs(frames - np.roll(frames, -1, axis=0)).mean((1, 2, 3))
    apart = np.abs(frames[0] - frames[24]).mean()
    assert steps.max() < apart / 3 and steps.min() > 0


def test_between_stays_on_the_circle():
    a, b = np.array([2.0, 0.0]), np.array([0.0, 2.0])
    assert np.allclose(between(a, b, 0.5), np.sqrt([2, 2]))
    assert np.allclose(between(a, b, 0), a) and np.allclose(between(a, b, 1), b)
    assert np.allclose(between(a, a, 0.3), a)


@pytest.mark.parametrize("name", ["walk.gif", "walk.webp"])
def test_generate_writes_pictures_and_an_animation(weights, tmp_path, capsys, name):
    words = ["generate", "flower-painting", "happy=0.6,surprise=0.4", "2", "--seed", "7"]
    where = ["--save", str(tmp_path / "out"), "--animate", str(tmp_path / name)]
    assert main([*words, *where, "--weights", str(weights)]) == 0
    said = capsys.readouterr().out
    assert str(tmp_path / "out") in said and name in said and "--seed 7" in said
    files = sorted((tmp_path / "out").iterdir())
    assert [f.suffix for f in files] == [".png", ".png"]
    expected = Dreamer(weights)("flower-painting", parse_emotion(words[2]), 2, 7)
    assert np.array_equal(np.asarray(Image.open(files[0])), expected[0])
    with Image.open(tmp_path / name) as animation:
        assert animation.n_frames > 24 and animation.info["loop"] == 0
        assert animation.size == (64, 64)


def test_generate_says_where_its_sheet_is(weights, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gan_cut.commands.dream.PROJECT", tmp_path)
    assert main(["generate", "portrait", "negative", "7", "--weights", str(weights)]) == 0
    (sheet,) = (tmp_path / "build" / "generated").iterdir()
    assert str(sheet) in capsys.readouterr().out
    with Image.open(sheet) as picture:
        assert picture.height > 2 * 128  # seven in two rows


@pytest.mark.parametrize(
    "words, choices",
    [
        (["still-life", "happy", "3"], "abstract, flower-painting, landscape, portrait"),
        (["abstract", "envy", "3"], "angry, disgust, fear, happy, neutral, sad, surprise"),
        (["abstract", "happy=2", "3"], "angry, disgust, fear, happy, neutral, sad, surprise"),
        (["abstract", "happy", "0"], "from 1 to 20"),
        (["abstract", "happy", "21"], "from 1 to 20"),
        (["abstract", "happy", "two"], "from 1 to 20"),
        (["abstract", "happy", "3", "--seed", "x"], "--seed is a whole number from 0"),
        (["abstract", "happy", "3", "--animate", "walk.mp4"], ".gif, .webp"),
    ],
)
def test_generate_names_the_choices(weights, capsys, words, choices):
    assert main(["generate", *words, "--weights", str(weights)]) == 2
    assert choices in capsys.readouterr().err


def test_generate_without_weights_says_what_to_do(tmp_path, capsys):
    missing = str(tmp_path / "none.safetensors")
    assert main(["generate", "abstract", "happy", "1", "--weights", missing]) == 2
    assert "train dream" in capsys.readouterr().err


def test_an_animation_needs_a_known_ending(tmp_path):
    with pytest.raises(ValueError, match=".gif, .webp"):
        save_animation([np.zeros((4, 4, 3), np.uint8)], tmp_path / "a.png")


@pytest.fixture(scope="module")
def published() -> Dreamer:
    file = WEIGHTS / "dream.safetensors"
    if not file.is_file():
        pytest.skip("dream is not published yet")
    return Dreamer(file)


def test_the_published_file_is_that_of_its_card(published):
    file = WEIGHTS / "dream.safetensors"
    card = json.loads((WEIGHTS / "dream.card.json").read_text(encoding="utf-8"))
    assert hashlib.sha256(file.read_bytes()).hexdigest() == card["sha256"]
    assert file.stat().st_size == card["bytes"] <= 8_000_000
    assert "no commercial use" in card["terms"]


@pytest.mark.parametrize("style", STYLES)
def test_published_pictures_are_not_flat_and_differ(published, style):
    pictures = published(style, parse_emotion("happy"), 6, seed=0).astype(float)
    assert pictures.std((1, 2)).mean(1).min() > 8
    cell = published.size // 8
    small = pictures.reshape(6, 8, cell, 8, cell, 3).mean((2, 4)).reshape(6, -1)
    apart = np.abs(small[:, None] - small[None]).mean(2)
    assert apart[~np.eye(6, dtype=bool)].min() > 4


def test_the_published_network_follows_the_emotion(published):
    codes = np.random.default_rng(0).standard_normal((16, published.generator.code))
    ends = [
        published.paint("landscape", np.tile(parse_emotion(words), (16, 1)), codes).astype(float)
        for words in ("happy", "happy=0.5,fear=0.5", "fear")
    ]
    far = np.abs(ends[0] - ends[2]).mean()
    assert far > 10
    assert max(np.abs(ends[0] - ends[1]).mean(), np.abs(ends[1] - ends[2]).mean()) < 1.1 * far


def test_mixtures_move_the_critics_scores_steadily(published):
    file = WEIGHTS / "critic.safetensors"
    if not file.is_file():
        pytest.skip("critic is not published yet")
    from models.core.emotions import EXPRESSIONS
    from models.critic.critic import Critic

    critic = Critic(file)
    happy = EXPRESSIONS.index("happy")
    codes = np.random.default_rng(0).standard_normal((24, published.generator.code))
    shares = []
    for share in (0.0, 0.5, 1.0):
        mixture = share * parse_emotion("happy") + (1 - share) * parse_emotion("sad")
        pictures = published.paint("landscape", np.tile(mixture, (24, 1)), codes)
        shares.append(float(critic.scores(list(pictures))[:, happy].mean()))
    assert shares[0] < shares[1] < shares[2]
