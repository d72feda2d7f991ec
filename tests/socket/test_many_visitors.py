"""Hours of visitors in a minute: they come, play and leave in every way, whatever breaks."""

import contextlib
import itertools
import os
import signal
import threading
import time

import pytest
import socketio
from engineio.packet import PING

from tests.running import Guest, Mien, wait_until

pytestmark = [pytest.mark.socket, pytest.mark.slow, pytest.mark.timeout(1000)]

PAGES = 4
VISITS = 5
"""Of each page."""
WAITS = (
    *("--max-visitors", "2", "--attract-after", "1"),
    *("--absence", "4", "--capture-time", "1", "--goodbye-time", "1"),
)
LEAVING = ("walks away", "stays out of view", "stops", "reloads", "captures and walks away")


class Page(threading.Thread):
    """A page and the people who come to it, one after the other."""

    def __init__(self, url: str, number: int, face: bytes, nobody: bytes) -> None:
        super().__init__(daemon=True)
        self.url, self.face, self.nobody = url, face, nobody
        self.leaving = itertools.islice(itertools.cycle(LEAVING), number, None)
        self.visits = 0
        self.now = "connecting"
        """What it waits for, to be named when it waits for ever."""
        self.guest: Guest | None = None

    def run(self) -> None:
        self.load()
        for how in itertools.islice(self.leaving, VISITS):
            if self.visits % 2:
                self.wait_for(lambda: self.last("way") == "attract", "attract")
            self.play()
            self.leave(how)
            self.visits += 1
        self.now = "done"

    def load(self) -> None:
        """Open the page, however often that takes while the server is away."""
        while True:
            with contextlib.suppress(socketio.exceptions.ConnectionError):
                self.guest = Guest(self.url)
                break
            time.sleep(0.2)
        # a new connection begins at the notice, without a message
        self.guest.client.on("connect", self.begin)

    def begin(self) -> None:
        self.guest.heard += [("way", {"state": "notice"}), ("status", {"state": "stopped"})]

    def told(self) -> dict:
        """For the message when it is stuck."""
        words = {"waits for": self.now, "visits": self.visits}
        words["connected"] = self.guest.client.connected
        return words | {name: self.last(name) for name in ("way", "status")}

    def last(self, event: str) -> str:
        heard = self.guest.all(event)
        return heard[-1][0]["state"] if heard else ""

    def send(self, event: str, *payload) -> None:
        with contextlib.suppress(socketio.exceptions.SocketIOError):  # just not connected
            self.guest.send(event, *payload)

    def show(self, jpeg: bytes) -> None:
        """Send a frame and wait a second for its `next`, as the page does."""
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            number, end = self.guest.show(jpeg), time.monotonic() + 1
            while time.monotonic() < end and not self.has_answer(number):
                time.sleep(0.02)

    def has_answer(self, number: int) -> bool:
        return any(answer["number"] == number for (answer,) in self.guest.all("next"))

    def play(self) -> None:
        """Agree, wait in the line, be seen a few times."""
        self.now = "play"
        since = len(self.guest.heard)
        while self.times_seen(since) < 3:
            if self.last("status") == "ready":
                self.show(self.face)
            else:
                self.send("consent")
            time.sleep(0.15)

    def times_seen(self, since: int) -> int:
        events = self.guest.heard[since:]
        return sum(e[0] == "scene" and e[1]["present"] and len(e) == 3 for e in events)

    def leave(self, how: str) -> None:
        if how == "reloads":
            self.now = "loading again"
            self.guest.client.shutdown()
            self.load()
            return
        if how == "stops":
            self.send("stop")
        if how == "captures and walks away":
            self.send("command", {"name": "capture"})
        while self.last("way") in ("play", "capture"):
            self.now = f"goodbye after somebody {how}"
            if how == "stays out of view" and self.last("status") == "ready":
                self.show(self.nobody)
            time.sleep(0.15)

    def wait_for(self, happened, what: str) -> None:
        self.now = what
        while not happened():
            time.sleep(0.1)


def test_nobody_is_stuck(tmp_path, face, nobody):
    server = Mien(tmp_path, *WAITS).wait_until_ready()
    pages = [Page(server.url, number, face, nobody) for number in range(PAGES)]

    def wait_for_visits(share: float) -> None:
        end = time.monotonic() + 300
        while sum(page.visits for page in pages) < share * PAGES * VISITS:
            if time.monotonic() > end:
                stuck = [page.told() for page in pages if page.now != "done"]
                raise AssertionError(f"{share:.0%} of the visits: {stuck}, {server.health()}")
            time.sleep(0.1)

    try:
        for page in pages:
            page.start()
        wait_for_visits(0.3)
        os.kill(server.health()["perception"][0]["pid"], signal.SIGKILL)
        wait_for_visits(0.6)
        assert server.health()["perception"][0]["restarts"] >= 1
        server.stop()
        server = Mien(tmp_path, *WAITS, port=server.port).wait_until_ready()
        wait_for_visits(1.0)

        def state() -> dict:
            return server.health()["visitors"]

        wait_until(lambda: state()["attract"] == PAGES, "unattended pages")
        assert state()["camera"] == state()["waiting"] == 0
        assert server.health()["perception"][0]["visitors"] == 0
        for page in pages:
            page.guest.client.shutdown()
        wait_until(lambda: state()["connected"] == 0, "leaving")
        with Guest(server.url) as last:  # and it still plays
            last.consent()
            assert last.show_and_see(face)[0]["present"]
        log = server.log.read_text()
        assert "Traceback" not in log, log
    finally:
        server.stop()


def test_a_page_that_falls_silent_while_it_is_sent_scenes_stops_nobody(mien, face):
    """Its end is found out while a scene is sent to it, in the middle of everything."""
    before = mien.health()["visitors"]["connected"]
    silent = Guest(mien.url)
    silent.client.reconnection = False
    hear = silent.client.eio._receive_packet
    silent.client.eio._receive_packet = lambda packet: packet.packet_type == PING or hear(packet)
    silent.send("replay", {"name": "asl_again"})
    silent.wait_for("scene", lambda scene, *_: scene["present"])
    wait_until(lambda: mien.health()["visitors"]["connected"] == before, "noticing the silence")
    with Guest(mien.url) as other:
        other.consent().show_and_see(face)
    silent.client.shutdown()
