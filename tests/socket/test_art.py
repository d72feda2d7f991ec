"""From a capture to a picture over the wire, with a real worker process: made, cancelled, killed,
stopped, interrupted by a restart; and what strangers send."""

import io
import itertools
import json
import os
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import numpy as np
import psutil
import pytest
from PIL import Image

from gan_cut.painter.strokes import replay
from models import registry
from tests.conftest import MODES
from tests.running import DEADLINE, Guest, Mien, gone, port_is_free, wait_until
from tests.tiny_engines import publish_tiny, publish_tiny_felt
from tests.unit.test_perception_parts import claims_to_be_huge
from tests.unit.test_published_generators import FILES, view

pytestmark = pytest.mark.socket

SIZE = (300, 256)
READY = "art worker 0 is ready"


def png(size: tuple[int, int] = SIZE, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, 128).save(file, "PNG")
    return file.getvalue()


def noise(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()


def view_png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(view(480, 320)).save(file, "PNG")
    return file.getvalue()


class Painter:
    """A guest with the page's part of pictures."""

    def __init__(self, server: Mien, guest: Guest) -> None:
        self.server, self.guest = server, guest
        guest.send("consent")
        self.token = guest.wait_for("visit")[0]["token"]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers) -> tuple:
        """Status and body of the answer; JSON as an object."""
        given = {"X-Mien-Visit": self.token, "Origin": self.server.url, **headers}
        request = urllib.request.Request(self.server.url + path, body, given, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=DEADLINE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
            assert answer.headers["Cache-Control"] == "no-store"
            is_json = answer.headers["Content-Type"] == "application/json"
            return answer.status, json.loads(content) if is_json else content

    def send(
        self, body: bytes | None = None, engine: str = "monet", scene: str = "landscape", **headers
    ) -> tuple:
        body = png() if body is None else body
        path = f"/art/captures?engine={quote(engine)}&scene={scene}"
        return self.ask("POST", path, body, **headers)

    def paint(self, **options) -> str:
        status, answer = self.send(**options)
        assert status == 202, answer
        return answer["id"]

    def hears(self, id: str, *states: str) -> dict:
        """The first `art` event of a picture in one of these states."""
        return self.guest.wait_for("art", lambda art: art["id"] == id and art["state"] in states)[0]


def start(folder, *options, mode="eventlet", weights=None, felt=False, **more) -> Mien:
    """`felt`: also with what the engines that follow a mixture need."""
    weights = weights or folder / "weights"
    if not weights.exists():
        publish_tiny(weights, "monet", live=True)
        publish_tiny(weights, "landscape")
        if felt:
            publish_tiny_felt(weights)
    settings = ("--weights", str(weights), "--async-mode", mode, "--max-visitors", "2")
    log = folder / "log.txt"
    starts = 1 + (log.read_text().count(READY) if log.exists() else 0)
    server = Mien(folder, *settings, "--absence", "600", *options, **more)
    try:
        server.wait_until_ready()
        # it has torch to load: asking it often would keep it from that
        wait_until(lambda: log.read_text().count(READY) == starts, "the painter", 4 * DEADLINE)
    except BaseException:
        server.stop()
        raise
    return server


def painter_of(server: Mien) -> dict:
    return server.health()["art"]["workers"][0]


@pytest.fixture(scope="module", params=MODES)
def server(request, tmp_path_factory):
    running = start(tmp_path_factory.mktemp("art"), mode=request.param)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def own(tmp_path):
    """An installation that the test may harm."""
    running = start(tmp_path)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


@pytest.fixture
def painter(server):
    with Guest(server.url) as guest:
        yield Painter(server, guest)


def kept(folder) -> set[str]:
    """Names of all files of all visits."""
    return {file.name for file in (folder / "data" / "gallery").rglob("*.*") if file.is_file()}


# -- a picture -----------------------------------------------------------------


def test_a_capture_becomes_a_picture_at_once(server, painter):
    engines = painter.guest.wait_for("welcome")[0]["art"]["engines"]
    same = {"scenes": ["landscape"], "own": False, "capture": True, "mixture": True}
    same["reads"] = False
    assert engines == [
        {"name": "painted", "live": False, **same, "scenes": None, "own": True},
        {"name": "monet", "live": True, **same},
        {"name": "landscape", "live": False, **same},
    ]
    for engine in ("monet", "landscape"):
        id = painter.paint(engine=engine)
        done = painter.hears(id, "done")
        assert done["progress"] == 1 and done["engine"] == engine
        status, picture = painter.ask("GET", done["urls"]["picture"])
        assert status == 200
        with Image.open(io.BytesIO(picture)) as image:
            assert image.format == "PNG" and image.size == (1109, 946), "1024² pixels, as SIZE"
        if done["urls"]["reference"]:
            status, reference = painter.ask("GET", done["urls"]["reference"])
            assert status == 200 and Image.open(io.BytesIO(reference)).format == "JPEG"


def test_strokes_come_first_and_are_the_picture(painter):
    """In a scene for which no network has learned anything, of the visit alone, and until the
    picture is deleted."""
    id = painter.paint(body=view_png(), engine="painted", scene="bloom")
    begun = painter.guest.wait_for("art", lambda art: art["id"] == id and art["strokes"])[0]
    assert begun["state"] == "working" and begun["urls"] is None
    done = painter.hears(id, "done")
    assert done["strokes"] == begun["strokes"]
    status, strokes = painter.ask("GET", done["strokes"])
    assert status == 200 and len(strokes) <= 1_000_000
    picture = np.asarray(Image.open(io.BytesIO(painter.ask("GET", done["urls"]["picture"])[1])))
    assert (picture == replay(strokes, max(picture.shape))).all()
    assert painter.ask("GET", done["strokes"], **{"X-Mien-Visit": ""})[0] == 404
    assert painter.ask("DELETE", f"/art/pictures/{id}")[0] == 204
    assert painter.ask("GET", done["strokes"])[0] == 404


def test_strokes_are_there_before_the_picture(server, painter):
    """While its worker stands still, a page that was away comes back and fetches them."""
    id = painter.paint(body=view_png(), engine="painted", scene="bloom")
    begun = painter.guest.wait_for("art", lambda art: art["id"] == id and art["strokes"])[0]
    worker = suspended(server)
    try:
        with Guest(server.url) as guest:
            guest.send("consent", {"token": painter.token})
            again = guest.wait_for("art", lambda art: art["id"] == id)[0]
            assert again["strokes"] == begun["strokes"]
            status, strokes = painter.ask("GET", again["strokes"])
            assert status == 200 and replay(strokes, 64).std() > 5
    finally:
        worker.resume()


def test_a_picture_belongs_to_its_visit(server, painter):
    id = painter.paint()
    url = painter.hears(id, "done")["urls"]["picture"]
    assert painter.ask("GET", url)[0] == 200
    with Guest(server.url) as guest:
        other = Painter(server, guest)
        assert other.token != painter.token
        assert other.ask("GET", url)[0] == 404
        assert other.ask("DELETE", f"/art/pictures/{id}")[0] == 404
        guest.send("art", {"name": "delete", "id": id})
        guest.problem("unknown-picture")
        assert painter.ask("GET", url, **{"X-Mien-Visit": ""})[0] == 404
        assert painter.ask("GET", url)[0] == 200
        assert not guest.all("art")


@pytest.mark.parametrize("way", ["http", "socket"])
def test_the_visitor_deletes_a_picture_at_once(painter, way):
    id = painter.paint()
    url = painter.hears(id, "done")["urls"]["picture"]
    if way == "http":
        assert painter.ask("DELETE", f"/art/pictures/{id}")[0] == 204
    else:
        painter.guest.send("art", {"name": "delete", "id": id})
    painter.hears(id, "deleted")
    assert painter.ask("GET", url)[0] == 404
    assert painter.ask("DELETE", f"/art/pictures/{id}")[0] == 404


def test_the_end_of_the_visit_forgets_its_pictures(tmp_path, own):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        url = painter.hears(painter.paint(), "done")["urls"]["picture"]
        assert len(kept(tmp_path)) >= 2
        guest.send("stop")
        guest.wait_for("way", lambda way: way["state"] == "goodbye")
        wait_until(lambda: not kept(tmp_path), "forgetting")
        assert painter.ask("GET", url)[0] == 404
        assert painter.send()[0] == 401
        guest.heard.clear()
        assert Painter(own, guest).token != painter.token


def test_a_page_that_was_away_finds_its_pictures_again(server):
    with Guest(server.url) as guest:
        first = Painter(server, guest)
        id = first.paint()
        first.hears(id, "done")
    with Guest(server.url) as guest:
        guest.send("consent", {"token": first.token})
        assert guest.wait_for("visit")[0]["token"] == first.token
        found = guest.wait_for("art")[0]
        assert (found["id"], found["state"]) == (id, "done")
        assert first.ask("GET", found["urls"]["picture"])[0] == 200


def test_a_made_up_token_begins_a_new_visit(server):
    with Guest(server.url) as guest:
        guest.send("consent", {"token": "made-up"})
        assert len(guest.wait_for("visit")[0]["token"]) == 32


# -- strangers -----------------------------------------------------------------


@pytest.mark.parametrize(
    "body, status",
    [
        (b"garbage", 400),
        (png()[:20], 400),
        (png((32, 32)), 400),
        (png((2000, 300)), 400),
        (png((5000, 4000), "1"), 400),
        (claims_to_be_huge(), 400),
        (bytes(8_100_000), 413),
    ],
    ids=["garbage", "cut", "tiny", "narrow", "too many pixels", "jpeg", "too large"],
)
def test_a_hostile_capture_is_answered(server, body, status):
    with Guest(server.url) as guest:
        painter = Painter(server, guest)
        try:
            answered, answer = painter.send(body)
        except urllib.error.URLError:  # closed while it was still sending
            assert status == 413
        else:
            assert answered == status
            assert answer["code"] == ("too-large" if status == 413 else "bad-capture")
        assert painter.hears(painter.paint(), "done")


def test_a_capture_that_is_damaged_inside_is_said(painter):
    whole = noise((256, 256))
    half = len(whole) // 2
    id = painter.paint(body=whole[:half] + bytes([whole[half] ^ 255]) + whole[half + 1 :])
    failed = painter.hears(id, "failed")
    assert failed["code"] == "bad-capture" and "another" in failed["message"]
    assert painter.hears(painter.paint(), "done")


def test_only_our_page_with_a_visit_may_send(painter):
    assert painter.send(Origin="https://elsewhere.example")[1]["code"] == "foreign"
    assert painter.send(**{"X-Mien-Visit": "x" * 32})[1]["code"] == "no-visit"
    assert painter.send(engine="picasso")[0] == 404
    assert painter.ask("POST", "/art/captures?engine=monet", png())[0] == 404
    path = f"/art/pictures/{'0' * 32}.png"
    assert painter.ask("GET", path)[0] == 404
    assert painter.ask("GET", "/art/pictures/..secret_key.png")[0] == 404


def test_an_engine_is_given_only_what_it_has_learned(painter):
    for engine in ("monet", "landscape"):
        status, answer = painter.send(engine=engine, scene="bloom")
        assert (status, answer["code"]) == (422, "unlearned")
    done = painter.hears(painter.paint(), "done")
    assert done["scene"] == "landscape" and done["emotion"] is False and done["before"] == 0


def test_too_many_captures_are_refused(painter):
    # at once, because a slow machine would not send too many a second one after the other
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: painter.send(noise((512, 512))), range(32)))
    assert {status for status, _ in answers} <= {202, 429}
    refused = [answer for status, answer in answers if status == 429]
    assert refused and {answer["code"] for answer in refused} <= {"too-fast", "enough"}


