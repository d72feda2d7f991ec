"""Strangers who hold lines or send without end, and somebody honest who comes meanwhile."""

from __future__ import annotations

import contextlib
import struct
import time

import websocket

from bench import bombs
from bench.stranger import House, Page

UPGRADE = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
UPGRADE += b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
KEY = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
BODY = b"POST /art/captures HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\nx"


def lines(said: bytes, house: House) -> str:
    """A thousand lines that begin something, and somebody who comes then."""
    with contextlib.ExitStack() as stack:
        for number in range(1000):
            with contextlib.suppress(OSError):
                line = house.line(said, f"127.0.0.{2 + number % 50}")
                stack.enter_context(line)
        return somebody_comes(house)


def somebody_comes(house: House) -> str:
    with Page(house) as page:
        if page.goes_on() != "goes on":
            return "is closed"
    return "gets in" if house.ask("GET", "/")[0] == 200 else "gets no page"


def byte_by_byte(house: House) -> str:
    with house.line(b"GET / HTTP/1.1\r\nX: ") as line:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            time.sleep(0.5)
            try:
                line.sendall(b"x")
            except OSError:
                return "cut"
    return "held"


def pieces(house: House) -> str:
    """One message in pieces without end."""
    piece = struct.pack("!BBHI", 0, 0x80 | 126, 50_000, 0) + bytes(50_000)
    with house.line(UPGRADE + KEY) as line:
        line.recv(1000)
        try:
            line.sendall(b"\x02" + piece[1:])
            for _ in range(2000):
                line.sendall(piece)
        except OSError:
            return "cut"
    return "held"


def control_frames(house: House) -> str:
    with Page(house) as page:
        with contextlib.suppress(OSError):
            page.socket.settimeout(3)
            page.socket.sendall(struct.pack("!BBI", 0x89, 0x80, 0) * 20_000)
        return somebody_comes(house)


def pipelined(house: House) -> str:
    ask = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(house.line(ask * 500))
        return somebody_comes(house)


def flood(text: str, count: int, house: House) -> str:
    with Page(house) as page:
        for _ in range(count):
            page.say(text)
        return somebody_comes(house)


def comings_and_goings(house: House) -> str:
    for _ in range(200):
        with Page(house, join=False) as page:
            page.say("40")
            page.say("41")
    return somebody_comes(house)


def joins_and_leaves(house: House) -> str:
    with Page(house) as page:
        for _ in range(200):
            page.say("41")
            page.say("40")
            page.say('42["consent"]')
    return somebody_comes(house)


def large_messages(house: House) -> str:
    with Page(house) as page:
        for number in range(100):
            page.event("frame", number, {}, picture=bytes(390_000))
        return somebody_comes(house)


def the_art_line(house: House) -> str:
    """Nine connections, each with as many captures as it is let; then somebody with one."""
    with contextlib.ExitStack() as stack:
        path = "/art/captures?engine=monet&scene=landscape"
        for _ in range(9):
            token = stack.enter_context(Page(house)).visit()
            for _ in range(4):
                house.ask("POST", path, bombs.png(), X_Mien_Visit=token)
        token = stack.enter_context(Page(house)).visit()
        return house.code("POST", path, bombs.png(), X_Mien_Visit=token)


def too_many_pages(house: House) -> str:
    """More pages than one address may have."""
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            try:
                stack.enter_context(Page(house))
            except websocket.WebSocketBadStatusException as error:
                return str(error.status_code)
    return "all let in"
