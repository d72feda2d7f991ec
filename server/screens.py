"""The open pages: what each last told of itself, and what is wrong with it, for the desk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

CAMERA = {
    "off": "camera off: nobody has agreed to it",
    "asking": "a visitor is asked for the camera",
    "opening": "the camera is opening",
    "on": "camera on",
    "hidden": "camera off while the page is not in view",
    "stalled": "its camera does not answer: look at its cable, then restart the browser",
    "denied": "its browser keeps the camera from the page: allow it beside the address",
    "none": "it finds no camera: plug one in, or look at the setting camera",
    "lost": "its camera gives no pictures: look at its cable, and what else uses it",
}
"""What the desk says of each state of static/src/camera/camera.js."""
TROUBLE = ("stalled", "denied", "none", "lost")
SILENT = 90.0
"""Seconds without a word after which something is wrong; pages that are not in view are slowed
down by browsers to one word a minute."""
SLOW = 8.0
"""Frames a second below which a scene is no pleasure."""


class Wish(NamedTuple):
    """How the house wants the cameras of its pages."""

    camera: str
    """Part of a name, or a number from 1; empty: whichever faces the visitor."""
    turn: int
    """Degrees clockwise: one of TURNS."""
    mirror: bool
    """What is seen moves as in a mirror."""


TURNS = (0, 90, 180, 270)
LONGEST_NAME = 64


class Report(NamedTuple):
    """What a page tells of itself."""

    camera: str
    """One of CAMERA."""
    scene: str
    quality: str
    rate: float
    """Frames drawn in a second."""
    hidden: bool
    """The page is not in view."""


@dataclass(slots=True)
class Screen:
    """One open page; times are seconds of a clock that only goes forward."""

    number: int
    address: str
    heard: float
    report: Report | None = None
    trouble: str = ""
    """What was wrong with its camera when it was last wanted: one that is off tells nothing."""


class Screens:
    """All pages that are connected."""

    def __init__(self, wish: Wish, on_wish: Callable[[Wish], None] = lambda _wish: None) -> None:
        """`on_wish` hears of every other wish."""
        self.wish, self._on_wish = wish, on_wish
        self._screens: dict[str, Screen] = {}
        self._numbers = 0
        self._lock = threading.Lock()

    def arrive(self, page: str, address: str) -> None:
        with self._lock:
            self._numbers += 1
            self._screens[page] = Screen(self._numbers, address, time.monotonic())

    def leave(self, page: str) -> None:
        with self._lock:
            self._screens.pop(page, None)

    def tell(self, page: str, report: Report) -> None:
        """A sign of life."""
        with self._lock:
            screen = self._screens.get(page)
            if screen is None:
                return
            screen.heard, screen.report = time.monotonic(), report
            if report.camera in TROUBLE:
                screen.trouble = report.camera
            elif report.camera == "on":
                screen.trouble = ""

    def choose(self, camera: str, turn: str, mirror: bool) -> None:
        """Staff want the cameras otherwise, until Mien is started anew.

        Raises ValueError in words for what is not allowed.
        """
        if turn not in map(str, TURNS):
            raise ValueError(f"A camera is turned by {', '.join(map(str, TURNS))} degrees.")
        if len(camera) > LONGEST_NAME or not camera.isprintable():
            raise ValueError(f"The name of a camera has at most {LONGEST_NAME} letters.")
        self.wish = Wish(camera.strip(), int(turn), mirror)
        self._on_wish(self.wish)

    def lines(self) -> list[tuple[str, str, bool]]:
        """One of each page: which, how it is, and whether that is well."""
        now = time.monotonic()
        with self._lock:
            return [line(screen, now) for screen in self._screens.values()]


def line(screen: Screen, now: float) -> tuple[str, str, bool]:
    """What the desk says of a screen."""
    where = "this machine" if screen.address in ("127.0.0.1", "::1") else screen.address
    name = f"Screen {screen.number}, {where}"
    silence = now - screen.heard
    if silence > SILENT:
        return name, f"It has said nothing for {silence:.0f} seconds: reload it.", False
    told = screen.report
    if told is None:
        return name, "It has just been opened.", True
    if told.camera in TROUBLE:
        return name, sentence(CAMERA[told.camera]), False
    if screen.trouble:
        return name, sentence(f"{CAMERA[screen.trouble]} (at the last visit)"), False
    if not told.scene:
        return name, "It shows no scene: its browser needs WebGL 2.", False
    if not told.hidden and told.rate < SLOW:
        slow = f"it draws only {told.rate:.0f} frames a second: close what else runs there"
        return name, sentence(slow), False
    drawn = "not in view" if told.hidden else f"{told.rate:.0f} frames a second"
    parts = (CAMERA[told.camera], told.scene, f"{told.quality} quality", drawn)
    return name, sentence(f"{', '.join(parts)}, heard {silence:.0f} s ago"), True


def sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
