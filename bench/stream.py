"""The live loop: frame -> SceneState, as visitors have it, beside the bare tracker and a
naive inline handler.

A Reading counts only with a face from its own frame, and body and hands at most 100 ms
old; `/health` counts these as `fresh`.  What is said per core is measured with perception
worker and tracker pinned to one; several visitors have the whole machine, as installed.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from functools import cached_property

import numpy as np
import psutil

from bench import frames, tracker
from bench.rows import Row, at_least, at_most
from bench.servers import mien, naive, worker
from bench.tracker import Bare
from bench.visitors import PATIENCE, Visit, Visitor, crowd, elsewhere, ping, visit
from server.settings import Settings
from tests.running import Mien, gone, port_is_free, wait_until

OVERHEAD = 15.0
"""Milliseconds that everything around the tracker may take."""
ENOUGH = 5.0
"""Readings per second that one of several visitors needs."""
POLL = 0.01
"""Seconds between looks at what is about to happen."""


class Run:
    """Lengths of this run, and its baselines: measured once, when a section first asks."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.seconds = 6.0 if quick else 20.0
        self.hands = frames.clip(hands=True).name
        self.no_hands = frames.clip(hands=False).name

    @cached_property
    def bare_at_15(self) -> Bare:
        """Hands in view, 15 fps."""
        return tracker.measure(True, 15, self.seconds)

    @cached_property
    def bare_at_30(self) -> Bare:
        """Hands in view, 30 fps."""
        return tracker.measure(True, 30, self.seconds)

    @cached_property
    def bare_at_60(self) -> Bare:
        """No hands in view, 60 fps."""
        return tracker.measure(False, 60, self.seconds / 2)

    @cached_property
    def naive_visit(self) -> Visit:
        """One patient visitor at 15 fps, hands in view."""
        with naive() as url, elsewhere() as submit:
            return submit(visit, url, True, 15, self.seconds, health=False).result()

    @cached_property
    def naive_pings(self) -> list[float]:
        """Milliseconds, beside one greedy client that sends 30 fps."""
        with naive() as url, elsewhere() as submit:
            greedy = submit(visit, url, True, 30, self.seconds, greedy=True, health=False)
            pings = submit(ping, url, self.seconds).result()
            greedy.result()
            return pings


def baselines(run: Run) -> Iterator[Row]:
    for what, bare in (
        (f"15 fps, {run.hands}", run.bare_at_15),
        (f"30 fps, {run.hands}", run.bare_at_30),
        (f"60 fps, {run.no_hands}", run.bare_at_60),
    ):
        yield Row(f"bare tracker, {what}: p50 per frame", np.median(bare.spent), "ms")
        yield Row(f"bare tracker, {what}: p95 per frame", p95(bare.spent), "ms")
        yield Row(f"bare tracker, {what}: frames per second", bare.per_second, "/s")
        yield Row(f"bare tracker, {what}: processor time per frame", bare.processor, "ms")
    answers = run.naive_visit.answers[0]
    yield Row(f"naive handler, 15 fps, {run.hands}: frame → answer p50", np.median(answers), "ms")
    yield Row(f"naive handler, 15 fps, {run.hands}: frame → answer p95", p95(answers), "ms")
    yield Row("naive handler, one greedy visitor: socket ping p95", p95(run.naive_pings), "ms")


def latency(run: Run) -> Iterator[Row]:
    """One visitor, 15 fps, 640×480, hands in view."""
    with mien(pinned=True) as server, elsewhere() as submit:
        seen = submit(visit, server.url, True, 15, run.seconds).result()
    answers = seen.answers[0]
    what = f"frame → SceneState, one visitor, 15 fps, 640×480, {run.hands}"
    bare = run.bare_at_15.spent
    yield Row(f"{what}: p50", np.median(answers), "ms", np.median(bare))
    yield Row(f"{what}: p95", p95(answers), "ms", p95(bare), at_most(p95(bare) + OVERHEAD))
    naive_p95 = p95(run.naive_visit.answers[0])
    yield Row(f"{what}: p95 beside the naive handler", p95(answers), "ms", naive_p95)
    yield Row("Readings that count, one visitor, 15 fps", share(seen), "%")


