"""Whether the parts of the server agree about who is there; what does not, in words.

Each part keeps books of its own: connections, visitors, seats, the line, tracker sets.  They
change one after the other, so that only a disagreement that lasts is one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LASTING = 5.0
"""Seconds after which a disagreement is told; closing a connection may take as long."""
GLANCE = 1.0


@dataclass(frozen=True, slots=True)
class Books:
    """What each part believes, as names of pages or connections."""

    connections: Iterable[str]
    """Open, says Engine.IO."""
    counted: Iterable[str]
    """Connections for which places are taken."""
    pages: Iterable[str]
    """Connected, says Socket.IO."""
    visitors: Iterable[str]
    seated: Iterable[str]
    """Who may send frames: visitors and staff."""
    lent: Iterable[str]
    """Whose tracker sets are lent."""
    waiting: Iterable[str]
    """Who believes to be in the line."""
    line: Iterable[str]

    def disagreements(self) -> dict[str, set[str]]:
        """Whom each sentence is about."""
        both = {
            "a place is taken by a connection that is gone": (self.counted, self.connections),
            "a visitor has no connection": (self.visitors, self.pages),
            "a page belongs to no visitor": (self.pages, self.visitors),
            "a tracker set is lent to nobody": (self.lent, self.seated),
            "a seat has no tracker set": (self.seated, self.lent),
            "somebody waits outside the line": (self.waiting, self.line),
            "a place in the line belongs to nobody": (self.line, self.waiting),
        }
        return {what: set(these) - set(those) for what, (these, those) in both.items()}


class Agreement:
    """Looks at the books again and again, and knows what has not agreed for a while."""

    def __init__(self, books: Callable[[], Books], clock: Callable[[], float] = time.monotonic):
        self._books, self._clock = books, clock
        self._since: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def watch(self, sleep: Callable[[float], object]) -> None:
        """For ever."""
        while True:
            sleep(GLANCE)
            self.problems()

    def problems(self) -> list[str]:
        """What does not agree and has not for LASTING seconds, such as "a seat has no tracker set
        (2 times)"; empty when all is well."""
        found = {
            (what, name) for what, names in self._books().disagreements().items() for name in names
        }
        with self._lock:
            now = self._clock()
            self._since = {key: self._since.get(key, now) for key in found}
            lasting = [what for (what, _), since in self._since.items() if now - since > LASTING]
        return [
            what if lasting.count(what) == 1 else f"{what} ({lasting.count(what)} times)"
            for what in sorted(set(lasting))
        ]


def sleeping(workers: list[dict], what: str) -> list[str]:
    """Which workers of `/health` are not ready, in words."""
    asleep = [number for number, worker in enumerate(workers) if not worker["ready"]]
    return [f"{what} {number} is not ready" for number in asleep]
