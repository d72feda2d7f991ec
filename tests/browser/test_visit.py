"""A visit from the notice to the goodbye, in a real browser with a camera."""

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import begin, wait_for, with_camera
from tests.running import wait_until

pytestmark = pytest.mark.browser


def test_nothing_starts_before_the_choice(installation, open_page):
    page = open_page(installation.url)
    choice = page.get_by_test_id("choice")
    choice.wait_for()
    assert not choice.is_checked()
    page.get_by_test_id("begin").click(force=True)
    page.wait_for_timeout(500)
    assert page.evaluate("mien.mode") == "notice"
    assert page.evaluate("mien.camera") == "off"
    assert not page.get_by_test_id("camera-sign").is_visible()


def test_the_whole_visit(installation, open_page, tmp_path):
    page = open_page(installation.url)
    begin(page)
    page.get_by_test_id("camera-sign").wait_for()
    wait_for(page, "mien.state.present && mien.state.body.head")
    wait_for(page, "mien.landmarks.body === 33")

    page.keyboard.press("m")
    wait_for(page, "mien.objects > 0 && mien.drawn.objects > 0")
    page.keyboard.press("c")
    wait_for(page, "mien.objects === 0")

    page.keyboard.press("m")
    wait_for(page, "mien.objects > 0")
    page.wait_for_timeout(1000)
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1")
    page.get_by_test_id("picture-save").wait_for()
    with page.expect_download() as waiting:
        page.get_by_test_id("picture-save").click()
    assert waiting.value.suggested_filename.startswith("mien-")
    picture = tmp_path / "capture.png"
    waiting.value.save_as(picture)
    with Image.open(picture) as image:
        assert image.format == "PNG"
        pixels = np.asarray(image.convert("L"), np.float32)
    assert pixels.shape[1] >= 960
    assert pixels.std() > 4, "the capture is flat"

    page.mouse.move(300, 300)
    page.get_by_test_id("stop").click()
    wait_for(page, "mien.camera === 'off' && mien.screen === 'goodbye' && mien.pictures === 0")
    page.get_by_test_id("camera-sign").wait_for(state="hidden")
    wait_for(page, "mien.screen === 'notice'")
    assert not page.get_by_test_id("choice").is_checked()
    wait_until(lambda: installation.health()["visitors"]["camera"] == 0, "leaving the tracker")
    assert page.complaints == []


def test_buttons_do_what_keys_do(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    page.mouse.move(200, 200)
    page.get_by_test_id("more").click()
    wait_for(page, "mien.objects > 0")
    page.mouse.move(220, 200)
    page.get_by_test_id("clear").click()
    wait_for(page, "mien.objects === 0")
    page.mouse.move(230, 200)
    page.get_by_test_id("capture").click()
    wait_for(page, "mien.pictures === 1")
    page.mouse.move(240, 200)
    page.get_by_test_id("help").click()
    page.get_by_test_id("help-dialog").wait_for()
    keys = page.locator(".help dt:visible").all_inner_texts()
    assert {"M", "C", "N", "P", "W"} <= set(keys)
    assert not {"E", "O", "V"} & set(keys), "nothing paints in this house"
    page.keyboard.press("Escape")
    page.get_by_test_id("help-dialog").wait_for(state="hidden")


def test_the_body_moves_the_scene(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    places = set()

    def moves() -> bool:
        places.add(round(page.evaluate("mien.state.body.head?.x ?? 0"), 1))
        return max(places) - min(places) > 0.15

    wait_until(moves, "the head's way through the scene")


def test_the_first_thing_a_stranger_is_told_is_that_it_can_be_moved(installation, open_page):
    """What happens is asserted here; how fast it is, `python -m bench page` says."""
    page = open_page(installation.url)
    page.get_by_test_id("line").evaluate(
        """(line) => {
            window.told = []
            new MutationObserver(() => window.told.push(line.dataset.say))
                .observe(line, { attributes: true, attributeFilter: ['data-say'] })
        }"""
    )
    begin(page)
    wait_for(page, "mien.state.present && mien.state.body.head")
    wait_until(lambda: "line.move" in page.evaluate("window.told"), "the first invitation")
    told = [key for key in page.evaluate("window.told") if key]
    before = set(told[: told.index("line.move")])
    machine = {"camera.asking", "line.connecting", "line.offline", "line.paused"}  # a busy one
    assert before <= {"line.closer"} | machine


def test_a_key_shows_the_next_scene(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    wait_for(page, "mien.scene")
    names, first = page.evaluate("[mien.scenes, mien.scene]")
    if len(names) < 2:
        pytest.skip("there is only one scene")
    page.keyboard.press("n")
    wait_for(page, f"mien.scene !== '{first}'")
    assert page.evaluate("mien.camera") == "on"
    wait_until(
        lambda: (
            page.get_by_test_id("stage").evaluate("(one) => getComputedStyle(one).opacity") == "1"
        ),
        "the light's return",
    )


def test_hands_are_seen(installation, open_page, another_browser, signing_file):
    browser = another_browser(*with_camera(signing_file))
    page = open_page(installation.url, browser)
    begin(page)
    wait_for(page, "mien.state.body.hands.length > 0")
    wait_for(page, "mien.landmarks.leftHand === 21 || mien.landmarks.rightHand === 21")


def test_a_recording_plays_without_notice_and_camera(installation, open_page):
    page = open_page(f"{installation.url}/?replay=asl_again")
    wait_for(page, "mien.state && mien.state.frame > 10 && mien.landmarks.face === 468")
    assert page.evaluate("mien.camera") == "off"
    page.get_by_test_id("notice").wait_for(state="hidden")  # it fades out
    assert page.complaints == []


def test_no_words_judge_the_visitor(installation, open_page):
    page = open_page(f"{installation.url}/?replay=asl_again")
    wait_for(page, "mien.state && mien.state.frame > 10")
    text = page.inner_text("body").lower()
    assert "%" not in text
    for verdict in ("you are sad", "you are angry", "you feel", "sad", "angry", "disgust"):
        assert verdict not in text


@pytest.mark.parametrize("size", [(1080, 1920), (390, 844)], ids=["kiosk", "phone"])
def test_every_size_shows_the_scene_and_the_controls(installation, open_page, size):
    width, height = size
    page = open_page(
        f"{installation.url}/?replay=asl_again", viewport={"width": width, "height": height}
    )
    wait_for(page, "mien.state && mien.state.frame > 5")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.mouse.move(100, 100)
    page.mouse.move(120, 120)
    for name in ("more", "clear", "scene", "capture", "help"):
        box = page.get_by_test_id(name).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
