"""Start, stop, and what dies in between."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.conftest import MODES
from tests.running import Guest, Mien, gone, port_is_free, wait_until

pytestmark = pytest.mark.socket


@pytest.fixture(params=MODES)
def own(request, tmp_path):
    """An installation that the test may harm."""
    options = ("--async-mode", request.param, "--max-visitors", "2", "--absence", "600")
    with Mien(tmp_path, *options) as server:
        server.mode = request.param
        yield server


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_signal_leaves_nothing_behind(own, face, name):
    with Guest(own.url) as guest:
        guest.client.reconnection = False
        guest.consent()
        guest.show_and_see(face)
        processes = own.tree()
        assert len(processes) == 2
        if name == "SIGINT":
            os.killpg(own.process.pid, signal.SIGINT)  # as a terminal does
        else:
            own.process.send_signal(getattr(signal, name))
        own.process.wait(10)
        wait_until(lambda: gone(processes), "the end of all processes", 10)
        assert port_is_free(own.port)
    if name != "SIGKILL":
        assert own.process.returncode == 0
        assert "Traceback" not in own.log.read_text()


def test_a_killed_worker_is_replaced_and_the_visitor_stays(own, face):
    with Guest(own.url) as guest:
        guest.consent().show_and_see(face)
        worker = own.health()["perception"][0]["pid"]
        heard = len(guest.heard)
        os.kill(worker, signal.SIGKILL)
        guest.wait_for("status", lambda status: status["state"] == "paused", after=heard)
        guest.wait_for("status", lambda status: status["state"] == "ready", after=heard)
        scene, _ = guest.show_and_see(face)
        assert scene["present"]
        assert guest.client.connected
        assert not guest.all("problem")
        assert own.health()["perception"][0]["restarts"] == 1


def test_a_stuck_worker_is_replaced(own, face):
    with Guest(own.url) as guest:
        guest.consent().show_and_see(face)
        worker = psutil.Process(own.health()["perception"][0]["pid"])
        worker.suspend()
        deadline = time.monotonic() + 60
        while worker.is_running() and time.monotonic() < deadline:
            guest.show(face)
            time.sleep(0.05)
        scene, _ = guest.show_and_see(face)
        assert scene["present"]


def test_a_closed_tab_frees_its_place(own, face):
    with Guest(own.url) as stays:
        stays.consent()
        leaves = Guest(own.url).consent()
        leaves.show_and_see(face)
        waiting = Guest(own.url)
        waiting.send("consent")
        waiting.wait_for("status", lambda status: status["state"] == "waiting")
        leaves.client.disconnect()
        waiting.wait_for("status", lambda status: status["state"] == "ready")
        waiting.show_and_see(face)
        waiting.client.disconnect()


def test_a_page_carries_on_after_a_restart(own, face, tmp_path):
    with Guest(own.url) as guest:
        guest.consent().show_and_see(face)
        own.stop()
        again = Mien(tmp_path, "--async-mode", own.mode, port=own.port)
        try:
            again.wait_until_ready()
            wait_until(lambda: guest.client.connected, "connecting again")
            guest.consent()
            scene, _ = guest.show_and_see(face)
            assert scene["present"]
        finally:
            again.stop()


def test_starting_and_leaving_many_times_leaves_no_files_and_threads(own, face):
    def used() -> tuple[int, int]:
        server = psutil.Process(own.process.pid)
        return server.num_fds(), server.num_threads()

    def visit() -> None:
        with Guest(own.url) as guest:
            guest.consent().show_and_see(face)
        wait_until(lambda: own.health()["visitors"]["connected"] == 0, "leaving")

    visit()
    before = used()
    for _ in range(10):
        visit()
    wait_until(
        lambda: all(a <= b for a, b in zip(used(), before, strict=True)), "files and threads"
    )


def test_the_worker_imports_no_torch(own):
    worker = psutil.Process(own.health()["perception"][0]["pid"])
    if not Path("/proc").exists():
        pytest.skip("this system has no /proc to look into")
    libraries = Path(f"/proc/{worker.pid}/maps").read_text()
    assert "mediapipe" in libraries
    assert "torch" not in libraries
    assert "torch" not in Path(f"/proc/{own.process.pid}/maps").read_text()


def test_the_log_says_nothing_about_pictures(own, face):
    with Guest(own.url) as guest:
        guest.consent()
        guest.show_and_see(face)
        guest.show(b"not a picture")
        guest.problem("bad-frame")
    text = own.log.read_text()
    assert "happy" not in text and "JFIF" not in text


def test_a_port_in_use_is_named(own, tmp_path):
    second = Mien(tmp_path / "..", port=own.port)
    assert second.process.wait(60) != 0
    assert str(own.port) in second.log.read_text()
    wait_until(lambda: own.health().get("status") == "ok", "the first one's health")
