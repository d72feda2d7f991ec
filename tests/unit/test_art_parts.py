"""Art's parts without a process: pictures, engines, the throttle, the worker's answers."""

import io
import json
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

from gan_cut.painter.strokes import replay
from models.registry import ModelError
from server.art import engines as table
from server.art.engines import ENGINES, Engine, has_live, offered
from server.art.mixtures import array_of
from server.art.picture import BadPicture, check, decode, encode, fitted
from server.art.task import Task
from server.art.throttle import LONGEST, SHORTEST, Throttle
from server.art.worker import Worker, reference_for
from server.settings import Settings, SettingsError
from server.values import EXPRESSIONS
from tests.tiny_critic import publish_tiny_critic
from tests.tiny_engines import publish_tiny
from tests.unit.test_perception_parts import claims_to_be_huge

PNG = encode(np.full((256, 300, 3), 120, np.uint8), "PNG")
MOST = 10**6


# -- pictures ------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape, fits",
    [
        ((256, 256), (256, 256)),
        ((1080, 1920), (512, 910)),
        ((844, 390), (844, 390)),
        ((100, 200), (256, 512)),
        ((400, 1600), (256, 1024)),
        ((2000, 1000), (1024, 512)),
    ],
)
def test_pictures_are_brought_to_a_size_that_engines_take(shape, fits):
    assert fitted(np.zeros((*shape, 3), np.uint8), 512).shape == (*fits, 3)


def test_a_picture_survives_the_way():
    picture = np.random.default_rng(0).integers(0, 256, (256, 300, 3), np.uint8)
    assert (decode(encode(picture, "PNG"), "PNG", MOST) == picture).all()


def huge_png() -> bytes:
    file = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        PNG[:200],
        encode(np.zeros((256, 256, 3), np.uint8), "JPEG"),
        encode(np.zeros((1100, 1000, 3), np.uint8), "PNG"),
        encode(np.zeros((63, 256, 3), np.uint8), "PNG"),
        encode(np.zeros((100, 401, 3), np.uint8), "PNG"),
        huge_png(),
        claims_to_be_huge(),
    ],
    ids=["empty", "garbage", "cut", "jpeg", "large", "small", "narrow", "bomb", "huge"],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(BadPicture):
        decode(content, "PNG", MOST)


def test_the_markers_alone_are_checked_before_it_is_taken():
    damaged = bytearray(PNG)
    damaged[60] ^= 255  # a pixel
    assert check(bytes(damaged), "PNG", MOST) == (300, 256)
    with pytest.raises(BadPicture, match="whole"):
        check(PNG[:60], "PNG", MOST)


# -- engines -------------------------------------------------------------------


def test_engines_exist_where_their_weights_do(tmp_path):
    assert offered(Settings(weights=tmp_path)) == ("painted",), "it needs none"
    publish_tiny(tmp_path, "landscape")
    settings = Settings(weights=tmp_path)
    assert offered(settings) == ("painted", "landscape")
    assert not has_live(settings, "landscape")
    publish_tiny(tmp_path, "monet", live=True)
    assert offered(settings) == ("painted", "monet", "landscape")
    assert has_live(settings, "monet")
    assert offered(Settings(weights=tmp_path, art=False)) == ()


def test_staff_choose_the_engines_and_their_order(tmp_path):
    publish_tiny(tmp_path, "monet")
    publish_tiny(tmp_path, "landscape")
    chosen = Settings(weights=tmp_path, engines="landscape, monet")
    assert offered(chosen) == ("landscape", "monet")
    with pytest.raises(SettingsError, match="'picasso', which is none of painted, monet"):
        offered(Settings(weights=tmp_path, engines="picasso"))
    (tmp_path / "monet.safetensors").unlink()
    with pytest.raises(SettingsError, match="is not there: train and publish"):
        offered(Settings(weights=tmp_path, engines="monet"))


@pytest.mark.parametrize("model", ["monet", "monet-live"])
def test_weights_that_are_not_those_of_their_card_are_refused(tmp_path, model):
    publish_tiny(tmp_path, "monet", live=True)
    card = tmp_path / f"{model}.card.json"
    said = json.loads(card.read_text())
    card.write_text(json.dumps({**said, "sha256": "0" * 64}))
    with pytest.raises(ModelError, match="not the file of its card"):
        offered(Settings(weights=tmp_path))


