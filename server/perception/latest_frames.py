"""The newest frame of each visitor, and whose turn it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

OLDEST = 0.5
"""Seconds after which a waiting frame is worth nothing any more."""
PATIENCE = 1.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera picture, or one set of recorded landmarks, on its way to be read."""

    visitor: str
    number: int
    time: float
    """Arrival in seconds of the monotonic clock."""
    jpeg: bytes = b""
    crop: bool = False
    mask: bool = False
    workshop: bool = False
    """From the workshop, where no expression is read."""
    landmarks: dict | None = None
    """A recorded session's landmarks as `wire.pack_landmarks` made them, instead of a picture."""


class LatestFrames:
    """The newest of each visitor: a new frame takes the place of one not yet taken.

    Turns are fair: of all visitors with a frame, the one served longest ago is
    next, however many frames the others send.
    """

    def __init__(self, on_dropped: Callable[[Frame], None]) -> None:
        self._on_dropped = on_dropped
        self._frames: dict[str, Frame] = {}
        self._served: dict[str, float] = {}
        self._changed = threading.Condition()
        self._woken = False

    def put(self, frame: Frame) -> None:
        with self._changed:
            replaced = self._frames.get(frame.visitor)
            self._frames[frame.visitor] = frame
            self._woken = True
            self._changed.notify()
        if replaced:
            self._on_dropped(replaced)

    def forget(self, visitor: str) -> None:
        with self._changed:
            self._frames.pop(visitor, None)
            self._served.pop(visitor, None)

    def wait_next(self, now: Callable[[], float], ready: Callable[[Frame], bool]) -> Frame | None:
        """Wait for a frame that is `ready` to be read; None when woken without one, and after
        `PATIENCE`."""
        with self._changed:
            waiting = [frame for frame in self._frames.values() if ready(frame)]
            if not waiting:
                # woken while nobody waited counts, too
                self._changed.wait_for(lambda: self._woken, PATIENCE)
                self._woken = False
                return None
            frame = min(waiting, key=lambda f: self._served.get(f.visitor, 0.0))
            del self._frames[frame.visitor]
            late = now() - frame.time > OLDEST
            if not late:
                self._served[frame.visitor] = now()
        if late:
            self._on_dropped(frame)
            return None
        return frame

    def wake(self) -> None:
        """Let a waiting `wait_next` return, because something else has changed."""
        with self._changed:
            self._woken = True
            self._changed.notify()
