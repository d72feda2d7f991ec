"""The visitor's way, with waits of seconds: attract, notice, play, capture, goodbye."""

import time

import pytest

from tests.conftest import MODES
from tests.running import Guest, Mien, wait_until

pytestmark = pytest.mark.socket

ABSENCE = 3


@pytest.fixture(scope="module", params=MODES)
def brief(request, tmp_path_factory):
    """An installation whose visits are short."""
    server = Mien(
        tmp_path_factory.mktemp("brief"),
        *("--async-mode", request.param, "--max-visitors", "2"),
        *("--attract-after", "1", "--absence", str(ABSENCE)),
        *("--capture-time", "1", "--goodbye-time", "1"),
    )
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


@pytest.fixture
def guest(brief):
    with Guest(brief.url) as guest:
        yield guest
    wait_until(lambda: brief.health()["visitors"]["connected"] == 0, "leaving")


def wait_for_way(guest: Guest, state: str, after: int = 0) -> int:
    """How many events were heard when the page was told so."""
    guest.wait_for("way", lambda way: way == {"state": state}, after)
    return len(guest.heard)


def test_a_notice_left_alone_becomes_a_performance(guest):
    heard = wait_for_way(guest, "attract")
    scene, landmarks = guest.wait_for(
        "scene", lambda scene, *points: scene["present"] and points, after=heard
    )
    assert landmarks[:2] == (468).to_bytes(2, "little")
    assert not guest.all("status")


def test_a_touch_brings_the_notice_and_an_empty_scene(guest):
    heard = wait_for_way(guest, "attract")
    guest.wait_for("scene", lambda scene, *_: scene["present"], after=heard)
    heard = len(guest.heard)
    guest.send("touch")
    wait_for_way(guest, "notice", heard)
    guest.wait_for("scene", lambda scene, *_: scene["reset"] and not scene["add"], after=heard)
    wait_for_way(guest, "attract", heard)  # and left alone it performs again


def test_one_performance_serves_all_pages(brief, guest):
    with Guest(brief.url) as other:
        wait_for_way(guest, "attract")
        wait_for_way(other, "attract")
        heard = len(guest.heard), len(other.heard)

        def frames(one: Guest, since: int) -> set[int]:
            scenes = [p[0] for name, *p in one.heard[since:] if name == "scene"]
            return {scene["frame"] for scene in scenes if not scene["reset"]}

        wait_until(lambda: len(frames(guest, heard[0]) & frames(other, heard[1])) > 10, "the same")


def test_in_attract_no_frame_is_read(guest, face):
    heard = wait_for_way(guest, "attract")
    guest.show(face)
    assert "consent" in guest.problem("no-consent", after=heard)


def test_commands_do_nothing_before_consent(guest):
    guest.send("command", {"name": "more"})
    guest.client.call("clock", timeout=10)
    assert not guest.all("scene")


@pytest.mark.parametrize("from_attract", [False, True])
def test_nobody_in_view_ends_the_visit(guest, brief, face, nobody, from_attract):
    if from_attract:
        wait_for_way(guest, "attract")
    visits = brief.health()["visitors"]["visits"]
    guest.consent()
    wait_for_way(guest, "play")
    guest.send("command", {"name": "more"})
    guest.show_and_see(face)
    heard = len(guest.heard)
    while not any(event == ("way", {"state": "goodbye"}) for event in guest.heard[heard:]):
        guest.show(nobody)
        time.sleep(0.1)
    guest.wait_for("status", lambda status: status["state"] == "stopped", heard)
    guest.wait_for("scene", lambda scene, *_: scene["reset"] and not scene["add"], heard)
    heard = len(guest.heard)
    guest.show(face)
    guest.problem("no-consent", heard)
    health = brief.health()
    assert health["visitors"]["camera"] == 0 and health["perception"][0]["visitors"] == 0
    assert health["visitors"]["visits"] == visits + 1
    wait_for_way(guest, "notice", heard)
    heard = wait_for_way(guest, "attract", heard)
    guest.consent()  # the next person
    wait_for_way(guest, "play", heard)
    scene, _ = guest.show_and_see(face)
    assert scene["present"]


def test_no_frames_at_all_end_the_visit_too(guest):
    guest.consent()
    heard = wait_for_way(guest, "play")
    wait_for_way(guest, "goodbye", heard)


def test_somebody_in_view_stays(guest, face):
    guest.consent()
    seen, longest, end = time.monotonic(), 0.0, time.monotonic() + 2.5 * ABSENCE
    while time.monotonic() < end:
        guest.show_and_see(face)
        longest = max(longest, time.monotonic() - seen)
        seen = time.monotonic()
        if longest > ABSENCE / 2:
            pytest.skip("this machine is too busy to show a face often enough")
        time.sleep(0.1)
    assert [way["state"] for (way,) in guest.all("way")] == ["play"]


def test_stop_says_goodbye(guest):
    guest.consent()
    guest.send("stop")
    heard = wait_for_way(guest, "goodbye")
    wait_for_way(guest, "notice", heard - 1)


def test_a_capture_is_looked_at(guest, face):
    guest.consent()
    guest.show_and_see(face)
    heard = len(guest.heard)
    guest.send("command", {"name": "capture"})
    wait_for_way(guest, "capture", heard)
    wait_until(lambda: guest.show_and_see(face)[0]["present"], "playing on")
    wait_for_way(guest, "play", heard)


def test_a_connection_begins_at_the_notice(brief, guest, face):
    guest.consent()
    guest.show_and_see(face)
    with Guest(brief.url) as reloaded:
        reloaded.show(face)
        reloaded.problem("no-consent")


def test_a_visitor_who_waits_is_not_absent(brief, guest, face):
    with Guest(brief.url) as second, Guest(brief.url) as third:
        for one in (guest, second):
            one.consent()
        third.send("consent")
        third.wait_for("status", lambda status: status["state"] == "waiting")
        begun = time.monotonic()
        while time.monotonic() < begun + 1.5 * ABSENCE and not third.all("problem"):
            for one in (guest, second):
                if one.all("way")[-1][0]["state"] == "play":
                    one.show(face)
            time.sleep(0.2)
        guest.send("stop")
        third.wait_for("status", lambda status: status["state"] == "ready")
        assert third.all("way")[0] == [{"state": "play"}] and len(third.all("way")) == 1
        assert third.show_and_see(face)[0]["present"]
