"""Photograph the running page for the documents: `python -m bench pictures`.

Each picture is the page itself in a real browser, at the highest quality,
while a recorded session plays; on a machine without a graphics card that takes
minutes.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

from bench.servers import mien

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SHOTS = {
    "notice": ("/?quality=high", (1280, 720), 0),
    "play": ("/?replay=asl_again&quality=high", (1280, 720), 3),
    "kiosk": ("/?replay=asl_sister&quality=high", (720, 1280), 3),
    "phone": ("/?replay=asl_help&quality=high", (390, 844), 2),
}
"""Name: address, size in pixels, how often more objects are asked for."""
SETTLED = 40
"""Display frames after which a scene has come to rest."""


def write(folder: Path = FOLDER) -> list[Path]:
    """Write one JPEG for each of SHOTS; returns their paths."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import launch, wait_for

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with mien() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (address, (width, height), more) in SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(300_000)
            page.goto(server.url + address)
            wait_for(page, "mien.drawnFrames > 5")
            for _ in range(more):
                page.keyboard.press("m")
            wait_for(page, f"mien.objects >= {more} && mien.drawnFrames > {SETTLED}")
            written.append(save(page.screenshot(), folder / f"{name}.jpg"))
            page.close()
        browser.close()
    return written


def save(screenshot: bytes, path: Path) -> Path:
    """Write a PNG's bytes as a JPEG, whole or not at all."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        picture.save(file, "JPEG", quality=88, optimize=True)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
    return path
