"""Photograph the running page for the documents: `python -m bench pictures`.

Each picture is the page itself in a real browser, at the highest quality,
while a recorded session plays; on a machine without a graphics card that takes
minutes.
"""

from __future__ import annotations

import io
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from PIL import Image

from bench.servers import mien

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SHOTS = {
    "attract": ("/?quality=high", (1280, 720), "mien.screen === 'attract'"),
    "kiosk": ("/?replay=asl_sister&quality=high", (720, 1280), "mien.state.present"),
    "phone": ("/?replay=asl_help&quality=high", (390, 844), "mien.state.present"),
    "primitives": (
        "/?replay=asl_hungry&quality=high&scene=primitives",
        (1280, 720),
        "mien.objects > 2",
    ),
    "puppet": ("/?replay=asl_want&quality=high&scene=puppet", (1280, 720), "mien.state.present"),
}
"""Name: address, size in pixels, what is waited for."""
SETTLED = 40
"""Display frames after which a scene has come to rest."""
ANIMATION = ("/?replay=asl_again&quality=medium", (640, 360), 8)
"""Address, size in pixels, seconds."""


def write(folder: Path = FOLDER) -> list[Path]:
    """Write one JPEG for each of SHOTS; returns their paths."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import launch, wait_for

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with mien("--attract-after", "1") as server, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (address, (width, height), ready) in SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(300_000)
            page.goto(server.url + address)
            wait_for(page, ready)
            begun = page.evaluate("mien.drawnFrames")
            wait_for(page, f"mien.drawnFrames > {begun + SETTLED}")
            written.append(save(page.screenshot(), folder / f"{name}.jpg"))
            page.close()
        written.append(animate(browser, server.url, folder / "play.webp"))
        browser.close()
    return written


def animate(browser, url: str, path: Path) -> Path:
    """Write an animated WebP of the page, at the pace it had, as many frames as came."""
    from tests.browser.conftest import wait_for

    address, (width, height), seconds = ANIMATION
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(300_000)
    page.goto(url + address)
    wait_for(page, f"mien.drawnFrames > {SETTLED}")
    page.keyboard.press("m")
    shots, times = [], [time.monotonic()]
    while times[-1] - times[0] < seconds:
        shots.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        times.append(time.monotonic())
    page.close()
    lengths = [round(1000 * (after - before)) for before, after in pairwise(times)]
    shots[0].save(
        path, save_all=True, append_images=shots[1:], duration=lengths, loop=0, quality=70
    )
    return path


def save(screenshot: bytes, path: Path) -> Path:
    """Write a PNG's bytes as a JPEG, whole or not at all."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        picture.save(file, "JPEG", quality=88, optimize=True)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
    return path
