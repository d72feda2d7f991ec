"""Messages between the server and a worker process, over one socket.

A message is a dict in MessagePack behind its length (4 bytes, big-endian).
The server's end may be cooperative (eventlet); the worker's end is blocking.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

import msgpack

LENGTH = struct.Struct("!I")
LONGEST_MESSAGE = 16 * 2**20


class Channel:
    """Send and receive dicts; both ends may be used from several threads."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sending = threading.Lock()

    def send(self, message: dict) -> None:
        """Send one message.  Raises OSError when the other end is gone or stuck."""
        body = msgpack.packb(message)
        with self._sending:
            self._socket.sendall(LENGTH.pack(len(body)) + body)

    def receive(self, while_waiting: Callable[[], None] = lambda: None) -> dict | None:
        """The next message, or None once the other end is closed.

        On a socket with a timeout, `while_waiting` is called at each timeout.
        """
        head = self._read(LENGTH.size, while_waiting)
        if head is None:
            return None
        (length,) = LENGTH.unpack(head)
        if length > LONGEST_MESSAGE:
            raise OSError(f"a message of {length} bytes: the channel is out of step")
        body = self._read(length, while_waiting)
        return None if body is None else msgpack.unpackb(body)

    def close(self) -> None:
        """Close the socket; a receiver at either end sees the end of the stream."""
        with contextlib.suppress(OSError):  # the other end was faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self, count: int, while_waiting: Callable[[], None]) -> bytes | None:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self._socket.recv(count - len(parts))
            except TimeoutError:
                while_waiting()
                continue
            except OSError:
                return None
            if not part:
                return None
            parts += part
        return bytes(parts)
