"""Strangers at the port: each is answered or dropped, and nobody else notices."""

import io
import json
import socket
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress

import pytest
import socketio
import websocket
from PIL import Image

from bench import bombs
from server.logs import AT_FIRST
from server.web.limits import BURST_SECONDS, MESSAGES_PER_SECOND
from tests.running import Guest, wait_until
from tests.unit.test_perception_parts import claims_to_be_huge, jpeg, png

pytestmark = pytest.mark.socket


def large() -> bytes:
    """A JPEG of few bytes and more pixels than are taken."""
    file = io.BytesIO()
    Image.new("RGB", (1400, 1000)).save(file, "JPEG")
    return file.getvalue()


def opened(mien) -> websocket.WebSocket:
    """A connection of Engine.IO that has joined no namespace."""
    line = websocket.create_connection(
        f"ws://127.0.0.1:{mien.port}/socket.io/?EIO=4&transport=websocket", timeout=20
    )
    line.recv()
    return line


def joined(mien) -> websocket.WebSocket:
    line = opened(mien)
    line.send("40")
    listen(line, until="40{")
    return line


def listen(line: websocket.WebSocket, until: str) -> list[str]:
    """What is heard, to the first text with `until` in it; pings are answered."""
    heard = []
    while not heard or until not in str(heard[-1]):
        heard.append(line.recv())
        if heard[-1] == "2":
            line.send("3")
        if heard[-1] == "":
            raise websocket.WebSocketException("closed")
    return heard


@pytest.fixture
def other(mien, face):
    """Somebody who plays on while the stranger misbehaves; checked at the end."""
    with Guest(mien.url) as other:
        other.consent()
        yield other
        scene, _ = other.show_and_see(face)
        assert scene["present"]
    wait_until(lambda: mien.health()["visitors"]["connected"] == 0, "leaving")
    assert mien.health()["problems"] == []


@pytest.fixture
def stranger(mien, other):
    with Guest(mien.url) as stranger:
        yield stranger


@pytest.mark.parametrize(
    "picture",
    [b"", b"garbage", jpeg()[:300], png(), claims_to_be_huge(), large(), jpeg(16, 16)],
    ids=["empty", "garbage", "truncated", "png", "bomb", "too many pixels", "tiny"],
)
def test_a_bad_picture_is_answered(stranger, face, picture):
    stranger.consent()
    stranger.show(picture)
    assert "frame" in stranger.problem("bad-frame")
    scene, _ = stranger.show_and_see(face)
    assert scene["present"]


@pytest.mark.parametrize(
    "payload",
    [
        (),
        (1,),
        (1, "text where bytes belong", {}),
        ("one", b"", {}),
        (-1, b"", {}),
        (True, b"", {}),
        (1.5, b"", {}),
        (2**60, b"", {}),
        (1, b"", "options"),
        (1, ["list"], {}),
        ({"number": 1}, None, None),
    ],
)
def test_wrong_types_are_answered(stranger, payload):
    stranger.consent()
    stranger.send("frame", *payload)
    stranger.problem("bad-frame")


def test_a_frame_that_is_too_large_is_answered(stranger):
    stranger.consent()
    stranger.show(b"\xff\xd8" + bytes(450_000))
    assert "400000 bytes" in stranger.problem("too-large")


def test_an_enormous_message_closes_only_its_connection(mien, stranger):
    stranger.consent()
    closed = []
    stranger.client.on("disconnect", lambda *_: closed.append(True))
    stranger.client.reconnection = False
    stranger.show(bytes(5_000_000))
    wait_until(lambda: closed, "closing the connection")


@pytest.mark.parametrize(
    "order",
    [
        None,
        7,
        "clear",
        [],
        {},
        {"name": "explode"},
        {"name": 3},
        {"name": ["clear"]},
        {"name": "scene", "argument": "x" * 1000},
        {"name": "scene", "argument": {}},
    ],
)
def test_a_bad_command_is_answered(stranger, order):
    stranger.send("command", order)
    assert "clear" in stranger.problem("bad-command")


@pytest.mark.parametrize("name", [None, 5, "../../etc/passwd", "nothing", "a" * 500])
def test_an_unknown_recording_is_answered(stranger, name):
    stranger.send("replay", {"name": name})
    assert "asl_again" in stranger.problem("unknown-replay")


def test_an_unknown_event_is_answered(stranger):
    stranger.send("shutdown", {"now": True})
    stranger.problem("unknown-event")


def test_too_many_frames_are_answered(stranger, face):
    stranger.consent()
    for _ in range(80):
        stranger.show(face[:100])
    stranger.problem("too-fast")


