"""Choose the asynchronous mode, and serve: the only file that knows eventlet.

Everything else uses the standard library and Flask-SocketIO's own primitives,
so that the server runs the same on green threads and on real ones.
"""

from __future__ import annotations

import _socket
import contextlib
import logging
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

from server.door import LET_IN, Door, Line

log = logging.getLogger(__name__)

block = time.sleep
"""Sleep for real, also once `patch` has made `time.sleep` cooperative: for signal handlers."""

PLAIN = (
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: close\r\n"
    b"Content-Type: text/plain\r\n\r\nMien speaks https here: begin the address with https://\n"
)
"""What a browser is told that comes with http."""
BACKLOG = 512
"""Connections that the system keeps for us until we come to them."""
STILL = 30.0
"""Seconds for one read or write; the door has limits for whole requests."""
UNREAD = 10.0
"""Seconds in which somebody may take nothing of what is sent to them; Engine.IO's pings, which a
stranger can answer unread, end a page that is gone sooner."""
PUT_OFF = 0.1
"""Seconds that a request waits whose address has asked too often."""
LONGEST_TEXT = 60_000
"""Bytes of a websocket's text; pictures travel as bytes, and have the server's own limit."""
PIECE = 64
"""Bytes that a piece of a message takes besides its content."""


def patch(async_mode: str) -> None:
    """Make the standard library cooperative when `async_mode` is 'eventlet'.

    Call it before anything that opens a socket or starts a thread is imported.
    """
    if async_mode == "eventlet":
        import warnings

        # Its makers have retired it and say so at every start; the design says why we stay.
        warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()


def aside(async_mode: str) -> Callable:
    """`aside(async_mode)(function, *arguments)` gives what the function gives, and meanwhile leaves
    others their time: for what computes for long without Python's lock, such as scrypt."""
    if async_mode == "threading":
        return lambda function, *arguments: function(*arguments)
    from eventlet import tpool

    tpool.set_num_threads(2)
    return tpool.execute