@pytest.mark.parametrize("order", [None, {}, {"name": "burn", "id": "x"}, {"name": "cancel"}])
def test_a_bad_order_is_answered(painter, order):
    painter.guest.send("art", order)
    painter.guest.problem("bad-command")


# -- the living canvas ---------------------------------------------------------


def jpeg(size: tuple[int, int] = (256, 256)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (90, 60, 200)).save(file, "JPEG")
    return file.getvalue()


def test_the_living_canvas_is_painted(painter):
    numbers = itertools.count(1)

    def painted() -> bytes | None:
        """A picture for which there is no time is dropped, and the next one sent."""
        number = next(numbers)
        painter.guest.send("canvas", number, jpeg(), {"engine": "monet"})
        about, *picture = painter.guest.wait_for("painted", lambda a, *_: a["number"] == number)
        assert about["outcome"] == ("painted" if picture else "dropped")
        return picture[0] if picture else None

    for _ in range(3):
        picture = wait_until(painted, "a picture of the living canvas")
        assert Image.open(io.BytesIO(picture)).size == (256, 256)


@pytest.mark.parametrize(
    "payload",
    [
        (),
        (1, "text", {"engine": "monet"}),
        (-1, jpeg(), {"engine": "monet"}),
        (1, jpeg(), {"engine": "landscape"}),
        (1, jpeg(), None),
    ],
)
def test_a_bad_canvas_is_answered(painter, payload):
    painter.guest.send("canvas", *payload)
    painter.guest.problem("bad-canvas")