def test_ten_thousand_tiny_messages(mien, other, stranger, face):
    closed = []
    stranger.client.on("disconnect", lambda *_: closed.append(True))
    stranger.client.reconnection = False
    begun = time.monotonic()
    for _ in range(10_000):
        if closed:
            break
        stranger.send("x")
    # meanwhile others are served
    for _ in range(3):
        scene, _ = other.show_and_see(face)
        assert scene["present"]
    assert mien.health()["status"] == "ok"
    lasted = time.monotonic() - begun
    assert len(stranger.all("problem")) <= MESSAGES_PER_SECOND * (lasted + BURST_SECONDS)


def test_each_abuse_is_logged_a_few_times(mien, stranger):
    for _ in range(50):
        stranger.send("nonsense")
    wait_until(lambda: len(stranger.all("problem")) >= 50, "fifty answers")
    assert 1 <= mien.log.read_text().count("unknown-event") <= AT_FIRST


def test_what_is_sent_after_the_end_writes_no_log(mien, other):
    before = mien.log.stat().st_size
    for _ in range(3):
        with suppress(OSError, websocket.WebSocketException):
            line = joined(mien)
            for _ in range(5000):
                line.send('42["clock"]')
    assert mien.health()["status"] == "ok"
    assert mien.log.stat().st_size - before < 20_000
    assert "KeyError" not in mien.log.read_text()


@pytest.mark.parametrize(
    "name", ["connect", "disconnect", "connect_error", "*", "__disconnect_final", "message"]
)
def test_socket_ios_own_names_reach_nobody(mien, other, name):
    """More visits than there are seats, each with such an event: every seat is given back."""
    for _ in range(4):
        line = joined(mien)
        line.send('42["consent"]')
        line.send("42" + json.dumps([name, {}]))
        heard = listen(line, until='"problem"')
        assert "unknown-event" in heard[-1]
        line.close()
    wait_until(lambda: mien.health()["perception"][0]["visitors"] == 1, "giving the seats back")
    with Guest(mien.url) as next_one:
        next_one.consent()


@pytest.mark.parametrize("namespace", ["", "/workshop,", "/generate,"])
def test_joining_twice_and_strange_namespaces_change_nothing(mien, other, namespace):
    line = joined(mien)
    line.send("42" + '["consent"]')
    for _ in range(3):
        line.send(f"40{namespace}")
    line.send('40/nowhere,{"token":1}')
    line.send('42["nonsense"]')
    listen(line, until="unknown-event")
    line.close()
    wait_until(lambda: mien.health()["perception"][0]["visitors"] == 1, "giving the seat back")


@pytest.mark.parametrize(
    "text",
    [
        '4599999-["frame",{"_placeholder":true,"num":0}]',
        '452-["frame",{"_placeholder":true,"num":0}]',
        '43["clock"]',
        "432[1]",
        "44{}",
        "42[]",
        "42{}",
        "42",
        "42[7]",
        '42[["clock"]]',
        "42" + "[" * 5000,
        '42["touch",' + "[" * 20 + "]" * 20 + "]",
        '42["consent",{"token":"\\ud800"}]',
        '42["command",{"name":Infinity}]',
        '42["touch","' + "x" * 20_000 + '"]',
    ],
)
def test_packets_that_no_page_sends(mien, other, text):
    before = mien.log.read_text().count("Traceback")
    line = joined(mien)
    line.send(text)
    with suppress(OSError, websocket.WebSocketException):
        line.send('42["clock"]')
        listen(line, until="problem")
    line.close()
    assert mien.log.read_text().count("Traceback") - before <= 1


def test_half_characters_are_refused_with_a_clear_answer(stranger):
    stranger.client.eio.send('2["consent",{"token":"\\ud800"}]')
    assert "plain text" in stranger.problem("bad-text")


def test_a_connection_that_joins_nothing_is_closed(mien, other):
    line = opened(mien)
    with pytest.raises((OSError, websocket.WebSocketException)):
        while line.recv() != "":
            line.send("3")
        raise OSError("closed")


def test_text_that_is_no_packet_is_survived(mien, other):
    for text in ("", "9", "hello", "4", "42", '42["x"', "451-[]", "499999-", "2probe" * 100):
        line = websocket.create_connection(
            f"ws://127.0.0.1:{mien.port}/socket.io/?EIO=4&transport=websocket", timeout=10
        )
        line.recv()
        line.send("40")
        line.recv()
        line.send(text)
        line.close()
    for data in (b"", b"\x00\xff" * 100):
        line = websocket.create_connection(
            f"ws://127.0.0.1:{mien.port}/socket.io/?EIO=4&transport=websocket", timeout=10
        )
        line.recv()
        line.send_binary(data)
        line.close()
    assert mien.health()["status"] == "ok"
    wait_until(lambda: mien.health()["visitors"]["connected"] == 1, "closing the connections")


