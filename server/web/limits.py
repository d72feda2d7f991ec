"""How much a stranger may ask for."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from flask_socketio import SocketIO

from server.door import LET_IN, TokenBucket, neighbourhood
from server.web.packets import NoPacket, Refused

log = logging.getLogger(__name__)

MESSAGES_PER_SECOND = 240
"""Of one connection; a frame is two messages.  Twice what the fastest honest page sends."""
BURST_SECONDS = 1.0
PATIENCE = 1000
"""Messages over the rate after which the connection is closed."""
MOST_UNREAD = 1000
"""Packets that may wait for a connection that does not read them: half a minute of scenes."""
JOINING = 10.0
"""Seconds within which a connection joins one of our namespaces, or is closed."""
GLANCE = 1.0
"""Seconds between two looks at connections that do nothing."""


class ConnectionLimit:
    """Counts connections, in all and for each address."""

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most, self._most_per_address = most, most_per_address
        self._by_address: Counter[str] = Counter()
        self._address_of: dict[str, str] = {}
        self._lock = threading.Lock()

    def enter(self, connection: str, address: str) -> bool:
        """Whether this connection may stay."""
        address = neighbourhood(address)
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

    def __len__(self) -> int:
        return len(self._address_of)


@dataclass(slots=True)
class _Connection:
    """What the Guard knows of one."""

    since: float = field(default_factory=time.monotonic)
    bucket: TokenBucket = field(
        default_factory=lambda: TokenBucket(
            MESSAGES_PER_SECOND, MESSAGES_PER_SECOND * BURST_SECONDS
        )
    )
    refused: int = 0


class Guard:
    """Stands before Socket.IO's own handlers, where every connection and message arrives.

    Too many connections are refused.  One that floods the server is slowed
    down, in its own receiving loop: nothing more is read from it, and nobody
    else notices; in the end it is closed.  One whose messages are no packets
    is closed at once, and so are those that never join a namespace or never
    read.  An event that is none of ours is answered with a `problem`.
    """

    def __init__(self, socketio: SocketIO, limit: ConnectionLimit) -> None:
        self._socketio = socketio
        self._engine = socketio.server.eio
        self._limit = limit
        self._connections: dict[str, _Connection] = {}
        self._next = dict(self._engine.handlers)
        self._engine.on("connect", self._connect)
        self._engine.on("message", self._receive)
        self._engine.on("disconnect", self._disconnect)

    def start(self, start_task: Callable) -> None:
        """Look after connections that do nothing, from now on."""
        start_task(self._watch)

    def connections(self) -> tuple[list[str], list[str]]:
        """Those that are open, says Engine.IO, and those that places are taken for."""
        open_ones = [id for id, one in list(self._engine.sockets.items()) if not one.closed]
        return open_ones, list(self._connections)

    def pages(self) -> list[str]:
        """Pages connected to the main namespace, says Socket.IO."""
        return [page for page, _ in self._socketio.server.manager.get_participants("/", None)]

    def send_away(self, page: str) -> None:
        """Close the connection of a page of the main namespace."""
        connection = self._socketio.server.manager.eio_sid_from_sid(page, "/")
        if connection is not None:
            self._close(connection)

    def _connect(self, connection: str, environ: dict) -> object:
        if not self._limit.enter(connection, environ.get("REMOTE_ADDR", "")):
            log.warning("a page more than are taken, from %s", environ.get("REMOTE_ADDR", ""))
            return "The installation has as many guests as it can hold."
        self._connections[connection] = _Connection()
        environ.get(LET_IN, bool)()
        return self._next["connect"](connection, environ)

    def _receive(self, connection: str, data: str | bytes) -> None:
        known = self._connections.get(connection)
        if known is None:  # closed; what it had sent before still arrives
            self._socketio.sleep(0)
            return
        if not known.bucket.take():
            known.refused += 1
            log.warning("a connection sends too many messages")
            if known.refused > PATIENCE:
                self._close(connection)
            else:
                self._socketio.sleep(1 / MESSAGES_PER_SECOND)
            return
        try:
            self._next["message"](connection, data)
        except Refused as refused:
            self._answer(connection, refused)
        except NoPacket as error:
            log.warning("a connection is closed: %s", error)
            self._close(connection)
        except Exception:  # a mistake of ours, which harms nobody else
            log.exception("a message cannot be handled; its connection is closed")
            self._close(connection)

    def _answer(self, connection: str, refused: Refused) -> None:
        log.warning(f"refused ({refused.code}): %s", refused)
        page = self._socketio.server.manager.sid_from_eio_sid(connection, refused.namespace)
        if page is not None:
            problem = {"code": refused.code, "message": str(refused)}
            self._socketio.emit("problem", problem, to=page, namespace=refused.namespace)

    def _disconnect(self, connection: str, *reason: object) -> None:
        self._limit.leave(connection)
        if self._connections.pop(connection, None) is not None:
            self._next["disconnect"](connection, *reason)

    def _close(self, connection: str) -> None:
        socket = self._engine.sockets.get(connection)
        if socket is not None:
            # Engine.IO's own disconnect() waits for ever for one that reads nothing
            socket.close(wait=False, reason=self._engine.reason.SERVER_DISCONNECT)

    def _watch(self) -> None:
        while True:
            self._socketio.sleep(GLANCE)
            for connection, known in list(self._connections.items()):
                try:
                    self._look_at(connection, known)
                except Exception:  # one connection's trouble must not protect the others
                    log.exception("a connection could not be looked at")

    def _look_at(self, connection: str, known: _Connection) -> None:
        socket = self._engine.sockets.get(connection)
        unread = socket is not None and socket.queue.qsize() > MOST_UNREAD
        late = time.monotonic() - known.since > JOINING and not self._joined(connection)
        if unread or late:
            what = "reads nothing" if unread else "joins no namespace"
            log.warning(f"a connection that {what} is closed")
            self._close(connection)

    def _joined(self, connection: str) -> bool:
        manager = self._socketio.server.manager
        return any(manager.sid_from_eio_sid(connection, name) for name in manager.get_namespaces())
