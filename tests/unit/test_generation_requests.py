"""What /generate asks for: whose picture is next, what a walk passes through, what is refused."""

import io
import json
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from gan_cut import conditional_networks
from models.core import emotions
from models.registry import ModelError
from server.art import service
from server.art.dreaming import ENLARGED, SMALL, Dreaming
from server.art.emotion_engines import UPSCALER
from server.art.generation_requests import (
    CIRCLE,
    PATIENCE,
    STEPS,
    STYLES,
    GenerationRequest,
    GenerationRequests,
    offered,
)
from server.settings import Settings
from server.values import EXPRESSIONS
from server.web.generate_events import mixture_of, request_of
from tests.running import ROOT
from tests.tiny_engines import publish_tiny_dream

HAPPY = {"happy": 1.0}
ASKED = {
    "id": 1,
    "style": "landscape",
    "mixture": {"happy": 3, "sad": 1},
    "count": 4,
    "seed": 7,
    "form": "pictures",
}


def dream(id: int, count: int = 2, form: str = "pictures", **others) -> GenerationRequest:
    return GenerationRequest(id, "portrait", others.pop("mixture", HAPPY), count, 0, form, **others)


# -- whose turn it is ----------------------------------------------------------


def test_pages_take_turns_with_every_picture():
    requests = GenerationRequests()
    requests.put("a", dream(1), 0.0)
    requests.put("b", dream(2), 0.0)
    order = []
    while taken := requests.begin_next():
        page, wanted, number = taken
        order.append((page, number))
        assert requests.end_answer(page, wanted.id, 0.0) is wanted
    assert order == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]
    assert not requests


def test_many_pages_of_one_address_have_the_turns_of_one():
    requests = GenerationRequests()
    for page in "abcde":
        requests.put(page, dream(1, count=3), 0.0, "192.0.2.1")
    requests.put("x", dream(1, count=3), 0.0, "192.0.2.2")
    order = []
    while taken := requests.begin_next():
        order.append(taken[0])
        requests.end_answer(taken[0], 1, 0.0)
    assert order[:6] == ["a", "x", "b", "x", "c", "x"] and len(order) == 18


def test_of_each_page_one_thing_is_made_at_a_time():
    requests = GenerationRequests()
    requests.put("a", dream(1), 0.0)
    assert requests.begin_next()
    assert requests.begin_next() is None


def test_the_newest_of_a_page_wins():
    requests = GenerationRequests()
    requests.put("a", dream(1), 0.0)
    assert requests.begin_next()[1].id == 1
    requests.put("a", dream(2), 0.0)
    assert requests.begin_next() is None, "two things at once are made for one page"
    assert requests.end_answer("a", 1, 0.0) is None, "what is not wanted any more is shown"
    assert requests.begin_next()[1:] == (dream(2), 0)


def test_who_changes_its_mind_keeps_its_turn():
    requests = GenerationRequests()
    requests.put("a", dream(1), 0.0)
    requests.put("b", dream(2), 0.0)
    requests.put("a", dream(3), 0.0)
    assert requests.begin_next()[1].id == 3


def test_a_page_that_has_gone_wants_nothing():
    requests = GenerationRequests()
    requests.put("a", dream(1), 0.0)
    requests.begin_next()
    requests.forget("a")
    requests.forget("nobody")
    assert requests.end_answer("a", 1, 0.0) is None and requests.begin_next() is None


def test_what_dies_with_its_worker_is_made_once_more():
    requests = GenerationRequests()
    requests.put("a", dream(1), 0.0)
    requests.begin_next()
    requests.end_answer("a", 1, 0.0)
    assert requests.begin_next()[2] == 1
    assert not requests.lost("a", 1)
    assert requests.begin_next()[2] == 1
    assert requests.lost("a", 1), "it kills one worker after the other"
    assert requests.begin_next() is None


def test_who_waits_is_told_once():
    requests = GenerationRequests()
    requests.put("a", dream(1), 10.0)
    assert requests.late(10.0 + PATIENCE / 2) == []
    assert requests.late(10.1 + PATIENCE) == [("a", 1)]
    assert requests.late(20.0) == []
    requests.put("a", dream(2), 20.0)
    assert requests.late(20.0) == [("a", 2)], "who changes its mind has not waited less"
    requests.begin_next()
    requests.end_answer("a", 2, 30.0)
    assert requests.late(30.5) == []


