"""What dies, stops, fills up or is set back while visitors stream and paint: nobody is stuck, no
finished picture is lost, nothing deleted stays on the disk, and nothing is left running."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from skimage import data

from bench import clocked
from bench.rows import Row, at_most
from tests.running import Guest, Mien, gone, jpeg_of, wait_until
from tests.socket.test_art import png
from tests.socket.test_teach import Staff, csv_of
from tests.tiny_engines import publish_tiny
from tests.unit.taught_takes import take

TIMES, QUICK_TIMES = 50, 3
"""How often each worker is killed, and stopped."""
SERVER_TIMES, QUICK_SERVER_TIMES = 5, 2
VISITORS = 3
PACE = 0.2
"""Seconds between two frames of a visitor."""
REST = 3.0
"""Seconds between two captures of a visitor."""
MOST_PICTURES = 20
"""Pictures of a visitor; older ones are deleted."""
PATIENCE = 300.0
"""Seconds after which a visitor who has seen nothing, or whose picture has no end, is stuck."""
ROOM = 6_000_000
"""Bytes of the small disk."""
OVER = ("failed", "cancelled", "expired")
SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff\xe0\x00\x10JFIF")
HOUR = 3600.0


class Visitor(threading.Thread):
    """Streams, paints one picture after the other, deletes old ones, and comes back after a
    restart: all as the page does it."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.guest = Guest(url)
        self.finished: list[str] = []
        """Pictures that are done and not deleted."""
        self.deleted: list[str] = []
        self.failed: list[str] = []
        """Codes of captures that were accepted and became no picture, and were said to."""
        self.refused: list[int] = []
        """Statuses of captures that were not accepted."""
        self.unfinished: set[str] = set()
        self.seen = 0
        """Scenes in which somebody was present."""
        self.strange = 0
        """Times that another visit began than the one that was asked for."""
        self._url, self._token, self._connection = url, None, None
        self._heard, self._ready, self._painted = 0, False, 0.0
        self._news: dict[str, dict] = {}
        """The last about each picture."""
        self._face = jpeg_of(np.asarray(Image.fromarray(data.astronaut()).resize((640, 640)))[:480])
        self._leaving = threading.Event()

    def run(self) -> None:
        while not self._leaving.wait(PACE):
            with suppress(Exception):  # the server may be away at any moment
                self._go_on()

    def leave(self) -> None:
        """Stop sending, but stay connected."""
        self._leaving.set()
        self.join(PATIENCE)

    def url_of(self, id: str) -> str:
        return f"/art/pictures/{id}.png"

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        given = {"X-Mien-Visit": self._token, "Origin": self._url}
        request = urllib.request.Request(self._url + path, body, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def goes_on(self) -> bool:
        """Whether it sees, and finishes a picture, from now on."""
        seen, finished = self.seen, len(self.finished) + len(self.deleted)
        with suppress(AssertionError):
            wait_until(lambda: self.seen > seen, "a scene", PATIENCE)
            after = lambda: len(self.finished) + len(self.deleted) > finished  # noqa: E731
            wait_until(after, "a picture", PATIENCE)
            return True
        return False

    def lost(self) -> list[str]:
        """Finished pictures that cannot be had any more."""
        return [id for id in self.finished if self.ask("GET", self.url_of(id))[0] != 200]

    def delete_first(self) -> str:
        """Delete the oldest picture; its id."""
        id = self.finished[0]
        self._throw_away(id)
        return id

    def _go_on(self) -> None:
        self._listen()
        if not self.guest.client.connected:
            return
        if self.guest.client.sid != self._connection:
            self._ready, sid = False, self.guest.client.sid
            self.guest.send("consent", *([{"token": self._token}] if self._token else []))
            self._connection = sid  # once it has been said: a new line may not carry it yet
            return
        if self._ready:
            self.guest.show(self._face)
        if self._token and not self.unfinished and time.monotonic() - self._painted > REST:
            self._paint()
        while len(self.finished) > MOST_PICTURES:
            self._throw_away(self.finished[0])

    def _paint(self) -> None:
        self._painted = time.monotonic()
        path = "/art/captures?engine=monet&scene=landscape"
        status, answer = self.ask("POST", path, png((256, 256)))
        if status == 202:
            self.unfinished.add(json.loads(answer)["id"])
        else:
            self.refused.append(status)

    def _throw_away(self, id: str) -> None:
        status, _ = self.ask("DELETE", self.url_of(id).removesuffix(".png"))
        if status in (204, 404):
            self.finished.remove(id)
            self.deleted.append(id)

    def _listen(self) -> None:
        heard = self.guest.heard
        new, self._heard = heard[self._heard :], len(heard)
        for event, *payload in new:
            about = payload[0] if payload and isinstance(payload[0], dict) else {}
            if event == "status":
                self._ready = about["state"] == "ready"
            elif event == "scene":
                self.seen += bool(about.get("present"))
            elif event == "visit":
                self.strange += self._token not in (None, about["token"])
                self._token = about["token"]
                for id in self.unfinished - set(about["pictures"]):
                    self._news[id] = {"state": "failed", "code": "gone"}
            elif event == "art":
                self._news[about["id"]] = about
        for id in list(self.unfinished):
            self._end(id, self._news.get(id, {"state": "queued"}))

    def _end(self, id: str, about: dict) -> None:
        if about["state"] == "done":
            self.finished.append(id)
        elif about["state"] in OVER:
            self.failed.append(about["code"])
        else:
            return
        self.unfinished.discard(id)


def workers(quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """Each worker is killed and stopped, while it starts, idles and works."""
    times = QUICK_TIMES if quick else TIMES
    kinds = {"tracker": _tracker_of, "painter": _painter_of, "workshop's work": None}
    with _house() as house, _visitors(house) as visitors:
        for kind, worker_of in kinds.items():
            for how in (signal.SIGKILL, signal.SIGSTOP):
                what = f"{kind}, {how.name} {times} times"
                if worker_of:
                    unreplaced = _harm_worker(house, worker_of, how, times, tell)
                else:
                    unreplaced = _harm_work(house, how, times)
                yield none(f"{what}: not replaced, or not honestly failed", unreplaced)
                yield from _outcome(what, visitors, tell)
        yield from _end(house, visitors)


def server(quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """The web process is killed and started again, as systemd would."""
    times = QUICK_SERVER_TIMES if quick else SERVER_TIMES
    with _house() as house, _visitors(house) as visitors:
        left = 0
        for _ in range(times):
            _wait_for_work(visitors)
            children = house.server.tree()[1:]
            if random.random() < 0.5:
                random.choice(children).suspend()
            house.server.process.kill()
            house.server.process.wait()
            with suppress(AssertionError):
                wait_until(lambda c=children: gone(c), "the end of the children", 30)
            left += sum(not gone([child]) for child in children)
            house.begin(port=house.server.port)
        what = f"the web process, SIGKILL {times} times"
        yield none(f"{what}: children left", left)
        yield from _outcome(what, visitors, tell)
        yield from _end(house, visitors)


def disk(quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """The disk of the data folder is full, and then has room again; then it cannot be written."""
    if os.geteuid():
        tell("skipped: a small disk, and one that cannot be written, take root to mount")
        return
    with _house(room=ROOM) as house, _visitors(house) as visitors:
        ballast = house.data / "ballast"
        for what, break_it, mend in (
            ("a full disk", lambda: _fill(ballast), ballast.unlink),
            ("a disk without writing", lambda: _mount(house, "ro"), lambda: _mount(house, "rw")),
        ):
            _wait_for_work(visitors)
            break_it()
            try:
                blind = sum(not _is_served(one) for one in visitors)
                refused = [wait_until(lambda v=v: _is_told(v), "an answer") for v in visitors]
                tell(f"{what}: captures were answered with {refused}")
                lost = sum(len(one.lost()) for one in visitors)
                deleted = [one.delete_first() for one in visitors]
            finally:
                mend()
            yield none(f"{what}: visitors who are not seen meanwhile", blind)
            yield none(f"{what}: finished pictures that cannot be had meanwhile", lost)
            yield from _outcome(what, visitors, tell)
            gone_now = lambda ids=deleted: not _with_names(house.data, ids)  # noqa: E731
            with suppress(AssertionError):
                wait_until(gone_now, "removing", 30)
            left = len(_with_names(house.data, deleted))
            yield none(f"{what}: pictures deleted meanwhile whose files remain", left)
        yield from _end(house, visitors)


def clock(quick: bool, tell: Callable[[str], None]) -> Iterator[Row]:
    """The date is set back an hour: what is over is deleted all the same."""
    with _house(clocked_by=True) as house, _visitors(house) as visitors:
        _wait_for_work(visitors)
        clocked.set_date(house.clock, -HOUR)
        yield from _outcome("the date set back an hour", visitors, tell)
        for one in visitors:
            one.leave()
        visitors[0].guest.send("stop")
        for one in visitors[1:]:
            one.guest.client.disconnect()
        wait_until(lambda: house.server.health()["visitors"]["connected"] == 1, "leaving")
        clocked.pass_by(house.clock, HOUR)
        left = lambda: list((house.data / "gallery" / "visits").rglob("*.*"))  # noqa: E731
        with suppress(AssertionError):
            wait_until(lambda: not left(), "forgetting")
        yield none("the date set back an hour: files of visits that are over", len(left()))


SECTIONS = {"workers": workers, "server": server, "disk": disk, "clock": clock}


# -- the house ---------------------------------------------------------------------


class House:
    """A Mien with a painter that knows nothing, in a folder of its own."""

    def __init__(self, folder: Path, clocked_by: bool) -> None:
        self.folder, self.data = folder, folder / "data"
        self.clock = folder / "clock.json" if clocked_by else None
        if self.clock:
            clocked.write(self.clock)
        publish_tiny(folder / "weights", "monet", live=True)
        self.begin()

    def begin(self, port: int | None = None) -> None:
        self.server = Mien(
            self.folder,
            *("--weights", str(self.folder / "weights"), "--absence", "600"),
            *("--max-visitors", str(VISITORS), "--max-connections-per-address", "16"),
            port=port,
            clock=self.clock,
        )
        try:
            wait_until(lambda: _painter_of(self.server)["ready"], "the painter", PATIENCE)
        except BaseException:
            self.server.stop()  # nobody else knows of it yet
            raise


@contextmanager
def _house(room: int = 0, clocked_by: bool = False) -> Iterator[House]:
    """`room`: bytes of a disk of its own for the data folder."""
    folder = Path(tempfile.mkdtemp(prefix="mien-bench-"))
    data_folder = folder / "data"
    data_folder.mkdir(mode=0o700)
    if room:
        options = f"size={room},mode=0700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", data_folder], check=True)
    try:
        house = House(folder, clocked_by)
        try:
            yield house
        finally:
            if house.server.process.poll() is None:
                house.server.stop()
    finally:
        if room:
            subprocess.run(["umount", data_folder], check=True)
        shutil.rmtree(folder)


@contextmanager
def _visitors(house: House) -> Iterator[list[Visitor]]:
    everybody = [Visitor(house.server.url) for _ in range(VISITORS)]
    for one in everybody:
        one.start()
    try:
        _wait_for_work(everybody)
        yield everybody
    finally:
        for one in everybody:
            one.leave()
            one.guest.client.disconnect()


def _wait_for_work(visitors: list[Visitor]) -> None:
    """Until everybody is seen and has a finished picture, and somebody waits for another one."""
    wait_until(lambda: all(one.seen and one.finished for one in visitors), "play", PATIENCE)
    wait_until(lambda: any(one.unfinished for one in visitors), "a capture", PATIENCE)


# -- harm --------------------------------------------------------------------------


def _tracker_of(server: Mien) -> dict:
    return _health(server)["perception"][0]


def _painter_of(server: Mien) -> dict:
    return _health(server)["art"]["workers"][0]


def _health(server: Mien) -> dict:
    return wait_until(server.health, "an answer of /health", PATIENCE)


def _harm_worker(
    house: House,
    worker_of: Callable[[Mien], dict],
    how: signal.Signals,
    times: int,
    tell: Callable[[str], None],
) -> int:
    """How often it did not come back in time."""
    failed = 0
    for number in range(times):
        # every third time in the middle of its start
        state = "starting" if number % 3 == 2 else "ready"
        try:
            wait_until(lambda s=state: worker_of(house.server)["state"] == s, state, PATIENCE)
            time.sleep(random.uniform(0, 1))
            process = wait_until(lambda: _process_of(worker_of(house.server)), "a process")
            process.send_signal(how)
            wait_until(lambda p=process: gone([p]), "its end", PATIENCE)
            if number % 3 != 1:
                wait_until(lambda: worker_of(house.server)["ready"], "another one", PATIENCE)
        except (AssertionError, psutil.NoSuchProcess) as error:
            tell(f"{how.name} number {number + 1}, {state}: {error}")
            failed += 1
    return failed


def _process_of(worker: dict) -> psutil.Process | None:
    """None while the last one has ended and the next one has not begun."""
    try:
        return psutil.Process(worker["pid"])
    except psutil.NoSuchProcess:
        return None


def _harm_work(house: House, how: signal.Signals, times: int) -> int:
    """How often staff were not told that a training had failed."""
    staff, failed = Staff(house.server), 0
    text = csv_of(take("teapot", "Ana"), take("neutral", "Ana"), take("teapot", "Ana", 1))
    with staff.page() as page:
        if not page.wait_for("state")[0]["takes"]:
            staff.bring_in(text, "Ana")
        for _ in range(times):
            heard = len(page.heard)
            page.say("train")
            try:
                page.wait_for("progress", lambda told: told and told["share"] > 0, heard, PATIENCE)
                [job] = [p for p in house.server.tree() if "server.workshop.job" in p.cmdline()]
                job.send_signal(how)
                told = page.wait_for("trained", lambda _: True, heard, PATIENCE)[0]
                failed += told["kind"] != "failed" or not gone([job])
            except (AssertionError, psutil.NoSuchProcess, ValueError):
                failed += 1
    return failed


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65536))
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")


