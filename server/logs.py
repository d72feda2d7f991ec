"""Logging: one line an event, with time, level and room; never the content of a picture.

12:03:55 WARNING web         refused (bad-frame): a frame is a counter and the bytes of a JPEG
"""

from __future__ import annotations

import copy
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 1000
"""Characters of one message; a stranger's text must not fill the disk."""
LONGEST_TRACEBACK = 4000
AT_FIRST = 5
"""Records of one cause that are logged before they are counted."""
PAUSE = 60.0
"""Seconds between two records of a cause that goes on and on."""
QUIET = 600.0
"""Seconds without a record after which a cause is as good as new."""

OTHERS = ("engineio", "socketio", "werkzeug", "eventlet", "PIL", "matplotlib")
"""Packages that log every request or packet, content included: heard from WARNING on."""


def set_up(level: str) -> None:
    """Log to stderr from `level` (debug, info, warning, error) on, in this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    handler.addFilter(Bounded())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in OTHERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class Lines(logging.Formatter):
    """One line a record; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(room)-11s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        if isinstance(record.args, dict):  # what logging makes of a single dict
            record.args = {key: without_content(value) for key, value in record.args.items()}
        elif record.args:
            record.args = tuple(without_content(value) for value in record.args)
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        # Escaped, so that a browser's text cannot pretend to be another line or move the cursor.
        record.message = "".join(
            character if character.isprintable() else repr(character)[1:-1]
            for character in record.message[:LONGEST]
        )
        if untold := getattr(record, "untold", 0):
            record.message += f" ({untold} more like it)"
        record.room = room(record.name)
        return super().formatMessage(record)

    def formatException(self, error: tuple) -> str:
        text = super().formatException(error)
        if len(text) <= LONGEST_TRACEBACK:
            return text
        half = LONGEST_TRACEBACK // 2
        return f"{text[:half]}\n...\n{text[-half:]}"


def room(logger: str) -> str:
    """The room of Mien a logger belongs to: `server.web.events` is web."""
    words = logger.split(".")
    return words[1] if words[0] == "server" and len(words) > 1 else words[0]


def without_content(value: object) -> object:
    """Bytes and arrays as their size: they may be pictures."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"<{'×'.join(map(str, value.shape)) or 'one'} {value.dtype}>"
    return value


class Bounded(logging.Filter):
    """Lets the first few records of each cause pass, then one a minute that counts the others.

    A cause is a line of code and the kind of error: whatever strangers do, and however often, the
    log grows by no more than the code has lines that log.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._causes: dict[tuple, _Cause] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        # without arguments, the text may be made of a stranger's words
        text = record.msg if record.args and isinstance(record.msg, str) else None
        error = record.exc_info[0] if record.exc_info else None
        key = (record.name, record.levelno, record.pathname, record.lineno, text, error)
        with self._lock:
            cause = self._causes.setdefault(key, _Cause())
            now = self._clock()
            if cause.told >= AT_FIRST and now - cause.last < PAUSE:
                cause.untold += 1
                return False
            if now - cause.last >= QUIET:
                cause.told = 0
            record.untold, cause.untold = cause.untold, 0
            cause.told, cause.last = cause.told + 1, now
        return True


@dataclass(slots=True)
class _Cause:
    told: int = 0
    untold: int = 0
    last: float = -math.inf
    """When it was last told."""
