"""Who may hold a line to the server, for how long, and how often it may ask: below HTTP.

Rules alone, without sockets: `concurrency.py` calls them for each server that Mien runs on.
Nobody is turned away who has just come: where too many lines are open, the one is cut that has
done nothing new for longest.  A thousand silent lines so keep nobody out.
"""

from __future__ import annotations

import ipaddress
import logging
import resource
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

log = logging.getLogger(__name__)

MOST, MOST_OF_ONE = 512, 64
"""Lines that are no pages yet, or only fetch something: in all, and of one address."""
ASKING = 10.0
"""Seconds for a TLS handshake, or from the first to the last byte of a request's head; also for
the next request on a line that stays open."""
ANSWERING = 90.0
"""Seconds for a request's body and its answer: 8 MB over a poor network."""
REQUESTS_PER_SECOND, AT_ONCE = 60, 400
"""Of one address; beyond, each is put off.  Twenty phones behind one router open the page."""
ADDRESSES = 1000
"""Whose rate is remembered; the one that was quiet longest is forgotten first."""
SPARE_FILES = 200
"""Files that the server needs besides its lines: workers, gallery, modules."""
MOST_FILES = 65_536
LET_IN = "mien.let_in"
"""In the WSGI environment: to be called when a websocket has been let in."""
GLANCE = 0.5
"""Seconds between two looks at lines that take too long."""


class TokenBucket:
    """`rate` per second on average, up to `burst` at once (Turner 1986)."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._filled = burst, time.monotonic()

    def take(self) -> bool:
        """Take one token; False when there is none."""
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, which one machine has whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found.packed[:8] + bytes(8), 64)))


class Line:
    """One TCP connection.  `cut()` ends it: whoever reads or writes on it finds its end."""

    def __init__(self, address: str, cut: Callable[[], object], now: float) -> None:
        self.address, self.cut = neighbourhood(address), cut
        self.since, self.allowed = now, ASKING
        """When it has last got further, and the seconds that its next step may take."""

    def is_overdue(self, now: float) -> bool:
        return now - self.since > self.allowed


class Door:
    """The lines that are open, from their first byte on."""

    def __init__(
        self,
        trusted: str | None = None,
        most: int = MOST,
        most_of_one: int = MOST_OF_ONE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`trusted` is the address of a proxy, through which everybody comes."""
        self._trusted = trusted and neighbourhood(trusted)
        self._most, self._most_of_one = most, most_of_one
        self._clock = clock
        self._lines: dict[Line, None] = {}
        """Those that are no pages, the one that has done nothing for longest first."""
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        self._lock = threading.Lock()

    def enter(self, address: str, cut: Callable[[], object]) -> Line:
        """Somebody has come; if there are too many, the line that lingers longest is cut."""
        line, gone = Line(address, cut, self._clock()), None
        with self._lock:
            same = [one for one in self._lines if one.address == line.address]
            if len(same) >= self._most_of_one and line.address != self._trusted:
                gone = same[0]
            elif len(self._lines) >= self._most:
                gone = next(iter(self._lines))
            if gone is not None:
                del self._lines[gone]
            self._lines[line] = None
        if gone is not None:
            log.warning("too many connections; one of %s that lingers is cut", gone.address)
            gone.cut()
        return line

    def asks(self, line: Line) -> None:
        """The next request may come."""
        self._moves(line, ASKING)

    def may_ask(self, line: Line) -> bool:
        """Whether its request is answered now, or only after a while, when this is asked again."""
        self._moves(line, ANSWERING)
        if line.address == self._trusted:
            return True
        with self._lock:
            bucket = self._buckets.setdefault(
                line.address, TokenBucket(REQUESTS_PER_SECOND, AT_ONCE)
            )
            self._buckets.move_to_end(line.address)
            if len(self._buckets) > ADDRESSES:
                self._buckets.popitem(last=False)
            return bucket.take()

    def leave(self, line: Line) -> None:
        """It is closed, or a websocket that was let in: others count and time it from now on."""
        with self._lock:
            self._lines.pop(line, None)

    def watch(self) -> None:
        """Cut what takes too long, for ever."""
        while True:
            time.sleep(GLANCE)
            self.cut_overdue()

    def cut_overdue(self) -> None:
        now = self._clock()
        with self._lock:
            overdue = [line for line in self._lines if line.is_overdue(now)]
            for line in overdue:
                del self._lines[line]
        for line in overdue:
            line.cut()

    def _moves(self, line: Line, allowed: float) -> None:
        with self._lock:
            if line in self._lines:  # the newest comes last
                del self._lines[line]
                self._lines[line] = None
                line.since, line.allowed = self._clock(), allowed

    def __len__(self) -> int:
        return len(self._lines)


def most_lines(pages: int) -> int:
    """How many lines there may be besides so many `pages`, once as many open files as this system
    allows have been asked for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError) as error:  # macOS has a limit besides this one
            log.warning("only %d open files are allowed: %s", soft, error)
    room = soft - SPARE_FILES - pages
    if room < MOST:
        log.warning(
            "%d open files are few for %d pages: raise LimitNOFILE, or lower max_connections",
            soft,
            pages,
        )
    return max(min(MOST, room), MOST_OF_ONE)
