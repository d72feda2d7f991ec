"""/generate over the wire, with a real worker process: pictures come one by one, the newest wish
wins, jobs of visitors come first; and what strangers send."""

import io
import time
import urllib.request

import psutil
import pytest
from PIL import Image
from socketio.exceptions import ConnectionError as Refused

from tests.running import Client, Guest, Mien, wait_until
from tests.socket.test_art import Painter, jpeg, painter_of, start
from tests.tiny_engines import publish_tiny, publish_tiny_dream

pytestmark = pytest.mark.socket

NAMESPACE = "/generate"
WISH = {
    "style": "portrait",
    "mixture": {"happy": 0.6, "surprise": 0.4},
    "count": 3,
    "seed": 5,
    "form": "pictures",
}


class Dreamer:
    """The page's part of the protocol."""

    def __init__(self, url: str) -> None:
        self.client = Client(reconnection=False)
        self.heard: list[tuple] = []
        self.client.on("*", lambda *event: self.heard.append(event), namespace=NAMESPACE)
        self.client.connect(url, transports=["websocket"], namespaces=[NAMESPACE], wait_timeout=10)

    def __enter__(self) -> "Dreamer":
        return self

    def __exit__(self, *_error) -> None:
        self.client.disconnect()

    def send(self, event: str, *payload) -> None:
        self.client.emit(event, payload, namespace=NAMESPACE)

    def dream(self, id: int, **changes) -> None:
        self.send("dream", {"id": id, **WISH, **changes})

    def all(self, event: str, id: int | None = None) -> list[tuple]:
        """What was said about a dream, or about all."""
        said = [payload for name, *payload in list(self.heard) if name == event]
        return [one for one in said if id is None or one[0]["id"] == id]

    def wait_for(self, event: str, id: int | None = None, count: int = 1) -> list[tuple]:
        wait_until(lambda: len(self.all(event, id)) >= count, f"{count} × {event}")
        return self.all(event, id)

    def problem(self) -> dict:
        return self.wait_for("problem")[-1][0]

    def is_understood(self) -> None:
        """Returns once the server has dealt with all that was sent: it takes a page's events in
        turn, and answers one that it does not know."""
        before = len(self.all("problem"))
        self.send("nonsense")
        self.wait_for("problem", count=before + 1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generate")
    publish_tiny_dream(folder / "weights")
    publish_tiny(folder / "weights", "monet", live=True)
    running = start(folder)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def dreamer(server):
    with Dreamer(server.url) as one:
        one.wait_for("welcome")
        yield one


def size_of(file: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(file)) as image:
        image.load()
        return image.size


def test_pictures_come_one_after_the_other(server, dreamer):
    welcome = dreamer.all("welcome")[0][0]
    assert welcome["styles"][0] == "abstract" and welcome["most"] == 20
    dreamer.dream(1)
    came = dreamer.wait_for("dreamt", 1, count=3)
    assert [about["number"] for about, _ in came] == [0, 1, 2]
    assert {(about["of"], about["form"]) for about, _ in came} == {(3, "pictures")}
    assert {size_of(file) for _, file in came} == {(64, 64)}
    assert len({file for _, file in came}) == 3

    dreamer.dream(2)
    again = dreamer.wait_for("dreamt", 2, count=3)
    assert [file for _, file in again] == [file for _, file in came], "another of equal seed"
    dreamer.dream(3, count=1, mixture={"sad": 1})
    assert dreamer.wait_for("dreamt", 3)[0][1] != came[0][1]
    assert server.health()["visitors"]["connected"] == 0, "who dreams is taken for a visitor"


def test_a_sheet_and_a_walk(dreamer):
    dreamer.dream(1, form="sheet", count=5)
    (about, sheet), *_ = dreamer.wait_for("dreamt", 1)
    assert size_of(sheet) == (5 * 64, 64) and about["form"] == "sheet"
    dreamer.dream(2, form="walk", count=5, picture=4)
    (about, first), *_ = dreamer.wait_for("dreamt", 2)
    frames = dreamer.wait_for("dreamt", 2, count=about["of"])
    assert [about["number"] for about, _ in frames] == list(range(about["of"]))
    with Image.open(io.BytesIO(first)) as image:
        assert image.format == "WEBP"


def test_the_newest_wins_and_the_page_is_told_that_it_waits(server, dreamer):
    worker = psutil.Process(painter_of(server)["pid"])
    worker.suspend()
    try:
        dreamer.dream(1)
        wait_until(lambda: painter_of(server)["busy"], "the first picture's beginning")
        with Dreamer(server.url) as other:
            other.wait_for("welcome")
            other.dream(7)
            other.wait_for("waiting", 7)
            dreamer.dream(2)
            dreamer.dream(3)
            dreamer.is_understood()
            worker.resume()
            dreamer.wait_for("dreamt", 3, count=3)
            other.wait_for("dreamt", 7, count=3)
    finally:
        worker.resume()
    assert not dreamer.all("dreamt", 1) and not dreamer.all("dreamt", 2)


def test_jobs_of_visitors_come_first(server):
    # one connection for both, so that what is heard first was sent first
    with Guest(server.url, namespaces=["/", NAMESPACE]) as guest:
        guest.client.on("*", lambda *event: guest.heard.append(event), namespace=NAMESPACE)
        painter = Painter(server, guest)
        worker = psutil.Process(painter_of(server)["pid"])
        worker.suspend()
        try:
            guest.client.emit("dream", {"id": 1, **WISH, "count": 20}, namespace=NAMESPACE)
            wait_until(lambda: painter_of(server)["busy"], "the first picture's beginning")
            id = painter.paint()
        finally:
            worker.resume()
        painter.hears(id, "done")
        wait_until(lambda: len(guest.all("dreamt")) == 20, "the whole dream")
        states = [(name, about.get("state")) for name, about, *_ in guest.heard]
        before = states[: states.index(("art", "working"))]
        assert before.count(("dreamt", None)) <= 1, "the visitor waited for more than one picture"


def test_living_canvases_and_dreams_take_turns(server, dreamer):
    with Guest(server.url) as guest:
        Painter(server, guest)
        dreamer.dream(1, count=20)
        numbers = iter(range(1, 10_000))

        def painted() -> bool:
            number = next(numbers)
            guest.send("canvas", number, jpeg(), {"engine": "monet"})
            about, *_ = guest.wait_for("painted", lambda a, *_: a["number"] == number)
            return about["outcome"] == "painted"

        wait_until(painted, "a picture of the living canvas")
        dreamer.wait_for("dreamt", 1, count=20)


def test_a_killed_worker_is_no_error_for_the_page(server, dreamer):
    worker = psutil.Process(painter_of(server)["pid"])
    worker.suspend()
    dreamer.dream(1)
    wait_until(lambda: painter_of(server)["busy"], "the first picture's beginning")
    worker.kill()
    assert [about["number"] for about, _ in dreamer.wait_for("dreamt", 1, count=3)] == [0, 1, 2]
    assert not dreamer.all("failed")


def test_who_wakes_or_leaves_is_shown_no_more(server, dreamer):
    worker = psutil.Process(painter_of(server)["pid"])
    worker.suspend()
    try:
        dreamer.dream(1)
        wait_until(lambda: painter_of(server)["busy"], "the first picture's beginning")
        dreamer.send("wake")
        dreamer.is_understood()
    finally:
        worker.resume()
    with Dreamer(server.url) as other:
        other.wait_for("welcome")
        other.dream(2)
    dreamer.dream(3, count=1)
    dreamer.wait_for("dreamt", 3)
    assert not dreamer.all("dreamt", 1)
    assert painter_of(server)["ready"]


@pytest.mark.parametrize(
    "change, choice",
    [
        ({"style": "cubism"}, "flower-painting"),
        ({"mixture": {"merry": 1}}, "surprise"),
        ({"mixture": {"happy": float("nan")}}, "number"),
        ({"count": 10**9}, "1 to 20"),
        ({"seed": "x"}, "seed"),
    ],
)
def test_a_bad_dream_is_answered(dreamer, change, choice):
    dreamer.dream(1, **change)
    problem = dreamer.problem()
    assert problem["code"] in ("bad-dream", "bad-text") and choice in problem["message"]


@pytest.mark.parametrize("payload", [(), (None,), ("dream",), (b"\x00" * 2000,), ([],)])
def test_what_is_no_dream_is_answered(dreamer, payload):
    dreamer.send("dream", *payload)
    assert dreamer.problem()["code"] == "bad-dream"
    dreamer.dream(2, count=1)
    dreamer.wait_for("dreamt", 2)


def test_too_many_dreams_are_refused(dreamer):
    for id in range(100):
        dreamer.dream(id, count=1)
    codes = {problem["code"] for (problem,) in dreamer.wait_for("problem")}
    assert codes == {"too-fast"}
    time.sleep(0.2)
    dreamer.dream(200, count=1)
    dreamer.wait_for("dreamt", 200)


def test_without_weights_the_page_says_so_and_nobody_dreams(tmp_path):
    server = Mien(tmp_path)
    try:
        server.wait_until_ready()
        page = urllib.request.urlopen(f"{server.url}/generate").read().decode()
        assert 'data-dreams="off"' in page
        assert 'data-dreams="off"' in urllib.request.urlopen(server.url).read().decode()
        with pytest.raises(Refused):
            Dreamer(server.url)
    finally:
        server.stop()
