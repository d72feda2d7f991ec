"""Connection and camera are measured: each state has its words, and a way out without any event."""

import cv2
import numpy as np
import pytest

from tests.browser.conftest import (
    ALONE,
    SHOW_TAB,
    agree,
    begin,
    somebody_moving,
    until,
    wait_for,
    with_camera,
    write_camera_file,
)
from tests.browser.test_access import enter
from tests.messages import messages
from tests.running import Guest, Mien, wait_until

pytestmark = pytest.mark.browser

WORDS = messages("en")

ASKED = """
    const media = navigator.mediaDevices
    const given = media.getUserMedia.bind(media)
    window.asked = 0
    window.answer = given
    media.getUserMedia = (wish) => {
        window.asked++
        return window.answer(wish)
    }
"""
"""`asked` counts how often the page wanted the camera; `answer` is what it gets."""

PAINTED = """
    let canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 640, height: 480 })
    const context = canvas.getContext('2d')
    window.still = false
    setInterval(() => {
        if (window.still) return
        context.fillStyle = `hsl(${performance.now() % 360} 40% 40%)`
        context.fillRect(0, 0, 640, 480)
    }, 60)
    window.answer = async () => canvas.captureStream()
"""
"""A camera whose pictures stop while its track lives on, when `still` is true."""


OPENED = """
    window.opened = 0
    window.WebSocket = class extends WebSocket {
        constructor(...words) {
            super(...words)
            window.opened++
        }
    }
"""
"""`opened` counts connections to the server."""


def watched(open_page, url: str, *scripts: str, **options):
    page = open_page("about:blank", permissions=["camera"], **options)
    for script in scripts:
        page.add_init_script(f"(() => {{ {script} }})()")
    page.goto(f"{url}/?lang=en")
    wait_for(page, "mien.scene")
    return page


def line(page) -> str:
    return page.get_by_test_id("line").inner_text()


def test_a_page_that_is_not_let_in_says_so_and_asks_for_no_camera(tmp_path, open_page):
    server = Mien(tmp_path, "--max-connections-per-address", "1", "--attract-after", "3600")
    try:
        with Guest(server.wait_until_ready().url):
            page = watched(open_page, server.url, ASKED)
            wait_for(page, "mien.connection === 'full'")
            page.get_by_test_id("choice").check()
            page.get_by_test_id("begin").click(force=True)
            assert WORDS["line.full"] in page.get_by_test_id("notice").inner_text()
            assert page.evaluate("[asked, mien.mode, mien.camera]") == [0, "notice", "off"]
        wait_for(page, "mien.connection === 'online'")
        assert WORDS["line.full"] not in page.get_by_test_id("notice").inner_text()
        page.get_by_test_id("begin").click()
        wait_for(page, "mien.camera === 'on' && mien.way === 'play'")
    finally:
        server.stop()


def test_a_server_that_says_nothing_is_no_connection_and_is_tried_anew(installation, open_page):
    silent = ALONE.replace("'welcome'", "'nothing'").replace(
        "constructor() {", "constructor() { window.opened = (window.opened ?? 0) + 1;"
    )
    page = watched(open_page, installation.url, ASKED, silent)
    wait_for(page, "mien.connection === 'offline'")
    page.get_by_test_id("choice").check()
    page.get_by_test_id("begin").click(force=True)
    assert WORDS["line.offline"] in page.get_by_test_id("notice").inner_text()
    until(page, "opened > 1")
    assert page.evaluate("asked") == 0


def test_a_server_that_has_said_welcome_is_not_left(installation, open_page):
    """`welcome` comes before Socket.IO's own `connect`, which must not wait for another one."""
    page = watched(open_page, installation.url, OPENED)
    wait_for(page, "mien.connection === 'online'")
    page.wait_for_timeout(12_000)  # longer than the page waits for a welcome
    assert page.evaluate("[opened, mien.connection]") == [1, "online"]


def test_a_camera_that_gives_no_pictures_any_more_is_lost_and_opened_anew(installation, open_page):
    page = watched(open_page, installation.url, ASKED, PAINTED)
    agree(page)
    wait_for(page, "mien.camera === 'on' && mien.frames.taken > 2")
    page.evaluate("window.still = true")
    wait_for(page, "mien.camera === 'lost'")
    wait_until(lambda: line(page) == WORDS["camera.lost"], "the words")
    asked, sent = page.evaluate("window.still = false; [asked, mien.frames.sent]")
    wait_for(page, f"mien.camera === 'on' && asked >= {asked} && mien.frames.sent > {sent}")
    assert page.evaluate("mien.way") == "play", "the visit has ended"


