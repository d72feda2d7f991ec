"""The visitor's way as the page shows it: a person's consent ends with the person."""

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import (
    agree,
    begin,
    launch,
    tapped,
    wait_for,
    with_camera,
    write_camera_file,
)
from tests.messages import messages
from tests.running import Guest, Mien, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def brief(tmp_path):
    """An installation whose waits are short."""
    options = ("--attract-after", "5", "--absence", "12", "--goodbye-time", "6")
    with Mien(tmp_path, *options) as server:
        yield server


@pytest.fixture
def patient(tmp_path):
    """An installation with one place."""
    with Mien(tmp_path, "--max-visitors", "1", "--absence", "600") as server:
        yield server


def test_left_alone_the_page_performs_and_a_touch_brings_the_notice(brief, open_page):
    page = open_page(brief.url)
    wait_for(page, "mien.way === 'attract' && mien.state && mien.state.present")
    assert page.evaluate("mien.camera") == "off"
    page.mouse.move(300, 300)
    wait_for(page, "mien.way === 'notice' && !mien.state.present")
    assert page.get_by_test_id("notice").is_visible()


@pytest.mark.slow
def test_whoever_walks_away_takes_the_consent_along(brief, open_page, playwright, tmp_path):
    empty = [np.full((480, 640, 3), 60, np.uint8)] * 2
    browser = launch(playwright, *with_camera(write_camera_file(tmp_path / "empty.y4m", empty)))
    page = open_page(brief.url, browser)
    agree(page)
    wait_for(page, "mien.way === 'play'")
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1")
    wait_for(page, "mien.screen === 'goodbye' && mien.camera === 'off'")
    line = page.get_by_test_id("line")
    wait_until(lambda: line.get_attribute("data-say") == "line.goodbye", "the goodbye")
    assert page.evaluate("mien.pictures") == 0
    assert not page.evaluate("!!document.querySelector('video').srcObject")
    assert page.locator("img[src^=blob]").count() == 0
    wait_for(page, "mien.screen === 'notice'")
    assert not page.get_by_test_id("choice").is_checked()
    wait_for(page, "mien.screen === 'attract'")
    browser.close()


def test_a_capture_is_looked_at_and_then_lies_on_the_shelf(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    page.keyboard.press("p")
    wait_for(page, "mien.screen === 'capture' && mien.pictures === 1")
    picture = page.get_by_test_id("picture")
    picture.wait_for()
    assert picture.evaluate("(one) => one.naturalWidth") >= 960
    assert page.get_by_test_id("picture-save").is_visible()
    wait_for(page, "mien.screen === 'play'")
    page.get_by_test_id("print").wait_for(state="hidden")
    page.get_by_test_id("kept").click()
    page.get_by_test_id("print").wait_for()
    page.keyboard.press("Escape")
    page.get_by_test_id("print").wait_for(state="hidden")
    line = page.get_by_test_id("line")
    assert line.get_attribute("data-say") != "line.saved"
    with page.expect_download() as waiting:
        page.keyboard.press("s")
    assert waiting.value.suggested_filename.endswith(".png")
    assert waiting.value.failure() is None
    with Image.open(waiting.value.path()) as saved:
        assert saved.format == "PNG" and saved.width >= 960
        assert np.ptp(np.asarray(saved)) > 0, "something is on it"
    wait_until(lambda: line.get_attribute("data-say") == "line.saved", "the sentence")
    assert line.inner_text() == messages("en")["line.saved"]


def test_a_held_pose_counts_down_and_can_be_escaped(installation, open_page):
    page = tapped(open_page, f"{installation.url}/?replay=asl_again&lang=en")
    wait_for(page, "mien.state && mien.drawnFrames > 3")
    page.evaluate("wire.takeOver()")
    show = "(countdown) => wire.scene({ ...mien.state, add: [], actions: [], countdown })"
    ring = page.get_by_test_id("countdown")
    page.evaluate(show, {"action": "capture", "remaining": 2, "length": 3})
    page.get_by_test_id("keep").wait_for()
    assert messages("en")["countdown.capture"] in ring.inner_text()
    for escape in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_test_id("keep").click(),
    ):
        page.evaluate("wire.sent.length = 0")
        escape()
        wait_until(lambda: any("cancel" in one for one in page.evaluate("wire.sent")), "cancel")
    page.evaluate(show, None)
    wait_until(lambda: ring.get_attribute("data-shown") == "false", "the ring's end")
    assert page.evaluate("mien.pictures") == 0


def test_who_waits_sees_the_place_in_the_line_and_is_let_in(patient, open_page):
    with Guest(patient.url) as playing, Guest(patient.url) as waiting:
        playing.consent()
        waiting.send("consent")
        waiting.wait_for("status", lambda status: status["state"] == "waiting")
        page = open_page(patient.url, locale="en-GB")
        agree(page)
        wait_for(page, "mien.screen === 'waiting' && mien.status.place === 2")
        line, lights = page.get_by_test_id("line"), page.locator(".places span")
        second = messages("en")["line.waiting"].replace("{place}", "2")
        wait_until(lambda: line.inner_text() == second, "the place in the line")
        assert lights.count() == 2
        assert page.get_by_test_id("attract").is_visible()
        waiting.send("stop")
        wait_for(page, "mien.status.place === 1")
        wait_until(lambda: line.inner_text() == messages("en")["line.next"], "being next")
        assert lights.count() == 1
    wait_for(page, "mien.screen === 'play' && mien.status.state === 'ready'")
    wait_for(page, "mien.landmarks && mien.landmarks.face === 468")


def test_a_reload_asks_again(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    page.reload()
    wait_for(page, "mien.mode === 'notice' && mien.connection === 'online'")
    assert not page.get_by_test_id("choice").is_checked()
    assert page.evaluate("mien.camera") == "off"


@pytest.mark.slow
def test_a_long_lost_connection_ends_the_visit(brief, open_page):
    page = open_page(brief.url)
    begin(page)
    brief.stop()
    wait_for(page, "mien.connection === 'offline'")
    assert page.evaluate("mien.mode") == "camera"
    wait_for(page, "mien.mode === 'notice' && mien.camera === 'off'")


LATE = """
Object.defineProperty(WebSocket.prototype, 'onmessage', {
    set(hear) { this.addEventListener('message', (event) => setTimeout(hear, 1500, event)) }
})
"""
"""A slow network: what the server says arrives a second and a half later."""


@pytest.mark.slow
def test_a_late_answer_to_a_touch_does_not_throw_a_visitor_back(installation, open_page):
    page = open_page(installation.url)
    page.add_init_script(LATE)
    page.reload()
    wait_for(page, "mien.connection === 'online'")
    page.mouse.move(300, 300)
    page.mouse.move(310, 300)
    begin(page)
    page.wait_for_timeout(3000)
    assert page.evaluate("[mien.mode, mien.way]") == ["camera", "play"]
