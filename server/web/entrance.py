"""Who a request comes from and whom it asks for: one rule for pages, forms and sockets alike.

A page elsewhere can point a name of its own at this machine (DNS rebinding); its requests then
carry that name, and are refused here.  Whoever comes through a proxy that staff have named is
taken for who the proxy says; anybody else's `X-Forwarded-*` is not believed, and not even looked
at but for this: what carries it was not sent by a browser on this very machine.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus

from flask import request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import get_host

log = logging.getLogger(__name__)

FORWARDED = (
    *(f"HTTP_X_FORWARDED_{what}" for what in ("FOR", "PROTO", "HOST", "PORT", "PREFIX", "SERVER")),
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)
PASSED_ON = "mien.passed_on"
"""In the WSGI environment of what a proxy has passed on, or pretends so."""
SOCKETS = "/socket.io"

NAME = "This machine does not go by that name. Use its address instead, or tell the setting names."
ORIGIN = "Another page cannot open this connection."
HANDSHAKE = "Only websockets are spoken here."
CLIENT = "The proxy does not say who asks: have it send X-Forwarded-For."


class Entrance:
    """WSGI middleware around everything else."""

    def __init__(self, app: Callable, names: Iterable[str], proxy: str | None) -> None:
        """`names` are ours, "*.example.org" for all of one level; `proxy` is an IP address."""
        self._app = app
        self._names = {name.lower() for name in names}
        self._proxy = proxy and ipaddress.ip_address(proxy)
        self._behind = ProxyFix(self._enter, x_for=1, x_proto=1, x_host=1)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if self._is_proxy(environ.get("REMOTE_ADDR", "")):
            environ[PASSED_ON] = True
            if not is_address(environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()):
                return refused(400, CLIENT, start_response)
            return self._behind(environ, start_response)
        if any(key in environ for key in FORWARDED):
            environ[PASSED_ON] = True
        return self._enter(environ, start_response)

    def _enter(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        for key in FORWARDED:  # whoever comes later must not believe them, either
            environ.pop(key, None)
        if not is_ours(environ.get("HTTP_HOST", ""), self._names):
            return refused(421, NAME, start_response)
        if environ.get("PATH_INFO", "").startswith(SOCKETS):
            if environ.get("HTTP_ORIGIN") not in (None, origin_of(environ)):
                return refused(403, ORIGIN, start_response)
            if not is_handshake(environ):
                return refused(400, HANDSHAKE, start_response)
        return self._app(environ, start_response)

    def _is_proxy(self, address: str) -> bool:
        if self._proxy is None or not is_address(address):
            return False
        peer = ipaddress.ip_address(address)
        return self._proxy in (peer, getattr(peer, "ipv4_mapped", None))


def refused(code: int, message: str, start_response: Callable) -> list[bytes]:
    log.warning(f"refused ({code}): %s", message)
    body = message.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(f"{code} {HTTPStatus(code).phrase}", headers)
    return [body]


def is_ours(host: str, names: set[str]) -> bool:
    """Whether a Host header names this machine: a known name or any IP address."""
    name, _, port = host.rpartition(":") if host.count(":") == 1 or "]:" in host else (host, "", "")
    if port and not port.isdecimal():
        return False
    name = name.lower().removesuffix(".")
    if is_address(name[1:-1] if name.startswith("[") and name.endswith("]") else name):
        return True
    return name in names or "*." + name.partition(".")[2] in names


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def origin_of(environ: dict) -> str:
    """What a browser calls a page of ours from which this request may come."""
    return f"{environ['wsgi.url_scheme']}://{get_host(environ)}"


def is_handshake(environ: dict) -> bool:
    """Whether this is the whole beginning of a websocket (RFC 6455, 4.2.1): half of one would
    hold a place among the pages until its time is over."""
    connection = environ.get("HTTP_CONNECTION", "").lower().replace(" ", "").split(",")
    try:
        key = base64.b64decode(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and "upgrade" in connection
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and len(key) == 16
    )


def is_local() -> bool:
    """Whether the request or event comes from this very machine, through no proxy."""
    return request.remote_addr in ("127.0.0.1", "::1") and PASSED_ON not in request.environ


def is_development() -> bool:
    """Whether Vite's development server on this machine passed the request on."""
    return "X-Mien-Dev" in request.headers and is_local()


def is_same_origin() -> bool:
    """Whether a form or script of our own page sent the request: browsers name its origin."""
    return request.headers.get("Origin") == origin_of(request.environ)