def test_bytes_that_are_no_http_are_survived(mien, other):
    for data in (
        b"\x00" * 1000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"A" * 100_000,
    ):
        with socket.create_connection(("127.0.0.1", mien.port), timeout=10) as line:
            line.sendall(data)
    assert mien.health()["status"] == "ok"


def test_another_origin_is_refused(mien, other):
    address = f"ws://127.0.0.1:{mien.port}/socket.io/?EIO=4&transport=websocket"
    for origin in ("http://elsewhere.example", f"https://127.0.0.1:{mien.port}", "null"):
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            websocket.create_connection(address, origin=origin, timeout=10)
        assert refused.value.status_code == 403
    websocket.create_connection(address, origin=mien.url, timeout=10).close()


def test_long_polling_is_refused(mien, other):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{mien.url}/socket.io/?EIO=4&transport=polling", timeout=10)
    assert refused.value.code == 400


def test_a_foreign_name_is_refused(mien, other):
    request = urllib.request.Request(mien.url, headers={"Host": "rebound.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 421


def test_who_sends_pictures_that_take_long_is_sent_away(mien, other, stranger, face):
    """Their scans are counted, not decoded: everybody else's readings go on."""
    stranger.consent()
    closed = []
    stranger.client.on("disconnect", lambda *_: closed.append(True))
    stranger.client.reconnection = False
    bomb = bombs.scans()

    def sent_away() -> bool:
        if not closed:
            stranger.show(bomb)
        return bool(closed)

    wait_until(sent_away, "sending them away")
    assert "JPEG" in stranger.problem("bad-frame")
    scene, _ = other.show_and_see(face)
    assert scene["present"]


def test_a_foreign_name_is_refused_at_the_socket_too(mien, other):
    """DNS rebinding: name and origin agree, and are somebody else's."""
    address = f"ws://127.0.0.1:{mien.port}/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(
            address, host="rebound.example", origin="http://rebound.example", timeout=10
        )
    assert refused.value.status_code == 421


def test_what_a_stranger_forwards_is_not_believed(mien, other):
    """Neither who asks, nor by what name; and it is not this very machine that asks."""
    forged = {
        "X-Forwarded-Host": "rebound.example",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
    }
    request = urllib.request.Request(mien.url, headers=forged)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert b'data-debug="on"' not in answer.read()
    address = f"ws://127.0.0.1:{mien.port}/socket.io/?EIO=4&transport=websocket"
    for origin in ("https://rebound.example", f"https://127.0.0.1:{mien.port}"):
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            websocket.create_connection(address, origin=origin, header=forged, timeout=10)
        assert refused.value.status_code == 403


def test_too_many_connections_are_refused(mien, other):
    def let_in() -> int:
        guests = []
        try:
            with pytest.raises(socketio.exceptions.ConnectionError):
                for _ in range(8):
                    guests.append(Guest(mien.url))
            return len(guests)
        finally:
            for guest in guests:
                guest.client.disconnect()
            wait_until(lambda: mien.health()["visitors"]["connected"] == 1, "leaving")

    # the test before may still be leaving
    wait_until(lambda: let_in() == 7, "room for seven more")


def test_the_page_is_sent_with_strict_headers(mien, other):
    with urllib.request.urlopen(mien.url, timeout=10) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Permissions-Policy"].startswith("camera=(self)")
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Set-Cookie" not in answer.headers, "visitors get no cookie"
        assert b"<canvas" in answer.read()


def test_a_silent_connection_disturbs_nobody(mien, other, face):
    with socket.create_connection(("127.0.0.1", mien.port), timeout=10):
        time.sleep(0.2)
        scene, _ = other.show_and_see(face)
        assert scene["present"]


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system drops nobody")
def test_a_page_that_never_reads_is_dropped_and_slows_nobody(mien, other, face):
    """It agrees, asks and answers pings unread, so that only its full line gives it away."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", mien.port))
    line.settimeout(10)
    page = websocket.create_connection(
        f"ws://127.0.0.1:{mien.port}/socket.io/?EIO=4&transport=websocket", socket=line
    )
    page.recv()
    page.send("40")
    listen(page, until="40{")
    page.send('42["consent"]')
    listen(page, until="ready")
    assert mien.health()["visitors"]["connected"] == 2
    dropped = False

    def gone() -> bool:
        nonlocal dropped
        try:
            page.send("3")
            for _ in range(40):
                page.send('427["clock"]')  # each is answered
        except (OSError, websocket.WebSocketException):
            dropped = True
        assert other.show_and_see(face)[0]["present"]
        return dropped

    with closing(line):
        wait_until(gone, "the end of a page that reads nothing")
        wait_until(lambda: mien.health()["visitors"]["connected"] == 1, "its place being free")