def rate(run: Run) -> Iterator[Row]:
    """One visitor who offers more frames than can be read."""
    for hands, offered, least, bare in (
        (True, 30, 25, run.bare_at_30),
        (False, 60, 35, run.bare_at_60),
    ):
        with mien(pinned=True) as server, elsewhere() as submit:
            seen = submit(visit, server.url, hands, offered, run.seconds).result()
        what = run.hands if hands else run.no_hands
        yield Row(
            f"Readings per second on one core, offered {offered} fps, {what}",
            seen.fresh / seen.seconds,
            "/s",
            bare.per_second,
            at_least(least),
        )
        yield Row(f"Readings that count, one visitor, offered {offered} fps", share(seen), "%")
        yield Row(
            f"processor time of the worker per Reading, offered {offered} fps",
            1000 * seen.spent / seen.read,
            "ms",
            bare.processor,
        )


def visitors(run: Run) -> Iterator[Row]:
    """Four visitors, and a fifth who only asks for the time."""
    with mien("--max-visitors", "4") as server, elsewhere() as submit:
        seconds = run.seconds + 4
        playing = submit(visit, server.url, True, 15, run.seconds, visitors=4)
        pings = submit(ping, server.url, seconds)
        seen, pings = playing.result(), pings.result()
    stale = seen.read - seen.fresh
    # nobody knows whose the stale ones were: everybody's count goes down by all of them
    rates = [(len(answers) - stale) / seen.seconds for answers in seen.answers]
    alone = run.bare_at_15.per_second
    what = f"four visitors at 15 fps, {run.hands.partition(' (')[0]}"
    yield Row(
        f"{what}: Readings per second, the least served",
        min(rates),
        "/s",
        alone / 4,
        at_least(ENOUGH),
    )
    apart = 100 * (1 - min(rates) / max(rates)) if max(rates) > 0 else float("nan")
    yield Row(f"{what}: least served below the most served", apart, "%", goal=at_most(20))
    yield Row(
        f"{what}: socket ping p95 (beside the naive handler with one greedy visitor)",
        p95(pings),
        "ms",
        p95(run.naive_pings),
        at_most(20),
    )
    yield Row(f"{what}: processor time per Reading", 1000 * seen.spent / seen.read, "ms")
    everybody = [spent for answers in seen.answers for spent in answers]
    yield Row(f"{what}: frame → SceneState p95", p95(everybody), "ms")


def endurance(run: Run) -> Iterator[Row]:
    """Six people come and go, four at a time, and leave in every way there is."""
    first, length = (30, 60) if run.quick else (60, 540)
    minutes = f"{(first + length) / 60:.3g} minutes of coming and going"
    with mien("--max-visitors", "4") as server, elsewhere() as submit:
        submit(crowd, server.url, first, 6, 1).result()
        before = at_rest(server)
        reference = memory(server)
        leaving = submit(crowd, server.url, length, 6, 2)
        samples = []
        while not leaving.done():
            with suppress(psutil.NoSuchProcess):  # a worker that died is counted below
                samples.append(memory(server))
            time.sleep(1)
        visits = leaving.result()
        after = at_rest(server)
        samples.append(memory(server))
        restarts = worker(server)["restarts"]
    growth = 100 * (max(samples) / reference - 1)
    yield Row(f"{minutes}: visits after the first {first} s", visits, "")
    yield Row(f"{minutes}: memory of server and worker after that", reference / 2**20, "MB")
    yield Row(f"{minutes}: memory above that at most", growth, "%", goal=at_most(5))
    for which, what in enumerate(("open files", "threads")):
        grown = after[which] - before[which]
        yield Row(f"{minutes}: {what} more than before", grown, "", before[which], at_most(0))
    yield Row(f"{minutes}: workers that died", restarts, "", goal=at_most(0))


def capacity(run: Run) -> Iterator[Row]:
    """Memory per tracker set, and how many visitors there can be."""
    sizes, most = {}, 3 if run.quick else 6
    for sets in (1, most):
        with mien("--max-visitors", str(sets)) as server, elsewhere() as submit:
            idle = worker(server)["memory"]
            seen = submit(visit, server.url, True, 15, run.seconds, visitors=sets).result()
            sizes[sets] = psutil.Process(worker(server)["pid"]).memory_info().rss
            web = psutil.Process(server.process.pid).memory_info().rss
        if sets == 1:
            yield Row("memory of the web process", web / 2**20, "MB")
            yield Row("memory of a worker with one tracker set, before use", idle / 2**20, "MB")
    per_set = (sizes[most] - sizes[1]) / (most - 1)
    yield Row("memory of a worker with one tracker set, in use", sizes[1] / 2**20, "MB")
    yield Row("memory of each further tracker set, in use", per_set / 2**20, "MB")
    half = psutil.virtual_memory().total / 2
    by_memory = int((half - web - sizes[1]) / per_set) + 1
    by_speed = int(seen.fresh / seen.seconds / ENOUGH)
    default = next(one.default for one in fields(Settings) if one.name == "max_visitors")
    yield Row("visitors who fit in half of the memory", by_memory, "")
    yield Row(f"Readings per second of {most} visitors together", seen.fresh / seen.seconds, "/s")
    yield Row(f"visitors who get {ENOUGH:.0f} Readings per second from one worker", by_speed, "")
    yield Row(
        "visitors at the same time: the default of --max-visitors",
        default,
        "",
        goal=at_most(min(by_memory, by_speed)),
    )


