"""The machine that is measured on, and whether others use it at the same time."""

from __future__ import annotations

import os
import time

import psutil

from bench.rows import Row
from server.machine import processor

BUSY = 0.05
"""Cores that others may use together before a warning: more shows in the figures."""


def rows() -> list[Row]:
    """What a reader must know before believing the rest."""
    return [
        Row(f"cores ({processor()})", len(cores()), ""),
        Row("load average at the start", os.getloadavg()[0], ""),
    ]


def warnings(seconds: float = 2.0) -> list[str]:
    """Who else uses this machine, watched for some seconds; empty when it is ours alone."""
    busy = others(seconds)
    if sum(busy.values()) <= BUSY:
        return []
    most = sorted(busy.items(), key=lambda one: -one[1])[:3]
    named = ", ".join(f"{name} {share:.0%}" for name, share in most)
    return [
        f"this machine is not its own: others use {sum(busy.values()):.2f} cores ({named}), "
        f"load average {os.getloadavg()[0]:.1f}; the figures are worse than they could be"
    ]


def others(seconds: float) -> dict[str, float]:
    """Cores used by processes that are not ours, by name."""
    used = {}
    before = times()
    time.sleep(seconds)
    for key, (name, now) in times().items():
        share = (now - before.get(key, (name, now))[1]) / seconds
        if share > 0.01:
            used[name] = used.get(name, 0.0) + share
    return used


def times() -> dict[tuple[int, float], tuple[str, float]]:
    """Name and processor seconds of each process but ours."""
    ours = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
    found = {}
    for process in psutil.process_iter(["pid", "create_time", "name", "cpu_times"]):
        facts = process.info
        if facts["pid"] not in ours and facts["cpu_times"]:
            spent = facts["cpu_times"].user + facts["cpu_times"].system
            found[facts["pid"], facts["create_time"]] = facts["name"], spent
    return found


def cores() -> list[int]:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pin(pid: int) -> None:
    """Keep a process, with all its threads, on one core: the last one.

    Does nothing where the system cannot (macOS); its figures then say so by themselves.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    core = {cores()[-1]}
    for thread in psutil.Process(pid).threads():
        os.sched_setaffinity(thread.id, core)
