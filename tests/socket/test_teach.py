"""The workshop of the real program: who may enter, two of staff, publishing while people play."""

from __future__ import annotations

import http.cookiejar
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy as np
import pytest
import socketio.exceptions

from datasets.gestures import BODY
from server.workshop import csv_form
from tests.conftest import MODES
from tests.running import ROOT, Client, Guest, Mien, wait_until
from tests.unit.taught_takes import take

pytestmark = [pytest.mark.socket, pytest.mark.timeout(900)]

NAMESPACE = "/workshop"
LONG = 400.0
"""Seconds a training may take where others keep the processor busy."""


@pytest.fixture(scope="module", params=MODES)
def house(request, tmp_path_factory):
    server = Mien(
        tmp_path_factory.mktemp("house"),
        *("--async-mode", request.param, "--max-visitors", "2", "--absence", "600"),
    )
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


class Staff:
    """A browser that has come in with the password."""

    def __init__(self, server: Mien, password: str | None = None) -> None:
        self.server = server
        self.cookies = http.cookiejar.CookieJar()
        self._browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies)
        )
        if password is None:
            password = re.search(r"with the password (\S+)", server.log.read_text())[1]
        form = urllib.parse.urlencode({"password": password}).encode()
        self.came_to = self.fetch("/staff?to=workshop", form)[0]

    def fetch(self, path: str, body: bytes | None = None, origin: str | None = None):
        """The address one ends at, the status, and the text."""
        request = urllib.request.Request(self.server.url + path, body)
        request.add_header("Origin", origin or self.server.url)
        try:
            with self._browser.open(request, timeout=60) as answer:
                return answer.url, answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.url, error.code, error.read().decode()

    def bring_in(self, text: str, person: str, name: str = "poses.csv", origin: str | None = None):
        query = urllib.parse.urlencode({"person": person, "name": name})
        _, status, answer = self.fetch(f"/workshop/recordings.csv?{query}", text.encode(), origin)
        return status, json.loads(answer)

    def page(self) -> Page:
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.cookies)
        return Page(self.server, cookie)


class Page:
    """The workshop's page, played by a real Socket.IO client."""

    def __init__(self, server: Mien, cookie: str) -> None:
        self.client = Client(reconnection=False)
        self.heard: list[tuple] = []
        self._number = 0
        self._shown = 0.0
        self.client.on("*", lambda event, *all: self.heard.append((event, *all)), NAMESPACE)
        options = {"transports": ["websocket"], "namespaces": [NAMESPACE], "wait_timeout": 10}
        self.client.connect(server.url, headers={"Cookie": cookie}, **options)

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_error) -> None:
        self.client.disconnect()

    def say(self, event: str, data: dict | None = None) -> None:
        self.client.emit(event, data or {}, NAMESPACE)

    def show(self, jpeg: bytes) -> None:
        self._number += 1
        self._shown = time.monotonic()
        self.client.emit("frame", (self._number, jpeg), NAMESPACE)

    def show_when_asked(self, jpeg: bytes) -> None:
        """The next frame, once the server has taken the last one, as the page does it: never
        more than a camera has, because too many are refused and none would follow."""
        taken = [told["number"] for name, *(told, *_) in self.heard if name == "next"]
        rested = time.monotonic() - self._shown > 1 / 20
        if self._number == 0 or (self._number in taken[-5:] and rested):
            self.show(jpeg)

    def wait_for(self, event: str, that=lambda *_: True, after: int = 0, deadline: float = 60.0):
        def found():
            for name, *payload in self.heard[after:]:
                if name == event and that(*payload):
                    return payload
            return None

        try:
            return wait_until(found, f"the workshop's event {event}", deadline)
        except AssertionError as error:
            raise AssertionError(f"{error}; heard: {self.heard[after:][-12:]}") from None


def csv_of(*takes) -> str:
    lines = [",".join(csv_form.HEADER) + "\n"]
    for one in takes:
        lines += csv_form.rows_of(one)
    return "".join(lines)