def _mount(house: House, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", house.data], check=True)


def none(what: str, count: int) -> Row:
    """Something of which there must be none."""
    return Row(what, count, "", goal=at_most(0))


# -- what has become of everybody --------------------------------------------------


def _outcome(what: str, visitors: list[Visitor], tell: Callable[[str], None]) -> Iterator[Row]:
    stuck = sum(not one.goes_on() for one in visitors)
    lost = sum(len(one.lost()) for one in visitors)
    finished = sum(len(one.finished) + len(one.deleted) for one in visitors)
    failed = sorted(code for one in visitors for code in one.failed)
    tell(f"{what}: {finished} pictures so far; failed and said so: {failed}")
    yield none(f"{what}: stuck visitors", stuck)
    yield none(f"{what}: lost finished pictures", lost)
    yield none(f"{what}: visits that were not found again", sum(v.strange for v in visitors))


def _end(house: House, visitors: list[Visitor]) -> Iterator[Row]:
    """The end of the server: what it leaves on the disk, and running."""
    for one in visitors:
        one.leave()
    deleted = [id for one in visitors for id in one.deleted]
    yield none("deleted pictures whose files remain", len(_with_names(house.data, deleted)))
    yield none("files in which a picture can be read", len(_readable(house.data)))
    children = house.server.tree()[1:]
    house.server.stop()
    left = sum(psutil.pid_exists(child.pid) for child in children)
    yield none("children left at the server's end", left)


def _with_names(folder: Path, ids: Sequence[str]) -> list[Path]:
    return [file for file in folder.rglob("*") if file.name.split(".")[0] in ids]


def _readable(folder: Path) -> list[Path]:
    """Files with the beginning of a PNG or JPEG anywhere in them."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "ballast"]
    return [file for file in files if any(sign in file.read_bytes() for sign in SIGNATURES)]


def _is_served(visitor: Visitor) -> bool:
    seen = visitor.seen
    with suppress(AssertionError):
        return bool(wait_until(lambda: visitor.seen > seen, "a scene"))
    return False


def _is_told(visitor: Visitor) -> list[int | str]:
    """How the last captures ended that became no picture; empty until one has."""
    return visitor.refused[-1:] + visitor.failed[-1:]
