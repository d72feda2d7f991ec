"""--https: real TLS clients, and connections that never say a word."""

import socket
import ssl
import struct
import subprocess
import sys
import urllib.request

import pytest

from bench import clocked
from server.certificate import VALID, make, names
from tests.running import DEADLINE, ROOT, Guest, Mien, wait_until

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("https")
    server = Mien(folder, "--https", "--absence", "600")
    server.trust = ssl.create_default_context
    try:
        server.wait_until_ready()
        server.trust = ssl.create_default_context(cafile=folder / "data" / "https.crt")
        yield server
    finally:
        server.stop()


def silent(server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def test_the_page_comes_with_a_certificate_of_this_machine(secure):
    with urllib.request.urlopen(secure.url, timeout=10, context=secure.trust) as answer:
        assert b"<canvas" in answer.read()
        # a self-signed certificate may have to be replaced: browsers must not remember https
        assert "Strict-Transport-Security" not in answer.headers
    assert f"https://127.0.0.1:{secure.port}" in secure.log.read_text()


def test_a_visitor_plays_over_wss(secure, face):
    with Guest(secure.url) as guest:
        guest.consent()
        scene, _ = guest.show_and_see(face)
        assert scene["present"]


def test_a_foreign_origin_is_refused_and_our_own_is_not(secure):
    for origin, code in ((secure.url, b"101"), (secure.url.replace("https", "http"), b"403")):
        with secure.trust.wrap_socket(silent(secure), server_hostname="127.0.0.1") as line:
            line.sendall(
                b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
                b"Host: 127.0.0.1:%d\r\nOrigin: %s\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                % (secure.port, origin.encode())
            )
            assert line.recv(100).split()[1] == code


def test_silent_and_broken_connections_keep_nobody_waiting(secure, face):
    with Guest(secure.url) as guest:
        guest.consent().show_and_see(face)
        lines = [silent(secure) for _ in range(20)]
        lines[0].sendall(b"\x16\x03\x01\x02\x00")  # the beginning of a handshake, and no more
        lines[1].sendall(b"\x00" * 1000)
        for line in lines[2:8]:  # gone at once, without a farewell
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
        scene, _ = guest.show_and_see(face)
        assert scene["present"]
        with urllib.request.urlopen(secure.url, timeout=10, context=secure.trust) as answer:
            assert answer.status == 200
        for line in lines[8:]:
            line.close()
    with Guest(secure.url) as guest:
        guest.consent().show_and_see(face)
    assert "Traceback" not in secure.log.read_text()


def test_a_silent_connection_is_closed_in_the_end(secure):
    with silent(secure) as line:
        line.settimeout(30)
        assert line.recv(1) == b""


def test_plain_http_is_told_what_to_do(secure):
    with silent(secure) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 426") and b"https://" in answer


def test_old_versions_of_tls_are_refused(secure):
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(OSError), silent(secure) as line:
        old.wrap_socket(line, server_hostname="localhost")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("whose", ["ours", "staff's"])
def test_a_renewed_certificate_reaches_new_connections_and_old_ones_stay(tmp_path, whose):
    clock, own = tmp_path / "clock.json", (tmp_path / "own.pem", tmp_path / "own.key")
    clocked.write(clock)
    make(*own, names())
    options = () if whose == "ours" else (f"--certificate={own[0]}", f"--certificate-key={own[1]}")
    server = Mien(tmp_path, "--https", "--attract-after", "86400", *options, clock=clock)
    try:
        server.wait_until_ready()
        address = "127.0.0.1", server.port
        before = ssl.get_server_certificate(address)
        with Guest(server.url) as guest:
            make(*own, names())  # as a renewal does
            clocked.pass_by(clock, VALID.total_seconds())
            wait_until(lambda: ssl.get_server_certificate(address) != before, "the new one")
            assert guest.client.call("clock", timeout=DEADLINE) > 0
    finally:
        server.stop()


def test_threading_refuses_https():
    command = [sys.executable, "app.py", "--https", "--async-mode", "threading"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode != 0
    assert "eventlet" in answer.stderr and "Traceback" not in answer.stderr
