"""/generate in a real browser: from opening it to pictures, a moved petal to others, one picture
large, saved and walking; axe in both languages."""

import psutil
import pytest
from PIL import Image

from tests.browser.conftest import until
from tests.browser.test_access import examine, fits_fingers
from tests.browser.test_art import ready_again
from tests.messages import LANGUAGES, messages
from tests.running import Mien, wait_until
from tests.socket.test_art import painter_of
from tests.tiny_engines import publish_tiny_dream

pytestmark = pytest.mark.browser

WHOLE = "[data-testid=tile][data-whole=true]"
PIXELS = """() => [...document.querySelectorAll('[data-testid=tile] canvas')].map((canvas) => (
    canvas.getContext('2d').getImageData(0, 0, 256, 256).data.reduce((sum, value, place) => (
        (31 * sum + value * (place % 1009)) % 1e9), 0)))"""
"""A number for what each picture shows."""


@pytest.fixture(scope="module")
def dreaming(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dreaming")
    publish_tiny_dream(folder / "weights")
    server = Mien(folder, "--weights", str(folder / "weights"), "--attract-after", "3600")
    try:
        server.wait_until_ready()
        ready_again(server, 1)
        yield server
    finally:
        server.stop()


def whole(page, count: int) -> None:
    """Wait until all pictures are there in full size."""
    until(page, f"() => document.querySelectorAll('{WHOLE}').length === {count}")


def test_a_visitor_shapes_the_flower_and_takes_a_picture_along(dreaming, open_page, tmp_path):
    page = open_page(dreaming.url, reduced_motion="reduce")
    page.get_by_test_id("notice").wait_for()
    page.keyboard.press("h")
    page.get_by_test_id("to-generate").click()
    page.get_by_test_id("flower").wait_for()
    page.evaluate("window.loaded = true")
    whole(page, 12)

    page.get_by_test_id("count").fill("3")
    whole(page, 3)
    page.wait_for_timeout(800)  # until each has come to rest
    before = page.evaluate(PIXELS)
    petal = page.get_by_test_id("petal-sad")
    petal.focus()
    page.keyboard.press("End")
    assert petal.input_value() == "100"
    whole(page, 3)
    others = f"(before) => ({PIXELS})().every((one, number) => one !== before[number])"
    until(page, others, before)

    box = page.get_by_test_id("flower").bounding_box()
    x, y, side = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"]
    page.mouse.move(x, y - 0.1 * side)
    page.mouse.down()
    page.mouse.move(x, y - 0.34 * side, steps=4)
    page.mouse.up()
    assert page.get_by_test_id("petal-happy").input_value() == "100"
    whole(page, 3)

    page.get_by_test_id("tile").nth(1).click()
    with page.expect_download() as waiting:
        page.get_by_test_id("look-save").click()
    waiting.value.save_as(tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.format == "PNG" and picture.size == (64, 64)
    page.get_by_test_id("look-wander").click()
    with page.expect_download() as waiting:
        page.get_by_test_id("look-film").click()
    waiting.value.save_as(tmp_path / "walk.webp")
    with Image.open(tmp_path / "walk.webp") as walk:
        assert walk.format == "WEBP" and walk.n_frames == 42 and walk.size == (64, 64)
        walk.seek(41)
        walk.load()
    page.keyboard.press("Escape")
    assert page.evaluate("window.loaded"), "the page was loaded anew"
    assert page.complaints == []


def test_a_walk_that_is_left_is_not_that_of_the_next_picture(dreaming, open_page):
    page = open_page(f"{dreaming.url}/generate", reduced_motion="reduce")
    whole(page, 12)
    worker = psutil.Process(painter_of(dreaming)["pid"])
    worker.suspend()
    try:
        page.get_by_test_id("tile").nth(0).click()
        page.get_by_test_id("look-wander").click()
        wait_until(lambda: painter_of(dreaming)["busy"], "the walk's beginning")
        page.keyboard.press("Escape")
        page.get_by_test_id("tile").nth(1).click()
    finally:
        worker.resume()
    looks = 0
    while looks < 10:  # until nothing is made any more
        looks = 0 if painter_of(dreaming)["busy"] else looks + 1
        page.wait_for_timeout(50)
    assert page.get_by_test_id("look-film").is_hidden(), "it has the other one's walk"
    page.get_by_test_id("look-wander").click()
    page.get_by_test_id("look-film").wait_for()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_where_pictures_are_made_of_nothing(dreaming, open_page, lang):
    size = {"width": 360, "height": 640}
    page = open_page(f"{dreaming.url}/generate?lang={lang}", viewport=size, reduced_motion="reduce")
    page.get_by_role("heading", name=messages(lang)["generate.title"]).wait_for()
    whole(page, 6)
    examine(page)
    fits_fingers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_test_id("tile").first.click()
    page.get_by_test_id("look-picture").wait_for()
    examine(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_weights_it_says_so(installation, open_page, lang):
    page = open_page(f"{installation.url}/generate?lang={lang}")
    page.get_by_text(messages(lang)["generate.none"]).wait_for()
    examine(page)
    page.get_by_test_id("home").click()
    page.get_by_test_id("notice").wait_for()
    page.keyboard.press("h")
    page.get_by_test_id("help-close").wait_for()
    assert page.get_by_test_id("to-generate").count() == 0
