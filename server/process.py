"""The only supervisor of child processes: starts them, notices the dead and the hung alike,
replaces them, and ends them.

A child says `ready` when it is, and from then on at least once a second `alive`, from the thread
that does its work (`channel.Server`).  One that works for longer, or that starts, is believed as
long as it gets on: it uses processor time, reads, or waits for a processor.  So a slow machine
costs time and no child; a stopped, hung or endlessly spinning one is replaced, and a dead one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import psutil

from server.channel import BEAT, Channel
from server.concurrency import block

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[1]
LOOK = 1.0
"""Seconds between two looks at every child."""
PROGRESS = 0.02
"""Seconds of processor time in which a child has got on."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds before a child that has ended is replaced; four times as long after each short life."""
SHORT_LIFE = 2.0
"""Seconds of being ready."""
LAST_WORDS = 1.0
"""Seconds in which a child that has hung up may end by itself, so that its status is known."""
GOODBYE, REAPING = 0.3, 0.5
"""Seconds in which children end by themselves when the server does, and those that did not are
ended."""


@dataclass(frozen=True, slots=True)
class Child:
    """How a child is started, and what is asked of it."""

    name: str
    """As the log calls it."""
    module: str
    """Run as `python -m module FD words …` in a process group of its own."""
    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside the server's own."""
    silent: float = 5.0
    """Seconds in which it neither says `alive` nor gets on, after which it is hung."""
    starting: float = 10.0
    """The same until it is ready."""
    longest: float = 30.0
    """Seconds of processor time without `alive`, after which it goes round in circles."""
    longest_start: float = 600.0
    """The same until it is ready."""
    memory: float = 0.8
    """Share of the machine's memory that it may take."""
    replaced: bool = True
    """Another one takes its place when it has ended."""


class Owner(Protocol):
    """Who uses a child.  Called from background tasks, one call after the other."""

    def on_begun(self) -> None:
        """A child has been started and may be sent messages, which it reads when it can."""

    def on_message(self, message: dict) -> None:
        """The child says something."""

    def on_lost(self) -> None:
        """The child has ended."""


class Process:
    """One child, and those that take its place."""

    def __init__(self, child: Child, owner: Owner) -> None:
        self.child = child
        self.owner = owner
        self.state = "ended"
        """`starting`, `ready`, or `ended`: there is none just now."""
        self.since = time.monotonic()
        """When it came to be in this state."""
        self.starts = 0
        self.in_vain = 0
        """Starts, the last ones in a row, that ended before the child was ready."""
        self.memory = 0
        """Bytes, a second ago."""
        self._silent = 0.0
        """Seconds since it was last heard, or seen to get on."""
        self._heard: Effort | None = None
        """What it had done when it was last heard."""
        self._got_on: Effort | None = None
        """What it had done when it was last heard, or seen to get on."""
        self._pause = 0.0
        self._popen: subprocess.Popen | None = None
        self._channel: Channel | None = None
        self._outgoing: queue.Queue[dict | None] = queue.Queue()

    @property
    def ready(self) -> bool:
        return self.state == "ready"

    @property
    def pid(self) -> int | None:
        """Of the child, or of the last one."""
        return getattr(self._popen, "pid", None)

    @property
    def restarts(self) -> int:
        return max(self.starts - 1, 0)

    @property
    def unread(self) -> int:
        """Messages that the child has had no time to read."""
        return self._outgoing.qsize()

    def send(self, message: dict) -> None:
        """Have a message sent, without waiting; what a child has not read ends with it."""
        self._outgoing.put(message)

    def kill(self) -> None:
        """End the child, and what it has started, without waiting; its owner will hear of it."""
        if self.is_left():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def health(self) -> dict:
        """One row for `/health`."""
        return {
            "pid": self.pid,
            "ready": self.ready,
            "state": self.state,
            "since": round(time.monotonic() - self.since, 1),
            "silent": round(self._silent, 1),
            "restarts": self.restarts,
            "memory": self.memory,
        }

    # -- for the supervisor ----------------------------------------------------

    def begin(self, start_task: Callable) -> Channel:
        """Start a child.  Raises OSError."""
        self.starts += 1
        self._silent, self._heard, self._got_on = 0.0, None, None
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", self.child.module, str(theirs.fileno())]
        # known before it is there: a signal may end us while we wait for the child's first breath
        self._popen = subprocess.Popen.__new__(subprocess.Popen)
        try:
            with theirs:
                self._popen.__init__(
                    [*command, *self.child.words],
                    pass_fds=[theirs.fileno()],
                    cwd=ROOT,
                    env={**os.environ, **self.child.environment},
                    stdin=subprocess.DEVNULL,
                    # Ctrl-C in a terminal is for the server alone, which ends its children
                    process_group=0,
                )
        except OSError:
            self._popen = None
            ours.close()
            raise
        self._channel, self._outgoing = Channel(ours), queue.Queue()
        start_task(self._write, self._channel, self._outgoing)
        self._enter("starting")
        return self._channel

    def hear(self, message: dict) -> None:
        """A message has come."""
        self._silent, self._heard, self._got_on = 0.0, None, None
        if message["kind"] == "ready" and not self.ready:
            self._enter("ready")
        if message["kind"] != "alive":
            self.owner.on_message(message)

    def look(self, passed: float) -> None:
        """Kill the child when it is hung, or takes too much memory.

        `passed`: seconds since the last look.  Raises psutil.Error when it has just ended.
        """
        if not self.is_left():
            return
        seen = psutil.Process(self._popen.pid)
        self.memory = seen.memory_info().rss
        if self.memory > self.child.memory * psutil.virtual_memory().total:
            self._give_up(f"it takes {self.memory / 2**30:.1f} GiB of memory")
        self._silent += passed
        if self._silent < 2 * BEAT:
            return
        now = Effort.of(seen)
        self._heard, self._got_on = self._heard or now, self._got_on or now
        if now.is_more_than(self._got_on) or seen.status() in WAITING:
            self._silent, self._got_on = 0.0, now
        limit = self.child.silent if self.ready else self.child.starting
        longest = self.child.longest if self.ready else self.child.longest_start
        if self._silent > limit:
            self._give_up(f"it is hung, without a sign of life for {self._silent:.0f} s")
        elif now.processor - self._heard.processor > longest:
            self._give_up(f"{longest:.0f} s of processor time have come to nothing")

    def hang_up(self) -> None:
        """The child may end by itself."""
        if self._channel is not None:
            self._channel.hang_up()

    def is_left(self) -> bool:
        """Whether there is a child, if only an ended one that nobody has waited for yet."""
        return self.pid is not None and self._popen.poll() is None

    def over(self) -> float:
        """The child has hung up: wait for its end.  Gives seconds until another may be begun."""
        status = "could not be started"
        if self._channel is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(LAST_WORDS)
            self.kill()
            status = in_words(self._popen.wait())
            self._channel.close()
            self._channel = None
            self._outgoing.put(None)
        lived = time.monotonic() - self.since if self.ready else 0.0
        self.in_vain = 0 if self.ready else self.in_vain + 1
        self._pause = min(4 * self._pause, LONGEST_PAUSE) if lived < SHORT_LIFE else 0.0
        self._pause = max(self._pause, SHORTEST_PAUSE)
        self._enter("ended")
        if self.child.replaced:
            log.warning("%s %s; a new one in %.1f s", self.child.name, status, self._pause)
        return self._pause

    def _write(self, channel: Channel, outgoing: queue.Queue[dict | None]) -> None:
        """Send what is to be sent until the child has ended."""
        with contextlib.suppress(OSError):  # which the task that listens sees, too
            while (message := outgoing.get()) is not None:
                channel.send(message)

    def _enter(self, state: str) -> None:
        self.state, self.since = state, time.monotonic()

    def _give_up(self, why: str) -> None:
        log.warning("%s is ended: %s", self.child.name, why)
        self.kill()