def remove_everything(page: Page) -> None:
    [state] = page.wait_for("state")
    heard = len(page.heard)
    page.say("publish", {"version": None})
    [state] = page.wait_for("state", lambda state: state["live"] is None, after=heard)
    for pose in state["poses"]:
        page.say("remove", {"pose": pose["name"]})
    for person in {one["person"] for one in state["takes"]}:
        page.say("remove", {"person": person})
    if state["poses"] + state["takes"]:
        page.wait_for("state", lambda state: not state["poses"] + state["takes"], after=heard)


@pytest.fixture
def empty(house):
    """What a test that missed a deadline has left must not trouble the next."""
    with Staff(house).page() as page:
        remove_everything(page)


@pytest.mark.usefixtures("empty")
def test_only_staff_come_in(house):
    stranger = Staff(house, password="wrong")
    address, status, text = stranger.fetch("/workshop")
    assert address.endswith("/staff?to=workshop") and status == 200 and 'type="password"' in text
    assert stranger.fetch("/workshop/recordings.csv")[0].endswith("/staff?to=workshop")
    good = csv_of(take("teapot", "Ana"), take("neutral", "Ana"))
    assert stranger.bring_in(good, "Ana")[0] == 403
    for cookie in ("", "mien=made-up"):
        with pytest.raises(socketio.exceptions.ConnectionError):
            Page(house, cookie)
    staff = Staff(house)
    assert staff.came_to.endswith("/workshop"), "back to where one wanted to go"
    assert staff.bring_in(good, "Ana", origin="https://elsewhere.example")[0] == 403
    with staff.page() as page:
        [state] = page.wait_for("state")
        assert state["takes"] == [] and "hands_on_hips" in state["teachable"]


def test_the_door_leads_nowhere_else(house):
    staff = Staff(house)
    form = urllib.parse.urlencode({"password": "wrong"}).encode()
    for to in ("https://elsewhere.example", "//elsewhere.example", "staff.leave"):
        address, _, text = staff.fetch(f"/staff?{urllib.parse.urlencode({'to': to})}", form)
        assert address.startswith(house.url) and "elsewhere" not in text


@pytest.mark.usefixtures("empty")
def test_two_of_staff_see_the_same_and_take_places_like_visitors(house, face):
    first, second = Staff(house), Staff(house)
    with first.page() as one, second.page() as two, Guest(house.url) as guest:
        two.wait_for("state")
        one.say("pose", {"name": "Tree", "action": "clear", "hold": 1})
        two.wait_for("state", lambda state: [p["name"] for p in state["poses"]] == ["Tree"])
        one.say("pose", {"name": "Wave", "action": "clear", "hold": 1})
        assert "reads already" in one.wait_for("problem")[0]["message"]
        assert not [event for event, *_ in two.heard if event == "problem"]

        guest.consent()
        one.say("camera", {"on": True})
        one.wait_for("status", lambda status: status["state"] == "ready")
        two.say("camera", {"on": True})
        two.wait_for("status", lambda status: status["state"] == "full")
        with Guest(house.url) as waiting:
            waiting.send("consent")
            waiting.wait_for("status", lambda status: status["state"] == "waiting")
            one.show(face)
            seen, points = one.wait_for("seen")
            assert set(seen) == {"beliefs", "confidence"}
            counts = np.frombuffer(points, "<u2", 4).tolist()
            assert counts == [0, BODY, 0, 0], "the body alone"
            one.say("camera", {"on": False})
            waiting.wait_for("status", lambda status: status["state"] == "ready")
        guest.show_and_see(face)
        one.say("remove", {"pose": "Tree"})
        two.wait_for("state", lambda state: state["poses"] == [])


def test_frames_need_the_camera_and_nonsense_is_refused(house, face):
    with Staff(house).page() as page:
        page.show(face)
        assert "camera" in page.wait_for("problem")[0]["message"]
        for event, data in (
            ("pose", {"name": {"a": 1}}),
            ("record", {"pose": ["x"], "person": 5}),
            ("publish", {"version": "../.."}),
            ("remove", {"version": {}}),
            ("remove", {}),
            ("train", {}),
        ):
            heard = len(page.heard)
            page.say(event, data)
            page.wait_for("problem", after=heard)
        heard = len(page.heard)
        for _ in range(60):
            page.say("cancel")
        page.wait_for("problem", lambda problem: "too fast" in problem["message"], after=heard)


