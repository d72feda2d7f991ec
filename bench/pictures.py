"""Photograph the page for the documents: `python -m bench pictures`.

Each picture is the page itself in a real browser while it is shown a recorded session. The page's
time goes by only from one picture to the next, so that a machine without a graphics card makes the
same pictures as any other; it only takes some minutes longer.
"""

from __future__ import annotations

import base64
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from bench.browser import PATIENCE, chromium
from bench.servers import mien
from datasets.pictures import read_rgb
from server.perception import recording
from server.perception.packet import pack_points
from server.perception.reader import Classifiers, Reader
from server.settings import ROOT
from server.stage import initial, step, to_json, with_reset
from server.values import Command
from tests.browser.conftest import ALONE, wait_for

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SHOTS = {
    "attract": ("/?quality=high", (1280, 720), 4.0),
    "kiosk": ("/?replay=any&quality=high", (720, 1280), 7.0),
    "phone": ("/?replay=any&quality=high", (390, 844), 5.5),
    "primitives": ("/?replay=any&quality=high&scene=primitives", (1280, 720), 7.5),
    "puppet": ("/?replay=any&quality=high&scene=puppet", (1280, 720), 6.5),
}
"""Name: address, size in pixels, and the second of the session."""
ANIMATION = ("/?replay=any&quality=medium", (640, 360), 6.0)
"""Address, size in pixels, and how many seconds of the session."""
DREAMS = 12
"""On the page /generate as it opens."""
SESSION = ("asl_again", "asl_hungry", "asl_sister", "asl_help", "asl_want")
"""Recordings, one after the other."""
RATE = 12.5
"""Frames per second of the animation."""
SETTLING = 2.0
"""Seconds before a picture in which the scene finds its form."""
MORE = 3
"""How often somebody asks for more forms before a picture."""
STEP = 0.1
"""Seconds between the frames that are not kept: the longest that the page's clock takes whole."""
FEED = """([state, points]) => {
    if (!points) return wire.hear('42', ['scene', state])
    wire.hear('451-', ['scene', state, { _placeholder: true, num: 0 }])
    wire.onmessage({ data: Uint8Array.from(atob(points), (one) => one.charCodeAt(0)).buffer })
}"""
"""Tells the page, in the server's place, what the scene is."""


class Session:
    """Recordings as the stage shows them, without waiting for them."""

    def __init__(self, names: Sequence[str]) -> None:
        reader = Reader(Classifiers(emotion=True))
        state = initial()
        for _ in range(MORE):
            state = step(state, Command("more"), 0.0, seed=1)
        self.times: list[float] = []
        self.states: list[tuple[dict, str]] = []
        self.whole: list[dict] = []
        """The same states, each with everything that lives."""
        recordings = recording.load_all()
        played = (recordings[name] for name in names)
        starts = accumulate((recordings[name].length for name in names), initial=0.0)
        frames = (one.played_at(start) for one, start in zip(played, starts, strict=False))
        for number, landmarks in enumerate(chain.from_iterable(frames), 1):
            state = step(state, reader.read(number, landmarks), landmarks.time, seed=1)
            points = base64.b64encode(pack_points(landmarks)).decode()
            self.times.append(landmarks.time)
            self.states.append((to_json(state), points))
            self.whole.append(to_json(with_reset(state)))

    def at(self, time: float) -> int:
        """Number of the state at this second."""
        return bisect_right(self.times, time) - 1


def write(folder: Path = FOLDER) -> Iterator[Path]:
    """Write one JPEG for each of SHOTS, the animation, and what /generate makes of nothing; yields
    each path when it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with mien() as server, chromium() as browser:
        session = Session(SESSION)
        for name, (address, size, second) in SHOTS.items():
            page = still_page(browser, server.url + address, size)
            if name == "attract":
                page.evaluate("wire.hear('42', ['way', { state: 'attract' }])")
            show(page, session, second)
            yield save(page.screenshot(), folder / f"{name}.jpg")
            page.close()
        address, size, seconds = ANIMATION
        page = still_page(browser, server.url + address, size)
        yield animate(page, session, seconds, folder / "play.webp")
        page.close()
    weights = str(ROOT / "models" / "weights")
    with mien("--weights", weights) as server, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        page.goto(f"{server.url}/generate")
        whole = "[data-testid=tile][data-whole=true]"
        page.wait_for_function(f"() => document.querySelectorAll('{whole}').length === {DREAMS}")
        page.wait_for_timeout(1000)  # until each has come to rest
        yield save(page.screenshot(), folder / "generate.jpg")


def still_page(browser: Browser, url: str, size: tuple[int, int]) -> Page:
    """A page whose time stands still and whose server is this program."""
    page = browser.new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
    page.set_default_timeout(PATIENCE)
    page.clock.install(time=0)
    page.add_init_script(ALONE)
    page.goto(url)
    wait_for(page, "mien.scene && mien.connection === 'online'")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    return page


def show(page: Page, session: Session, second: float) -> None:
    """Play a session up to this second, from SETTLING before it."""
    begin = second - SETTLING
    page.evaluate(FEED, [session.whole[session.at(begin)], None])
    for number in range(round(SETTLING / STEP)):
        page.evaluate(FEED, session.states[session.at(begin + number * STEP)])
        page.clock.fast_forward(round(1000 * STEP))


def animate(page: Page, session: Session, seconds: float, path: Path) -> Path:
    """Write an animated WebP of so many seconds of a session."""
    show(page, session, SETTLING)
    shots, last = [], session.at(SETTLING)
    for number in range(round(seconds * RATE)):
        now = session.at(SETTLING + number / RATE)
        for state in session.states[last + 1 : now + 1]:
            page.evaluate(FEED, state)
        last = now
        page.clock.fast_forward(round(1000 / RATE))
        shots.append(Image.fromarray(read_rgb(page.screenshot())))
    first, *rest = shots
    first.save(
        path,
        save_all=True,
        append_images=shots[1:],
        duration=round(1000 / RATE),
        loop=0,
        quality=70,
    )
    return path


def save(screenshot: bytes, path: Path) -> Path:
    """Write a PNG's bytes as a JPEG, whole or not at all."""
    picture = Image.fromarray(read_rgb(screenshot))
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        picture.save(file, "JPEG", quality=88, optimize=True)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
    return path
