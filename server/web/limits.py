"""How much a stranger may ask for."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from flask_socketio import SocketIO

MESSAGES_PER_SECOND = 240
"""Of one connection; a frame is two messages.  Twice what the fastest honest page sends."""
BURST_SECONDS = 1.0
PATIENCE = 1000
"""Messages over the rate after which the connection is closed."""


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


class ConnectionLimit:
    """Counts connections, in all and for each address."""

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most, self._most_per_address = most, most_per_address
        self._by_address: Counter[str] = Counter()
        self._address_of: dict[str, str] = {}
        self._lock = threading.Lock()

    def enter(self, connection: str, address: str) -> bool:
        """Whether this connection may stay."""
        with self._lock:
            full = len(self._address_of) >= self._most
            if full or self._by_address[address] >= self._most_per_address:
                return False
            self._by_address[address] += 1
            self._address_of[connection] = address
            return True

    def leave(self, connection: str) -> None:
        with self._lock:
            address = self._address_of.pop(connection, None)
            if address is not None:
                self._by_address[address] -= 1
                self._by_address += Counter()  # drops zeros


class Guard:
    """Stands before Socket.IO's own handlers, where every connection and message arrives.

    Too many connections are refused.  One that floods the server is slowed
    down, in its own receiving loop: nothing more is read from it, and nobody
    else notices; in the end it is closed.  One whose messages are no packets
    is closed at once.  `complain(connection, kind, message, error)` is told of each.
    """

    def __init__(self, socketio: SocketIO, limit: ConnectionLimit, complain: Callable) -> None:
        self._engine = socketio.server.eio
        self._sleep = socketio.sleep
        self._limit = limit
        self._complain = complain
        self._buckets: dict[str, TokenBucket] = {}
        self._refused: Counter[str] = Counter()
        self._next = dict(self._engine.handlers)
        self._engine.on("connect", self._connect)
        self._engine.on("message", self._receive)
        self._engine.on("disconnect", self._disconnect)

    def _connect(self, connection: str, environ: dict) -> object:
        if not self._limit.enter(connection, environ.get("REMOTE_ADDR", "")):
            return "The installation has as many guests as it can hold."
        burst = MESSAGES_PER_SECOND * BURST_SECONDS
        self._buckets[connection] = TokenBucket(MESSAGES_PER_SECOND, burst)
        return self._next["connect"](connection, environ)

    def _receive(self, connection: str, data: str | bytes) -> None:
        if not self._buckets[connection].take():
            self._refused[connection] += 1
            self._complain(connection, "flood", "a connection sends too many messages", None)
            if self._refused[connection] > PATIENCE:
                self._engine.disconnect(connection)
            else:
                self._sleep(1 / MESSAGES_PER_SECOND)
            return
        try:
            self._next["message"](connection, data)
        except Exception as error:  # text that is no packet, or a mistake of ours
            text = "a connection is closed because of a message that cannot be handled"
            self._complain(connection, "garbage", text, error)
            self._engine.disconnect(connection)

    def _disconnect(self, connection: str, *reason: object) -> None:
        self._limit.leave(connection)
        self._buckets.pop(connection, None)
        self._refused.pop(connection, None)
        self._next["disconnect"](connection, *reason)