@pytest.mark.slow
def test_a_camera_that_never_opens_has_words_and_a_way_back(installation, open_page):
    page = watched(open_page, installation.url, ASKED)
    page.evaluate("answer = () => new Promise(() => {}); 0")
    agree(page)
    wait_for(page, "mien.camera === 'stalled'")
    wait_until(lambda: line(page) == WORDS["camera.stalled"], "the words")
    assert page.get_by_test_id("back").is_visible()
    until(page, "asked > 1")
    page.get_by_test_id("back").click()
    wait_for(page, "mien.screen === 'notice' && mien.camera === 'off'")


@pytest.mark.parametrize(
    "error, state",
    [
        ("NotFoundError", "none"),
        ("NotReadableError", "lost"),
        pytest.param("NotAllowedError", "denied", marks=pytest.mark.slow),
    ],
)
def test_every_trouble_of_the_camera_ends_without_an_event(installation, open_page, error, state):
    page = watched(open_page, installation.url, ASKED)
    page.evaluate(
        f"window.given = answer; answer = () => Promise.reject(new DOMException('', '{error}')); 0"
    )
    agree(page)
    wait_for(page, f"mien.camera === '{state}'")
    wait_until(lambda: line(page) == WORDS[f"camera.{state}"], "the words")
    until(page, "asked > 1")
    page.evaluate("answer = given; 0")
    wait_for(page, "mien.camera === 'on'")


def test_a_page_that_is_seen_again_notices_it_by_itself(installation, open_page):
    page = watched(open_page, installation.url)
    begin(page)
    hide = "(on) => Object.defineProperty(document, 'hidden', { value: on, configurable: true })"
    page.evaluate(hide, True)
    wait_for(page, "mien.camera === 'hidden'")
    page.evaluate(hide, False)
    wait_for(page, "mien.camera === 'on'")


@pytest.mark.slow
def test_a_camera_mounted_on_its_side_is_named_and_turned_at_the_desk(
    tmp_path, open_page, another_browser
):
    """It is asked for the size of the setting, and the desk hears how the page is."""
    pictures = [np.ascontiguousarray(np.rot90(one, 1)) for one in somebody_moving()]
    pictures = [cv2.copyMakeBorder(one, 0, 0, 80, 80, cv2.BORDER_CONSTANT) for one in pictures]
    pictures = [one[80:560] for one in pictures]
    file = write_camera_file(tmp_path / "sideways.y4m", pictures)
    size = ("--frame-width", "320", "--frame-height", "240")
    server = Mien(tmp_path, "--camera", "sideways", *size, "--absence", "600")
    try:
        browser = another_browser(*with_camera(file))
        page = open_page(server.wait_until_ready().url + "/?lang=en", browser)
        agree(page)
        wait_for(page, "mien.camera === 'on' && mien.frames.taken > 5")
        picture = page.evaluate("mien.frames.picture")
        assert (picture["width"], picture["height"]) == (320, 240)
        desk = open_page(server.url + "/staff", slow=False)
        enter(desk, server)
        desk.get_by_label("Turned clockwise by").select_option("90")
        desk.get_by_role("button", name="Use it so").click()
        wait_for(page, "mien.landmarks && mien.landmarks.face === 468")
        picture = page.evaluate("mien.frames.picture")
        assert (picture["width"], picture["height"]) == (240, 320)
        box = page.locator(".mirror").bounding_box()
        assert box["width"] / box["height"] == pytest.approx(3 / 4, abs=0.02)
        video = page.locator(".mirror video").bounding_box()
        assert video["width"] == pytest.approx(box["width"], abs=1.5)
        assert video["height"] == pytest.approx(box["height"], abs=1.5)
        until(desk, "document.querySelector('dl').textContent.includes('Camera on')")
        desk.get_by_label("Which").fill("no such camera")
        desk.get_by_role("button", name="Use it so").click()
        wait_for(page, "mien.camera === 'none'")
        until(desk, "document.querySelector('dl div').textContent.includes('finds no camera')")
        assert "Something needs a look" in desk.locator("h1").inner_text()
    finally:
        server.stop()


def test_the_display_stays_awake_during_a_visit(installation, open_page):
    lock = """
        window.locks = []
        Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => {
            const lock = { released: false, release: async () => { lock.released = true } }
            locks.push(lock)
            return lock
        } } })
    """
    page = watched(open_page, installation.url, lock)
    held = "locks.filter((one) => !one.released).length"
    assert page.evaluate(held) == 0
    agree(page)
    until(page, f"{held} === 1")
    page.evaluate("locks[0].released = true")  # as browsers do when the page is not in view
    page.evaluate(SHOW_TAB, "hidden")
    page.evaluate(SHOW_TAB, "visible")
    until(page, f"{held} === 1 && locks.length === 2")
    wait_for(page, "mien.camera === 'on'")
    page.get_by_test_id("stop").evaluate("(button) => button.click()")
    until(page, f"{held} === 0")
