"""Nothing of a visit stays readable in the data folder, however it ends: the raw bytes of every
file, and its name, are searched for what the visit knows."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench import clocked
from server.studio import hash_of
from tests.running import DEADLINE, Guest, Mien, wait_until
from tests.socket.test_art import Painter, noise, painter_of, start, suspended
from tests.socket.test_teach import Staff

pytestmark = [pytest.mark.socket, pytest.mark.timeout(900)]

CAPTURE = noise((300, 256))


class Known:
    """What a visitor's page knows of its visit: none of it may be found again."""

    def __init__(self, painter: Painter) -> None:
        self.painter = painter
        self.secrets = {"token": painter.token, "visit": hash_of(painter.token)}
        self.secrets["capture"] = CAPTURE[1000:1032]

    def paint(self) -> str:
        id = self.painter.paint(body=CAPTURE)
        self.secrets[f"id {len(self.secrets)}"] = id
        return id

    def finished(self) -> str:
        """The id of a picture whose bytes are looked for, too."""
        id = self.paint()
        url = self.painter.hears(id, "done")["urls"]["picture"]
        status, picture = self.painter.ask("GET", url)
        assert status == 200
        middle = len(picture) // 2
        self.secrets["picture"] = picture[middle : middle + 32]
        return id

    def found_in(self, files: Iterable[Path], names: bool = True) -> list[str]:
        """What the files have of it, in them or, with `names`, in what they are called."""
        whole = b""
        for file in files:
            whole += str(file).encode() if names else b""
            if file.is_file():
                whole += file.read_bytes()
        secrets = {
            name: secret if isinstance(secret, bytes) else secret.encode()
            for name, secret in self.secrets.items()
        }
        return [name for name, secret in secrets.items() if secret in whole]


def files(data: Path) -> list[Path]:
    """All that the data folder holds."""
    return list(data.rglob("*"))


def forgotten(data: Path, known: Known) -> Callable[[], bool]:
    return lambda: not known.found_in(files(data))


def test_deleted_ended_and_left_alone(tmp_path):
    data = tmp_path / "data"
    clock = tmp_path / "clock.json"
    clocked.write(clock)
    server = start(tmp_path, clock=clock)
    try:
        with Guest(server.url) as guest:
            known = Known(Painter(server, guest))
            id = known.finished()
            assert known.found_in(files(data), names=False) == []  # while it goes on, either
            assert known.painter.ask("DELETE", f"/art/pictures/{id}")[0] == 204
            assert not [file for file in files(data) if id in file.name]

            known.finished()
            suspended(server)  # one is finished, and one is not, when the visitor has had enough
            known.painter.hears(known.paint(), "working")
            guest.send("stop")
            guest.wait_for("way", lambda way: way["state"] == "goodbye")
            wait_until(forgotten(data, known), "forgetting")

        with Guest(server.url) as guest:
            wait_until(lambda: painter_of(server)["restarts"] == 1, "another painter", 2 * DEADLINE)
            known = Known(Painter(server, guest))
            known.finished()
        wait_until(lambda: server.health()["visitors"]["connected"] == 0, "leaving")
        assert "visit" in known.found_in(files(data))  # it may go on
        clocked.pass_by(clock, 601)
        wait_until(forgotten(data, known), "forgetting who is gone")
        assert known.found_in([server.log]) == []
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_a_signal(tmp_path, name):
    """With a picture that is finished and one that is not.  After SIGKILL, too, nobody can read
    them without the token; and they go when nobody comes."""
    data, clock = tmp_path / "data", tmp_path / "clock.json"
    server = start(tmp_path)
    try:
        with Guest(server.url) as guest:
            guest.client.reconnection = False
            known = Known(Painter(server, guest))
            known.finished()
            suspended(server)
            known.painter.hears(known.paint(), "working")
            server.process.send_signal(getattr(signal, name))
            server.process.wait(DEADLINE)
            if name == "SIGTERM":
                assert known.found_in(files(data)) == []
                assert not list((data / "gallery").rglob("*.*"))
            assert known.found_in(files(data), names=False) == []
    finally:
        server.process.kill()
        server.stop()
    clocked.write(clock)
    again = Mien(tmp_path, port=server.port, clock=clock)
    try:
        again.wait_until_ready()
        clocked.pass_by(clock, 601)
        wait_until(forgotten(data, known), "forgetting")
    finally:
        again.stop()


