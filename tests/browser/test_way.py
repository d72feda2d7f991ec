"""The visitor's way as the page shows it: a person's consent ends with the person."""

import numpy as np
import pytest

from tests.browser.conftest import begin, launch, wait_for, with_camera, write_camera_file
from tests.running import Mien

pytestmark = pytest.mark.browser


@pytest.fixture
def brief(tmp_path):
    """An installation whose waits are short."""
    server = Mien(tmp_path, "--attract-after", "2", "--absence", "8", "--goodbye-time", "2")
    try:
        yield server.wait_until_ready()
    finally:
        if server.process.poll() is None:
            server.stop()


def test_left_alone_the_page_performs_and_a_touch_brings_the_notice(brief, open_page):
    page = open_page(brief.url)
    wait_for(page, "mien.way === 'attract' && mien.state && mien.state.present")
    assert page.evaluate("mien.camera") == "off"
    page.mouse.move(300, 300)
    wait_for(page, "mien.way === 'notice' && !mien.state.present")
    assert page.get_by_test_id("notice").is_visible()


def test_whoever_walks_away_takes_the_consent_along(brief, open_page, playwright, tmp_path):
    empty = [np.full((480, 640, 3), 60, np.uint8)] * 2
    browser = launch(playwright, *with_camera(write_camera_file(tmp_path / "empty.y4m", empty)))
    page = open_page(brief.url, browser)
    page.get_by_test_id("choice").check()
    page.get_by_test_id("begin").click()
    wait_for(page, "mien.way === 'play'")
    wait_for(page, "mien.way === 'goodbye' || mien.way === 'notice'")
    wait_for(page, "mien.camera === 'off' && mien.mode === 'notice'")
    assert not page.get_by_test_id("choice").is_checked()
    assert not page.evaluate("!!document.querySelector('video').srcObject")
    browser.close()


def test_a_reload_asks_again(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    page.reload()
    wait_for(page, "mien.mode === 'notice' && mien.connection === 'online'")
    assert not page.get_by_test_id("choice").is_checked()
    assert page.evaluate("mien.camera") == "off"


def test_a_long_lost_connection_ends_the_visit(brief, open_page):
    page = open_page(brief.url)
    begin(page)
    brief.stop()
    wait_for(page, "mien.connection === 'offline'")
    assert page.evaluate("mien.mode") == "camera"
    wait_for(page, "mien.mode === 'notice' && mien.camera === 'off'")
