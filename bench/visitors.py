"""Visitors: real Socket.IO clients that send camera pictures and time the answers.

The functions at the end are run by `elsewhere` in processes of their own, so that
neither the bench nor another visitor is in the way of their clocks.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import random
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import socketio

from bench import frames
from tests.running import Client

PATIENCE = 60.0
"""Seconds for what happens at once on a machine of its own."""
LONGEST_PING = 10.0
LOST = 1.0
"""Seconds after which a frame that was not acknowledged is given up, as the page does."""


class Visitor:
    """A browser's part of the protocol.

    A patient visitor has one frame in flight, as the page has: the newest picture is sent
    when the last one was taken.  A greedy one sends at its rate, come what may.
    """

    def __init__(self, url: str, clip: frames.Clip, rate: float, greedy: bool = False) -> None:
        self._clip, self._rate, self._greedy = clip, rate, greedy
        self._sent: dict[int, float] = {}
        self._taken = threading.Event()
        self.ready = threading.Event()
        self.answers: list[tuple[float, float]] = []
        """Arrival of each SceneState that a frame led to, and milliseconds since that frame."""
        self.client = Client(reconnection=False)
        self.client.on("status", self._on_status)
        self.client.on("next", self._on_next)
        self.client.on("scene", self._on_scene)
        self.client.connect(url, transports=["websocket"], wait_timeout=PATIENCE)
        self.client.emit("consent")

    def wait_until_ready(self) -> None:
        if not self.ready.wait(PATIENCE):
            raise TimeoutError(f"a visitor was not let in within {PATIENCE:.0f} s")

    def play(self, seconds: float) -> None:
        """Stand before the camera for so long, or until the connection is gone."""
        start = time.perf_counter()
        picture = 0
        while (due := picture / self._rate) < seconds:
            time.sleep(max(start + due - time.perf_counter(), 0.0))
            if not self._greedy and self._sent:
                self._taken.wait(LOST)
            self._taken.clear()
            now = time.perf_counter()
            picture = int((now - start) * self._rate)  # the newest, if some went by
            number = len(self._sent) + 1
            self._sent[number] = now
            try:
                self.client.emit("frame", (number, self._clip.at(now - start), {}))
            except socketio.exceptions.BadNamespaceError:
                return
            picture += 1

    def leave(self) -> None:
        self.client.disconnect()

    def vanish(self) -> None:
        """Go without a word: the connection breaks."""
        self.client.eio.ws.sock.shutdown(socket.SHUT_RDWR)

    def _on_status(self, status: dict) -> None:
        if status["state"] == "ready":
            self.ready.set()

    def _on_next(self, reply: dict) -> None:
        if reply["number"] == len(self._sent):
            self._taken.set()

    def _on_scene(self, scene: dict, *_landmarks: bytes) -> None:
        now = time.perf_counter()
        sent = self._sent.get(scene["frame"])
        if sent is not None:
            self.answers.append((now, (now - sent) * 1000))


@dataclass(frozen=True, slots=True)
class Visit:
    """What visitors in one process saw between two instants."""

    seconds: float
    answers: list[list[float]]
    """For each visitor, milliseconds from each frame to its SceneState."""
    read: int
    """Readings of the worker."""
    fresh: int
    """Those with a face of their own frame, and body and hands at most 100 ms old."""
    spent: float
    """Seconds of processor time of the worker."""


@contextmanager
def elsewhere():
    """Run functions of this file in processes of their own: gives `submit`."""
    spawn = multiprocessing.get_context("spawn")
    pools: list[ProcessPoolExecutor] = []

    def submit(function: Callable, *arguments, **options) -> Future:
        pools.append(ProcessPoolExecutor(1, mp_context=spawn, initializer=turn_quickly))
        return pools[-1].submit(function, *arguments, **options)

    try:
        yield submit
    finally:
        for pool in pools:
            pool.shutdown()


def turn_quickly() -> None:
    """Threads take turns every half a millisecond: no clock waits 5 ms for another thread."""
    sys.setswitchinterval(0.0005)


def visit(
    url: str,
    hands: bool,
    rate: float,
    seconds: float,
    visitors: int = 1,
    warm_up: float = 2.0,
    greedy: bool = False,
    health: bool = True,
) -> Visit:
    """Let visitors, each with a clip of their own, play; only `seconds` after the warm-up count."""
    clips = [frames.clip(hands, which) for which in range(visitors)]
    guests = [Visitor(url, clip, rate, greedy) for clip in clips]
    for guest in guests:
        guest.wait_until_ready()
    threads = [
        threading.Thread(target=guest.play, args=(warm_up + seconds + 1.0,), daemon=True)
        for guest in guests
    ]
    for thread in threads:
        thread.start()
    time.sleep(warm_up)
    start, before = time.perf_counter(), work(url) if health else (0, 0, 0.0)
    time.sleep(seconds)
    end, after = time.perf_counter(), work(url) if health else (0, 0, 0.0)
    answers = [[spent for at, spent in guest.answers if start <= at < end] for guest in guests]
    for thread in threads:
        thread.join()
    time.sleep(0.5)  # the last scenes come: who leaves in the middle of one is warned of it
    for guest in guests:
        guest.leave()
    read, fresh, spent = (b - a for a, b in zip(before, after, strict=True))
    return Visit(end - start, answers, read, fresh, spent)


def work(url: str) -> tuple[int, int, float]:
    """Of the perception worker: Readings so far, the fresh ones, seconds of processor time."""
    with urllib.request.urlopen(f"{url}/health", timeout=PATIENCE) as answer:
        (worker,) = json.load(answer)["perception"]
    times = psutil.Process(worker["pid"]).cpu_times()
    return worker["readings"], worker["fresh"], times.user + times.system


def ping(url: str, seconds: float) -> list[float]:
    """Milliseconds that the server takes to tell its clock to somebody who does nothing else.

    An answer that never comes ends it, and counts with the time it was waited for.
    """
    client = Client(reconnection=False)
    client.connect(url, transports=["websocket"], wait_timeout=PATIENCE)
    end, spent, answered = time.perf_counter() + seconds, [], True
    while answered and (start := time.perf_counter()) < end:
        try:
            client.call("clock", timeout=LONGEST_PING)
        except socketio.exceptions.SocketIOError:
            answered = False
        spent.append((time.perf_counter() - start) * 1000)
        time.sleep(0.05)
    client.disconnect()
    return spent


def crowd(url: str, seconds: float, people: int, seed: int) -> int:
    """People who come, stay for some seconds and leave, each in their way; how many visits."""
    logging.disable(logging.ERROR)  # they do leave in the middle of messages
    end = time.perf_counter() + seconds
    clip = frames.clip(hands=True)
    visits = [0] * people

    def come_and_go(person: int) -> None:
        chance = random.Random(seed + person)
        while (left := end - time.perf_counter()) > 0:
            visitor = Visitor(url, clip, rate=10)
            if visitor.ready.wait(min(chance.uniform(1, 8), left)):
                visitor.play(min(chance.uniform(1, 6), left))
            way = chance.choice(("stop", "close", "vanish"))
            if way == "vanish":
                visitor.vanish()
            else:
                if way == "stop":
                    visitor.client.emit("stop")
                visitor.leave()
            visits[person] += 1
            time.sleep(chance.uniform(0.1, 1))

    threads = [threading.Thread(target=come_and_go, args=(n,), daemon=True) for n in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(visits)