def test_when_nothing_can_be_made_all_are_told():
    requests = GenerationRequests()
    requests.put("a", dream(1), 0.0)
    requests.put("b", dream(2), 0.0)
    assert requests.clear() == [("a", 1), ("b", 2)] and not requests


# -- what is made --------------------------------------------------------------


def test_names_are_those_of_the_networks():
    assert STYLES == conditional_networks.STYLES
    assert EXPRESSIONS == emotions.EXPRESSIONS
    assert set(CIRCLE) == set(EXPRESSIONS)


def test_the_page_has_the_same_circle_and_groups():
    petals = (ROOT / "static" / "src" / "generate" / "petals.js").read_text()
    band = (ROOT / "static" / "src" / "ui" / "mixture.js").read_text()
    first = band.index("COLOURS = [")
    places = [band.index(f"['{name}'", first) for name in CIRCLE]
    turned = sorted(places)
    turn = turned.index(places[0])
    assert turned[turn:] + turned[:turn] == places
    for group, members in emotions.VALENCES.items():
        shares = ", ".join(f"{name}: 1" for name in members)
        assert f"{group}: {{ {shares} }}" in petals


def test_pictures_are_asked_for_one_by_one():
    wanted = dream(1, count=3)
    assert wanted.length == 3
    assert [wanted.message(number)["picture"] for number in range(3)] == [0, 1, 2]
    assert wanted.message(0)["format"] == "PNG"
    assert wanted.message(0)["mixture"] == [0, 0, 0, 1, 0, 0, 0]


def test_a_sheet_is_all_of_them_at_once():
    wanted = dream(1, count=20, form="sheet")
    assert wanted.length == 1
    assert wanted.message(0)["picture"] is None and wanted.message(0)["count"] == 20


def test_a_walk_passes_through_all_expressions_and_comes_back():
    mixture = {"sad": 0.6, "fear": 0.4}
    wanted = dream(1, count=9, form="walk", picture=4, mixture=mixture)
    frames = [wanted.message(number) for number in range(wanted.length)]
    assert len(frames) == STEPS * len(EXPRESSIONS)
    assert {(f["picture"], f["count"], f["format"]) for f in frames} == {(4, 5, "WEBP")}
    mixtures = [dict(zip(EXPRESSIONS, frame["mixture"], strict=True)) for frame in frames]
    assert mixtures[0] == {name: mixture.get(name, 0.0) for name in EXPRESSIONS}
    for each in mixtures:
        assert sum(each.values()) == pytest.approx(1)
    passed = [max(m, key=m.get) for m in mixtures[::STEPS]]
    start = CIRCLE.index("sad")
    assert passed == [*CIRCLE[start:], *CIRCLE[:start]]
    steps = [
        sum(abs(there[name] - here[name]) for name in EXPRESSIONS)
        for here, there in zip(mixtures, mixtures[1:] + mixtures[:1], strict=True)
    ]
    assert max(steps) < 1, "it jumps"


# -- what a page may ask -------------------------------------------------------


def test_a_whole_wish_is_understood():
    wanted = request_of(ASKED)
    assert wanted.mixture["happy"] == 0.75 and wanted.mixture["sad"] == 0.25
    assert sum(wanted.mixture.values()) == 1 and set(wanted.mixture) == set(EXPRESSIONS)


