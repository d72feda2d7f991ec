"""Recording and masks over the wire: who gets what, and what is refused."""

import json
import urllib.error
import urllib.request

import numpy as np
import pytest

from server.perception import recording
from tests.running import Guest

pytestmark = pytest.mark.socket


def send(mien, content: bytes, origin: str | None = None) -> tuple[int, dict]:
    request = urllib.request.Request(f"{mien.url}/debug/recordings", content)
    request.add_header("Origin", origin or mien.url)
    request.add_header("Content-Type", "application/octet-stream")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_mask_comes_only_with_a_frame_that_asks_for_it(mien, face):
    with Guest(mien.url) as guest:
        guest.consent()
        guest.show_and_see(face)
        assert all(len(scene) <= 2 for scene in guest.all("scene"))
        guest.send("frame", 50, face, {"mask": True})
        scene, _landmarks, mask = guest.wait_for(
            "scene", lambda _scene, *packets: len(packets) == 2
        )
        assert scene["frame"] == 50
        people = np.frombuffer(mask[4:], np.uint8).reshape(72, 96)
        assert people[40:, 40:56].mean() > 200, "the astronaut's chest"
        assert people[:10, :10].mean() < 60, "the corner behind her"


def test_a_visit_is_recorded_and_played_again(mien, face):
    with Guest(mien.url) as guest:
        guest.consent()
        guest.show_and_see(face)
        guest.send("record", {"on": True})
        for _ in range(3):
            guest.show_and_see(face)
        guest.send("record", {"on": False})
        about, file = guest.wait_for("recorded")
        assert about["seconds"] > 0
        assert len(recording.from_bytes(file).frames) >= 2

        status, answer = send(mien, file)
        assert status == 201
        heard = len(guest.heard)
        guest.send("replay", answer)
        guest.wait_for("way", lambda way: way["state"] == "replay", after=heard)
        guest.wait_for("scene", lambda scene, *_: scene["present"], after=heard)


def test_nobody_is_recorded_without_consent_or_after_the_visit(mien, face):
    with Guest(mien.url) as guest:
        guest.send("record", {"on": True})
        assert "agreed" in guest.problem("no-consent")
        guest.consent()
        guest.send("record", {"on": "yes"})
        guest.problem("bad-command")
        guest.send("record", {"on": True})
        guest.show_and_see(face)
        guest.send("stop")
        guest.wait_for("status", lambda status: status["state"] == "stopped")
        heard = len(guest.heard)
        guest.consent()
        guest.send("record", {"on": False})
        guest.send("command", {"name": "nothing"})
        guest.problem("bad-command", after=heard)
        assert guest.all("recorded") == []


def test_a_stranger_sends_no_recordings(mien):
    good = recording.to_bytes(recording.load_all()["asl_sorry"])
    assert send(mien, good, origin="https://elsewhere.example")[0] == 403
    status, answer = send(mien, b"PK\x03\x04 but no recording")
    assert status == 400
    assert "no recording of landmarks" in answer["message"]
