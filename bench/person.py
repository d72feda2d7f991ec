"""Somebody who visits: a page's part of the protocol from consent to goodbye, pictures included,
played by a real client that finds its way back when the connection is lost."""

from __future__ import annotations

import io
import json
import random
import socket
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import socketio
from PIL import Image

from bench.frames import Clip
from datasets.pictures import read_rgb
from tests.running import Client

PATIENCE = 180.0
"""Seconds after which somebody who waits for anything is stuck."""
RATE = 8.0
"""Camera pictures a second."""
LOST = 1.0
"""Seconds after which a frame that was not acknowledged is given up, as the page does."""
LEAVING = ("stops", "closes the page", "loses the connection", "loses the camera", "comes back")
OVER = ("done", "failed", "cancelled", "expired")
SCENE = "landscape"
"""Those engines have learned it that translate captures."""


class Stuck(TimeoutError):
    """Something that had to happen did not."""


@dataclass
class Wish:
    """A capture that was accepted, and what became of it."""

    token: str
    """Of its visit."""
    began: float
    """Of the monotonic clock, as `ended`."""
    fate: str = ""
    """done, failed, cancelled, expired, left (its visitor did not wait), visit-over (the server has
    said that it knows it no more), lost (nothing was ever heard of it); empty in the making."""
    code: str = ""
    ended: float = 0.0
    seen: bool = False
    """The page has fetched it."""

    def ends(self, fate: str, code: str = "") -> None:
        if not self.fate:
            self.fate, self.code, self.ended = fate, code, time.monotonic()


