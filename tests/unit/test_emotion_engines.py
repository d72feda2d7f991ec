"""Engines that follow a mixture, with networks that the tests make up; the mixture itself, the
triptych's composition, and which weights may be used."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.registry import is_for_research_alone
from server.art import emotion_engines
from server.art.engines import ENGINES, is_usable, missing, offered
from server.art.mixtures import array_of, emphasised, field_over, mapping_of
from server.art.task import Judged, Task
from server.art.triptych import GROUND, mounted
from server.settings import Settings, SettingsError, load
from server.stage import initial, recent_mixture
from server.values import EXPRESSIONS

HAPPY, SAD = EXPRESSIONS.index("happy"), EXPRESSIONS.index("sad")
CAPTURE = np.full((256, 456, 3), 90, np.uint8)


def mixture(**shares: float) -> np.ndarray:
    return array_of(shares)


# -- mixtures ------------------------------------------------------------------


def test_a_mixture_is_an_array_and_back():
    assert array_of(None).tolist() == [0, 0, 0, 0, 1, 0, 0]
    made = mixture(happy=3, sad=1)
    assert made[HAPPY] == 0.75 and made.sum() == 1 and made.dtype == np.float32
    assert mapping_of(made)["happy"] == 0.75 and tuple(mapping_of(made)) == EXPRESSIONS
    louder = emphasised(made)
    assert louder[HAPPY] == pytest.approx(0.9) and louder.sum() == pytest.approx(1)


def test_what_leads_gathers_where_the_light_is():
    picture = np.zeros((300, 500, 3), np.uint8)
    picture[100:200, 200:300] = 255
    field = field_over(picture, mixture(happy=0.6, sad=0.4))
    assert field.sum(-1) == pytest.approx(1) and field.min() >= 0
    height, width = field.shape[:2]
    middle, corner = field[height // 2, width // 2], field[0, 0]
    assert middle[HAPPY] > 0.75 > 0.35 > corner[HAPPY]
    assert corner[SAD] > corner[HAPPY]


@pytest.mark.parametrize("shape", [(256, 256), (256, 1024), (1024, 256)])
def test_a_single_expression_is_the_same_everywhere(shape):
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    field = field_over(noise, mixture(sad=1))
    assert (field[..., SAD] == 1).all()
    assert np.isfinite(field_over(np.zeros((*shape, 3), np.uint8), mixture(sad=1, fear=1))).all()


def state(happy: float, certainty: float = 1.0):
    shares = dict.fromkeys(EXPRESSIONS, 0.0) | {"happy": happy, "sad": 1 - happy}
    return replace(initial(), mixture=shares, certainty=certainty)


def test_the_mixture_of_the_last_seconds_is_steadier_than_the_scene_s():
    felt_now = recent_mixture(None, state(0.0), 0.0)
    assert felt_now["sad"] == 1
    for _ in range(15):
        felt_now = recent_mixture(felt_now, state(1.0), 0.1)
    assert felt_now["happy"] == pytest.approx(0.5)
    felt_now = recent_mixture(felt_now, state(0.0), 0.1)
    assert 0.4 < felt_now["happy"] < 0.5, "one moment changes little"
    assert sum(felt_now.values()) == pytest.approx(1)


def test_doubt_is_neutral_and_without_emotion_there_is_none():
    assert recent_mixture(None, state(1.0, certainty=0.25), 0.0)["neutral"] == 0.75
    assert recent_mixture(None, initial(emotion=False), 0.0) is None


# -- the triptych --------------------------------------------------------------


def panels(count: int, side: int = 64) -> list[np.ndarray]:
    return [np.full((side, side, 3), 60 * (n + 1), np.uint8) for n in range(count)]


@pytest.mark.parametrize(
    "shape", [(1080, 1920, 3), (512, 512, 3), (1920, 1080), (844, 390), (4, 1)]
)
@pytest.mark.parametrize("count", [1, 3])
def test_panels_lie_in_order_on_a_ground_of_the_capture_s_shape(shape, count):
    picture = mounted(panels(count), shape)
    height, width = picture.shape[:2]
    assert abs(height - width * shape[0] / shape[1]) <= max(1, shape[0] / shape[1])
    assert (picture[0] == GROUND).all() and (picture[-1] == GROUND).all()
    assert (picture[:, 0] == GROUND).all() and (picture[:, -1] == GROUND).all()
    line = picture[:, width // 2] if shape[0] > shape[1] else picture[height // 2]
    seen = [int(value) for value in line[:, 0] if value % 60 == 0 and value]
    assert seen == [60 * (n + 1) for n in range(count) for _ in range(64)]


# -- engines, with made-up networks --------------------------------------------


class Dreams:
    """Pictures whose red says which they are; what was asked for is kept."""

    def __init__(self) -> None:
        self.asked = []

    def __call__(self, style, mixture, count, seed, threads):
        self.asked.append((style, mixture, count, seed, threads))
        works = np.zeros((count, 64, 64, 3), np.uint8)
        works[..., 0] = np.arange(count)[:, None, None] + 100 + count * (len(self.asked) - 1)
        return works


class Judge:
    """Finds the last candidates the best."""

    def scores(self, pictures, threads):
        scores = np.zeros((len(pictures), 7), np.float32)
        scores[:, HAPPY], scores[:, SAD] = 0.75, 0.25
        return scores

    def unusual(self, scores):
        return scores

    def best(self, scores, mixture, count):
        return list(range(len(scores)))[::-1][:count]

    def map(self, picture, expression):
        assert expression == "happy"
        heat = np.zeros(picture.shape[:2], np.float32)
        heat[0] = 1
        return heat


def enlarged(picture, threads=1, progress=lambda _share: None):
    progress(1.0)
    return picture.repeat(4, 0).repeat(4, 1)


@pytest.fixture
def dreams(monkeypatch):
    made = Dreams()
    monkeypatch.setattr(emotion_engines, "dreamer", lambda _folder: made)
    monkeypatch.setattr(emotion_engines, "critic", lambda _folder: Judge())
    monkeypatch.setattr(emotion_engines, "upscaler", lambda _folder: enlarged)
    return made


def test_the_best_three_of_many_become_a_triptych_with_the_best_in_its_middle(dreams, tmp_path):
    told = []
    task = Task(mixture(happy=0.8, fear=0.2), seed=5, threads=2, progress=told.append)
    made = ENGINES["felt"].make(tmp_path)(CAPTURE, task)
    assert isinstance(made, Judged)
    assert made.scores["happy"] == 0.75 and sum(made.scores.values()) == 1
    style, wanted, count, seed, threads = dreams.asked[0]
    assert (count, seed, threads) == (6, 5, 2)
    assert len({style for style, *_ in dreams.asked}) == 4
    assert wanted[HAPPY] > 0.9, "what leads is heard clearly"
    reds = made.picture[made.picture.shape[0] // 2, :, 0]
    order = list(dict.fromkeys(int(red) for red in reds if red >= 100))
    assert order == [117, 123, 111], "the last of each kind"
    assert told == sorted(told) and told[-1] <= 1
    assert made.look.shape == made.picture.shape[:2]
    lit = made.look > 0.5
    assert lit.sum() == 3 * 256 and len(set(np.nonzero(lit)[0])) == 1, "where it looked, in each"
    dreams.asked.clear()
    again = ENGINES["felt"].make(tmp_path)(CAPTURE, task)
    assert (again.picture == made.picture).all()


def test_a_dream_is_one_work_on_the_ground(dreams, tmp_path):
    task = Task(array_of(None), seed=2**32 - 1, threads=1)
    made = ENGINES["dream"].make(tmp_path)(CAPTURE.transpose(1, 0, 2), task)
    assert made.shape[0] > made.shape[1] and (made[..., 0] == 100).sum() == 256 * 256


def test_the_kind_of_work_is_drawn_by_lot(dreams, tmp_path):
    engine = ENGINES["dream"].make(tmp_path)
    for seed in range(8):
        engine(CAPTURE, Task(array_of(None), seed, threads=1))
    assert len({style for style, *_ in dreams.asked}) == 4


def test_style_is_given_a_mixture_for_each_place(monkeypatch, tmp_path):
    asked = []

    def stylist(picture, field, threads):
        asked.append((field, threads))
        return 255 - picture

    monkeypatch.setattr(emotion_engines, "stylist", lambda _folder: stylist)
    made = ENGINES["style"].make(tmp_path)(CAPTURE, Task(mixture(happy=1, sad=1), 1, threads=2))
    assert made.shape == CAPTURE.shape
    field, threads = asked[-1]
    assert field.ndim == 3 and field.shape[2] == 7 and threads == 2


# -- which weights -------------------------------------------------------------


def test_an_engine_is_offered_when_all_its_parts_are_there(tmp_path):
    settings = Settings(weights=tmp_path)
    for file in ("style", "monet", "dream"):
        (tmp_path / f"{file}.safetensors").touch()
    assert offered(settings) == ("painted", "monet", "style")
    assert missing(settings, "felt") == ["critic.safetensors", "upscaler.safetensors"]
    (tmp_path / "upscaler.safetensors").touch()
    assert offered(settings) == ("painted", "monet", "style", "dream")
    (tmp_path / "critic.safetensors").touch()
    assert offered(settings)[-1] == "felt"
    with pytest.raises(SettingsError, match=r"landscape.safetensors is not there"):
        offered(Settings(weights=tmp_path, engines="landscape"))


def test_without_emotion_nobody_paints_what_is_shown(tmp_path):
    for file in ("monet", "dream", "critic", "upscaler"):
        (tmp_path / f"{file}.safetensors").touch()
    assert offered(Settings(weights=tmp_path)) == ("painted", "monet", "dream", "felt")
    assert offered(Settings(weights=tmp_path, emotion=False)) == ("painted", "monet", "dream")
    with pytest.raises(SettingsError, match="--no-emotion: leave it out"):
        offered(Settings(weights=tmp_path, emotion=False, engines="monet,felt"))


def test_permissive_runs_without_weights_for_research_alone(tmp_path):
    (tmp_path / "style.safetensors").touch()
    (tmp_path / "style.card.json").write_text(json.dumps({"permissive": False}))
    (tmp_path / "monet.safetensors").touch()  # one's own, without a card
    assert is_usable(Settings(weights=tmp_path), "style.safetensors")
    permissive = Settings(weights=tmp_path, permissive=True)
    assert not is_usable(permissive, "style.safetensors")
    assert offered(permissive) == ("painted", "monet")
    with pytest.raises(SettingsError, match="with terms that permit it"):
        offered(Settings(weights=tmp_path, permissive=True, engines="style"))


@pytest.mark.parametrize(
    "card, alone",
    [
        ({"permissive": False, "terms": "none"}, True),
        ({"permissive": True, "terms": "non-commercial research alone"}, False),
        ({"terms": "none; research and art; name the set in the card"}, False),
        ({"terms": "none; non-commercial research; do not redistribute"}, True),
        ({"terms": "none", "data": [{"licence": "non-commercial research only"}]}, True),
        ({}, False),
    ],
)
def test_a_card_says_whether_it_is_for_research_alone(card, alone):
    assert is_for_research_alone(card) is alone


def test_weights_permissive_is_a_word_and_no_folder(tmp_path):
    absent = tmp_path / "mien.toml"
    given = load(["--weights", "permissive"], {}, absent)
    assert given == load(["--permissive"], {}, absent)
    assert given.permissive and given.weights == load([], {}, absent).weights
