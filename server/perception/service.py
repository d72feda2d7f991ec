"""The server's side of perception: starts workers, replaces them, passes frames.

Frames never wait here: they go to the worker at once, and the worker keeps
only the newest one of each visitor.
"""

from __future__ import annotations

import itertools
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from server.channel import Channel
from server.perception.wire import pack_landmarks, unpack_reading
from server.settings import Settings
from server.values import Guess, Landmarks, Reading

log = logging.getLogger(__name__)

STUCK = 1.0
"""Seconds a worker may leave a message unread before it is replaced."""
SILENT = 5.0
"""Seconds a worker may work on one frame before it is replaced."""
SHORT_LIFE = 5.0
"""A worker that lived no longer than this is restarted with growing pauses."""
LONGEST_PAUSE = 10.0
SMOOTH = 0.2
"""Weight of the newest Reading in the mean delay."""
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

    def __init__(self, settings: Settings, start_task: Callable, sleep: Callable) -> None:
        count = settings.perception_workers
        self._sleep = sleep
        sets = -(-settings.max_visitors // count)
        self._workers = [_Worker(index, sets, settings) for index in range(count)]
        self._start_task = start_task
        self._stopping = False
        self._listeners: tuple[Listener, ...] = ()
        self._numbers = itertools.count()
        self._portraits: dict[int, dict] = {}
        """Those that were asked about, by number."""

    def start(self, *listeners: Listener) -> None:
        """Start every worker, and look after each from now on.

        Every listener hears everything; each answers for its own visitors.
        """
        self._listeners = listeners
        for worker in self._workers:
            self._start_task(self._look_after, worker)

    def stop(self) -> None:
        """End every worker at once.  Safe to call from a signal handler."""
        self._stopping = True
        for worker in self._workers:
            worker.kill()

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

    def is_ready(self, visitor: str) -> bool:
        """Whether the worker that serves this visitor has a tracker set built."""
        return any(visitor in worker.visitors and worker.ready for worker in self._workers)

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
        worker = next((worker for worker in self._workers if worker.ready), None)
        if worker is None:
            return None
        id, answered = next(self._numbers), threading.Event()
        answer = {"worker": worker, "answered": answered, "bad": "", "expression": None}
        self._portraits[id] = answer
        worker.send({"kind": "portrait", "id": id, "png": png})
        answered.wait(PATIENCE)
        del self._portraits[id]
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
                now = time.monotonic()
                worker.send({"kind": "frame", "visitor": visitor, "time": now, **message})

    def _tell(self, what: str, *news: object) -> None:
        for listener in self._listeners:
            getattr(listener, what)(*news)

    def _look_after(self, worker: _Worker) -> None:
        pause = 0.1
        while not self._stopping:
            started = time.monotonic()
            channel = worker.spawn()
            while (message := channel.receive(while_waiting=worker.end_if_silent)) is not None:
                try:
                    self._hear(worker, message)
                except Exception:  # one visitor's trouble must not stop the others' readings
                    log.exception("a message of perception worker %d was lost", worker.index)
            if self._stopping:
                return
            worker.end()
            for asked in list(self._portraits.values()):
                if asked["worker"] is worker:
                    asked["answered"].set()  # nobody answers any more
            self._tell("on_paused", list(worker.visitors))
            short = time.monotonic() - started < SHORT_LIFE
            pause = min(pause * 2, LONGEST_PAUSE) if short else 0.1
            log.warning("perception worker %d ended; a new one in %.1f s", worker.index, pause)
            worker.restarts += 1
            self._sleep(pause)

    def _hear(self, worker: _Worker, message: dict) -> None:
        match message["kind"]:
            case "ready":
                worker.memory, worker.built = message["memory"], message["sets"]
                if not worker.ready:
                    worker.ready = True
                    worker.teach_again()
                    self._tell("on_resumed", list(worker.visitors))
                if message["sets"] == worker.sets:
                    log.info("perception worker %d has %d tracker sets", worker.index, worker.sets)
            case "taken":
                worker.busy_since = time.monotonic()
                self._tell("on_taken", message["visitor"], message["number"], "taken")
            case "dropped":
                self._tell("on_taken", message["visitor"], message["number"], "dropped")
            case "taught":
                worker.taught = message["taught"]
                for problem in message["problems"]:
                    log.error("perception worker %d: %s", worker.index, problem)
            case "bad":
                worker.busy_since = None
                self._tell("on_bad_frame", message["visitor"], message["number"], message["reason"])
                if message["costly"]:
                    self._tell("on_costly_frame", message["visitor"])
            case "portrait":
                if asked := self._portraits.get(message["id"]):
                    asked |= {"bad": message["bad"], "expression": message["expression"]}
                    asked["answered"].set()
            case "reading":
                worker.busy_since = None
                reading = unpack_reading(message["reading"])
                worker.readings += 1
                worker.fresh += is_fresh(reading.landmarks)
                worker.delay += SMOOTH * (time.monotonic() - reading.time - worker.delay)
                self._tell("on_reading", message["visitor"], reading)


class _Worker:
    """One child process and the visitors it serves."""

    def __init__(self, index: int, sets: int, settings: Settings) -> None:
        self.index = index
        self.sets = sets
        self.built = 0
        self.visitors: set[str] = set()
        self.replays: set[str] = set()
        self.ready = False
        self.restarts = 0
        self.readings = 0
        self.fresh = 0
        self.memory = 0
        self.delay = 0.0
        self.busy_since: float | None = None
        self.taught = ""
        """The folder of the taught poses it uses; empty when it uses none."""
        self._to_teach = self._spawned_with = ("", "")
        self._settings = settings
        self._process: subprocess.Popen | None = None
        self._channel: Channel | None = None

    def spawn(self) -> Channel:
        ours, theirs = socket.socketpair()
        ours.settimeout(STUCK)
        command = [sys.executable, "-m", "server.perception.worker", str(theirs.fileno())]
        command += [str(self.sets), str(self._settings.max_frame_pixels)]
        command += ["emotion" if self._settings.emotion else "no-emotion", *self._to_teach]
        self._spawned_with, self.taught = self._to_teach, ""
        self.ready, self.busy_since, self.built = False, None, 0
        root = Path(__file__).parents[2]
        with theirs:
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                cwd=root,
                env={**os.environ, **ENVIRONMENT},
                stdin=subprocess.DEVNULL,
            )
        self._channel = Channel(ours)
        return self._channel

    def teach(self, taught: str, draft: str) -> None:
        self._to_teach = (taught, draft)
        self.send({"kind": "teach", "taught": taught, "draft": draft})

    def teach_again(self) -> None:
        """What was taught while it started and could not be told anything."""
        if self._to_teach != self._spawned_with:
            self.teach(*self._to_teach)

    def send(self, message: dict) -> None:
        if self._channel is None or not self.ready:
            return
        try:
            self._channel.send(message)
        except OSError:
            self._process.kill()  # its end of the stream wakes the task that looks after it

    def end_if_silent(self) -> None:
        """Called about once a second while nothing is heard."""
        if self.busy_since is not None and time.monotonic() - self.busy_since > SILENT:
            log.warning("perception worker %d is stuck on a frame", self.index)
            self._process.kill()

    def kill(self) -> None:
        """End the process without waiting for it."""
        self.ready = False
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def end(self) -> None:
        """End the process, wait until it is gone and close its channel."""
        self.kill()
        self._process.wait()
        self._channel.close()

    def health(self) -> dict:
        return {
            "pid": self._process and self._process.pid,
            "ready": self.ready,
            "sets": self.sets,
            "built": self.built,
            "visitors": len(self.visitors),
            "readings": self.readings,
            "fresh": self.fresh,
            "restarts": self.restarts,
            "memory": self.memory,
            "taught": Path(self.taught).name,
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
