"""The clock by which waits end and what is kept expires."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

BOOTTIME = getattr(time, "CLOCK_BOOTTIME", None)
"""Linux has it; it goes on while the machine sleeps."""


def steady() -> float:
    """Seconds that only go forward, whatever is done to the date; where the system counts them,
    those in which the machine slept are among them."""
    return time.monotonic() if BOOTTIME is None else time.clock_gettime(BOOTTIME)


@dataclass(frozen=True, slots=True)
class Clock:
    """Handed to whoever waits for seconds or minutes of a visit.  Nothing in Mien makes another
    one than this; benches and tests hand in one that runs faster, or whose date is changed."""

    monotonic: Callable[[], float] = steady
    """Seconds since some instant: the only measure of how long something lasts."""
    wall: Callable[[], float] = time.time
    """Seconds since 1970, to be shown: staff and networks set it forward and back."""


MACHINE = Clock()
"""This machine's."""
