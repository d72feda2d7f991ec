"""Paint what I show, and a picture of the visitor's own, in a real browser."""

import io

import pytest
from PIL import Image
from skimage import data

from tests.browser.conftest import begin, settled, wait_for
from tests.browser.test_access import examine, fits_fingers
from tests.browser.test_art import STATE, apart, start
from tests.tiny_engines import publish_tiny_felt

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def atelier(tmp_path_factory):
    folder = tmp_path_factory.mktemp("felt")
    publish_tiny_felt(folder / "weights")
    server = start(folder, "monet")
    try:
        yield server
    finally:
        server.stop()


def test_from_the_button_to_the_triptych_on_a_small_phone(atelier, open_page):
    page = open_page(
        f"{atelier.url}/?scene=landscape&lang=de",
        viewport={"width": 360, "height": 640},
        reduced_motion="reduce",
    )
    page.evaluate("window.loaded = true")
    begin(page)
    wait_for(page, "mien.scene")
    page.mouse.move(100, 100)
    page.get_by_test_id("felt").click()
    wait_for(page, "mien.pictures === 1")
    page.get_by_test_id("picture-save").focus()
    wait_for(page, f"mien.made === 1 && {STATE} === 'made'")
    assert page.evaluate("window.loaded"), "the page was loaded anew"
    assert page.get_by_test_id("engine-felt").get_attribute("aria-pressed") == "true"
    caption = page.get_by_test_id("caption")
    assert caption.is_visible() and caption.get_attribute("data-say").startswith("reads.")
    assert page.get_by_test_id("divider").input_value() == "0", "the triptych is seen whole"
    made = page.get_by_test_id("made")
    assert made.evaluate("(one) => one.width < one.height"), "its panels are stacked"
    settled(page)
    wait_for(page, "getComputedStyle(document.querySelector('.words')).opacity === '0'")
    boxes = {
        "picture": made.bounding_box(),
        "caption": caption.bounding_box(),
        "buttons": page.locator(".print-row").bounding_box(),
    }
    names = list(boxes)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            assert apart(boxes[one], boxes[other]), f"{one} and {other}"
        assert boxes[one]["y"] + boxes[one]["height"] <= 640, one
    why, look = page.get_by_test_id("picture-why"), page.get_by_test_id("look")
    assert look.evaluate("(one) => getComputedStyle(one).opacity") == "0"
    why.click()
    assert why.get_attribute("aria-pressed") == "true"
    wait_for(page, "getComputedStyle(document.querySelector('.shade')).opacity === '1'")
    ratio = look.evaluate("(one) => one.naturalWidth / one.naturalHeight")
    assert ratio == pytest.approx(boxes["picture"]["width"] / boxes["picture"]["height"], abs=0.02)
    why.click()
    wait_for(page, "getComputedStyle(document.querySelector('.shade')).opacity === '0'")
    # the row scrolls: whoever walks through it by keyboard sees every engine
    for name in ("monet", "painted", "monet", "felt"):
        button = page.get_by_test_id(f"engine-{name}")
        button.focus()
        box = button.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360, name
    examine(page)
    fits_fingers(page)
    assert page.complaints == []


def test_a_picture_of_one_s_own_becomes_something(atelier, open_page):
    file = io.BytesIO()
    Image.fromarray(data.astronaut()).resize((1600, 1600)).save(file, "JPEG")
    page = open_page(atelier.url)
    begin(page)
    chooser = page.get_by_test_id("own-file")
    chooser.set_input_files({"name": "me.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    wait_for(page, "document.querySelector('[data-testid=line]').dataset.say === 'line.unread'")
    chooser.set_input_files({"name": "me.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    wait_for(page, "mien.pictures === 1")
    page.get_by_test_id("picture-save").focus()
    wait_for(page, f"mien.made === 1 && {STATE} === 'made'")
    assert page.get_by_test_id("engine-painted").get_attribute("aria-pressed") == "true"
    assert page.get_by_test_id("caption").get_attribute("data-say") == "own.face"
    assert page.get_by_test_id("picture").get_attribute("data-label") == "picture.own"
    page.get_by_test_id("picture-delete").click()
    wait_for(page, "mien.pictures === 0 && mien.made === 0")
    assert page.complaints == []
