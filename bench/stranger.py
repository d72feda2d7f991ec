"""A stranger at the port: speaks HTTP and Socket.IO byte by byte, as no browser would."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
import urllib.parse
from contextlib import suppress
from dataclasses import dataclass

import websocket

PATIENCE = 30.0
"""Seconds for an answer on a busy machine."""
CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class House:
    """A running Mien that strangers come to."""

    port: int
    password: str
    """Of staff."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        """Status and text of the answer; underscores in names of headers stand for hyphens.
        0 when the line is closed instead."""
        given = {"Host": f"127.0.0.1:{self.port}", "Origin": self.url}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in given.items():
                line.putheader(name, value)
            line.putheader("Content-Length", str(len(body)))
            line.endheaders()
            with suppress(OSError):  # refused before it has read everything
                line.send(body)
            answer = line.getresponse()
            cookie = answer.headers.get("Set-Cookie", "")
            return answer.status, cookie + answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            line.close()

    def code(self, *arguments: object, **headers: str) -> str:
        return str(self.ask(*arguments, **headers)[0])

    def health(self) -> dict:
        return json.loads(self.ask("GET", "/health")[1])

    def line(self, said: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
        line = socket.create_connection(
            ("127.0.0.1", self.port), timeout=PATIENCE, source_address=(source, 0)
        )
        with suppress(OSError):
            line.sendall(said)
        return line

    def staff(self) -> str:
        """A cookie of staff."""
        form = urllib.parse.urlencode({"password": self.password}).encode()
        kind = "application/x-www-form-urlencoded"
        _, answer = self.ask("POST", "/staff", form, Content_Type=kind)
        return re.search(r"mien=[^;]+", answer)[0]


class Page:
    """A connection that has joined a namespace."""

    def __init__(self, house: House, namespace: str = "", join: bool = True, **options) -> None:
        address = f"ws://127.0.0.1:{house.port}/socket.io/?EIO=4&transport=websocket"
        self._line = websocket.create_connection(address, timeout=PATIENCE, **options)
        self._in = f"{namespace}," if namespace else ""
        self.hears("0{")
        if join:
            self.say(f"40{self._in}")
            self.hears(f"40{self._in}{{", f"44{self._in}")

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_error: object) -> None:
        self._line.close(timeout=0)

    @property
    def socket(self) -> socket.socket:
        return self._line.sock

    def say(self, text: str) -> None:
        with suppress(OSError, websocket.WebSocketException):  # closed: `hears` says so
            self._line.send(text)

    def event(self, name: str, *payload: object, picture: bytes | None = None) -> None:
        """An event; with `picture`, its bytes are the second of the payload."""
        if picture is None:
            self.say(f"42{self._in}{json.dumps([name, *payload])}")
            return
        first, *others = payload
        parts = [name, first, {"_placeholder": True, "num": 0}, *others]
        self.say(f"451-{self._in}{json.dumps(parts)}")
        with suppress(OSError, websocket.WebSocketException):
            self._line.send_binary(picture)

    def hears(self, *words: str, seconds: float = PATIENCE) -> str:
        """The first of the words that is in something heard, "closed", or "nothing"."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                heard = self._line.recv()
            except websocket.WebSocketTimeoutException:
                return "nothing"
            except (OSError, websocket.WebSocketException):
                return "closed"
            if heard == "":
                return "closed"
            if heard == "2":
                self.say("3")
            text = heard if isinstance(heard, str) else ""
            if found := next((word for word in words if word in text), None):
                return found
        return "nothing"

    def goes_on(self) -> str:
        """Whether it is still answered."""
        self.say(f'42{self._in}77["clock"]')
        return "goes on" if self.hears(f"43{self._in}77[") != "closed" else "closed"

    def visit(self) -> str:
        """Agree to the camera; the token of the visit's pictures."""
        self.event(CONSENT)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            heard = self._line.recv()
            if heard == "2":
                self.say("3")
            if isinstance(heard, str) and '"visit"' in heard:
                return re.search(r'"token":"([^"]+)"', heard)[1]
        raise TimeoutError("no visit has begun")
