"""Children that behave well or badly, for the tests of their supervisor; and a server of them.

`python -m tests.children FD WORD …`: the child that `WORD` says.
`python -m tests.children serve WORD …`: a server with one child for each word, that ends them
when its standard input does, and then itself.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from server.channel import Server
from server.process import Child, Process, Supervisor


def spin(seconds: float) -> None:
    """Use so much processor time, however long that takes."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def main(descriptor: str, word: str) -> None:
    if word == "dies":
        sys.exit(3)
    heard = threading.Event()
    server = Server(int(descriptor), lambda message: heard.set())
    if word == "hangs at the start":
        threading.Event().wait()
    if word == "starts slowly":
        spin(1)
    if word == "starts very slowly":
        spin(4.5)
    if word == "spins at the start":
        spin(1e6)
    server.send({"kind": "ready"})
    print("ready", flush=True)
    if word == "talks":
        for number in range(3):
            server.send({"kind": "news", "number": number})
        return
    if word == "gibberish":
        os.write(int(descriptor), b"\xff" * 8)
    if word == "grows":
        kept = b"x" * 300_000_000
        assert kept
    while True:
        if word == "works slowly" and heard.is_set():
            spin(1)
            heard.clear()
            server.send({"kind": "done"})
        if word == "hangs" and heard.is_set():
            threading.Event().wait()
        if word == "spins" and heard.is_set():
            spin(1e6)
        if word == "a thread fails" and heard.is_set():
            threading.Thread(target=lambda: 1 / 0).start()
        server.alive()
        time.sleep(0.05)


class Quiet:
    def on_begun(self) -> None: ...
    def on_message(self, message: dict) -> None: ...
    def on_lost(self) -> None: ...


def start_task(act, *words) -> threading.Thread:
    thread = threading.Thread(target=act, args=words, daemon=True)
    thread.start()
    return thread


def serve(words: list[str]) -> None:
    supervisor = Supervisor(start_task, time.sleep)

    def end(*_signal: object) -> None:
        supervisor.stop()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    for word in words:
        supervisor.start(Process(Child(word, "tests.children", (word,)), Quiet()))
    print("serves", flush=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2:])
    else:
        main(*sys.argv[1:])
