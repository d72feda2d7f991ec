"""The supervisor, with real children: what is slow is waited for, what is hung or dead replaced."""

import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from server import process as rules
from server.process import Child, Process, Supervisor
from tests.children import start_task
from tests.running import DEADLINE, ROOT, gone, wait_until


class Hearing:
    """An owner who remembers."""

    def __init__(self) -> None:
        self.begun = self.lost = 0
        self.heard: list[dict] = []

    def on_begun(self) -> None:
        self.begun += 1

    def on_message(self, message: dict) -> None:
        self.heard.append(message)

    def on_lost(self) -> None:
        self.lost += 1


@pytest.fixture
def supervisor():
    one = Supervisor(start_task, time.sleep)
    try:
        yield one
    finally:
        one.stop()


def started(supervisor: Supervisor, word: str, **asked: object) -> Process:
    process = Process(Child(word, "tests.children", (word,), **asked), Hearing())
    supervisor.start(process)
    return process


def is_replaced(process: Process, pid: int) -> None:
    wait_until(lambda: process.ready and process.pid != pid, "its replacement")
    assert not psutil.pid_exists(pid), "it has been waited for"
    assert process.restarts >= 1


def ready(process: Process) -> int:
    wait_until(lambda: process.ready, "a ready child")
    return process.pid


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_dead_and_hung_alike_are_replaced_while_idle(supervisor, how):
    process = started(supervisor, "idles", silent=2.0)
    pid = ready(process)
    os.kill(pid, how)
    is_replaced(process, pid)
    assert process.owner.lost == 1
    assert process.owner.begun == 2


@pytest.mark.parametrize("word", ["hangs", "spins", "a thread fails"])
def test_what_gets_nowhere_with_its_work_is_replaced(supervisor, word):
    """A hung thread beside others that go on, one that goes round in circles, one that failed."""
    process = started(supervisor, word, silent=2.0, longest=3.0)
    pid = ready(process)
    process.send({"kind": "work"})
    is_replaced(process, pid)


def test_slow_work_that_gets_on_is_waited_for(supervisor):
    process = started(supervisor, "works slowly", silent=2.0)
    pid = ready(process)
    process.send({"kind": "work"})
    wait_until(lambda: {"kind": "done"} in process.owner.heard, "the end of the work")
    assert process.pid == pid
    assert process.restarts == 0


def test_a_start_that_is_slow_but_gets_on_is_waited_for(supervisor):
    """Twice as long as the limit and more, however quick the machine is."""
    process = started(supervisor, "starts very slowly", starting=2.0)
    wait_until(lambda: process.ready, "a ready child", 10 * DEADLINE)
    assert process.restarts == 0


