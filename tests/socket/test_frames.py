"""Frames in, scenes out: a real client against the real program."""

import struct

import numpy as np
import pytest

from server import VERSION
from tests.running import Guest, wait_until

pytestmark = pytest.mark.socket


@pytest.fixture
def guest(mien):
    with Guest(mien.url) as guest:
        yield guest
    wait_until(lambda: mien.health()["visitors"]["connected"] == 0, "leaving")


def test_everybody_is_welcomed(guest):
    (welcome,) = guest.wait_for("welcome")
    assert welcome["version"] == VERSION
    assert welcome["emotion"] is True
    assert welcome["frame"]["width"] == 640
    assert "asl_again" in welcome["replays"]


def test_a_face_becomes_a_scene(guest, face):
    guest.consent()
    scene, landmarks = guest.show_and_see(face)
    assert scene["present"] and scene["people"] == 1
    assert scene["body"]["head"]["size"] > 0.1
    assert sum(scene["mixture"].values()) == pytest.approx(1, abs=0.01)
    counts = struct.unpack("<4H", landmarks[:8])
    assert counts[:2] == (468, 33)
    points = np.frombuffer(landmarks[8:], "<u2").reshape(-1, 2) / 65535
    assert len(points) == sum(counts)
    # mirrored for the visitor: a face left of the middle of the picture is at the right
    assert np.sign(points[:468, 0].mean() - 0.5) == -np.sign(scene["body"]["head"]["x"])


def test_nobody_is_a_scene_too(guest, nobody):
    guest.consent()
    scene, landmarks = guest.show_and_see(nobody)
    assert not scene["present"]
    assert scene["body"]["head"] is None
    assert struct.unpack("<4H", landmarks) == (0, 0, 0, 0)


def test_no_frame_is_read_without_consent(guest, face):
    guest.show(face)
    assert "consent" in guest.problem("no-consent")
    assert not guest.all("scene")


def test_each_frame_is_acknowledged(guest, face):
    guest.consent()
    for _ in range(5):
        number = guest.show(face)
        outcome = guest.wait_for("next", lambda reply, n=number: reply["number"] == n)[0]["outcome"]
        assert outcome == "taken"


def test_only_the_newest_of_many_frames_is_read(guest, face):
    guest.consent()
    sent = [guest.show(face) for _ in range(8)]
    guest.wait_for("scene", lambda scene, *_: scene["frame"] == sent[-1])
    outcomes = {reply["number"]: reply["outcome"] for (reply,) in guest.all("next")}
    assert set(outcomes) == set(sent)
    assert outcomes[sent[-1]] == "taken"
    assert "dropped" in outcomes.values()


def test_after_stop_frames_are_refused_and_objects_are_gone(guest, face):
    guest.consent()
    guest.send("command", {"name": "more"})
    guest.wait_for("scene", lambda scene, *_: scene["add"])
    guest.send("stop")
    guest.wait_for("status", lambda status: status["state"] == "stopped")
    heard = len(guest.heard)
    guest.show(face)
    guest.problem("no-consent", after=heard)
    heard = len(guest.heard)
    guest.consent()
    (scene,) = guest.wait_for("scene", lambda scene, *_: scene["reset"], after=heard)
    assert scene["add"] == []


def test_more_adds_objects_and_clear_removes_them(guest):
    guest.consent()
    guest.send("command", {"name": "more"})
    (scene, *_) = guest.wait_for("scene", lambda scene, *_: scene["add"])
    born = [thing["id"] for thing in scene["add"]]
    guest.send("command", {"name": "clear"})
    (scene, *_) = guest.wait_for("scene", lambda scene, *_: scene["remove"])
    assert sorted(scene["remove"]) == sorted(born)
    assert [action["name"] for action in scene["actions"]] == ["clear"]


def test_a_recording_plays_without_camera_and_consent(guest):
    guest.send("replay", {"name": "asl_again"})
    scene, landmarks = guest.wait_for("scene", lambda scene, *_: scene["frame"] > 20)
    assert scene["present"]
    assert struct.unpack("<4H", landmarks[:8])[0] == 468
    # over and over
    guest.wait_for("scene", lambda scene, *_: scene["frame"] > 45)
    assert guest.all("scene")[-1][0]["time"] > 2.6


def test_visitors_do_not_see_each_other(mien, guest, face, nobody):
    with Guest(mien.url) as other:
        guest.consent(), other.consent()
        mine, _ = guest.show_and_see(face)
        others, _ = other.show_and_see(nobody)
        assert mine["present"] and not others["present"]
        guest.send("command", {"name": "more"})
        guest.wait_for("scene", lambda scene, *_: scene["add"])
        again, _ = other.show_and_see(nobody)
        assert not any(scene["add"] for scene, *_ in other.all("scene"))


def test_beyond_the_capacity_one_waits_and_is_called(mien, guest, face):
    with Guest(mien.url) as second:
        guest.consent(), second.consent()
        with Guest(mien.url) as third, Guest(mien.url) as fourth:
            third.send("consent")
            third.wait_for("status", lambda s: (s["state"], s["place"]) == ("waiting", 1))
            fourth.send("consent")
            fourth.wait_for("status", lambda s: (s["state"], s["place"]) == ("waiting", 2))
            third.show(face)
            third.problem("no-consent")
            second.send("stop")
            third.wait_for("status", lambda s: s["state"] == "ready")
            fourth.wait_for("status", lambda s: (s["state"], s["place"]) == ("waiting", 1))
            scene, _ = third.show_and_see(face)
            assert scene["present"]


def test_the_clock_answers(guest):
    first, second = (guest.client.call("clock", timeout=10) for _ in range(2))
    assert 0 <= second - first < 10
