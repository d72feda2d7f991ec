"""A real Chromium with a camera made from pictures, and what the page tells about itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import launch, with_camera, write_camera_file

SIZE = {"width": 960, "height": 540}
PATIENCE = 180_000
"""Milliseconds: without a graphics card much takes long."""


@contextmanager
def chromium(camera: Sequence[np.ndarray] = ()) -> Iterator[Browser]:
    """A browser that draws with the graphics card where there is one.

    `camera`: RGB pictures [480, 640, 3] that its camera shows again and again, 15 a second.
    """
    with tempfile.TemporaryDirectory(prefix="mien-bench-") as folder, sync_playwright() as running:
        options = []
        if camera:
            options = with_camera(write_camera_file(Path(folder) / "camera.y4m", list(camera)))
        browser = launch(running, *options)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Browser, url: str, prepare: str = "") -> Iterator[Page]:
    """A page in a browser that knows nothing yet; `prepare` runs before its own code does."""
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        if prepare:
            page.add_init_script(prepare)
        page.goto(url)
        yield page
    finally:
        context.close()
