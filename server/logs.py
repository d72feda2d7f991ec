"""Logging: one line an event, with time, level and room; never the content of a picture.

12:03:55 WARNING web         refused (bad-frame): a frame is a counter and the bytes of a JPEG
"""

from __future__ import annotations

import copy
import logging
from collections import Counter

LONGEST = 1000
"""Characters of one message; a stranger's text must not fill the disk."""

OTHERS = ("engineio", "socketio", "werkzeug", "eventlet", "PIL", "matplotlib")
"""Packages that log every request or packet, content included: heard from WARNING on."""


def set_up(level: str) -> None:
    """Log to stderr from `level` (debug, info, warning, error) on, in this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
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
        record.room = room(record.name)
        return super().formatMessage(record)


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


class OncePer:
    """Logs a warning once for each owner (a connection) and key, and counts the rest."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._counts: dict[str, Counter[str]] = {}

    def warning(
        self,
        owner: str,
        key: str,
        message: str,
        *arguments: object,
        error: BaseException | None = None,
    ) -> None:
        """Log once; with `error`, its traceback too."""
        counts = self._counts.setdefault(owner, Counter())
        counts[key] += 1
        if counts[key] == 1:
            self._logger.warning(message, *arguments, exc_info=error)

    def forget(self, owner: str) -> None:
        """The owner is gone: log what was not logged, as numbers."""
        repeated = {key: n for key, n in self._counts.pop(owner, Counter()).items() if n > 1}
        if repeated:
            told = ", ".join(f"{key} ×{n}" for key, n in repeated.items())
            self._logger.warning("a connection that is gone now had repeated: %s", told)
