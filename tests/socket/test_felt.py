"""What a visitor shows becomes pictures over the wire, with a real worker and networks that know
nothing: the triptych with its scores, the other engines, a picture of the visitor's own."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from skimage import data

from server.art.triptych import GROUND
from server.gallery.sealed import key_of, unseal
from server.studio import hash_of
from server.values import EXPRESSIONS
from tests.running import Guest, Mien
from tests.socket.test_art import Painter, noise, png, start

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("felt")


@pytest.fixture(scope="module")
def server(folder):
    running = start(folder, "--picture-size", "256", felt=True)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def painter(server: Mien):
    with Guest(server.url) as guest:
        yield Painter(server, guest)


def kept(folder, painter: Painter, id: str) -> tuple | None:
    """Mixture and scores of an Artwork as the gallery has them, for who knows the token."""
    name = f"{id}.row"
    file = folder / "data" / "gallery" / "visits" / hash_of(painter.token) / name
    if not file.exists():
        return None
    row = json.loads(unseal(key_of(painter.token), name, file.read_bytes()))
    return row["mixture"], row["scores"]


def pixels(painter: Painter, done: dict) -> np.ndarray:
    status, content = painter.ask("GET", done["urls"]["picture"])
    assert status == 200
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def portrait() -> bytes:
    """scikit-image's astronaut (NASA, public domain), smiling."""
    file = io.BytesIO()
    Image.fromarray(data.astronaut()).save(file, "PNG")
    return file.getvalue()


def test_what_is_shown_becomes_a_triptych_whose_scores_are_kept_and_deleted_with_it(
    folder, painter, face
):
    engines = [one["name"] for one in painter.guest.wait_for("welcome")[0]["art"]["engines"]]
    assert engines == ["painted", "monet", "landscape", "style", "dream", "felt"]
    painter.guest.wait_for("status", lambda status: status["state"] == "ready")
    painter.guest.show_and_see(face)
    id = painter.paint(engine="felt", body=png((640, 360)))
    done = painter.hears(id, "done")
    picture = pixels(painter, done)
    height, width = picture.shape[:2]
    assert width / height == pytest.approx(16 / 9, abs=0.01)
    lit = (picture[height // 2] != GROUND).any(1)
    edges = np.flatnonzero(np.diff(lit.astype(int)))
    assert len(edges) == 6, "three panels on the ground"
    assert tuple(done["scores"]) == EXPRESSIONS
    assert sum(done["scores"].values()) == pytest.approx(1, abs=0.01)
    assert done["urls"]["reference"] is None, "it learned from no one set"
    status, look = painter.ask("GET", done["urls"]["look"])
    assert status == 200 and look.startswith(b"\x89PNG"), "where the critic has looked"
    mixture, scores = kept(folder, painter, id)
    assert scores == done["scores"]
    assert sum(mixture.values()) == pytest.approx(1)
    assert painter.ask("DELETE", f"/art/pictures/{id}")[0] == 204
    painter.hears(id, "deleted")
    assert kept(folder, painter, id) is None


@pytest.mark.parametrize("engine", ["style", "dream"])
def test_the_other_engines_that_follow_a_mixture(painter, engine):
    id = painter.paint(engine=engine, scene="bloom", body=png((256, 320)))
    done = painter.hears(id, "done")
    picture = pixels(painter, done)
    assert picture.shape[0] > picture.shape[1]
    assert bool(done["strokes"]) is (engine == "style"), "dreams are not painted over"
    assert done["scene"] == "bloom"
    assert set(done["scores"]) == set(EXPRESSIONS), "the critic looks at every picture"
    assert painter.ask("GET", done["urls"]["look"])[0] == 200


def test_the_face_in_a_picture_of_one_s_own_chooses_the_mixture(folder, painter):
    painter.guest.wait_for("status", lambda status: status["state"] == "ready")

    def send(body: bytes) -> dict:
        asked = "/art/captures?engine=style&scene=own&own=1"
        status, answer = painter.ask("POST", asked, body)
        assert status == 202, answer
        return answer

    found = send(portrait())
    assert found["face"]
    mixture, _ = kept(folder, painter, found["id"])
    assert set(mixture) == set(EXPRESSIONS) and max(mixture.values()) > 0.2
    painter.hears(found["id"], "done")
    without = send(png((300, 300)))
    assert not without["face"]
    other, _ = kept(folder, painter, without["id"]) or (None, None)
    assert other != mixture
    painter.hears(without["id"], "done")


@pytest.mark.parametrize(
    "body", [b"garbage", png((1100, 1000)), noise((300, 300))[:50_000]], ids=["no", "big", "cut"]
)
def test_a_hostile_picture_of_one_s_own_is_answered(server, body):
    with Guest(server.url) as guest:
        painter = Painter(server, guest)
        guest.wait_for("status", lambda status: status["state"] == "ready")
        status, answer = painter.ask("POST", "/art/captures?engine=style&scene=own&own=1", body)
        assert (status, answer["code"]) == (400, "bad-capture")
        assert server.health()["perception"][0]["restarts"] == 0


def test_a_house_without_pictures_of_one_s_own_and_without_emotion(tmp_path):
    options = ("--no-own-pictures", "--no-emotion", "--engines", "monet")
    running = start(tmp_path, *options, mode="threading", felt=True)
    try:
        with Guest(running.url) as guest:
            painter = Painter(running, guest)
            assert guest.wait_for("welcome")[0]["art"]["own"] is False
            asked = "/art/captures?engine=monet&scene=own&own=1"
            status, answer = painter.ask("POST", asked, portrait())
            assert (status, answer["code"]) == (403, "no-own")
            id = painter.paint()
            painter.hears(id, "done")
            assert kept(tmp_path, painter, id) == (None, None), "the critic is silent, too"
    finally:
        running.stop()
