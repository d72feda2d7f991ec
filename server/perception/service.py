"""The server's side of perception: passes frames to the workers, and on what they read.

Frames never wait here: they go to the worker at once, and the worker keeps
only the newest one of each visitor.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from server.perception.wire import pack_landmarks, unpack_reading
from server.process import Child, Process, Supervisor
from server.settings import Settings
from server.values import Guess, Landmarks, Reading

log = logging.getLogger(__name__)

SILENT = 5.0
"""Seconds a worker may work on one frame, unless it gets on with it, before it is replaced."""
LONGEST = 20.0
"""Seconds of processor time that one frame may take."""
SMOOTH = 0.2
"""Weight of the newest Reading in the mean delay."""
MOST_UNREAD = 8
"""Messages that a worker has not read yet, above which frames are dropped."""
PATIENCE = 5.0
"""Seconds to wait for the expression in a picture."""
FRESH = 0.1
"""Seconds: how old body and hands may be in a Reading that counts."""


class UnreadablePicture(ValueError):
    """What was sent to be looked at is no picture; the message says why."""


class Listener(Protocol):
    """Who hears what the workers say.  Called from a background task."""

    def on_taken(self, visitor: str, number: int, outcome: str) -> None: ...
    def on_bad_frame(self, visitor: str, number: int, reason: str) -> None: ...
    def on_costly_frame(self, visitor: str) -> None: ...
    def on_reading(self, visitor: str, reading: Reading) -> None: ...
    def on_paused(self, visitors: list[str]) -> None: ...
    def on_resumed(self, visitors: list[str]) -> None: ...


class Perception:
    """A fixed number of workers, each with a fixed pool of tracker sets."""

    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        count = settings.perception_workers
        sets = -(-settings.max_visitors // count)
        self._workers = [_Worker(index, sets, settings, self._tell) for index in range(count)]
        self._supervisor = supervisor
        self._listeners: tuple[Listener, ...] = ()
        self._numbers = itertools.count()

    def start(self, *listeners: Listener) -> None:
        """Start every worker.

        Every listener hears everything; each answers for its own visitors.
        """
        self._listeners = listeners
        for worker in self._workers:
            self._supervisor.start(worker.process)

    def lend(self, visitor: str) -> bool:
        """Reserve a tracker set on the least busy worker; False when all are lent."""
        worker = min(self._workers, key=lambda worker: len(worker.visitors))
        if len(worker.visitors) >= worker.sets:
            return False
        worker.visitors.add(visitor)
        return True

    def give_back(self, visitor: str) -> None:
        """The visitor has left: the tracker set forgets them and is free again."""
        for worker in self._workers:
            if visitor in worker.visitors or visitor in worker.replays:
                worker.visitors.discard(visitor)
                worker.replays.discard(visitor)
                worker.send({"kind": "give_back", "visitor": visitor})

    def lent(self) -> set[str]:
        """Whom a tracker set is lent to."""
        return set().union(*(worker.visitors for worker in self._workers))

    def is_ready(self, visitor: str) -> bool:
        """Whether the worker that serves this visitor has a tracker set built."""
        return any(visitor in worker.visitors and worker.process.ready for worker in self._workers)

    def see(
        self,
        visitor: str,
        number: int,
        jpeg: bytes,
        crop: bool = False,
        mask: bool = False,
        workshop: bool = False,
    ) -> None:
        """Pass a camera frame on; its fate is told to the listeners.

        A frame of the workshop is read without expression, and by the newest taught poses.
        """
        frame = {"number": number, "jpeg": jpeg, "crop": crop, "mask": mask}
        self._pass(visitor, frame | {"workshop": workshop})

    def teach(self, taught: Path | None, draft: Path | None) -> None:
        """Have every worker, those to come included, read the taught poses of these folders
        from now on: `taught` for visitors, `draft` in the workshop."""
        for worker in self._workers:
            worker.teach(str(taught or ""), str(draft or ""))

    def replay(self, visitor: str, number: int, landmarks: Landmarks) -> None:
        """Have recorded landmarks read as if they had just been tracked; needs no tracker set."""
        if not any(visitor in worker.replays for worker in self._workers):
            min(self._workers, key=lambda worker: len(worker.replays)).replays.add(visitor)
        self._pass(visitor, {"number": number, "landmarks": pack_landmarks(landmarks)})

    def expression_in(self, png: bytes) -> Guess | None:
        """What the nearest face in a picture shows; None without a face, or an answer in time.

        Raises UnreadablePicture.
        """
        worker = next((worker for worker in self._workers if worker.process.ready), None)
        if worker is None:
            return None
        answer = worker.ask({"kind": "portrait", "id": next(self._numbers), "png": png})
        if answer["bad"]:
            raise UnreadablePicture(answer["bad"])
        return answer["expression"] and Guess(**answer["expression"])

    def delay(self) -> float | None:
        """Seconds from a frame's arrival to its Reading, smoothed; None while nobody is seen."""
        return max((one.delay for one in self._workers if one.visitors), default=None)

    def health(self) -> list[dict]:
        """One row per worker, for `/health`."""
        return [worker.health() for worker in self._workers]

    def _pass(self, visitor: str, message: dict) -> None:
        for worker in self._workers:
            if visitor in worker.visitors or visitor in worker.replays:
                if worker.process.unread > MOST_UNREAD:
                    self._tell("on_taken", visitor, message["number"], "dropped")
                    return
                now = time.monotonic()
                worker.send({"kind": "frame", "visitor": visitor, "time": now, **message})

    def _tell(self, what: str, *news: object) -> None:
        for listener in self._listeners:
            getattr(listener, what)(*news)


