"""The programs that are measured: Mien as staff start it, and the naive handler."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import pin
from tests.running import ROOT, Mien, free_port, wait_until


@contextmanager
def mien(*options: str, pinned: bool = False) -> Iterator[Mien]:
    """A running Mien whose pool is built; `pinned` keeps its perception worker on one core."""
    with tempfile.TemporaryDirectory(prefix="mien-bench-") as folder:
        server = Mien(Path(folder), "--max-frame-rate", "120", *options)
        try:
            server.wait_until_ready()
            wait_until(lambda: worker(server)["built"] == worker(server)["sets"], "the pool", 120)
            if pinned:
                pin(worker(server)["pid"])
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()


def worker(server: Mien) -> dict:
    """What `/health` says about the perception worker."""
    return server.health()["perception"][0]


@contextmanager
def naive() -> Iterator[str]:
    """The naive server; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "bench.naive", str(port)]
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, stdout=nowhere, stderr=nowhere)

    def listens() -> bool:
        assert process.poll() is None, "the naive server has ended: try python -m bench.naive 5999"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(listens, "the naive server's start", 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