@pytest.mark.usefixtures("empty")
def test_a_recording_of_the_camera_is_kept(house, face):
    with Staff(house).page() as page:
        page.say("camera", {"on": True})
        page.wait_for("status", lambda status: status["state"] == "ready")
        page.say("record", {"pose": "neutral", "person": "Ana"})
        page.wait_for("recording")

        def kept():
            page.show_when_asked(face)
            return [payload for name, *payload in page.heard if name == "recorded"]

        [[told]] = wait_until(kept, "the end of the recording", 60.0)
        assert told["kept"], told
        page.wait_for("state", lambda state: len(state["takes"]) == 1)
        heard = len(page.heard)
        page.say("remove", {"person": "Ana"})
        page.wait_for("state", lambda state: state["takes"] == [], after=heard)


@pytest.mark.usefixtures("empty")
def test_a_pose_is_taught_published_and_left_while_somebody_plays(house, face):
    staff = Staff(house)
    text = csv_of(take("teapot", "Ana"), take("neutral", "Ana"), take("teapot", "Ana", 1))
    with staff.page() as page, Guest(house.url) as guest:
        guest.consent().show_and_see(face)
        status, answer = staff.bring_in(text.replace("teapot", "Teapot"), "Ana")
        assert (status, answer) == (201, {"takes": 3, "merged": {}})
        status, answer = staff.bring_in(text[:-40] + "\n", "Ana", "../cut.csv")
        assert status == 400 and answer["message"].startswith("cut.csv, row ")
        assert len(page.wait_for("state", lambda state: state["takes"])[0]["takes"]) == 3
        page.say("pose", {"name": "Teapot", "action": "more", "hold": 1})
        page.say("train")
        page.wait_for("progress", lambda progress: progress and 0 < progress["share"] < 1)
        [trained] = page.wait_for("trained", deadline=LONG)
        assert trained["kind"] == "done", trained
        number = trained["version"]

        heard = len(guest.heard)
        page.say("publish", {"version": number})
        poses = guest.wait_for("poses", lambda told: told["poses"], after=heard)[0]["poses"]
        assert [(one["name"], one["action"]) for one in poses] == [("Teapot", "more")]
        wait_until(lambda: taught(house) == [f"{number:04d}"], "the worker's use of it")
        guest.show_and_see(face)
        events = [event for event, *_ in guest.heard[heard:]]
        assert "way" not in events and "status" not in events, "who plays notices nothing"

        # A worker that is replaced while something is published uses it, too.
        page.say("publish", {"version": None})
        wait_until(lambda: taught(house) == [""], "the way back")
        worker = house.health()["perception"][0]["pid"]
        subprocess.run(["kill", "-9", str(worker)], check=True)
        page.say("publish", {"version": number})
        wait_until(lambda: taught(house) == [f"{number:04d}"], "the new worker's use of it")
        guest.show_and_see(face)

        status, text = staff.fetch("/workshop/recordings.csv?person=Ana")[1:]
        assert status == 200 and text.startswith("class,x1,y1,z1,v1,")
        assert {line.split(",")[0] for line in text.splitlines()[1:]} == {"Teapot", "neutral"}
        assert len(staff.fetch("/workshop/recordings.csv?person=Nobody")[2].splitlines()) == 1

        remove_everything(page)
        guest.wait_for("poses", lambda told: told["poses"] == [], after=heard)


def taught(house: Mien) -> list[str]:
    return [worker["taught"] for worker in house.health().get("perception", ())]


def test_another_password_ends_it_at_once(house):
    with Staff(house).page() as page:
        page.wait_for("state")
        command = [
            *(sys.executable, "app.py", "--new-staff-password"),
            *("--data-folder", str(house.log.parent / "data")),
        ]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        page.say("train")
        assert "password has changed" in page.wait_for("problem")[0]["message"]
    password = answer.stdout.split()[-1]
    assert Staff(house, password).came_to.endswith("/workshop")