def test_a_canvas_of_another_size_is_dropped(painter):
    painter.guest.send("canvas", 9, jpeg((200, 200)), {"engine": "monet"})
    about = painter.guest.wait_for("painted", lambda about, *_: about["number"] == 9)[0]
    assert about["outcome"] == "dropped"


def test_nothing_is_painted_without_a_visit(server):
    with Guest(server.url) as guest:
        guest.send("canvas", 1, jpeg(), {"engine": "monet"})
        guest.problem("no-consent")


# -- a worker in trouble -------------------------------------------------------


def suspended(server: Mien) -> psutil.Process:
    worker = psutil.Process(painter_of(server)["pid"])
    worker.suspend()
    return worker


def test_a_killed_worker_is_replaced_and_its_job_tried_again(own):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        worker = suspended(own)  # so that it cannot be faster than the test
        id = painter.paint()
        painter.hears(id, "working")
        worker.kill()
        done = painter.hears(id, "done")
        assert painter.ask("GET", done["urls"]["picture"])[0] == 200
        assert painter_of(own)["restarts"] == 1
        assert not guest.all("problem")


@pytest.mark.slow
def test_a_job_that_kills_two_workers_has_failed_and_others_go_on(own):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        worker = suspended(own)
        id = painter.paint()
        painter.hears(id, "working")
        worker.kill()
        old = worker.pid
        wait_until(lambda: painter_of(own)["pid"] not in (None, old), "the next worker")
        again = psutil.Process(painter_of(own)["pid"])
        again.suspend()
        again.kill()  # before or after it was given the job: at most two lives are spent
        state = painter.hears(id, "failed", "done")
        assert state["state"] == "done" or state["code"] == "worker-lost"
        assert painter.hears(painter.paint(), "done")


