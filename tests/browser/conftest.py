"""A real Chromium whose camera is a file."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from playwright.sync_api import (
    Browser,
    Error,
    Page,
    Request,
    TimeoutError,
    WebSocket,
    sync_playwright,
)
from skimage import data

from prepare import find_chromium
from server.captures.render import OPTIONS
from tests.running import DEADLINE, ROOT, Mien, free_port, wait_until
from tests.shared import signing

NODE = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
SCENES = ROOT / "static" / "src" / "scenes"
SIZE = (640, 480)
RATE = 15


SOFTWARE = """() => {
    const gl = document.createElement('canvas').getContext('webgl2')
    const info = gl.getExtension('WEBGL_debug_renderer_info')
    const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
    return /swiftshader|llvmpipe|software|basic render/i.test(name)
}"""
"""Run in a page: whether its WebGL is drawn by the processor."""


def write_camera_file(path: Path, pictures: list[np.ndarray]) -> Path:
    """Pictures [480, 640, 3] RGB -> the uncompressed video that Chromium plays as a camera."""
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (*SIZE, RATE))
        for picture in pictures:
            file.write(b"FRAME\n" + cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def somebody_moving() -> list[np.ndarray]:
    """scikit-image's astronaut (NASA, public domain), swaying for two seconds."""
    portrait = cv2.resize(data.astronaut(), (480, 480))
    pictures = []
    for step in range(2 * RATE):
        picture = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
        left = 80 + round(60 * np.sin(2 * np.pi * step / (2 * RATE)))
        picture[:, left : left + 480] = portrait
        pictures.append(picture)
    return pictures


WIRETAP = r"""
    const Native = window.WebSocket
    window.WebSocket = class extends Native {
        constructor(...all) {
            super(...all)
            this.sent = []
            window.wire = this
        }
        send(data) {
            if (typeof data === 'string') this.sent.push(data)
            super.send(data)
        }
        takeOver() {
            const hear = this.onmessage
            let dropped = 0
            this.onmessage = (event) => {
                const { data } = event
                if (typeof data !== 'string') return dropped-- > 0 || hear(event)
                const [scene, parts] = data.match(/^4(?:2|5(\d+)-)\["scene"/) ?? []
                dropped = Number(parts ?? 0)
                if (!scene) hear(event)
            }
            this.scene = (state) => hear({ data: '42' + JSON.stringify(['scene', state]) })
        }
    }
"""
"""`window.wire`: hears what the page sends, and after `takeOver()` says in the server's place what
the scene is; the rest of the connection goes on."""

SLOW_DISPLAY = """
    const next = window.requestAnimationFrame.bind(window)
    const waiting = new Map()
    let last = 0
    window.requestAnimationFrame = (act) => {
        const one = ++last
        const draw = (now) => waiting.delete(one) && act(now)
        waiting.set(one, setTimeout(() => next(draw), 65))
        return one
    }
    window.cancelAnimationFrame = (one) => {
        clearTimeout(waiting.get(one))
        waiting.delete(one)
    }
"""
"""Twelve frames a second: where the processor draws, it has the tracker and the test to feed."""

ALONE = """
    window.WebSocket = class {
        readyState = 1
        constructor() {
            window.wire = this
            setTimeout(() => {
                this.onopen()
                this.hear('0', { sid: 'a', upgrades: [], pingInterval: 1e8, pingTimeout: 1e8 })
            })
        }
        hear(kind, data) { this.onmessage({ data: kind + JSON.stringify(data) }) }
        send(data) {
            if (data !== '40') return
            setTimeout(() => this.hear('40', { sid: 'b' }))
            setTimeout(() => this.hear('42', ['welcome', {
                frame: { width: 640, height: 480, quality: 0.8, rate: 15 }, replays: [],
                absence: 20, saving: true,
                camera: { camera: '', turn: 0, mirror: true },
                art: { engines: [], sound: false, own: false },
            }]))
        }
        close() {}
    }
"""
"""`window.wire`: the test speaks in the server's place."""

UNPLUG = """() => {
    const media = navigator.mediaDevices
    window.plugged = media.getUserMedia.bind(media)
    media.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))
    for (const track of document.querySelector('video').srcObject.getTracks()) {
        track.stop()
        track.dispatchEvent(new Event('ended'))
    }
}"""
"""What a browser does when the plug is pulled: the track ends."""

PLUG_IN = """() => {
    navigator.mediaDevices.getUserMedia = window.plugged
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
}"""

SHOW_TAB = """(state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
}"""
"""Its argument is visible or hidden."""


@pytest.fixture(scope="session")
def camera_file(tmp_path_factory) -> Path:
    return write_camera_file(tmp_path_factory.mktemp("camera") / "face.y4m", somebody_moving())


@pytest.fixture(scope="session")
def signing_file(tmp_path_factory) -> Path:
    """A person signing, from the shared data: hands in view."""
    pictures = list(signing("asl_again"))
    return write_camera_file(tmp_path_factory.mktemp("camera") / "signing.y4m", pictures[::2])


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


def launch(playwright, *options: str) -> Browser:
    """Chromium as the tests need it: headless, software WebGL, no network of its own."""
    return playwright.chromium.launch(
        executable_path=find_chromium(),
        args=[*OPTIONS, *options],
    )


def with_camera(file: Path) -> list[str]:
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={file}",
    ]


