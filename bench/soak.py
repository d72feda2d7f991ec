"""A day at an exhibition in a fraction of it: visits with pictures, gestures, pictures of one's own
and lost cameras; killed workers, restarts.

Waits (nobody in view, goodbye, kept pictures, …) go by a clock that runs faster; inference runs at
its own pace.  Visitors come as often as 70 % of what this machine can serve, which is measured
first.  What Mien holds is counted at quiet moments, when everybody has left.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import psutil

from bench import clocked, frames
from bench.person import LEAVING, PATIENCE, IdlePage, Person, Stuck, Wish
from bench.rows import Row, at_least, at_most
from datasets.paths import data_folder
from server.settings import ROOT
from tests.running import Mien, wait_until
from tests.tiny_engines import publish_tiny, publish_tiny_felt

STARTING = 600.0
"""Seconds that all processes may take to be ready, on a machine that has others to serve."""
SHARE = 0.7
"""Of what this machine can serve."""
PLACES = 4
"""Visitors seen at the same time; as many again may wait, then somebody goes away."""
PARTS = 10
"""The run in parts, each ended by a quiet moment; the first is the warm-up."""
HAPPENS = (
    "perception killed",
    "painter killed",
    "server killed",
    "painter stopped",
    "server restarted",
    "perception stopped",
)
"""In turn, two in each of the first UNQUIET parts; one in those of a quick run."""
UNQUIET = 6
"""In the parts after them nothing is broken: what processes hold is compared with what the same
ones held before, once they have warmed up for a whole part."""
REAPED = 5.0
"""Seconds within which a child that has ended is waited for."""
WITHIN = 60.0
"""Seconds around what was broken, in which a picture may honestly fail."""
ARMS = "portrait_arms_s13.mp4"

WAITS = ("--absence", "120", "--attract-after", "120", "--goodbye-time", "24")
OPTIONS = (
    *("--max-visitors", str(PLACES), "--keep-pictures", "10"),
    *("--max-connections-per-address", "64"),
)
SECTIONS = ("day",)


@dataclass(frozen=True, slots=True)
class Held:
    """What the processes of each kind hold while nobody is there."""

    pids: dict[str, frozenset[int]]
    memory: dict[str, int]
    """Bytes."""
    files: dict[str, Counter[str]]
    """What is open, how often."""
    threads: dict[str, int]


@dataclass
class Told:
    """What has happened so far."""

    visits: int = 0
    stuck: list[str] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    refused: Counter = field(default_factory=Counter)
    away: int = 0
    """People who found too many waiting."""
    broken: list[float] = field(default_factory=list)
    happened: Counter = field(default_factory=Counter)
    remains: int = 0
    """Files of visits found at quiet moments."""
    unreaped: int = 0
    """Children found at quiet moments that had ended, and that nobody waited for."""
    served: float = 0.0
    """Visits a second that this machine can serve."""


class Day:
    """One server, its idle page and all who come."""

    def __init__(self, folder: Path, speed: float, quick: bool, tell: Callable) -> None:
        self._folder, self._tell = folder, tell
        weights = folder / "weights" if quick else ROOT / "models" / "weights"
        if quick:
            publish_tiny(weights, "monet", live=True)
            publish_tiny_felt(weights)
        self._options = (*OPTIONS, *WAITS, "--weights", str(weights))
        self._clock = folder / "clock.json"
        clocked.write(self._clock, speed)
        self._chance = random.Random(1)
        self._clips = [frames.clip(True, 0), frames.clip(True, 2), frames.clip(False), *arms()]
        self._crowd: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.told = Told()
        self._number = 0
        self._idle: IdlePage | None = None
        self.server: Mien

    def begin(self) -> None:
        self._start()
        self._idle = IdlePage(self.server.url)
        self.quiet()  # the painter may take longer to start than the server

    def _start(self, port: int | None = None) -> None:
        self.server = Mien(self._folder, *self._options, port=port, clock=self._clock)
        wait_until(lambda: self.server.health().get("status") == "ok", "the start", STARTING)

    def close(self) -> None:
        if self._idle:
            self._idle.close()
        if self.server.process.poll() is None:
            self.server.stop()

    # -- visitors --------------------------------------------------------------

    def comes(self) -> None:
        """Somebody comes, unless too many are waiting."""
        self._crowd = [thread for thread in self._crowd if thread.is_alive()]
        if len(self._crowd) >= 2 * PLACES:
            self.told.away += 1
            return
        thread = threading.Thread(target=self._visit, args=(self._next(),), daemon=True)
        self._crowd.append(thread)
        thread.start()

    def _next(self) -> tuple[random.Random, str]:
        with self._lock:
            self._number += 1
            return random.Random(self._number), LEAVING[self._number % len(LEAVING)]

    def _visit(self, who: tuple[random.Random, str]) -> None:
        chance, leaving = who
        try:
            person = Person(self.server.url, chance.choice(self._clips), chance)
        except Stuck as error:
            self.told.stuck.append(str(error))
            return
        try:
            person.visit(chance.uniform(2, 8), leaving)
        except Stuck as error:
            self.told.stuck.append(f"{leaving}: {error}")
        with self._lock:
            self.told.visits += 1
            self.told.wishes += person.wishes.values()
            self.told.refused.update(person.refused)

    def measure_capacity(self, seconds: float) -> None:
        """As many visitors as there are places, one after the other without a pause."""
        end = time.monotonic() + seconds

        def come_and_go() -> None:
            while time.monotonic() < end:
                self._visit(self._next())

        began, before = time.monotonic(), self.told.visits
        crowd = [threading.Thread(target=come_and_go, daemon=True) for _ in range(PLACES)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        self.told.served = (self.told.visits - before) / (time.monotonic() - began)

    def pass_by(self, seconds: float, happens: Sequence[str]) -> None:
        """People come as they like for so long, and things break: one after the other, as soon as
        what was broken before has been mended."""
        began = time.monotonic()
        pause = seconds / max(1, len(happens))
        breaks = [(began + (n + 0.5) * pause, what) for n, what in enumerate(happens)]
        arrival = began
        while (now := time.monotonic()) < began + seconds:
            if now >= arrival:
                self.comes()
                arrival = now + self._chance.expovariate(SHARE * self.told.served)
            if breaks and now >= breaks[0][0] and self._is_well():
                self._break(breaks.pop(0)[1])
            time.sleep(0.2)

    def _is_well(self) -> bool:
        """Whether every process is there and ready."""
        state = self.server.health()
        trackers = state.get("perception", ())
        return state.get("status") == "ok" and all(o["built"] == o["sets"] for o in trackers)

    def quiet(self) -> Held:
        """Wait until everybody has left; what is held then."""
        for thread in self._crowd:
            thread.join()
        visits = self._folder / "data" / "gallery" / "visits"

        def nobody() -> bool:
            state = self.server.health()
            return self._is_well() and (
                state["visitors"]["connected"] <= 1
                and state["art"]["jobs"] == 0
                and not any(one["busy"] for one in state["art"]["workers"])
                and not any(visits.iterdir())
            )

        try:
            wait_until(nobody, "a quiet moment", STARTING)
        except AssertionError:
            self.told.remains += len(list(visits.iterdir()))
            self._tell(f"no quiet moment: {self.server.health()}")
        time.sleep(3)
        try:
            return self._held()
        except psutil.NoSuchProcess as error:  # a zombie, too: somebody was ended in this moment
            self._tell(f"a process ended in a quiet moment: {error}; {self.server.health()}")
            return self.quiet()

    def _held(self) -> Held:
        self._look_for_unreaped()
        held = Held({}, {}, {}, {})
        for process in self.server.tree():
            kind = kind_of(process)
            held.pids[kind] = held.pids.get(kind, frozenset()) | {process.pid}
            held.files[kind] = held.files.get(kind, Counter()) + open_files(process)
            for table, value in (
                (held.memory, process.memory_info().rss),
                (held.threads, process.num_threads()),
            ):
                table[kind] = table.get(kind, 0) + value
        return held

    def _look_for_unreaped(self) -> None:
        """One that is ended just now is waited for within a second or two."""

        def zombies() -> list[psutil.Process]:
            return [p for p in self.server.tree() if p.status() == psutil.STATUS_ZOMBIE]

        try:
            wait_until(lambda: not zombies(), "the reaping of children", REAPED)
        except AssertionError:
            self.told.unreaped += len(zombies())
            self._tell(f"children that nobody waits for: {zombies()}")

    # -- what breaks -----------------------------------------------------------

    def _break(self, what: str) -> None:
        self._tell(f"{what}; {self.told.visits} visits, {len(self.told.wishes)} captures so far")
        self.told.broken.append(time.monotonic())
        self.told.happened[what] += 1
        who, how = what.split()
        if who == "server":
            self._restart(how == "killed")
            return
        workers = self.server.health().get("art" if who == "painter" else "perception", [])
        workers = workers["workers"] if who == "painter" else workers
        for pid in [one["pid"] for one in workers if one["pid"]][:1]:
            os.kill(pid, signal.SIGKILL if how == "killed" else signal.SIGSTOP)

    def _restart(self, killed: bool) -> None:
        processes = self.server.tree()
        if killed:
            self.server.process.kill()
        self.server.stop()
        psutil.wait_procs(processes, PATIENCE)
        self._start(self.server.port)
        self.told.broken.append(time.monotonic())


def arms() -> list[frames.Clip]:
    """Somebody whose arms go up, which asks for a capture; nobody without the shared videos."""
    path = data_folder() / "videos" / ARMS
    if not path.exists():
        return []
    pictures = [frames.encode(picture) for picture in frames.video(path)]
    return [frames.Clip(ARMS, tuple(pictures))]


def open_files(process: psutil.Process) -> Counter[str]:
    """Names of what it has open, without the numbers of sockets and pipes; only how many where the
    system does not say."""
    try:
        links = list(os.scandir(f"/proc/{process.pid}/fd"))
    except OSError:
        return Counter({"not named": process.num_fds()})
    names = Counter()
    for link in links:
        with suppress(OSError):  # it was closed a moment ago
            names[os.readlink(link.path).partition(":[")[0]] += 1
    return names


def kind_of(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    for module, kind in (("perception", "perception"), ("art", "painter")):
        if f"server.{module}.worker" in words:
            return kind
    return "server"


def measure(
    sections: Sequence[str],
    quick: bool,
    tell: Callable[[str], None],
    hours: float | None = None,
    speed: float = 24.0,
) -> Iterator[Row]:
    """The rows, at the end."""
    hours = hours or (1.0 if quick else 12.0)
    seconds = 3600 * hours / speed
    with tempfile.TemporaryDirectory(prefix="mien-soak-") as folder:
        day = Day(Path(folder), speed, quick, tell)
        try:
            day.begin()
            began = time.monotonic()
            day.measure_capacity(max(30.0, seconds / 2 / PARTS))
            tell(f"{60 * day.told.served:.1f} visits a minute can be served")
            held = [day.quiet()]
            happens = cycle(HAPPENS)
            try:
                for part in range(PARTS):
                    count = 0 if part >= UNQUIET else 1 if quick else 2
                    day.pass_by(seconds / PARTS, list(islice(happens, count)))
                    held.append(day.quiet())
                    tell(f"{held[-1]}")
            except KeyboardInterrupt:
                tell("interrupted: what follows is of the parts until now")
            if quick:
                tell("quick: the painter's networks are tiny and know nothing")
            for problem in Counter(day.told.stuck):
                tell(f"stuck: {problem}")
            for kind, more in opened_since(held).items():
                tell(f"open in the {kind} after the warm-up, and not before: {dict(more)}")
            yield from rows(day.told, held, (time.monotonic() - began) * speed / 3600)
            log = (Path(folder) / "log.txt").read_text(encoding="utf-8")
            yield Row("soak: tracebacks in the log", log.count("Traceback"), "", None, at_most(0))
            if "Traceback" in log:
                tell(log[-6000:])
        finally:
            day.close()


def rows(told: Told, held: Sequence[Held], hours: float) -> Iterator[Row]:
    """What the run stands for, and whether it went as it must."""
    fates = Counter(wish.fate for wish in told.wishes)
    undone = [wish for wish in told.wishes if wish.fate != "done"]
    unprovoked = [wish for wish in undone if not excused(wish, told)]
    accepted = len(told.wishes)
    yield Row("soak: hours that it stands for", hours, "h")
    yield Row("soak: visits", told.visits, "")
    yield Row("soak: visits a minute that can be served", 60 * told.served, "/min")
    yield Row("soak: people who found too many waiting", told.away, "")
    yield Row("soak: things broken", sum(told.happened.values()), "")
    yield Row("soak: visitors who were stuck", len(told.stuck), "", None, at_most(0))
    yield Row("soak: captures accepted", accepted, "")
    for code, times in told.refused.items():
        yield Row(f"soak: captures refused: {code}", times, "")
    yield Row("soak: pictures made", fates["done"], "", accepted, at_least(accepted / 2))
    for fate in ("failed", "expired", "cancelled", "visit-over", "left"):
        yield Row(f"soak: captures whose fate is {fate}", fates[fate], "")
    yield Row("soak: captures of which nothing was heard", fates["lost"], "", None, at_most(0))
    what = "soak: captures that failed though nothing was broken"
    yield Row(what, len(unprovoked), "", None, at_most(0))
    what = "soak: folders of visits left at quiet moments"
    yield Row(what, told.remains, "", None, at_most(0))
    what = "soak: children at quiet moments that nobody waited for"
    yield Row(what, told.unreaped, "", None, at_most(0))
    calm = of_the_same(held)
    what = "soak: quiet moments of the same processes, at the end"
    yield Row(what, len(calm), "", None, at_least(3))
    if len(calm) < 3:
        return
    early, later = calm[1], calm[2:]
    for kind, before in early.memory.items():
        grown = max((100 * (one.memory[kind] / before - 1) for one in later), key=abs)
        what = f"soak: memory of the {kind} after its warm-up, furthest from it"
        yield Row(what, abs(grown), "%", None, at_most(5))
    for name, count in (
        ("files", lambda one: sum(map(Counter.total, one.files.values()))),
        ("threads", lambda one: sum(one.threads.values())),
    ):
        most = max(map(count, later))
        what = f"soak: {name} more than after the warm-up"
        yield Row(what, most - count(early), "", count(early), at_most(0))


def of_the_same(held: Sequence[Held]) -> list[Held]:
    """The last quiet moments, of which the first is at the end of the part in which these processes
    began, and the second after a whole part."""
    return [one for one in held if one.pids == held[-1].pids]


def opened_since(held: Sequence[Held]) -> dict[str, Counter[str]]:
    """What is open at the end that was not once these processes had warmed up, by their kind."""
    calm = of_the_same(held)
    early = calm[min(1, len(calm) - 1)]
    more = {kind: names - early.files[kind] for kind, names in calm[-1].files.items()}
    return {kind: names for kind, names in more.items() if names}


def excused(wish: Wish, told: Told) -> bool:
    """Whether its visitor did not wait, or something was broken while it was made."""
    near = any(wish.began - WITHIN <= at <= wish.ended for at in told.broken)
    return wish.fate == "left" or near