class _Worker:
    """One child process at a time, and the visitors it serves."""

    def __init__(self, index: int, sets: int, settings: Settings, tell: Callable) -> None:
        self.sets = sets
        self.visitors: set[str] = set()
        self.replays: set[str] = set()
        self.delay = 0.0
        self._built = self._readings = self._fresh = 0
        self._taught = ""
        """The folder of the taught poses it uses; empty when it uses none."""
        self._to_teach = {"kind": "teach", "taught": "", "draft": ""}
        self._asked: dict[int, tuple[dict, threading.Event]] = {}
        """Pictures whose expression is asked for: answers, and whether they have come."""
        self._tell = tell
        emotion = "emotion" if settings.emotion else "no-emotion"
        child = Child(
            f"perception worker {index}",
            "server.perception.worker",
            (str(sets), str(settings.max_frame_pixels), emotion),
            ENVIRONMENT,
            silent=SILENT,
            longest=LONGEST,
        )
        self.process = Process(child, self)

    def send(self, message: dict) -> None:
        """Send, or do without: what waited for a worker that starts would be old."""
        if self.process.ready:
            self.process.send(message)

    def teach(self, taught: str, draft: str) -> None:
        self._to_teach = {"kind": "teach", "taught": taught, "draft": draft}
        self.process.send(self._to_teach)

    def ask(self, question: dict) -> dict:
        """The answer about a picture; without `expression` when there is none in time."""
        answered = threading.Event()
        answer: dict = {"bad": "", "expression": None}
        self._asked[question["id"]] = answer, answered
        self.send(question)
        answered.wait(PATIENCE)
        del self._asked[question["id"]]
        return answer

    def on_begun(self) -> None:
        self._built, self._taught = 0, ""
        self.process.send(self._to_teach)

    def on_lost(self) -> None:
        for _, answered in list(self._asked.values()):
            answered.set()  # nobody answers any more
        self._tell("on_paused", list(self.visitors))

    def on_message(self, message: dict) -> None:
        match message["kind"]:
            case "ready":
                self._built = message["sets"]
                if self._built == 1:
                    self._tell("on_resumed", list(self.visitors))
                if self._built == self.sets:
                    log.info("%s has %d tracker sets", self.process.child.name, self.sets)
            case "taken" | "dropped":
                self._tell("on_taken", message["visitor"], message["number"], message["kind"])
            case "taught":
                self._taught = message["taught"]
                for problem in message["problems"]:
                    log.error("%s: %s", self.process.child.name, problem)
            case "bad":
                self._tell("on_bad_frame", message["visitor"], message["number"], message["reason"])
                if message["costly"]:
                    self._tell("on_costly_frame", message["visitor"])
            case "portrait":
                answer, answered = self._asked.get(message["id"], ({}, threading.Event()))
                answer |= {"bad": message["bad"], "expression": message["expression"]}
                answered.set()
            case "reading":
                reading = unpack_reading(message["reading"])
                self._readings += 1
                self._fresh += is_fresh(reading.landmarks)
                self.delay += SMOOTH * (time.monotonic() - reading.time - self.delay)
                self._tell("on_reading", message["visitor"], reading)

    def health(self) -> dict:
        return {
            **self.process.health(),
            "sets": self.sets,
            "built": self._built,
            "visitors": len(self.visitors),
            "readings": self._readings,
            "fresh": self._fresh,
            "taught": Path(self._taught).name,
        }


def is_fresh(landmarks: Landmarks) -> bool:
    """Whether there is a face of the frame itself, and body and hands are recent."""
    return landmarks.face is not None and max(landmarks.body_age, landmarks.hands_age) <= FRESH


ENVIRONMENT = {
    # one core per worker: more threads only take it from the web process
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # many small arenas keep freed pictures; two are enough and stay flat
    "MALLOC_ARENA_MAX": "2",
    "GLOG_minloglevel": "2",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