class Person:
    """One page with one visitor."""

    def __init__(self, url: str, clip: Clip, chance: random.Random) -> None:
        self.url, self._clip, self._chance = url, clip, chance
        self.wishes: dict[str, Wish] = {}
        self.refused: list[str] = []
        """Codes of captures that were not accepted."""
        self.token = ""
        self.engines: list[dict] = []
        self.way = self.seat = ""
        self._number = self._taken = 0
        self._sent = 0.0
        self._wants = False
        """The visit goes on as far as this page knows: it agrees again when it is back."""
        self._client = self._connected()

    def _connected(self) -> Client:
        client = Client(reconnection_delay=0.1, reconnection_delay_max=0.5)
        for name in ("welcome", "status", "way", "next", "visit", "art"):
            client.on(name, getattr(self, f"_on_{name}"))
        end = time.monotonic() + PATIENCE
        while True:
            try:
                client.connect(self.url, transports=["websocket"], wait_timeout=PATIENCE)
                return client
            except (socketio.exceptions.ConnectionError, OSError, ValueError) as error:
                if time.monotonic() > end:
                    raise Stuck(f"nobody is let in: {error}") from error
                time.sleep(0.2)

    # -- what the page hears ---------------------------------------------------

    def _on_welcome(self, welcome: dict) -> None:
        self.engines = welcome["art"]["engines"]
        if self._wants:  # the connection was lost, or the server started anew
            self.seat = ""
            self._emit("consent", {"token": self.token})
        elif self.token:  # the visitor has stopped, and the server has not heard it
            self.way = "notice"

    def _on_status(self, status: dict) -> None:
        self.seat = status["state"]
        self._taken = self._number

    def _on_way(self, way: dict) -> None:
        self.way = way["state"]

    def _on_next(self, reply: dict) -> None:
        self._taken = reply["number"]

    def _on_visit(self, visit: dict) -> None:
        known = visit["pictures"] if visit["token"] == self.token else ()
        self.token = visit["token"]
        for id, wish in list(self.wishes.items()):
            if id not in known:
                wish.ends("visit-over")

    def _on_art(self, art: dict) -> None:
        if art["state"] in OVER:
            # it may come before the answer that says which capture it is about
            self.wishes.setdefault(art["id"], self._new()).ends(art["state"], art["code"])

    def _new(self) -> Wish:
        return Wish(self.token, time.monotonic())

    # -- what the visitor does -------------------------------------------------

    def visit(self, seconds: float, leaving: str) -> None:
        """Play for so long, wait for the pictures, leave.  Raises Stuck."""
        try:
            self._begin()
            self._play(seconds)
            if self._chance.random() < 0.85:
                self._until(lambda: self._all_known() or not self.is_in, "the pictures")
            getattr(self, "_" + leaving.replace(" ", "_"))()
        except Stuck:
            self._end_all("lost")
            raise
        finally:
            self._wants = False
            self._end_all("left")
            self._client.reconnection = False
            self._client.shutdown()  # also where it is just trying to come back

    def _end_all(self, fate: str) -> None:
        for wish in list(self.wishes.values()):
            wish.ends(fate)

    @property
    def is_in(self) -> bool:
        return self.way in ("play", "capture", "")

    def _begin(self) -> None:
        self._wants = True
        self._emit("touch")
        self._emit("consent")
        self._until(lambda: self.seat == "ready", "a place", frames=False)

    def _play(self, seconds: float) -> None:
        """Move, and now and then want something."""
        acts = [self._capture, self._capture, self._own, self._command, self._paint_live]
        wanted = self._chance.sample(acts, k=self._chance.randint(1, 3))
        times = sorted(self._chance.uniform(0.2, 0.9) * seconds for _ in wanted)
        began = time.monotonic()
        for at, act in zip(times, wanted, strict=True):
            self._show_until(began + at)
            if self.is_in and self.seat == "ready":
                act()
        self._show_until(began + seconds)

    def _look(self) -> None:
        """Fetch what is done, at once, as the page does; sometimes throw it away."""
        for id, wish in list(self.wishes.items()):
            if wish.fate != "done" or wish.seen or wish.token != self.token or not self.is_in:
                continue
            status, content = self._ask("GET", f"/art/pictures/{id}.png")
            if status == 200:
                wish.seen = True
                read_rgb(content)  # whole, or it raises
                if self._chance.random() < 0.2:
                    self._ask("DELETE", f"/art/pictures/{id}")

    def _capture(self) -> None:
        able = [e["name"] for e in self.engines if e["scenes"] is None or SCENE in e["scenes"]]
        self._wish(self._chance.choice(able), "")

    def _own(self) -> None:
        able = [engine["name"] for engine in self.engines if engine["own"]]
        self._wish(self._chance.choice(able), "&own=1")

    def _wish(self, engine: str, more: str) -> None:
        """Send what stands for a capture, or a picture of one's own with a face in it."""
        if more:
            picture = Image.fromarray(read_rgb(self._clip.at(self._chance.uniform(0, 4))))
        else:
            pixels = np.random.default_rng(self._chance.randrange(2**32))
            small = pixels.integers(0, 256, (24, 32, 3), np.uint8)
            picture = Image.fromarray(small).resize((512, 384))
        file = io.BytesIO()
        picture.save(file, "PNG", compress_level=1)
        path = f"/art/captures?engine={engine.replace('+', '%2B')}&scene={SCENE}{more}"
        status, answer = self._ask("POST", path, file.getvalue())
        if status == 202:
            self.wishes.setdefault(json.loads(answer)["id"], self._new())
        else:
            code = json.loads(answer)["code"] if status else "no connection"
            self.refused.append(code)

    def _command(self) -> None:
        name = self._chance.choice(("more", "clear", "capture", "scene", "freeze"))
        self._emit("command", {"name": name})

    def _paint_live(self) -> None:
        file = io.BytesIO()
        Image.fromarray(read_rgb(self._clip.at(0))).resize((256, 256)).save(file, "JPEG")
        self._emit("canvas", (1, file.getvalue(), {"engine": self.engines[0]["name"]}))

    # -- how visits end --------------------------------------------------------

    def _stops(self) -> None:
        self._wants = False
        self._emit("stop")
        self._until(lambda: not self.is_in or not self._client.connected, "the end", frames=False)

    def _closes_the_page(self) -> None:
        self._wants = False

    def _loses_the_connection(self) -> None:
        self._wants = False
        self._client.reconnection = False
        with suppress(OSError, AttributeError):
            self._client.eio.ws.sock.shutdown(socket.SHUT_RDWR)

    def _loses_the_camera(self) -> None:
        """The page has nothing to send any more; the server has to notice."""
        self._until(lambda: not self.is_in, "the end of a visit without a camera", frames=False)

    def _comes_back(self) -> None:
        """The network is gone for a moment."""
        with suppress(OSError, AttributeError):
            self._client.eio.ws.sock.shutdown(socket.SHUT_RDWR)
        self.seat = ""
        self._until(lambda: self.seat == "ready" or not self.is_in, "coming back")
        self._show_until(time.monotonic() + 1)
        self._stops()

    # ------------------------------------------------------------------------------

    def _all_known(self) -> bool:
        return all(wish.fate for wish in self.wishes.values())

    def _until(self, happened, what: str, frames: bool = True) -> None:
        end = time.monotonic() + PATIENCE
        while not happened():
            if time.monotonic() > end:
                raise Stuck(f"{what} did not come: way {self.way!r}, status {self.seat!r}")
            self._show_until(time.monotonic() + 1 / RATE, frames)

    def _show_until(self, end: float, frames: bool = True) -> None:
        """Stand before the camera."""
        while (now := time.monotonic()) < end:
            self._look()
            waits = self._taken < self._number and now - self._sent < LOST
            if frames and self.seat == "ready" and not waits:
                self._number += 1
                self._sent = now
                self._emit("frame", (self._number, self._clip.at(now), {}))
            time.sleep(min(1 / RATE, max(end - now, 0.0)))

    def _emit(self, event: str, *payload: object) -> None:
        # what is said into a broken connection is lost, as it is for a page
        with suppress(socketio.exceptions.SocketIOError, OSError):
            self._client.emit(event, *payload)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status 0 where nobody answers."""
        headers = {"X-Mien-Visit": self.token, "Origin": self.url}
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return 0, b""


class IdlePage:
    """A page that is open all day, before which nobody stands: it plays a recorded session."""

    def __init__(self, url: str) -> None:
        self._client = Client(reconnection_delay=0.1, reconnection_delay_max=0.5)
        self.scenes = 0
        self._client.on("scene", self._on_scene)
        self._client.connect(url, transports=["websocket"], wait_timeout=PATIENCE)

    def _on_scene(self, *_scene: object) -> None:
        self.scenes += 1

    def close(self) -> None:
        self._client.disconnect()
