"""Every abuse of `python -m bench trust`, one by one: what is expected is what is seen."""

import pytest

from bench.abuses import chosen
from bench.trust import known, publish
from tests.running import Mien, wait_until

pytestmark = pytest.mark.socket


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("abuses")
    publish(folder / "weights")
    running = Mien(folder, "--weights", str(folder / "weights"), "--absence", "600")
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def house(server):
    return known(server)


@pytest.mark.parametrize("abuse", chosen(), ids=lambda abuse: abuse.title)
def test_an_abuse_harms_nobody(house, server, abuse):
    assert abuse.act(house) == abuse.expected
    assert server.process.poll() is None


def test_afterwards_all_is_as_before(server):
    wait_until(lambda: server.health()["status"] == "ok", "the end of all trouble")
    log = server.log.read_text()
    assert len(log) < 200_000
    assert "Traceback" not in log


def test_there_are_enough_of_them():
    titles = [abuse.title for abuse in chosen()]
    assert len(titles) >= 60 and len(set(titles)) == len(titles)