def life(run: Run) -> Iterator[Row]:
    """Start, stop, and what dies in between; the worst of some tries."""
    clip = frames.clip(hands=True)
    starts, replacements, closings, ends = [], [], [], []
    for _ in range(1 if run.quick else 3):
        begin = time.perf_counter()
        with mien("--max-visitors", "1") as server:
            starts.append(time.perf_counter() - begin)
            visitor = Visitor(server.url, clip, 15)
            visitor.wait_until_ready()
            playing = threading.Thread(target=visitor.play, args=(30,), daemon=True)
            playing.start()
            wait_until(lambda v=visitor: len(v.answers) > 10, "the first scenes")

            replacements.append(time_replacement(server, visitor))

            waiting = Visitor(server.url, clip, 15)
            time.sleep(0.5)
            begin = time.perf_counter()
            visitor.vanish()
            waiting.wait_until_ready()
            closings.append(time.perf_counter() - begin)

            begin = time.perf_counter()
            threading.Thread(target=waiting.play, args=(1,), daemon=True).start()
            wait_until(lambda v=waiting: v.answers, "a scene")
            processes = server.tree()
            begin = time.perf_counter()
            server.process.send_signal(signal.SIGTERM)
            wait_for(lambda s=server, p=processes: is_over(s.port, p))
            ends.append(time.perf_counter() - begin)
            server.process.wait()
    yield Row("start → ready", max(starts), "s")
    yield Row(
        "perception worker killed → SceneStates again", max(replacements), "s", None, at_most(3)
    )
    yield Row("tab closed → its place is the next one's", max(closings), "s", None, at_most(5))
    yield Row("SIGTERM → port free and no process left", max(ends), "s", None, at_most(1))


SECTIONS: dict[str, Callable[[Run], Iterator[Row]]] = {
    "baselines": baselines,
    "latency": latency,
    "rate": rate,
    "visitors": visitors,
    "endurance": endurance,
    "capacity": capacity,
    "life": life,
}


def measure(sections: Sequence[str], quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """The rows of the chosen sections, each as soon as it is known."""
    run = Run(quick)
    for name in sections:
        tell(f"-- {name}")
        yield from SECTIONS[name](run)


# ------------------------------------------------------------------------------


def p95(values: Sequence[float]) -> float:
    """The 95th percentile; not a number, and so never good enough, without values."""
    return float(np.percentile(values, 95)) if len(values) else float("nan")


def share(seen: Visit) -> float:
    return 100 * seen.fresh / seen.read if seen.read else float("nan")


def memory(server: Mien) -> int:
    """Resident bytes of the server and its worker."""
    return sum(process.memory_info().rss for process in server.tree())


def at_rest(server: Mien) -> tuple[int, int]:
    """Open files and threads of server and worker once everybody has left."""
    wait_until(lambda: server.health()["visitors"]["connected"] == 0, "everybody's leaving")
    time.sleep(2)
    processes = server.tree()
    return sum(p.num_fds() for p in processes), sum(p.num_threads() for p in processes)


def time_replacement(server: Mien, visitor: Visitor) -> float:
    """Seconds from the death of the worker to the first SceneState from the next one."""
    begin = time.perf_counter()
    os.kill(worker(server)["pid"], signal.SIGKILL)
    dead = time.perf_counter()
    wait_for(lambda: visitor.answers[-1][0] > dead + 0.2)
    return visitor.answers[-1][0] - begin


def is_over(port: int, processes: Sequence[psutil.Process]) -> bool:
    return gone(processes) and port_is_free(port)


def wait_for(happened: Callable[[], object]) -> None:
    """Look often; raises TimeoutError when it never happens."""
    end = time.perf_counter() + PATIENCE
    while not happened():
        if time.perf_counter() > end:
            raise TimeoutError(f"what is timed did not happen within {PATIENCE:.0f} s")
        time.sleep(POLL)