def small_disk(folder: Path, megabytes: int) -> list[str]:
    """A command that starts another one to whom the folder is a small disk; skips the test where
    the system allows none."""
    folder.mkdir()
    mount = f"mount -t tmpfs -o size={megabytes}m tmpfs {folder}"
    within = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    within += [f'{mount} && exec "$@"', "sh"]
    try:
        tried = subprocess.run([*within, "true"], capture_output=True)
    except FileNotFoundError:
        pytest.skip("this system has no unshare")
    if tried.returncode:
        pytest.skip("this system lets nobody mount a small disk")
    return within


def test_a_full_disk(tmp_path):
    within = small_disk(tmp_path / "data", 8)
    server = start(tmp_path, within=within)
    data = Path(f"/proc/{server.process.pid}/root{tmp_path}/data")
    try:
        with Guest(server.url) as guest:
            known = Known(Painter(server, guest))
            known.finished()
            worker = suspended(server)
            known.painter.hears(known.paint(), "working")
            with (data / "fill").open("wb", buffering=0) as fill, pytest.raises(OSError):
                while True:
                    fill.write(bytes(4096))
            status, answer = known.painter.send(CAPTURE)
            assert (status, answer["code"]) == (507, "no-space")
            guest.send("stop")
            guest.wait_for("way", lambda way: way["state"] == "goodbye")
            wait_until(forgotten(data, known), "forgetting on a full disk")
            worker.resume()
            (data / "fill").unlink()

        with Guest(server.url) as guest:  # what was given up is not made
            wait_until(lambda: not painter_of(server)["busy"], "the painter's turn")
            assert server.health()["art"]["made"] == 1
            assert forgotten(data, known)()
            Known(Painter(server, guest)).finished()
    finally:
        server.stop()
    assert known.found_in([server.log]) == []


def test_a_date_that_is_set_back(tmp_path):
    """While staff keep pictures for ten minutes."""
    clock = tmp_path / "clock.json"
    clocked.write(clock)
    gallery = tmp_path / "data" / "gallery"
    server = start(tmp_path, "--keep-pictures", "10", clock=clock)
    try:
        with Guest(server.url) as guest:
            Known(Painter(server, guest)).finished()
            guest.send("stop")
            (kept,) = wait_until(lambda: list(gallery.glob("kept/*.png")), "keeping the picture")
        with Guest(server.url) as guest:
            Known(Painter(server, guest)).paint()
        wait_until(lambda: server.health()["visitors"]["connected"] == 0, "leaving")
        assert list(gallery.glob("visits/*"))
        clocked.set_date(clock, -36_000.0)
        clocked.pass_by(clock, 601)
        wait_until(lambda: not list(gallery.glob("visits/*")), "forgetting who is gone")
        wait_until(lambda: not kept.exists(), "forgetting what was kept")
    finally:
        server.stop()


def test_no_process_leaves_its_memory_on_the_disk(mien):
    if not os.path.exists(f"/proc/{mien.process.pid}/limits"):
        pytest.skip("this system has no /proc to look into")
    for process in mien.tree():
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0\s", limits), process.name()


def test_a_file_that_staff_were_bringing_in_is_gone_after_a_crash(tmp_path):
    recordings = tmp_path / "data" / "workshop" / "recordings"
    server = Mien(tmp_path).wait_until_ready()
    try:
        cookie = "; ".join(f"{one.name}={one.value}" for one in Staff(server).cookies)
        with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as line:
            line.sendall(
                b"POST /workshop/recordings.csv?person=Ana HTTP/1.1\r\n"
                b"Host: 127.0.0.1:%d\r\nOrigin: %s\r\nCookie: %s\r\n"
                b"Content-Length: 1000000\r\n\r\nclass,x1,y1\r\n"
                % (server.port, server.url.encode(), cookie.encode())
            )
            line.sendall(b"wave,0.5,0.5\r\n" * 20_000)
            wait_until(lambda: list(recordings.glob(".import-*")), "a part of the file")
            server.process.kill()
            server.process.wait(DEADLINE)
        assert list(recordings.iterdir())
    finally:
        server.process.kill()
        server.stop()
    again = Mien(tmp_path, port=server.port)
    try:
        again.wait_until_ready()
        assert not list(recordings.iterdir())
    finally:
        again.stop()
