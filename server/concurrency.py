"""Choose the asynchronous mode: the only file that knows eventlet.

Everything else uses the standard library and Flask-SocketIO's own primitives,
so that the server runs the same on green threads and on real ones.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

HANDSHAKE = 10.0
"""Seconds that a connection may take to agree on a key."""

PLAIN = (
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: close\r\n"
    b"Content-Type: text/plain\r\n\r\nMien speaks https here: begin the address with https://\n"
)
"""What a browser is told that comes with http."""


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


def prompt_options(async_mode: str) -> dict:
    """What `SocketIO.run` passes on so that small messages leave at once.

    Nagle's algorithm holds the second half of a binary message back until the
    browser has acknowledged the first, which it may put off for 40 ms.
    """
    if async_mode == "threading":
        from werkzeug.serving import WSGIRequestHandler

        class Handler(WSGIRequestHandler):
            disable_nagle_algorithm = True

        return {"request_handler": Handler}
    return {"protocol": _prompt_protocol()}


def _prompt_protocol() -> type:
    from eventlet import wsgi

    class Protocol(wsgi.HttpProtocol):
        def setup(self) -> None:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            super().setup()

    return Protocol


def https_options(certificate: Path, key: Path) -> dict:
    """What `SocketIO.run` passes on to eventlet's server to make it speak TLS.

    eventlet wraps the listening socket, whose accept() then fails, and ends the
    server, when a client is gone before it is wrapped.  Here the listening socket
    stays plain, and each connection shakes hands in a green thread of its own: one
    that stays silent keeps nobody waiting.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # a green one since `patch`
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)

    class Protocol(_prompt_protocol()):
        def __init__(self, connection: list, server: object) -> None:
            plain = connection[1]
            plain.settimeout(HANDSHAKE)
            try:
                if plain.recv(1, socket.MSG_PEEK).isupper():  # GET, say; TLS begins with 22
                    plain.sendall(PLAIN)
                    return
                connection[1] = context.wrap_socket(plain, server_side=True)
            except OSError:  # gone, silent, or no TLS; eventlet closes it
                return
            connection[1].settimeout(server.socket_timeout)
            super().__init__(connection, server)

    return {"protocol": Protocol, "environ": {"wsgi.url_scheme": "https", "HTTPS": "on"}}
