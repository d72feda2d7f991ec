"""Everybody at the installation: who may send frames, who waits, what each one sees.

Knows perception and the stage, but no sockets: `send(visitor, event, *payload)`
is all it needs to reach a browser.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable

import numpy as np

from server.perception.packet import pack_points
from server.perception.recording import Recording
from server.perception.service import Perception
from server.settings import Settings
from server.stage import initial, step, to_json, with_reset
from server.values import Command, Reading, SceneState

log = logging.getLogger(__name__)


class Visitor:
    """One browser.  `lock` guards `scene`: readings and commands come from different tasks."""

    def __init__(self, at_rest: SceneState, seed: int | None) -> None:
        self.lock = threading.Lock()
        self.seat = "none"
        """none, waiting (in line), camera (may send frames) or replay."""
        self._at_rest = at_rest
        self._fixed_seed = seed
        self.begin()

    def begin(self) -> None:
        """Forget everything and start a session."""
        self.seed = secrets.randbits(32) if self._fixed_seed is None else self._fixed_seed
        self.started = time.monotonic()
        self.scene = self._at_rest
        self.crop: np.ndarray | None = None

    def now(self) -> float:
        return time.monotonic() - self.started


class Visitors:
    """The visitors' sessions.  Also the listener of `Perception`."""

    def __init__(
        self,
        settings: Settings,
        perception: Perception,
        recordings: dict[str, Recording],
        send: Callable,
        start_task: Callable,
        sleep: Callable,
    ) -> None:
        self._settings = settings
        self._at_rest = initial(emotion=settings.emotion)
        self._perception = perception
        self._recordings = recordings
        self._send = send
        self._start_task = start_task
        self._sleep = sleep
        self._visitors: dict[str, Visitor] = {}
        self._line: list[str] = []
        self._lock = threading.Lock()

    # -- what browsers do ------------------------------------------------------

    def arrive(self, visitor: str) -> None:
        self._visitors[visitor] = Visitor(self._at_rest, self._settings.seed)

    def leave(self, visitor: str) -> None:
        """The connection is gone."""
        self.stop(visitor)
        self._visitors.pop(visitor, None)

    def consent(self, visitor: str) -> None:
        """The visitor has agreed to the camera: give a tracker set or a place in the line."""
        session = self._visitors[visitor]
        if session.seat in ("camera", "waiting"):
            self._tell_status(visitor)
            return
        self.stop(visitor, quietly=True)
        with self._lock:
            session.seat = "camera" if self._perception.lend(visitor) else "waiting"
            if session.seat == "waiting":
                self._line.append(visitor)
        self._tell_status(visitor)
        self._tell_whole_scene(visitor)

    def stop(self, visitor: str, quietly: bool = False) -> None:
        """The camera is off: forget this visitor and let the next one in."""
        session = self._visitors.get(visitor)
        if session is None or session.seat == "none":
            return
        with self._lock:
            session.seat = "none"
            if visitor in self._line:
                self._line.remove(visitor)
            self._perception.give_back(visitor)
        with session.lock:
            session.begin()
        if not quietly:
            self._send(visitor, "status", {"state": "stopped", "place": 0})
        self._advance_line()

    def may_send_frames(self, visitor: str) -> bool:
        return self._visitors[visitor].seat == "camera"

    def see(self, visitor: str, number: int, jpeg: bytes, crop: bool) -> None:
        self._perception.see(visitor, number, jpeg, crop)

    def command(self, visitor: str, command: Command) -> None:
        session = self._visitors[visitor]
        with session.lock:
            session.scene = step(session.scene, command, session.now(), session.seed)
            self._send(visitor, "scene", to_json(session.scene))

    def replay(self, visitor: str, name: str) -> None:
        """Play a recording to this visitor, over and over, until they do something else.

        Raises KeyError for an unknown name.
        """
        recording = self._recordings[name]
        self.stop(visitor, quietly=True)
        session = self._visitors[visitor]
        session.seat = "replay"
        self._tell_whole_scene(visitor)
        self._start_task(self._play, visitor, session, recording)

    # -- what perception says --------------------------------------------------

    def on_taken(self, visitor: str, number: int, outcome: str) -> None:
        self._send(visitor, "next", {"number": number, "outcome": outcome})

    def on_bad_frame(self, visitor: str, number: int, reason: str) -> None:
        self._send(visitor, "problem", {"code": "bad-frame", "message": reason})

    def on_reading(self, visitor: str, reading: Reading) -> None:
        session = self._visitors.get(visitor)
        if session is None or session.seat not in ("camera", "replay"):
            return  # left while the frame was being read
        with session.lock:
            now = reading.time - session.started
            session.scene = step(session.scene, reading, now, session.seed)
            if reading.crop is not None:
                session.crop = reading.crop
            self._send(visitor, "scene", to_json(session.scene), pack_points(reading.landmarks))

    def on_paused(self, visitors: list[str]) -> None:
        for visitor in visitors:
            self._tell_status(visitor)

    def on_resumed(self, visitors: list[str]) -> None:
        for visitor in visitors:
            self._tell_status(visitor)

    # -- for staff -------------------------------------------------------------

    def health(self) -> dict:
        """How many browsers there are, by what they do."""
        seats = [session.seat for session in list(self._visitors.values())]
        return {
            "connected": len(seats),
            **{name: seats.count(name) for name in ("camera", "waiting", "replay")},
        }

    # --------------------------------------------------------------------------

    def _tell_status(self, visitor: str) -> None:
        session = self._visitors.get(visitor)
        if session is None:
            return
        place = 0
        match session.seat:
            case "waiting":
                state, place = "waiting", self._line.index(visitor) + 1
            case "camera":
                state = "ready" if self._perception.is_ready(visitor) else "paused"
            case _:
                return
        self._send(visitor, "status", {"state": state, "place": place})

    def _tell_whole_scene(self, visitor: str) -> None:
        session = self._visitors[visitor]
        with session.lock:
            self._send(visitor, "scene", to_json(with_reset(session.scene)))

    def _advance_line(self) -> None:
        moved: list[str] = []
        with self._lock:
            while self._line and self._perception.lend(self._line[0]):
                visitor = self._line.pop(0)
                self._visitors[visitor].begin()
                self._visitors[visitor].seat = "camera"
                moved.append(visitor)
            moved += self._line
        for visitor in moved:
            self._tell_status(visitor)

    def _play(self, visitor: str, session: Visitor, recording: Recording) -> None:
        number, started = 0, time.monotonic()
        while session.seat == "replay" and self._visitors.get(visitor) is session:
            for landmarks in recording.played_at(started):
                self._sleep(max(landmarks.time - time.monotonic(), 0.0))
                if session.seat != "replay" or self._visitors.get(visitor) is not session:
                    return
                number += 1
                self._perception.replay(visitor, number, landmarks)
            started += recording.length