def test_an_engine_keeps_the_shape(tmp_path):
    publish_tiny(tmp_path, "monet")
    engine = ENGINES["monet"].make(tmp_path)
    picture = np.random.default_rng(0).integers(0, 256, (260, 300, 3), np.uint8)
    before = torch.get_num_threads()
    try:
        painted = engine(picture, Task(array_of(None), 0, threads=1))
    finally:
        torch.set_num_threads(before)
    assert painted.shape == picture.shape and painted.dtype == np.uint8


# -- the worker's answers ------------------------------------------------------


class Wire(list):
    """A channel that keeps what is sent."""

    send = list.append

    def kinds(self) -> list[str]:
        return [message["kind"] for message in self if message["kind"] != "progress"]


def worker_with(monkeypatch, paint, painted: bool = False) -> tuple[Worker, Wire]:
    """`painted`: what the engine makes is painted over."""
    wire = Wire()
    make = partial(lambda paint, _folder: paint, paint)
    engine = Engine(make, weights=(), live=make, painted=painted)
    monkeypatch.setitem(table.ENGINES, "tried", engine)
    return Worker(wire, None, MOST, 512), wire


def job(png: bytes = PNG) -> dict:
    about = {"id": "0" * 32, "engine": "tried", "threads": 1, "mixture": None, "seed": 5}
    return {"kind": "job", **about, "png": png}


def test_a_job_becomes_a_picture(monkeypatch):
    worker, wire = worker_with(monkeypatch, lambda picture, _task: 255 - picture)
    worker.do(job())
    assert wire.kinds() == ["done"]
    assert decode(wire[-1]["png"], "PNG", MOST).mean() == 135


def test_strokes_are_told_before_the_picture_that_is_made_of_them(monkeypatch):
    worker, wire = worker_with(monkeypatch, lambda picture, _task: picture, painted=True)
    worker.prepare([])
    wire.clear()
    picture = np.zeros((300, 400, 3), np.uint8)
    picture[60:240, 100:300] = (200, 60, 40)
    capture, sad = encode(picture, "PNG"), {"sad": 0.8, "neutral": 0.2}
    for asked in ({"mixture": sad}, {"mixture": sad, "seed": 6}, {"mixture": {"angry": 1.0}}, {}):
        worker.do(job(capture) | asked)
    assert wire.kinds() == 4 * ["strokes", "done"]
    strokes = [message["strokes"] for message in wire if message["kind"] == "strokes"]
    assert len(set(strokes)) == 4, "of each seed, of each feeling, and without one"
    made = next(decode(message["png"], "PNG", 2 * MOST) for message in wire if "png" in message)
    assert made.shape == (886, 1182, 3), "the capture's proportions, 1024² pixels"
    assert (made == replay(strokes[0], 1182)).all()
    worker.do(job(capture) | {"mixture": sad})
    assert next(m["strokes"] for m in reversed(wire) if m["kind"] == "strokes") == strokes[0]


def test_without_hands_a_painting_has_failed_and_says_so(monkeypatch):
    worker, wire = worker_with(monkeypatch, lambda picture, _task: picture, painted=True)
    worker.do(job())
    assert wire.kinds() == ["failed"] and "no hands" in wire[-1]["reason"]


def test_the_critic_says_what_a_picture_would_be_called_and_where(monkeypatch, tmp_path):
    publish_tiny_critic(tmp_path)
    worker, wire = worker_with(monkeypatch, lambda picture, _task: picture)
    worker._weights = tmp_path
    worker.prepare(["tried"], judges=True)
    picture = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    worker.do(job(encode(picture, "PNG")))
    assert set(wire[-1]["scores"]) == set(EXPRESSIONS)
    with Image.open(io.BytesIO(wire[-1]["look"])) as look:
        assert (look.mode, look.size) == ("LA", (160, 120))
        dark = np.asarray(look)
    assert dark[..., 0].max() == 0
    assert dark[..., 1].min() < 20 and 200 < dark[..., 1].max() < 230, "dusk, but not night"