WAITING = (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
"""States of a process that waits for a processor, or has one, or for a disk: it is not hung."""


class Effort(NamedTuple):
    """What a process has done so far."""

    processor: float
    """Seconds."""
    read: int
    """Bytes; 0 where the system does not say."""

    @classmethod
    def of(cls, process: psutil.Process) -> Effort:
        times = process.cpu_times()
        read = process.io_counters().read_chars if hasattr(process, "io_counters") else 0
        return cls(times.user + times.system, read)

    def is_more_than(self, before: Effort) -> bool:
        return self.processor - before.processor >= PROGRESS or self.read > before.read


class Supervisor:
    """Every child process of the server."""

    def __init__(self, start_task: Callable, sleep: Callable) -> None:
        self._start_task, self._sleep = start_task, sleep
        self._processes: list[Process] = []
        self._stopping = False

    def start(self, process: Process) -> None:
        """Start a child, and look after it in the background from now on."""
        self._start_task(self.run, process)

    def run(self, process: Process) -> None:
        """The same in the foreground: returns when the child has ended and none takes its place."""
        self._processes.append(process)
        self._start_task(self._watch, process)
        while not self._stopping:
            self._live(process)
            if self._stopping:
                return
            pause = process.over()
            self._tell(process, process.owner.on_lost)
            if not process.child.replaced:
                break
            self._sleep(pause)
        self._processes.remove(process)

    def stop(self) -> None:
        """End every child within a second, and wait for it, so that none is left to init.

        Safe to call from a signal handler: it blocks for real, and takes no lock.
        """
        self._stopping = True
        for process in self._processes:
            process.hang_up()
        self._wait(GOODBYE)
        for process in self._processes:
            process.kill()
        self._wait(REAPING)

    def _left(self) -> Iterator[bool]:
        return (one.is_left() for one in self._processes)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and any(self._left()):
            block(0.005)

    def _live(self, process: Process) -> None:
        """One child's life."""
        try:
            channel = process.begin(self._start_task)
            self._tell(process, process.owner.on_begun)
            while (message := channel.receive()) is not None:
                self._tell(process, process.hear, message)
        except (OSError, ValueError) as error:  # no room for a process, or it speaks gibberish
            log.error("%s: %s", process.child.name, error)

    def _tell(self, process: Process, what: Callable, *news: object) -> None:
        try:
            what(*news)
        except Exception:  # one visitor's, or one job's, trouble must not stop the others
            log.exception("a message of %s was lost", process.child.name)

    def _watch(self, process: Process) -> None:
        before = time.monotonic()
        while not self._stopping and process in self._processes:
            self._sleep(LOOK)
            now = time.monotonic()
            # where the whole machine, or the server, has stood still, no child is to blame
            passed, before = min(now - before, 2 * LOOK), now
            with contextlib.suppress(psutil.Error, OSError):  # it has just ended
                process.look(passed)


def in_words(status: int) -> str:
    """How a process has ended."""
    if status >= 0:
        return f"has ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"