@pytest.mark.slow
def test_a_stuck_worker_is_replaced(own):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        worker = suspended(own)
        id = painter.paint()
        wait_until(lambda: not worker.is_running(), "the end of the stuck worker", 2 * DEADLINE)
        painter.hears(id, "done")


def test_a_job_in_line_knows_its_place_and_can_be_cancelled(own, tmp_path):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        worker = suspended(own)
        first, second, third = (painter.paint() for _ in range(3))
        painter.hears(first, "working")
        at = guest.wait_for("art", lambda art: art["id"] == third and art["place"] == 2)[0]
        assert at["state"] == "queued"
        guest.send("art", {"name": "cancel", "id": second})
        painter.hears(second, "cancelled")
        guest.wait_for("art", lambda art: art["id"] == third and art["place"] == 1)
        guest.send("art", {"name": "cancel", "id": first})
        painter.hears(first, "cancelled")
        worker.resume()
        painter.hears(third, "done")
        states = [art["state"] for (art,) in guest.all("art") if art["id"] in (first, second)]
        assert "done" not in states
        assert not any(name.startswith((first, second)) for name in kept(tmp_path))


@pytest.mark.slow
def test_a_worker_without_memory_says_so_or_is_replaced(own):
    if not hasattr(psutil.Process, "rlimit"):
        pytest.skip("this system has no limit on the memory of another process")
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        worker = psutil.Process(painter_of(own)["pid"])
        used = worker.memory_info().vms
        worker.rlimit(psutil.RLIMIT_AS, (used, used))
        id = painter.paint(body=noise((1024, 1024)))
        end = painter.hears(id, "failed", "done")  # done: by the worker that took its place
        assert end["state"] == "done" or end["code"] == "no-memory"
        if worker.is_running():
            worker.kill()
        assert painter.hears(painter.paint(), "done")


def test_visitors_are_seen_while_the_painter_is_dead(own, face):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        suspended(own)
        painter.paint()
        guest.wait_for("status", lambda status: status["state"] == "ready")
        scene, _ = guest.show_and_see(face)
        assert scene["present"]


# -- restarts ------------------------------------------------------------------


