"""Workers of the real program, stopped and killed while they idle, start and work: all are
replaced, and whoever is there goes on.  And one server for one data folder."""

import os
import signal
import threading
from collections.abc import Callable

import psutil
import pytest

from tests.conftest import MODES
from tests.running import DEADLINE, Guest, Mien, gone, wait_until
from tests.socket import test_art
from tests.socket.test_art import Painter
from tests.socket.test_teach import Staff, csv_of
from tests.unit.taught_takes import take

pytestmark = [pytest.mark.socket, pytest.mark.timeout(1200)]

SIGNALS = [signal.SIGKILL, pytest.param(signal.SIGSTOP, marks=pytest.mark.slow)]
LATER = 4 * DEADLINE
"""Seconds for a start on a busy machine."""


@pytest.fixture(params=MODES)
def seeing(request, tmp_path):
    """An installation without art that the test may harm."""
    options = ("--async-mode", request.param, "--max-visitors", "2", "--absence", "600")
    with Mien(tmp_path, *options) as server:
        yield server


@pytest.fixture
def painting(tmp_path):
    server = test_art.start(tmp_path)
    try:
        yield server
    finally:
        server.stop()


def tracker_of(server: Mien) -> dict:
    return health(server)["perception"][0]


def painter_of(server: Mien) -> dict:
    return health(server)["art"]["workers"][0]


def health(server: Mien) -> dict:
    return wait_until(server.health, "an answer of /health", LATER)


def harmed(worker_of: Callable[[], dict], how: signal.Signals, state: str) -> psutil.Process:
    """The worker, as soon as there is one in this state."""

    def found() -> psutil.Process | None:
        now = worker_of()
        return psutil.Process(now["pid"]) if now["state"] == state else None

    process = wait_until(found, f"a worker that is {state}", LATER)
    process.send_signal(how)
    return process


def ended(process: psutil.Process) -> None:
    wait_until(lambda: gone([process]), "the end of the harmed worker", LATER)


@pytest.mark.parametrize("how", SIGNALS)
def test_a_tracker_is_replaced_whatever_it_was_doing(seeing, face, how):
    def tracker() -> dict:
        return tracker_of(seeing)

    with Guest(seeing.url) as guest:
        guest.consent().show_and_see(face)
        heard = len(guest.heard)
        ended(harmed(tracker, how, "ready"))
        guest.wait_for("status", lambda status: status["state"] == "paused", after=heard)
        ended(harmed(tracker, how, "starting"))
        wait_until(lambda: tracker()["ready"], "a replacement", LATER)
        guest.wait_for("status", lambda status: status["state"] == "ready", after=heard)
        assert guest.show_and_see(face)[0]["present"]

        over = threading.Event()
        showing = threading.Thread(target=keep_showing, args=(guest, face, over))
        showing.start()
        try:
            ended(harmed(tracker, how, "ready"))
        finally:
            over.set()
            showing.join()
        wait_until(lambda: tracker()["ready"], "a replacement", LATER)
        assert guest.show_and_see(face)[0]["present"]
        assert guest.client.connected and not guest.all("problem")
        assert tracker()["restarts"] == 3


def keep_showing(guest: Guest, jpeg: bytes, over: threading.Event) -> None:
    while not over.wait(0.05):
        guest.show(jpeg)


@pytest.mark.slow
@pytest.mark.parametrize("how", SIGNALS)
def test_a_painter_is_replaced_whatever_it_was_doing(painting, how):
    def worker() -> dict:
        return painter_of(painting)

    with Guest(painting.url) as guest:
        painter = Painter(painting, guest)
        ended(harmed(worker, how, "ready"))
        id = painter.paint()  # it waits for the next but one
        ended(harmed(worker, how, "starting"))
        made(guest, id)

        stopped = harmed(worker, signal.SIGSTOP, "ready")  # so that it cannot be faster
        id = painter.paint()
        painter.hears(id, "working")
        stopped.send_signal(how)
        ended(stopped)
        done = made(guest, id)
        assert painter.ask("GET", done["urls"]["picture"])[0] == 200
        assert not guest.all("problem")


def made(guest: Guest, id: str) -> dict:
    def over() -> dict | None:
        states = [art for (art,) in guest.all("art") if art["id"] == id]
        return states[-1] if states and states[-1]["state"] not in ("queued", "working") else None

    last = wait_until(over, "the end of a picture", LATER)
    assert last["state"] == "done"
    return last


@pytest.mark.parametrize("how", SIGNALS)
def test_the_workshops_work_fails_honestly_and_can_be_done_again(seeing, how):
    staff = Staff(seeing)
    text = csv_of(take("teapot", "Ana"), take("neutral", "Ana"), take("teapot", "Ana", 1))
    assert staff.bring_in(text, "Ana")[0] == 201
    with staff.page() as page:
        page.say("train")
        page.wait_for("progress", lambda progress: progress and progress["share"] > 0)
        [job] = [one for one in seeing.tree() if "server.workshop.job" in one.cmdline()]
        job.send_signal(how)
        [failed] = page.wait_for("trained", deadline=LATER)
        assert failed == {"kind": "failed", "message": "It ended before it was done. Try again."}
        assert gone([job])
        assert staff.bring_in(text, "Ben")[0] == 201


def test_children_are_gone_when_the_server_is(painting, face):
    """At that very moment, and none is left to init: not the stopped one, nor one that starts."""
    with Guest(painting.url) as guest:
        guest.client.reconnection = False
        guest.consent().show_and_see(face)
        harmed(lambda: tracker_of(painting), signal.SIGKILL, "ready")
        wait_until(lambda: tracker_of(painting)["state"] == "starting", "a start", LATER)
        harmed(lambda: painter_of(painting), signal.SIGSTOP, "ready")
        _, *children = painting.tree()
        assert len(children) == 2
        painting.process.terminate()
        painting.process.wait(DEADLINE)
        assert not [child for child in children if psutil.pid_exists(child.pid)]


def test_a_server_that_ends_in_its_first_moments_leaves_nothing(tmp_path):
    for wait in (0.0, 0.02, 0.1):
        server = Mien(tmp_path)
        wait_until(lambda server=server: server.tree()[1:], "the first child", LATER)
        threading.Event().wait(wait)
        children = server.tree()[1:]
        server.stop()
        assert not [child for child in children if psutil.pid_exists(child.pid)]


def test_a_second_server_is_kept_out_of_the_data_folder(seeing, tmp_path, face):
    with Guest(seeing.url) as guest:
        guest.consent().show_and_see(face)
        before = sorted((tmp_path / "data").rglob("*"))
        second = Mien(tmp_path)
        assert second.process.wait(2 * DEADLINE) == 1
        said = seeing.log.read_text()
        assert f"another Mien (process {seeing.process.pid}) keeps its data in" in said
        assert str(tmp_path / "data") in said and "--data-folder" in said
        assert "Traceback" not in said
        assert sorted((tmp_path / "data").rglob("*")) == before
        assert guest.show_and_see(face)[0]["present"]
    os.kill(seeing.process.pid, signal.SIGKILL)
    seeing.process.wait(DEADLINE)
    third = Mien(tmp_path)  # the lock of one that was killed keeps nobody out
    try:
        third.wait_until_ready()
    finally:
        third.stop()
