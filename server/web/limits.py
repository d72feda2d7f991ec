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


class MessageGuard:
    """Slows down, then closes, a connection that floods the server with messages.

    One whose messages are no packets at all is closed at once.

    It stands before Socket.IO's own decoding, in the connection's receiving
    loop: while it sleeps, nothing more is read from that connection, and
    nobody else notices.
    """

    def __init__(self, socketio: SocketIO, on_flood: Callable, on_garbage: Callable) -> None:
        self._engine = socketio.server.eio
        self._sleep = socketio.sleep
        self._decode = self._engine.handlers["message"]
        self._on_flood = on_flood
        self._on_garbage = on_garbage
        self._buckets: dict[str, TokenBucket] = {}
        self._refused: Counter[str] = Counter()
        self._engine.on("message", self._receive)

    def forget(self, engine_id: str) -> None:
        self._buckets.pop(engine_id, None)
        self._refused.pop(engine_id, None)

    def _receive(self, engine_id: str, data: str | bytes) -> None:
        bucket = self._buckets.get(engine_id)
        if bucket is None:
            burst = MESSAGES_PER_SECOND * BURST_SECONDS
            bucket = self._buckets[engine_id] = TokenBucket(MESSAGES_PER_SECOND, burst)
        if bucket.take():
            try:
                self._decode(engine_id, data)
            except Exception as error:  # text that is no packet, or a mistake of ours
                self._on_garbage(engine_id, error)
                self._engine.disconnect(engine_id)
            return
        self._refused[engine_id] += 1
        self._on_flood(engine_id)
        if self._refused[engine_id] > PATIENCE:
            self.forget(engine_id)
            self._engine.disconnect(engine_id)
            return
        self._sleep(1 / MESSAGES_PER_SECOND)
