"""The real program and real clients, for the tests that need them."""

from __future__ import annotations

import io
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import engineio
import psutil
import socketio
from PIL import Image

ROOT = Path(__file__).parents[1]
DEADLINE = 60.0
"""Seconds a test waits for what must happen; benches say how long it takes."""


def wait_until(happened: Callable[[], object], what: str, deadline: float = DEADLINE) -> object:
    """The first true answer of `happened`.  Fails the test when none comes."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if answer := happened():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {deadline} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_free(port: int) -> bool:
    """Whether a server could start here at once."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def gone(processes: Iterable[psutil.Process]) -> bool:
    """Whether all have ended; one that nobody has waited for yet counts as ended."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


class Mien:
    """`python app.py` as staff start it, in a process of its own.

    Without a painter, which takes memory and seconds to start, unless options name its weights.
    `clock` names the file of another clock (bench/clocked.py), `within` a command that starts
    another one in its own place.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        port: int | None = None,
        clock: Path | None = None,
        within: Sequence[str] = (),
    ) -> None:
        self.port = port or free_port()
        scheme = "https" if "--https" in options else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.log = folder / "log.txt"
        program = ["-m", "bench.clocked", str(clock)] if clock else ["app.py"]
        command = [*within, sys.executable, *program, "--port", str(self.port)]
        command += ["--data-folder", str(folder / "data"), *options]
        command += [] if "--weights" in options else ["--no-art"]
        self._output = self.log.open("a")
        # a process group of its own, as a terminal gives it: Ctrl-C reaches the whole group
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if not k.startswith(("MIEN_", "OMP_"))},
            start_new_session=True,
        )

    def __enter__(self) -> Mien:
        try:
            return self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_error: object) -> None:
        """Ends it, unless a test has."""
        if self.process.poll() is None:
            self.stop()

    def wait_until_ready(self) -> Mien:
        def ready() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return self.health().get("status") == "ok"

        wait_until(ready, "the server's start", 2 * DEADLINE)
        return self

    def health(self) -> dict:
        try:
            unsure = ssl._create_unverified_context()
            address = f"{self.url}/health"
            with urllib.request.urlopen(address, timeout=5, context=unsure) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except (OSError, ValueError):
            return {}

    def tree(self) -> list[psutil.Process]:
        """The server and its workers."""
        server = psutil.Process(self.process.pid)
        return [server, *server.children(recursive=True)]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(DEADLINE)
        self._output.close()


class InOrder(engineio.Client):
    """Handles each message before the next one, and leaves at once.

    The original starts a thread for each message: a picture may then overtake the words it
    belongs to, and neither is understood.  Its good-bye waits three seconds for an answer
    that its other thread has already heard.
    """

    def _trigger_event(self, event: str, *arguments, **options):
        return super()._trigger_event(event, *arguments, **(options | {"run_async": False}))

    def _connect_websocket(self, *arguments) -> bool | None:
        connected = super()._connect_websocket(*arguments)
        if self.ws is not None:
            self.ws.close = partial(self.ws.close, timeout=0)
        return connected


class Client(socketio.Client):
    """A real Socket.IO client; its handlers must not wait for an answer."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return InOrder


class Guest:
    """A browser's part of the protocol, played by a real Socket.IO client."""

    def __init__(self, url: str, **options) -> None:
        self.client = Client(reconnection_delay=0.1, reconnection_delay_max=0.5, ssl_verify=False)
        self.heard: list[tuple] = []
        """Every event: its name and payload."""
        self._number = 0
        self._lock = threading.Lock()
        self.client.on("*", lambda event, *payload: self.heard.append((event, *payload)))
        self.client.connect(url, transports=["websocket"], wait_timeout=10, **options)

    def __enter__(self) -> Guest:
        return self

    def __exit__(self, *_error) -> None:
        self.client.disconnect()

    def send(self, event: str, *payload) -> None:
        self.client.emit(event, payload)

    def all(self, event: str) -> list[tuple]:
        """Payloads of every such event so far."""
        return [payload for name, *payload in list(self.heard) if name == event]

    def wait_for(self, event: str, that: Callable[..., object] = lambda *_: True, after: int = 0):
        """The payload of the first such event, after the first `after` events of any name."""

        def found():
            for name, *payload in self.heard[after:]:
                if name == event and that(*payload):
                    return payload
            return None

        return wait_until(found, f"the event {event}")

    def problem(self, code: str, after: int = 0) -> str:
        """The message of a `problem` with this code."""
        return self.wait_for("problem", lambda data: data["code"] == code, after)[0]["message"]

    def consent(self) -> Guest:
        self.send("consent")
        self.wait_for("status", lambda status: status["state"] == "ready")
        return self

    def show(self, jpeg: bytes, crop: bool = False) -> int:
        """Send one frame; returns its number."""
        with self._lock:
            self._number += 1
            self.send("frame", self._number, jpeg, {"crop": crop})
            return self._number

    def show_and_see(self, jpeg: bytes) -> tuple[dict, bytes]:
        """Send frames until a scene made from one of them comes back.

        One frame may be lost, to a worker that has just been replaced, say.
        """
        first, heard = self._number + 1, len(self.heard)
        end = time.monotonic() + 2 * DEADLINE
        while time.monotonic() < end:
            self.show(jpeg)
            patience = time.monotonic() + 1.0
            while time.monotonic() < patience:
                for event, scene, *landmarks in self.heard[heard:]:
                    if event == "scene" and landmarks and scene["frame"] >= first:
                        return scene, landmarks[0]
                time.sleep(0.01)
        raise AssertionError("no scene came back")


def jpeg_of(picture) -> bytes:
    """[height, width, 3] uint8 RGB -> JPEG bytes."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=80)
    return file.getvalue()
