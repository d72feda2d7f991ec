"""Nobody can close it: strangers try everything they know while an honest visitor looks on.

What is tried lies in `abuses.py`.  An honest visitor asks for the time all the while, from a
process of its own; the strangers run with less right to the processor, as they would on machines
of their own.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import socketio

from bench import kills
from bench.abuses import chosen
from bench.rows import Row, at_least, at_most
from bench.servers import mien
from bench.stranger import House
from bench.visitors import LONGEST_PING, PATIENCE
from tests.running import Client, Mien, wait_until

EVERY = 0.05
"""Seconds between two questions of the honest visitor."""
TWICE, BESIDE = 2.0, 30.0
"""How much longer the honest visitor may wait than alone, and milliseconds in all."""
MOST_LOG = 200_000
"""Bytes that all abuses together may write into the log."""


def abuses(quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """Each abuse, whether what is seen is what is expected, and what an honest visitor feels."""
    with house() as (server, found), honest(server.url) as asked, strangers() as submit:
        time.sleep(5.0 if quick else 15.0)
        alone = p95(asked())
        written = server.log.stat().st_size
        yield Row("honest visitor's ping p95, alone", alone, "ms")
        began, all_began = time.monotonic(), time.monotonic()
        todo = chosen()
        for number, abuse in enumerate(todo):
            seen = submit(tried, abuse.title, found).result()
            tell(f"{abuse.title}: expected {abuse.expected}, seen {seen}")
            what = f"{abuse.title}: {abuse.expected}"
            what += "" if seen == abuse.expected else f", but {seen}"
            yield Row(what, float(seen == abuse.expected), "as expected", goal=at_least(1))
            if number + 1 == len(todo) or todo[number + 1].kind != abuse.kind:
                during = p95([ping for ping in asked() if ping[0] >= began])
                yield Row(f"honest visitor's ping p95 during {abuse.kind}", during, "ms", alone)
                began = time.monotonic()
        during = p95([ping for ping in asked() if ping[0] >= all_began])
        name = "honest visitor's ping p95 during all abuses"
        yield Row(name, during, "ms", alone, at_most(BESIDE))
        yield Row(f"{name}, times that alone", during / alone, "×", 1.0, at_most(TWICE))
        lost = sum(spent >= 1000 * LONGEST_PING for _, spent in asked())
        yield Row("honest visitor's pings without an answer", lost, "", goal=at_most(0))
        kilobytes = (server.log.stat().st_size - written) / 1000
        yield Row("log of all abuses", kilobytes, "kB", goal=at_most(MOST_LOG / 1000))
        time.sleep(8)  # what is being closed may take so long
        problems = server.health()["problems"]
        tell(f"problems afterwards: {problems}")
        yield Row("problems of /health afterwards", len(problems), "", goal=at_most(0))


SECTIONS = {"abuses": abuses, **kills.SECTIONS}


def measure(sections: Sequence[str], quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """The rows of the chosen sections, each as soon as it is known."""
    for name in sections:
        yield from SECTIONS[name](quick, tell)


# ------------------------------------------------------------------------------


@contextmanager
def house() -> Iterator[tuple[Mien, House]]:
    """A Mien with a painter that knows nothing, and what strangers have found out about it."""
    with tempfile.TemporaryDirectory(prefix="mien-bench-weights-") as weights:
        publish(Path(weights))
        with mien("--weights", weights, "--absence", "600") as server:
            yield server, known(server)


def publish(weights: Path) -> None:
    """Engines and a dreamer that know nothing and take no time."""
    from tests.tiny_engines import publish_tiny, publish_tiny_dream  # torch, which takes seconds

    publish_tiny(weights, "monet", live=True)
    publish_tiny_dream(weights)


def known(server: Mien) -> House:
    """Raises AssertionError when it is not ready in time."""
    painters = server.health()["art"]["workers"]
    wait_until(lambda: painters and server.health()["status"] == "ok", "the painter's start", 300)
    password = re.search(r"with the password (\S+)", server.log.read_text())[1]
    return House(server.port, password)


def tried(title: str, found: House) -> str:
    """What is seen; runs in the strangers' process."""
    abuse = next(abuse for abuse in chosen() if abuse.title == title)
    try:
        return abuse.act(found)
    except Exception as error:  # the abuse itself was refused in a way that it does not know
        return f"{type(error).__name__}: {error}"


@contextmanager
def strangers() -> Iterator[Callable]:
    """Runs functions in one process that has less right to the processor."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=os.nice, initargs=(10,)) as pool:
        yield pool.submit


@contextmanager
def honest(url: str) -> Iterator[Callable[[], list[tuple[float, float]]]]:
    """Somebody who asks for the time: gives what gives the instants and milliseconds so far."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=ask_for_the_time, args=(url, theirs), daemon=True)
    process.start()
    pings: list[tuple[float, float]] = []

    def so_far() -> list[tuple[float, float]]:
        while ours.poll():
            pings.append(ours.recv())
        return list(pings)

    try:
        yield so_far
    finally:
        process.terminate()
        process.join()


def ask_for_the_time(url: str, answers: object) -> None:
    """An answer that does not come counts with the time it was waited for."""
    client = Client(reconnection=True, reconnection_delay=0.1)
    client.connect(url, transports=["websocket"], wait_timeout=PATIENCE)
    while True:
        start = time.monotonic()
        try:
            client.call("clock", timeout=LONGEST_PING)
        except socketio.exceptions.SocketIOError:
            time.sleep(max(start + LONGEST_PING - time.monotonic(), 0.0))
        answers.send((start, (time.monotonic() - start) * 1000))
        time.sleep(EVERY)


def p95(pings: Sequence[tuple[float, float]]) -> float:
    """The 95th percentile of the milliseconds; not a number without any."""
    return float(np.percentile([spent for _, spent in pings], 95)) if pings else float("nan")