class Seen:
    """What the system says of a child at each look; the seconds between two looks are told, too,
    so that a look may stand for any time on any machine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **asked: float) -> None:
        self.processor, self.read, self.state = 0.0, 0, psutil.STATUS_SLEEPING
        self.killed = 0
        self.process = Process(Child("seen", "none", **asked), Hearing())
        self.process._popen = SimpleNamespace(pid=os.getpid(), poll=lambda: None)
        monkeypatch.setattr(self.process, "kill", self._kill)
        monkeypatch.setattr(rules.psutil, "Process", lambda _pid: self)

    def _kill(self) -> None:
        self.killed += 1

    def memory_info(self) -> SimpleNamespace:
        return SimpleNamespace(rss=1)

    def cpu_times(self) -> SimpleNamespace:
        return SimpleNamespace(user=self.processor, system=0.0)

    def io_counters(self) -> SimpleNamespace:
        return SimpleNamespace(read_chars=self.read)

    def status(self) -> str:
        return self.state

    def looks(self, seconds: int, processor: float = 0.0, read: int = 0) -> int:
        """So many looks, a second apart, at a child that gets on so much in each; how many of
        them would have killed it."""
        before = self.killed
        for _ in range(seconds):
            self.processor += processor
            self.read += read
            self.process.look(1.0)
        return self.killed - before


SLOW = {
    "a sliver of a processor": {"processor": 0.015},
    "a slow disk": {"read": 4096},
}


@pytest.mark.parametrize("pace", SLOW.values(), ids=SLOW.keys())
def test_the_start_limit_adapts_to_the_machine(monkeypatch, pace):
    """An hour is no start too long for one that gets on; ten seconds are for one that does not."""
    child = Seen(monkeypatch, starting=10.0)
    assert child.looks(3600, **pace) == 0
    assert child.looks(7) == 0
    assert child.looks(6) > 0
    child.process.hear({"kind": "ready"})
    assert child.looks(5) == 0
    assert child.looks(1) > 0, "a shorter limit, once it is ready"


@pytest.mark.parametrize("state", rules.WAITING)
def test_a_start_that_waits_for_the_machine_is_waited_for(monkeypatch, state):
    """It gets no processor, or no disk, for an hour: whoever is to blame, it is not the child."""
    child = Seen(monkeypatch, starting=10.0)
    child.state = state
    assert child.looks(3600) == 0
    child.state = psutil.STATUS_SLEEPING
    assert child.looks(13) > 0


def test_a_start_that_goes_round_in_circles_is_ended_by_what_it_has_used(monkeypatch):
    """Not by the clock: on half a processor it has twice as long."""
    for share in (1.0, 0.5):
        child = Seen(monkeypatch, starting=10.0, longest_start=600.0)
        assert child.looks(int(600 / share), processor=share) == 0
        assert child.looks(int(5 / share), processor=share) > 0


@pytest.mark.parametrize("word", ["hangs at the start", "spins at the start"])
def test_a_start_that_gets_nowhere_is_begun_anew(supervisor, word):
    process = started(supervisor, word, starting=2.0, longest_start=3.0)
    wait_until(lambda: process.restarts >= 2, "two more starts")
    assert process.in_vain >= 2 and not process.ready
    assert process.owner.lost >= 2


def test_a_stopped_start_is_begun_anew(supervisor):
    process = started(supervisor, "starts slowly", starting=2.0)
    pid = wait_until(lambda: process.pid, "its start")
    os.kill(pid, signal.SIGSTOP)
    is_replaced(process, pid)


def test_a_stopped_server_does_not_blame_its_children(supervisor, monkeypatch):
    """Nor a machine that has slept: silence is counted in looks, not by the clock."""
    process = started(supervisor, "idles", silent=3.0)
    pid = ready(process)
    monkeypatch.setattr(rules.time, "monotonic", lambda real=time.monotonic: real() + 3600)
    time.sleep(3 * rules.LOOK)
    assert process.pid == pid
    assert process.restarts == 0


def test_a_child_that_takes_too_much_memory_is_replaced(supervisor):
    share = 200_000_000 / psutil.virtual_memory().total
    process = started(supervisor, "grows", memory=share)
    wait_until(lambda: process.restarts >= 1, "its replacement")


def test_gibberish_ends_a_child_and_not_its_supervision(supervisor):
    process = started(supervisor, "gibberish")
    wait_until(lambda: process.restarts >= 2, "two more starts")


def test_pauses_grow_while_children_die_at_once(supervisor):
    process = started(supervisor, "dies")
    wait_until(lambda: process.starts >= 3, "three starts")
    assert process.in_vain >= 2
    wait_until(lambda: process.state == "ended", "the next pause")
    assert process._pause >= 16 * rules.SHORTEST_PAUSE / 4


def test_a_machine_without_room_for_a_process_is_tried_again(supervisor, monkeypatch):
    """Such as one without free file descriptors."""
    whole, refused = rules.socket.socketpair, []

    def socketpair():
        if len(refused) < 2:
            refused.append(1)
            raise OSError(24, "Too many open files")
        return whole()

    monkeypatch.setattr(rules.socket, "socketpair", socketpair)
    process = started(supervisor, "idles")
    ready(process)
    assert process.restarts == 2 and process.owner.lost == 2


def test_work_that_is_done_once_says_so_and_is_not_replaced(supervisor):
    process = Process(Child("talks", "tests.children", ("talks",), replaced=False), Hearing())
    supervisor.run(process)
    assert [one.get("number") for one in process.owner.heard] == [None, 0, 1, 2]
    assert (process.owner.begun, process.owner.lost, process.starts) == (1, 1, 1)


def test_an_owner_in_trouble_goes_on_being_told(supervisor):
    process = started(supervisor, "talks")
    failures = iter([ValueError("one"), ValueError("two")])
    hear = process.owner.on_message

    def on_message(message: dict) -> None:
        hear(message)
        raise next(failures, None) or RuntimeError("again")

    process.owner.on_message = on_message
    wait_until(lambda: process.restarts >= 1, "the next life")
    assert {"kind": "news", "number": 2} in process.owner.heard


def test_the_server_leaves_nothing_to_init():
    """At the moment of its end every child is gone and waited for: the stopped one, too, and one
    that is deaf while it starts."""
    words = ["idles", "idles", "hangs at the start", "starts slowly"]
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.children", "serve", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        server.stdout.readline()
        children = wait_until(
            lambda: len(found := psutil.Process(server.pid).children()) == 4 and found, "children"
        )
        children[0].suspend()
        server.terminate()
        server.wait(DEADLINE)
        assert not [child for child in children if psutil.pid_exists(child.pid)]
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def test_a_killed_server_takes_its_children_along():
    """The stopped one, too, where the kernel ends children with their parent."""
    if sys.platform != "linux":
        pytest.skip("this system does not end children with their parent")
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.children", "serve", "idles", "idles"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        server.stdout.readline()
        children = wait_until(
            lambda: len(found := psutil.Process(server.pid).children()) == 2 and found, "children"
        )
        for _ in children:
            server.stdout.readline()
        children[0].suspend()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    wait_until(lambda: gone(children), "the end of the children")