def serve(
    app: Callable,
    async_mode: str,
    host: str,
    port: int,
    door: Door,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve a WSGI application for ever, behind `door`; `tls` has the certificate.

    Small messages leave at once: Nagle's algorithm holds the second half of a binary message back
    until the browser has acknowledged the first, which it may put off for 40 ms.
    """
    threading.Thread(target=door.watch, daemon=True).start()
    if async_mode == "threading":
        from werkzeug.serving import make_server

        make_server(host, port, app, threaded=True, request_handler=_handler(door)).serve_forever()
        return
    import eventlet
    from eventlet import wsgi

    _bound_websockets()
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = eventlet.listen(address, family, BACKLOG, reuse_port=False)
    wsgi.server(
        _Listener(listener),
        app,
        protocol=_protocol(door, tls),
        custom_pool=eventlet.GreenPool(sys.maxsize),  # the door counts
        socket_timeout=STILL,
        log_output=False,
        debug=False,  # nobody is sent our tracebacks
    )


def _handler(door: Door) -> type:
    """For Werkzeug's server, which is for development."""
    from werkzeug.serving import WSGIRequestHandler

    class Handler(WSGIRequestHandler):
        def handle(self) -> None:
            _set_up(self.connection)
            self.line = door.enter(self.client_address[0], partial(_cut, self.connection))
            try:
                super().handle()
            finally:
                door.leave(self.line)

        def make_environ(self) -> dict:
            _wait_for_turn(door, self.line)
            return {**super().make_environ(), LET_IN: partial(door.leave, self.line)}

        def log(self, *_words: object) -> None:
            """What it would say about each request fills the disk."""

    return Handler


class _Listener:
    """eventlet's server ends when accept() fails, for want of files, say; so it never does."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def accept(self) -> tuple:
        time.sleep(0)  # whoever is connected already comes between two who arrive
        while True:
            try:
                return self._listener.accept()
            except OSError as error:
                log.warning("a connection could not be taken: %s", error)
                time.sleep(PUT_OFF)

    def __getattr__(self, name: str) -> object:
        return getattr(self._listener, name)


def _protocol(door: Door, tls: ssl.SSLContext | None) -> type:
    """For eventlet's server: one object a connection, in a green thread of its own.

    eventlet would wrap the listening socket in TLS, whose accept() then fails when a client is
    gone before it is wrapped.  Here the listening socket stays plain, and each connection shakes
    hands by itself: one that stays silent keeps nobody waiting.
    """
    from eventlet import wsgi

    class Protocol(wsgi.HttpProtocol):
        def __init__(self, connection: list, server: object) -> None:
            self.line = door.enter(connection[0][0], partial(_cut, connection[1].fd))
            try:
                _set_up(connection[1])
                if tls is None or self.is_secured(connection):
                    super().__init__(connection, server)
            except OSError:  # gone, too slow, or no TLS; eventlet closes it
                return
            except Exception:  # a stranger's request must not end in a traceback of eventlet's
                log.exception("a request could not be handled")
            finally:
                door.leave(self.line)

        def is_secured(self, connection: list) -> bool:
            plain = connection[1]
            if plain.recv(1, socket.MSG_PEEK).isupper():  # GET, say; TLS begins with 22
                plain.sendall(PLAIN)
                return False
            connection[1] = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            self.line.cut = partial(_cut, connection[1])
            connection[1].settimeout(STILL)
            connection[1].do_handshake()
            return True

        def handle_one_request(self) -> None:
            door.asks(self.line)
            super().handle_one_request()

        def parse_request(self) -> bool:
            # http.server takes a head that breaks off for one that has ended
            whole, self.rfile = self.rfile, _Remembering(self.rfile)
            understood = super().parse_request()
            ended, self.rfile = self.rfile.last in (b"\r\n", b"\n"), whole
            self.close_connection = self.close_connection or not ended
            return understood and ended

        def get_environ(self) -> dict:
            _wait_for_turn(door, self.line)
            return {**super().get_environ(), **scheme, LET_IN: partial(door.leave, self.line)}

    scheme = {"wsgi.url_scheme": "https", "HTTPS": "on"} if tls else {}
    return Protocol


class _Remembering:
    """A file whose last line is known."""

    last = b""

    def __init__(self, file: object) -> None:
        self._file = file

    def readline(self, limit: int = -1) -> bytes:
        self.last = self._file.readline(limit)
        return self.last

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


class _Errors:
    """What would go to stderr without a limit goes into the log."""

    def write(self, text: str) -> None:
        log.info("%s", text)

    def flush(self) -> None:
        """Nothing waits."""


def _wait_for_turn(door: Door, line: Line) -> None:
    time.sleep(0)  # requests that come in one packet leave others their time, too
    while not door.may_ask(line):
        time.sleep(PUT_OFF)


def _set_up(sock: socket.socket) -> None:
    """Small messages leave at once, and one who takes nothing is dropped by the system, where it
    can (not macOS); otherwise the packets that wait are counted (`limits.MOST_UNREAD`)."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # RFC 5482
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * UNREAD))


def _cut(sock: _socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was closed a moment ago
        _socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, which would wait


def _bound_websockets() -> None:
    """Limit what eventlet's websockets leave without one: messages in endless pieces, and control
    frames without a pause.  Unmasking byte by byte takes 100 ms of everybody's time for a large
    message; as one number it takes 1 ms."""
    from eventlet import websocket

    class Bounded(websocket.RFC6455WebSocket.Message):
        size = 0

        def push(self, data: bytes, final: bool = False) -> None:
            self.size += len(data) + PIECE
            if self.size > (LONGEST_TEXT if self.decoder else self.max_frame_length):
                raise websocket.FailedConnectionError(1009, "The message is too long.")
            super().push(data, final)

    def unmasked(data: bytes, mask: tuple, length: int | None = None, offset: int = 0) -> bytes:
        length = len(data) if length is None else length
        key = (bytes(mask) * (length // 4 + 2))[offset % 4 :][:length]
        number = int.from_bytes(data[:length], "big") ^ int.from_bytes(key, "big")
        return number.to_bytes(length, "big")

    control = websocket.RFC6455WebSocket._handle_control_frame

    def slowly(self: object, opcode: int, data: bytes) -> None:
        time.sleep(0.005)
        control(self, opcode, data)

    websocket.RFC6455WebSocket.Message = Bounded
    websocket.RFC6455WebSocket._apply_mask = staticmethod(unmasked)
    websocket.RFC6455WebSocket._handle_control_frame = slowly
