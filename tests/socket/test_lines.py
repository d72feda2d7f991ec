"""Lines that ask for nothing, or for too much: whoever is honest gets in during all of it."""

import contextlib
import os
import resource
import socket
import struct
import time

import pytest

from server.door import ASKING, MOST_OF_ONE
from tests.conftest import MODES
from tests.running import Guest, Mien, wait_until

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module", params=MODES)
def mien(request, tmp_path_factory):
    server = Mien(
        tmp_path_factory.mktemp("lines"), "--absence", "600", "--async-mode", request.param
    )
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def files():
    """We hold as many lines as the server is to bear."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def lines():
    """Opens lines to the server, which are closed in the end."""
    with contextlib.ExitStack() as stack:

        def open_lines(mien: Mien, count: int, said: bytes = b"") -> list[socket.socket]:
            opened = []
            for number in range(count):
                line = socket.socket()
                stack.callback(line.close)
                line.bind((f"127.0.0.{2 + number % 40}", 0))
                line.settimeout(30)
                line.connect(("127.0.0.1", mien.port))
                with contextlib.suppress(OSError):  # cut already
                    line.sendall(said)
                opened.append(line)
            return opened

        yield open_lines


def visits(mien: Mien, face: bytes) -> None:
    with Guest(mien.url) as guest:
        guest.consent()
        scene, _ = guest.show_and_see(face)
        assert scene["present"]
    assert mien.health()["status"] == "ok"


UPGRADE = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nUpgrade: websocket\r\n"
BODY = b"POST /art/captures HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\nx"


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HTTP/1.1\r\nHost: 127", UPGRADE, BODY],
    ids=["silent", "half a head", "half an upgrade", "half a body"],
)
def test_a_thousand_lines_keep_nobody_out(mien, lines, face, said):
    if os.cpu_count() == 1 and said == BODY:
        pytest.skip("a thousand threads on one core")
    lines(mien, 1000, said)
    visits(mien, face)


def test_lines_of_the_visitors_own_address_keep_nobody_out(mien, face):
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(3 * MOST_OF_ONE):
            opened.append(
                stack.enter_context(socket.create_connection(("127.0.0.1", mien.port), 30))
            )
        visits(mien, face)
        assert opened[0].recv(1) == b"", "the first was cut"


def test_a_head_that_comes_byte_by_byte_is_cut(mien, lines):
    (line,) = lines(mien, 1, b"GET / HTTP/1.1\r\nX: ")

    def is_cut() -> bool:
        time.sleep(0.5)
        try:
            line.sendall(b"x")
            line.setblocking(False)
            return line.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            line.setblocking(True)

    began = time.monotonic()
    wait_until(is_cut, "the cut")
    assert time.monotonic() - began > ASKING / 2


def test_too_few_files_end_nothing(mien, lines, face):
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux can take files from a running process")
    pid = mien.process.pid
    used = len(os.listdir(f"/proc/{pid}/fd"))
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 10, before[1]))
    try:
        lines(mien, 200)
        time.sleep(2)
        assert mien.process.poll() is None
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    wait_until(lambda: mien.health().get("status") == "ok", "the way back")
    visits(mien, face)


def test_a_message_in_endless_pieces_is_cut(mien, lines, request):
    if "threading" in request.node.name:
        pytest.skip("simple-websocket gathers pieces without end; threading is for development")
    (line,) = lines(
        mien,
        1,
        UPGRADE + b"Host: 127.0.0.1\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    )
    assert b"101" in line.recv(1000)
    piece = bytes(50_000)
    with pytest.raises(OSError):
        for number in range(10_000):
            kind = 2 if number == 0 else 0
            line.sendall(struct.pack("!BBHI", kind, 0x80 | 126, len(piece), 0) + piece)
    assert mien.health()["status"] == "ok"


def test_a_page_that_asks_all_the_time_leaves_others_their_turn(mien, lines, face):
    asks = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 200
    lines(mien, 20, asks)
    visits(mien, face)


def test_as_many_files_as_the_system_allows(mien):
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux says what another process may open")
    soft, hard = resource.prlimit(mien.process.pid, resource.RLIMIT_NOFILE)
    assert soft == hard or soft >= 65_536