@pytest.fixture(scope="session")
def browser(playwright, camera_file):
    browser = launch(playwright, *with_camera(camera_file))
    yield browser
    browser.close()


@pytest.fixture
def another_browser(playwright):
    """Launches browsers with other cameras, closed after the test."""
    launched = []

    def launch_it(*options: str) -> Browser:
        launched.append(launch(playwright, *options))
        return launched[-1]

    yield launch_it
    for browser in launched:
        browser.close()


@pytest.fixture(scope="session")
def installation(tmp_path_factory):
    """One server for the tests that do not harm it."""
    waits = ("--absence", "600", "--attract-after", "3600", "--capture-time", "20")
    server = Mien(tmp_path_factory.mktemp("mien"), *waits)
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


class Complaints(list):
    """What the browser's console complained about."""

    def of(self, page: Page) -> Complaints:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda m: m.type == "error" and self.append(m.text))
        return self


@pytest.fixture
def open_page(browser):
    """Opens pages that are closed after the test; complaints are at `page.complaints`.

    `slow`: on a SLOW_DISPLAY, which needs a page whose time goes by itself.
    Whatever a page does, it asks nothing of anybody but this machine.
    """
    contexts, foreign = [], []

    def note(request: Request | WebSocket) -> None:
        if urlsplit(request.url).hostname not in (None, "", "127.0.0.1", "localhost"):
            foreign.append(request.url)

    def open_it(url: str, in_browser: Browser = browser, slow: bool = True, **options) -> Page:
        context = in_browser.new_context(**{"viewport": {"width": 960, "height": 540}, **options})
        context.set_default_timeout(2 * DEADLINE * 1000)
        if slow:
            context.add_init_script(SLOW_DISPLAY)
        context.on("request", note)
        contexts.append(context)
        page = context.new_page()
        page.on("websocket", note)
        page.complaints = Complaints().of(page)
        page.goto(url)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert foreign == []


def tapped(open_page, url: str, **options) -> Page:
    """A page with a WIRETAP."""
    page = open_page("about:blank", **options)
    page.add_init_script(WIRETAP)
    page.goto(url)
    return page


def until(page: Page, condition: str, arg: object = None) -> None:
    """Wait until a JavaScript expression, or a function of `arg`, is true in the page.

    Asked from here, again and again: `page.wait_for_function` runs text inside the page, which
    its content policy forbids.
    """
    end = time.monotonic() + 2 * DEADLINE
    while time.monotonic() < end:
        try:
            if page.evaluate(condition, arg):
                return
        except Error as error:
            if "context was destroyed" not in str(error):  # it is being loaded anew
                raise
        page.wait_for_timeout(50)
    mien = page.evaluate("({ ...window.mien })")
    raise AssertionError(f"not within {2 * DEADLINE} s: {condition}\n{mien}")


def wait_for(page: Page, condition: str) -> None:
    """Wait until a JavaScript expression about `window.mien` (as `mien`) is true."""
    until(page, f"() => {{ const mien = window.mien; return mien && ({condition}) }}")


def hold_time(page: Page) -> None:
    """From here on the page's time, whose clock is installed, goes by only when the test says so.

    The page is held at a moment ahead; a busy machine must be quick enough to say so before.
    """
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 20)


def settled(page: Page) -> None:
    """Wait until everything that comes and goes has come or gone."""
    until(
        page,
        "() => document.getAnimations().every((one) => one.playState !== 'running'"
        " || one.effect.getTiming().iterations === Infinity)",
    )


def agree(page: Page) -> None:
    """Tick the choice and begin.

    Where the machine was so slow that the performance has come back, a key brings the notice.
    """
    for last in (False, False, True):
        page.keyboard.press("Shift")
        try:
            page.get_by_test_id("choice").check(timeout=500 * DEADLINE)
            page.get_by_test_id("begin").click(timeout=500 * DEADLINE)
            return
        except TimeoutError:
            if last:
                raise


def begin(page: Page) -> None:
    """Read the notice and agree; until the first landmarks are there."""
    agree(page)
    seen = "mien.landmarks && mien.landmarks.face === 468"
    wait_for(page, f"mien.mode === 'camera' && mien.way === 'play' && {seen}")


@pytest.fixture
def scene():
    """A file for a scene that is there for one test."""
    file = SCENES / f"tried-{uuid.uuid4().hex[:8]}.js"
    yield file
    file.unlink(missing_ok=True)


class DevelopmentServer:
    """`npm run dev` beside a running app.py."""

    def __init__(self, folder, mien: Mien) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "vite.txt"
        self._output = self.log.open("w")
        command = [NODE, "node_modules/vite/bin/vite.js", "--config", "static/vite.config.js"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port), "--strictPort"],
            cwd=ROOT,
            env={**os.environ, "MIEN_ADDRESS": mien.url},
            stdout=self._output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until_ready(self):
        def ready() -> bool:
            assert self._process.poll() is None, self.log.read_text()
            return "ready in" in re.sub(r"\x1b\[\d+m", "", self.log.read_text())

        wait_until(ready, "the start of Vite")
        return self

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        self._output.close()


@pytest.fixture(scope="session")
def development(tmp_path_factory, installation):
    server = DevelopmentServer(tmp_path_factory.mktemp("vite"), installation)
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()