@pytest.mark.parametrize(
    "field, value, choice",
    [
        ("id", -1, "whole number"),
        ("id", None, "whole number"),
        ("style", "cubism", "flower-painting"),
        ("style", ["landscape"], "portrait"),
        ("form", "film", "sheet"),
        ("count", 0, "1 to 20"),
        ("count", 21, "1 to 20"),
        ("count", True, "1 to 20"),
        ("count", 2.0, "1 to 20"),
        ("seed", -1, "from 0"),
        ("seed", 2**31, "from 0"),
        ("picture", 4, "below the count"),
        ("mixture", None, "surprise"),
        ("mixture", "happy", "surprise"),
        ("mixture", {"merry": 1}, "surprise"),
        ("mixture", {}, "above 0"),
        ("mixture", {"happy": 0}, "above 0"),
        ("mixture", {"happy": -0.1, "sad": 1}, "number from 0"),
        ("mixture", {"happy": math.nan}, "number from 0"),
        ("mixture", {"happy": math.inf}, "number from 0"),
        ("mixture", {"happy": 10**400}, "number from 0"),
        ("mixture", {"happy": "1"}, "number from 0"),
        ("mixture", {"happy": True}, "number from 0"),
    ],
)
def test_a_wrong_field_is_refused_and_the_choices_named(field, value, choice):
    with pytest.raises(ValueError, match=choice):
        request_of({**ASKED, field: value})


@pytest.mark.parametrize("data", [None, 3, "dream", [], [1, 2]])
def test_what_is_no_wish_is_refused(data):
    with pytest.raises(ValueError, match="style, mixture, count"):
        request_of(data)


@pytest.mark.parametrize("shares", [{"happy": 5e-324}, {"happy": 1e6, "sad": 1e-300}])
def test_shares_of_any_size_sum_to_one(shares):
    assert sum(mixture_of(shares).values()) == pytest.approx(1)


def test_it_is_offered_where_the_weights_are(tmp_path):
    assert not offered(Settings(weights=tmp_path))
    publish_tiny_dream(tmp_path)
    assert offered(Settings(weights=tmp_path))
    assert not offered(Settings(weights=tmp_path, art=False))
    (tmp_path / UPSCALER).write_bytes(b"not those of the card")
    (tmp_path / "upscaler.card.json").write_text(
        json.dumps({"file": UPSCALER, "sha256": "0" * 64, "command": "a test"})
    )
    with pytest.raises(ModelError, match="not the file of its card"):
        offered(Settings(weights=tmp_path))


@pytest.mark.parametrize("permissive, dreams", [(False, ENLARGED), (True, SMALL)])
def test_weights_for_research_alone_enlarge_no_dream(tmp_path, permissive, dreams):
    publish_tiny_dream(tmp_path)
    (tmp_path / UPSCALER).touch()
    (tmp_path / "upscaler.card.json").write_text(json.dumps({"permissive": False}))
    settings = Settings(weights=tmp_path, permissive=permissive)
    words = service._Worker(0, "", (), True, settings, art=None).process.child.words
    assert words[words.index(str(tmp_path)) + 3] == dreams


# -- the worker's side ---------------------------------------------------------


def test_pictures_are_enlarged_where_that_is_learned(tmp_path, monkeypatch):
    class Twice:
        """In the upscaler's place."""

        def __init__(self, weights) -> None:
            assert weights == tmp_path / UPSCALER

        def __call__(self, picture, threads):
            return picture.repeat(2, 0).repeat(2, 1)

    publish_tiny_dream(tmp_path)
    asked = {"style": "portrait", "mixture": [0, 0, 0, 1, 0, 0, 0], "count": 3, "seed": 1}
    plain = Dreaming(tmp_path, enlarges=False)
    small = picture_of(plain(**asked, picture=2, format="PNG", threads=1))
    assert small.shape == (64, 64, 3)
    sheet = picture_of(plain(**asked, picture=None, format="JPEG", threads=1))
    assert sheet.shape == (64, 3 * 64, 3)
    assert np.abs(sheet[:, 2 * 64 :].astype(float) - small).mean() < 20, "another picture"

    (tmp_path / UPSCALER).touch()
    for name in ("models.upscaler", "models.upscaler.upscaler"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(Upscaler=Twice))
    enlarging = Dreaming(tmp_path, enlarges=True)
    large = picture_of(enlarging(**asked, picture=2, format="PNG", threads=1))
    assert np.array_equal(large[::2, ::2], small)
    frame = picture_of(enlarging(**asked, picture=0, format="WEBP", threads=1))
    assert frame.shape == (128, 128, 3)
    still_small = picture_of(enlarging(**asked, picture=None, format="JPEG", threads=1))
    assert still_small.shape == sheet.shape


def picture_of(file: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(file)) as image:
        return np.asarray(image.convert("RGB"))
