"""Fixtures that several kinds of test share."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from skimage import data
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.running import Mien, jpeg_of

MODES = ["eventlet", pytest.param("threading", marks=pytest.mark.slow)]
"""The asynchronous mode of exhibitions, and that of developers, which `--slow` alone tries with
what dies, stops or waits."""
LATE = ["TimeoutError", "did not happen within"]
"""What a test says that has waited in vain: Playwright's words, and those of `wait_until`."""


class OneBrowser(LoadScopeScheduling):
    """Two processes test at once: all browsers in one of them, so that there is one at a time,
    and whole files in whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid.split("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneBrowser:
    return OneBrowser(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="the tests marked slow, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked slow, unless it is asked for."""
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if not item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A deadline that a busy machine has missed is tried once more, and counted as such; a wrong
    outcome never is."""
    if item.get_closest_marker("browser") or item.get_closest_marker("socket"):
        item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=LATE))


@pytest.fixture(scope="session")
def face() -> bytes:
    """A frame with one face: scikit-image's astronaut (NASA, public domain)."""
    return jpeg_of(np.asarray(Image.fromarray(data.astronaut()).resize((640, 640)))[:480])


@pytest.fixture(scope="session")
def nobody() -> bytes:
    """A frame with nobody in it."""
    return jpeg_of(np.full((480, 640, 3), 90, np.uint8))


@pytest.fixture(scope="session", params=["eventlet", "threading"])
def mien(request, tmp_path_factory):
    """The running installation, once for each asynchronous mode."""
    folder = tmp_path_factory.mktemp(request.param)
    server = Mien(
        folder,
        "--async-mode",
        request.param,
        "--max-visitors",
        "2",
        "--max-connections-per-address",
        "8",
        "--absence",
        "600",  # whoever is slow on a busy machine must not be sent away
    )
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()