def test_a_picture_too_large_for_the_channel_has_failed(monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (2400, 2400, 3), np.uint8)
    worker, wire = worker_with(monkeypatch, lambda _picture, _task: noise)
    worker.do(job())
    assert wire.kinds() == ["failed"]
    assert wire[-1]["code"] == "engine-failed" and "bytes" in wire[-1]["reason"]


def test_a_picture_is_made_even_where_the_critic_fails(monkeypatch):
    worker, wire = worker_with(monkeypatch, lambda picture, _task: picture)

    def fails(_picture, _threads):
        raise MemoryError

    worker._judge = fails
    worker.do(job())
    assert wire.kinds() == ["done"]
    assert wire[-1]["scores"] is None and wire[-1]["look"] is None


@pytest.mark.parametrize(
    "error, code",
    [
        (MemoryError(), "no-memory"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "no-memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "no-memory"),
        (RuntimeError("anything else"), "engine-failed"),
        (KeyError("a mistake"), "engine-failed"),
    ],
)
def test_what_goes_wrong_gets_its_code_and_the_next_job_is_done(monkeypatch, error, code):
    answers = [error, None]

    def paint(picture, _task):
        if problem := answers.pop(0):
            raise problem
        return picture

    worker, wire = worker_with(monkeypatch, paint)
    worker.do(job())
    worker.do(job())
    assert wire.kinds() == ["failed", "done"]
    assert next(m for m in wire if m["kind"] == "failed")["code"] == code


def test_an_engine_that_cannot_be_made_leaves_the_others_alone(monkeypatch):
    def broken(_folder):
        raise ValueError("these weights are no network")

    worker, wire = worker_with(monkeypatch, lambda picture, *_: picture)
    monkeypatch.setitem(table.ENGINES, "broken", Engine(make=broken, weights=()))
    worker.prepare(["broken", "tried", "tried/live"])
    worker.do(job() | {"engine": "broken"})
    worker.do(job())
    assert wire.kinds() == [*4 * ["alive"], "ready", "failed", "done"]


def test_a_damaged_capture_is_said(monkeypatch):
    worker, wire = worker_with(monkeypatch, lambda picture, *_: picture)
    noise = encode(np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8), "PNG")
    worker.do(job(noise[: len(noise) // 2]))
    assert wire.kinds() == ["failed"]
    assert wire[-1]["code"] == "bad-capture"


@pytest.mark.parametrize("size, painted", [((256, 256), True), ((256, 255), False)])
def test_the_living_canvas_has_one_size(monkeypatch, size, painted):
    worker, wire = worker_with(monkeypatch, lambda picture, *_: picture)
    jpeg = encode(np.full((*size, 3), 90, np.uint8), "JPEG")
    live = {"visitor": "v", "number": 3, "engine": "tried", "threads": 1, "jpeg": jpeg}
    worker.do({"kind": "live", **live})
    assert wire.kinds() == ["painted"]
    assert (wire[-1]["jpeg"] is not None) is painted
    assert wire[-1]["number"] == 3


def test_a_reference_is_there_where_its_set_is(monkeypatch, tmp_path):
    monkeypatch.setenv("MIEN_DATA", str(tmp_path))
    assert reference_for("1" * 32, "monet", (256, 256)) is None
    folder = tmp_path / "art" / "monet"
    folder.mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (400, 300), (80 * number, 0, 0)).save(folder / f"{number}.jpg")
    seen = {decode(reference_for(f"{n:032x}", "monet", (256, 256)), "JPEG", MOST)[0, 0, 0] // 70
            for n in range(6)}  # fmt: skip
    assert seen == {0, 1, 2}
    assert reference_for("1" * 32, None, (256, 256)) is None


# -- the throttle of the living canvas ---------------------------------------------


def test_the_living_canvas_gives_way_at_once_and_comes_back_slowly():
    throttle = Throttle()
    for _ in range(4):
        throttle.learn(0.3)
    assert throttle.pause == 16 * SHORTEST
    for _ in range(100):
        throttle.learn(0.3)
    assert throttle.pause == LONGEST
    throttle.learn(0.1)
    assert throttle.pause == LONGEST
    throttle.learn(0.05)
    assert throttle.pause == pytest.approx(0.9 * LONGEST)
    for _ in range(100):
        throttle.learn(0.0)
    assert throttle.pause == SHORTEST
