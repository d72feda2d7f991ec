"""What the desk says of connections to elsewhere."""

import socket
import subprocess
import sys

import psutil
import pytest

from server import outside
from server.outside import Outside, connections_out
from server.settings import Settings
from server.web.staff import departures
from tests.running import wait_until

CALL = "import socket, sys; c = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); input()"


@pytest.fixture
def elsewhere(monkeypatch):
    """A port of another machine: this one is taken for it."""
    monkeypatch.setattr(outside, "is_loopback", lambda _: False)
    monkeypatch.setattr(psutil, "net_if_addrs", dict)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def caller(elsewhere):
    """A process with a connection to it."""
    command = [sys.executable, "-c", CALL, str(elsewhere)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE)
    process = psutil.Process(child.pid)
    wait_until(process.net_connections, "the connection")
    yield process
    child.kill()
    child.communicate()


def test_a_connection_to_elsewhere_is_named_and_remembered(elsewhere, caller):
    [name] = connections_out([caller])
    assert name.endswith(f"→ 127.0.0.1 port {elsewhere}")
    watch = Outside()
    watch.look()  # it is below us
    caller.kill()
    caller.wait()
    watch.look()
    seen = [name for name in watch.health()["seen"] if name.endswith(f"port {elsewhere}")]
    assert len(seen) == 1 and watch.health()["looks"] == 2


def test_who_comes_in_is_not_taken_for_something_that_leaves(elsewhere, caller):
    """The other end of the same connection: we listen, they came."""
    ours = connections_out([psutil.Process()])
    assert not [name for name in ours if name.endswith(f"port {elsewhere}")]


def test_this_machine_is_not_elsewhere(caller, monkeypatch):
    monkeypatch.undo()
    assert connections_out([caller]) == set()


@pytest.mark.parametrize(
    "looks, seen, said, well",
    [
        (7, [], "Nothing has left this machine", True),
        (7, ["x → 192.0.2.1 port 443"], "Something has left this machine", False),
        (0, [], "What leaves this machine", False),
    ],
)
def test_the_desk_says_what_was_seen(looks, seen, said, well):
    (name, value, is_well), (_, switched, _) = departures(
        {"looks": looks, "seen": seen}, Settings(host="0.0.0.0", proxy="127.0.0.1")
    )
    assert (name, is_well) == (said, well)
    assert all(one in value for one in seen)
    assert "0.0.0.0" in switched and "127.0.0.1" in switched
    assert departures({"looks": 1, "seen": []}, Settings())[1][1] == "nothing"
