"""The page as visitors and developers have it, in a real Chromium: size, start, pace, a saved
scene, the way from a hand to the canvas, the reveal, and an hour of visitors.

Without a graphics card the browser draws with the processor that also tracks; the rows say
which it was.
"""

from __future__ import annotations

import gzip
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, TimeoutError

from bench import hand, hour
from bench.browser import chromium, page_of
from bench.rows import Row, at_least, at_most
from bench.servers import mien
from tests.browser.conftest import SCENES, SOFTWARE, DevelopmentServer, begin, wait_for
from tests.running import ROOT, Mien, wait_until

Tell = Callable[[str], None]

REPLAY = "asl_again"
STEADY = 30.0
"""Frames per second that low quality holds without a graphics card."""
HELD = 0.97
"""Share of it that counts as held: the display's own clock is not exact."""
PROMISED = ("minimal", "low")
"""Quality levels that hold it where the processor draws."""
PARTS = {"calls": "draw calls", "passes": "passes", "triangles": "triangles"}
SETTLED = 12
"""Display frames after which a scene has made its shaders."""
ANSWER = 150.0
"""Milliseconds from a hand to the canvas."""

FIRST_FRAME = """
const look = () => {
    if (window.mien?.scene && mien.drawnFrames > 0) window.firstFrame = performance.now()
    else requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""
INTERVALS = """(seconds) => new Promise((resolve) => {
    const intervals = [], end = performance.now() + 1000 * seconds
    let drawn = mien.drawnFrames
    const look = (now) => {
        if (mien.drawnFrames !== drawn) intervals.push(mien.interval)
        drawn = mien.drawnFrames
        if (now < end) requestAnimationFrame(look)
        else resolve(intervals)
    }
    requestAnimationFrame(look)
})"""


def size(quick: bool, tell: Tell) -> Iterator[Row]:
    """Everything a browser may load, as it goes over the wire."""
    built = [path for path in (ROOT / "static" / "dist").rglob("*") if path.is_file()]
    three = [
        ROOT / "node_modules/three/build" / f"three.{part}.min.js" for part in ("module", "core")
    ]
    yield Row(
        "page with all scenes and fonts, gzipped",
        packed(built),
        "kB",
        packed([path for path in three if path.exists()]) or None,
        at_most(1000),
    )


def packed(paths: Sequence[Path]) -> float:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths) / 1000


def start(quick: bool, tell: Tell) -> Iterator[Row]:
    """An empty cache, the page, the first frame of the scene."""
    firsts, words = [], []
    with mien() as server, chromium() as browser:
        for _ in range(2 if quick else 7):
            with page_of(browser, server.url, FIRST_FRAME) as page:
                page.wait_for_function("() => window.firstFrame")
                firsts.append(page.evaluate("window.firstFrame"))
                words.append(
                    page.evaluate(
                        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
                    )
                )
        drawn_by = drawn_by_of(browser)
    yield Row(
        f"first frame of the scene ({drawn_by}), beside the first words: median",
        np.median(firsts),
        "ms",
        np.median(words),
    )


def drawn_by_of(browser) -> str:
    page = browser.new_page()
    software = page.evaluate(SOFTWARE)
    page.close()
    return "drawn by the processor" if software else "drawn by a graphics card"


def pace(quick: bool, tell: Tell) -> Iterator[Row]:
    """Display frames at each quality level of each scene, a recorded session playing."""
    with mien() as server, chromium() as browser:
        software = drawn_by_of(browser) == "drawn by the processor"
        with page_of(browser, server.url) as page:
            wait_for(page, "mien.drawnFrames > 0")
            scenes = page.evaluate("mien.scenes")
        levels = ("minimal", "low") if software and quick else ("minimal", "low", "medium", "high")
        for scene in scenes:
            for level in levels:
                address = f"{server.url}/?replay={REPLAY}&scene={scene}&quality={level}"
                with page_of(browser, address) as page:
                    yield from pace_of(page, scene, level, software, quick)


def pace_of(page: Page, scene: str, level: str, software: bool, quick: bool) -> Iterator[Row]:
    what = f"{scene}, {level}, 960×540"
    wait_for(page, f"mien.drawnFrames > {SETTLED}")
    intervals = page.evaluate(INTERVALS, 5 if quick else 12)
    cost, budget = page.evaluate("[mien.cost, mien.budget]")
    capped = " (at most 30 where the processor draws)" if software else ""
    name = f"{what}: frames per second{capped}"
    # what the processor draws is promised for low quality alone
    goal = at_least(HELD * STEADY) if not software or level in PROMISED else None
    yield Row(name, 1000 / np.mean(intervals), "/s", None, goal)
    name = f"{what}: p95 between frames, beside the median"
    yield Row(name, np.percentile(intervals, 95), "ms", np.median(intervals))
    for part in ("calls", "passes", "triangles"):
        name = f"{what}: {PARTS[part]}, beside the budget"
        yield Row(name, cost[part], "", budget[part], at_most(budget[part]))


def answer(quick: bool, tell: Tell) -> Iterator[Row]:
    """A hand moves before the camera; the canvas answers."""
    with mien("--absence", "600") as server, chromium(hand.camera()) as browser:
        drawn_by = drawn_by_of(browser)
        with page_of(browser, server.url) as page:
            begin(page)
            wait_for(page, f"mien.drawnFrames > {SETTLED} && mien.state.present")
            page.evaluate(f"() => {{ {hand.WATCH} }}")
            page.wait_for_timeout(1000 * (60 if quick else 180))
            delays = hand.delays(page.evaluate("window.seen"))
            journey = page.evaluate("mien.frames.journey")
    what = f"a hand moved → the canvas changes, {len(delays)} times, {drawn_by}"
    goal = None if "processor" in drawn_by else at_most(ANSWER)
    yield Row(f"{what}: p50, beside one frame's journey", np.median(delays), "ms", journey)
    yield Row(f"{what}: p95", np.percentile(delays, 95, method="lower"), "ms", journey, goal)


REVEAL = """
const draw = WebGL2RenderingContext.prototype.drawElementsInstanced
WebGL2RenderingContext.prototype.drawElementsInstanced = function (...all) {
    draw.apply(this, all)
    // the scene has a canvas in the page, the painter has none
    if (!this.canvas.isConnected) window.firstStroke ??= performance.now()
}
new MutationObserver(() => {
    const state = document.querySelector('.reveal')?.dataset.state
    if (state === 'capture') window.firstStroke = window.painted = undefined
    if (state === 'made') window.painted ??= performance.now()
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-state'] })
"""
SENT = "performance.getEntriesByType('resource').findLast(({ name }) => name.includes('captures'))"


def reveal(quick: bool, tell: Tell) -> Iterator[Row]:
    """A capture is painted before a visitor's eyes, whose body is tracked meanwhile."""
    strokes, durations = [], []
    options = ("--weights", str(ROOT / "models" / "weights"), "--absence", "600")
    with mien(*options) as server, chromium(hand.camera()) as browser:
        wait_until(lambda: "art worker 0 is ready" in server.log.read_text(), "the painter", 120)
        drawn_by = drawn_by_of(browser)
        with page_of(browser, server.url, REVEAL) as page:
            begin(page)
            wait_for(page, f"mien.drawnFrames > {SETTLED} && mien.state.present")
            for number in range(1, 3 if quick else 6):
                page.keyboard.press("p")
                wait_for(page, f"mien.made === {number} && window.painted")
                sent, first, painted = page.evaluate(f"[{SENT}.startTime, firstStroke, painted]")
                strokes.append((first - sent) / 1000)
                durations.append((painted - first) / 1000)
                page.keyboard.press("Escape")
    name = f"a capture is sent → its first stroke is on the page, {drawn_by}: median"
    goal = None if "processor" in drawn_by else at_most(0.6)
    yield Row(name, np.median(strokes), "s", None, goal)
    yield Row("first stroke → the finished picture: longest", max(durations), "s", 9, at_most(12))


def visitors(quick: bool, tell: Tell) -> Iterator[Row]:
    """A simulated hour."""
    first, then = (4, 8) if quick else (16, 20)
    with tempfile.TemporaryDirectory(prefix="mien-bench-") as folder:

        def serve(port: int | None = None) -> Mien:
            return Mien(Path(folder), *hour.WAITS, port=port)

        server = serve().wait_until_ready()
        run = None
        try:
            with chromium(hour.camera()) as browser, page_of(browser, server.url) as page:
                run = hour.Hour(server, page, serve)
                early, stuck = None, 0
                for number in range(first + then):
                    happens = hour.HAPPENS[number % len(hour.HAPPENS)]
                    if early and happens == "server restarted":
                        happens = ""  # a new server's memory is no comparison
                    try:
                        run.visit(happens, hour.LEAVING[number % len(hour.LEAVING)])
                    except TimeoutError as error:
                        stuck += 1
                        tell(f"visit {number}, {happens or 'nothing'} happened: {error}")
                        page.goto(run.server.url)
                    if number == first - 1:
                        early = run.held()
                late = run.held()
        finally:
            (run.server if run else server).stop()
    yield Row("a simulated hour: visits that were stuck", stuck, "", goal=at_most(0))
    yield from hour.rows(early, late, then)


def reload(quick: bool, tell: Tell) -> Iterator[Row]:
    """A developer saves a scene; the page shows it, with everything else kept."""
    file = SCENES / f"tried-{uuid.uuid4().hex[:8]}.js"
    source = (SCENES / "primitives.js").read_text(encoding="utf-8")
    waits = []
    with tempfile.TemporaryDirectory(prefix="mien-bench-") as folder, mien() as server:
        development = DevelopmentServer(Path(folder), server)
        try:
            file.write_text(versioned(source, 0), encoding="utf-8")
            development.wait_until_ready()
            address = f"{development.url}/?replay={REPLAY}&scene={file.stem}&quality=minimal"
            with chromium() as browser, page_of(browser, address) as page:
                wait_for(page, f"mien.drawn.version === 0 && mien.drawnFrames > {SETTLED}")
                for number in range(1, 4 if quick else 11):
                    begun = time.monotonic()
                    file.write_text(versioned(source, number), encoding="utf-8")
                    wait_for(page, f"mien.drawn.version === {number}")
                    waits.append(1000 * (time.monotonic() - begun))
        finally:
            file.unlink(missing_ok=True)
            development.stop()
    what = f"a scene is saved → it is on the page, {len(waits)} times"
    yield Row(
        f"{what}: worst, beside the median", max(waits), "ms", np.median(waits), at_most(1000)
    )


def versioned(source: str, number: int) -> str:
    """The scene with a number that it tells about itself."""
    return source.replace("report: () => ({", f"report: () => ({{ version: {number},")


SECTIONS: dict[str, Callable[[bool, Tell], Iterator[Row]]] = {
    "size": size,
    "start": start,
    "pace": pace,
    "reload": reload,
    "answer": answer,
    "reveal": reveal,
    "visitors": visitors,
}


def measure(sections: Sequence[str], quick: bool, tell: Tell) -> Iterator[Row]:
    """The rows of the chosen sections, each as soon as it is known."""
    for name in sections:
        tell(f"-- {name}")
        yield from SECTIONS[name](quick, tell)
