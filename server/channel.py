"""Messages between the server and a child process, over one socket.

A message is a dict in MessagePack behind its length (4 bytes, big-endian).
The server's end may be cooperative (eventlet); the child's end is blocking.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable

import msgpack

LENGTH = struct.Struct("!I")
LONGEST_MESSAGE = 16 * 2**20
BEAT = 1.0
"""Seconds between two signs of life of a child that has nothing to do."""
PR_SET_PDEATHSIG = 1
"""Of Linux's prctl."""
ALIVE = {"kind": "alive"}


class Channel:
    """Send and receive dicts; both ends may be used from several threads."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sending = threading.Lock()

    def send(self, message: dict) -> None:
        """Send one message.  Raises OSError when the other end is gone."""
        body = msgpack.packb(message)
        with self._sending:
            self._socket.sendall(LENGTH.pack(len(body)) + body)

    def receive(self) -> dict | None:
        """The next message, or None once the other end is closed.

        Raises OSError or ValueError when what comes is none.
        """
        head = self._read(LENGTH.size)
        if head is None:
            return None
        (length,) = LENGTH.unpack(head)
        if length > LONGEST_MESSAGE:
            raise OSError(f"a message of {length} bytes: the channel is out of step")
        body = self._read(length)
        return None if body is None else msgpack.unpackb(body)

    def hang_up(self) -> None:
        """End the stream; a receiver at either end sees it."""
        with contextlib.suppress(OSError):  # the other end was faster
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up and close the socket."""
        self.hang_up()
        self._socket.close()

    def _read(self, count: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self._socket.recv(count - len(parts))
            except OSError:
                return None
            if not part:
                return None
            parts += part
        return bytes(parts)


class Server:
    """A child's end.  The child lives exactly as long as the server, however that ends, and
    ends when one of its threads fails."""

    def __init__(self, descriptor: int, hear: Callable[[dict], None]) -> None:
        """`hear` is called with every message, from a thread of its own."""
        os.set_blocking(descriptor, True)  # it may be shared with a cooperative end
        self._channel = Channel(socket.socket(fileno=descriptor))
        self._hear = hear
        self._said = 0.0
        threading.excepthook = _end
        if sys.platform == "linux":  # also when it is stopped and hears nothing; the thread that
            # has started it, whose end this is about, lives as long (`Supervisor.run`)
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, message: dict) -> None:
        """Send one message; without a server there is nothing left to do."""
        try:
            self._channel.send(message)
        except OSError:
            os._exit(0)

    def alive(self) -> None:
        """Say that work goes on: call it between two pieces of work, however small, from the
        thread that does it."""
        now = time.monotonic()
        if now - self._said > BEAT / 2:
            self._said = now
            self.send(ALIVE)

    def _listen(self) -> None:
        while (message := self._channel.receive()) is not None:
            self._hear(message)
        os._exit(0)  # the working thread may be deep inside a network


def _end(failure: threading.ExceptHookArgs) -> None:
    threading.__excepthook__(failure)
    os._exit(1)