@pytest.mark.slow
def test_a_restart_resumes_what_was_in_the_line(own, tmp_path):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        worker = suspended(own)
        ids = [painter.paint() for _ in range(2)]
        painter.hears(ids[0], "working")
        own.process.send_signal(signal.SIGKILL)
        own.process.wait(DEADLINE)
        worker.resume()
        wait_until(lambda: gone([worker]), "the end of the painter that nobody waits for")
        guest.client.reconnection = False
    again = start(tmp_path, port=own.port)
    try:
        with Guest(again.url) as guest:
            guest.send("consent", {"token": painter.token})
            assert guest.wait_for("visit")[0]["token"] == painter.token
            painter.guest = guest
            for id in ids:
                url = painter.hears(id, "done")["urls"]["picture"]
                assert painter.ask("GET", url)[0] == 200
    finally:
        again.stop()


@pytest.mark.slow
def test_a_visit_that_nobody_goes_on_with_is_forgotten_after_a_restart(own, tmp_path):
    with Guest(own.url) as guest:
        painter = Painter(own, guest)
        painter.hears(painter.paint(), "done")
        guest.client.reconnection = False
        own.process.kill()
        own.stop()
    assert kept(tmp_path)
    again = start(tmp_path, "--absence", "1", port=own.port)
    try:
        wait_until(lambda: not kept(tmp_path), "forgetting", 3 * DEADLINE)
    finally:
        again.stop()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_signal_leaves_no_painter_behind(own, name):
    with Guest(own.url) as guest:
        guest.client.reconnection = False
        painter = Painter(own, guest)
        painter.paint(body=noise((1024, 1024)))
        processes = own.tree()
        assert len(processes) == 3
        if name == "SIGINT":
            os.killpg(own.process.pid, signal.SIGINT)
        else:
            own.process.send_signal(getattr(signal, name))
        own.process.wait(10)
        wait_until(lambda: gone(processes), "the end of all processes", 10)
        assert port_is_free(own.port)


def test_torch_is_in_the_painter_alone(own):
    if not os.path.exists(f"/proc/{own.process.pid}/maps"):
        pytest.skip("this system has no /proc to look into")
    seen = own.health()["perception"][0]["pid"]
    of = {"web": own.process.pid, "perception": seen, "art": painter_of(own)["pid"]}
    maps = {name: Path(f"/proc/{pid}/maps").read_text() for name, pid in of.items()}
    assert {name: "libtorch" in files for name, files in maps.items()} == {
        "web": False, "perception": False, "art": True
    }  # fmt: skip


def test_without_weights_there_is_no_art(mien):
    """The ordinary installation of the tests has none."""
    assert mien.health()["art"]["workers"] == []
    with Guest(mien.url) as guest:
        assert guest.wait_for("welcome")[0]["art"]["engines"] == []
        guest.consent()
        time.sleep(0.2)
        assert not guest.all("visit")


@pytest.mark.slow
def test_what_ships_paints(tmp_path):
    """Weights, worker and wire as in an installation that nobody has changed."""
    running = start(tmp_path, weights=registry.WEIGHTS)
    try:
        with Guest(running.url) as guest:
            painter = Painter(running, guest)
            engines = guest.wait_for("welcome")[0]["art"]["engines"]
            assert {one["name"] for one in engines if one["live"]} == set(FILES)
            for one in engines:
                time.sleep(2)  # a quick machine paints sooner than a visitor may send again
                scene = (one["scenes"] or ["landscape"])[0]
                id = painter.paint(engine=one["name"], scene=scene, body=view_png())
                done = painter.hears(id, "done")
                status, content = painter.ask("GET", done["urls"]["picture"])
                assert status == 200
                with Image.open(io.BytesIO(content)) as picture:
                    pixels = np.asarray(picture.convert("RGB"))
                height, width = pixels.shape[:2]
                assert width / height == pytest.approx(1.5, abs=0.01)
                assert pixels.mean(2).std() > 10
    finally:
        running.stop()


def test_nine_connections_keep_no_visitor_out_of_the_line(server):
    """Each fills its own share while nothing is painted; whoever comes then is let in, with a
    place near the front."""
    worker = psutil.Process(painter_of(server)["pid"])
    worker.suspend()
    guests = []
    try:
        for _ in range(9):
            guests.append(Guest(server.url))
            greedy = Painter(server, guests[-1])
            answers = [greedy.send() for _ in range(4)]
            assert {status for status, _ in answers} <= {202, 429, 503}
        guests.append(Guest(server.url))
        honest = Painter(server, guests[-1])
        id = honest.paint()
        told = honest.hears(id, "queued")
        assert 1 <= told["place"] <= 24
    finally:
        with suppress(psutil.NoSuchProcess):  # replaced, on a slow machine
            worker.resume()
        for guest in guests:
            guest.client.disconnect()
