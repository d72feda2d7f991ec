"""What goes wrong at an exhibition, and how the page recovers by itself."""

import os
import signal

import pytest

from tests.browser.conftest import PLUG_IN, SHOW_TAB, UNPLUG, agree, begin, wait_for
from tests.messages import messages
from tests.running import Mien, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def own(tmp_path):
    """An installation that the test may harm."""
    with Mien(tmp_path, "--absence", "600") as server:
        yield server


def line(page) -> str:
    return page.get_by_test_id("line").inner_text()


def test_a_denied_camera_is_explained_and_can_be_allowed(installation, open_page, another_browser):
    browser = another_browser("--use-fake-device-for-media-stream")
    page = open_page(installation.url, browser)
    agree(page)
    wait_for(page, "mien.camera === 'denied'")
    wait_until(lambda: "Allow it" in line(page), "the explanation")
    page.context.grant_permissions(["camera"], origin=installation.url)
    # the page may have noticed by itself, and the button be gone
    page.get_by_test_id("retry").evaluate("(retry) => retry.checkVisibility() && retry.click()")
    wait_for(page, "mien.camera === 'on'")


def test_no_camera_is_explained(installation, open_page, another_browser):
    browser = another_browser("--use-fake-ui-for-media-stream")
    page = open_page(installation.url, browser)
    agree(page)
    wait_for(page, "mien.camera === 'none'")
    wait_until(lambda: "Connect one" in line(page), "the explanation")


def test_an_unplugged_camera_comes_back(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    page.evaluate(UNPLUG)
    wait_for(page, "['lost', 'none'].includes(mien.camera)")
    page.evaluate(PLUG_IN)
    wait_for(page, "mien.camera === 'on'")
    sent = page.evaluate("mien.frames.sent")
    wait_for(page, f"mien.frames.taken > {sent}")


def test_a_hidden_tab_rests_and_wakes(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    page.evaluate(SHOW_TAB, "hidden")
    wait_for(page, "mien.camera === 'hidden'")
    page.evaluate(SHOW_TAB, "visible")
    wait_for(page, "mien.camera === 'on'")
    sent = page.evaluate("mien.frames.sent")
    wait_for(page, f"mien.frames.taken > {sent}")


@pytest.mark.slow
def test_a_killed_worker_is_a_pause(own, open_page):
    page = open_page(own.url)
    begin(page)
    os.kill(own.health()["perception"][0]["pid"], signal.SIGKILL)
    wait_for(page, "mien.status.state === 'paused'")
    wait_for(page, "mien.status.state === 'ready'")
    frame = page.evaluate("mien.state.frame")
    wait_for(page, f"mien.state.frame > {frame} && mien.state.present")
    assert page.evaluate("mien.connection") == "online"
    assert page.complaints == []


@pytest.mark.slow
def test_a_restarted_server_is_found_again_without_an_error_storm(own, open_page, tmp_path):
    page = open_page(own.url)
    begin(page)
    page.keyboard.press("m")
    wait_for(page, "mien.objects > 0")
    own.stop()
    wait_for(page, "mien.connection === 'offline'")
    page.wait_for_timeout(3000)
    again = Mien(tmp_path, port=own.port)
    try:
        again.wait_until_ready()
        wait_for(page, "mien.connection === 'online' && mien.status.state === 'ready'")
        wait_for(page, "mien.state.present && mien.objects >= 0")
        taken = page.evaluate("mien.frames.taken")
        wait_for(page, f"mien.frames.taken > {taken}")
        # each attempt to connect is one line in the console that no page can prevent
        assert len(page.complaints) < 15
        assert all("WebSocket" in text or "ERR_" in text for text in page.complaints)
    finally:
        again.stop()


def test_a_lost_graphics_context_comes_back(installation, open_page):
    page = open_page(f"{installation.url}/?replay=asl_again")
    wait_for(page, "mien.drawnFrames > 3")
    page.evaluate(
        """() => {
            const gl = document.getElementById('stage').getContext('webgl2')
            window.losing = gl.getExtension('WEBGL_lose_context')
            window.losing.loseContext()
        }"""
    )
    wait_for(page, "mien.contextLost")
    page.evaluate("setTimeout(() => window.losing.restoreContext(), 300)")
    wait_for(page, "!mien.contextLost")
    drawn = page.evaluate("mien.drawnFrames")
    wait_for(page, f"mien.drawnFrames > {drawn + 3}")


def test_without_emotion_no_expression_is_read_or_shown(tmp_path, open_page):
    server = Mien(tmp_path, "--no-emotion")
    try:
        page = open_page(f"{server.wait_until_ready().url}/?lang=en")
        assert "does not read your face" in page.get_by_test_id("notice").inner_text()
        begin(page)
        wait_for(page, "mien.state.present")
        assert page.evaluate("mien.state.mixture") is None
        assert page.evaluate("mien.state.expression") is None
        assert page.get_by_test_id("mixture").count() == 0
        assert page.get_by_test_id("mixture-words").count() == 0
        page.keyboard.press("w")
        page.keyboard.press("h")
        page.get_by_test_id("help-dialog").wait_for()
        text = page.text_content("main")
        words = [word for key, word in messages("en").items() if key.startswith("expression.")]
        for word in [*words, messages("en")["help.words"], "xpression"]:
            assert word not in text
        page.keyboard.press("Escape")
        page.keyboard.press("m")  # everything else is there
        wait_for(page, "mien.objects > 0 && mien.state.body.head")
    finally:
        server.stop()
