"""From a capture to the revealed picture in a real browser; the living painting."""

import base64
import io
import itertools
import os
import signal

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import begin, tapped, wait_for
from tests.browser.test_access import examine, fits_fingers
from tests.messages import LANGUAGES, messages
from tests.running import DEADLINE, Mien, wait_until
from tests.tiny_engines import publish_tiny

pytestmark = pytest.mark.browser

STATE = "document.querySelector('.reveal').dataset.state"


def ready_again(server: Mien, times: int) -> None:
    """It has torch to load and its ways to measure."""

    def ready() -> bool:
        return server.log.read_text().count("art worker 0 is ready") == times

    wait_until(ready, "the painter's start", 4 * DEADLINE)


def start(folder, *engines: str) -> Mien:
    for name in engines:
        publish_tiny(folder / "weights", name, live=name == "monet")
    server = Mien(
        folder,
        *("--weights", str(folder / "weights"), "--picture-size", "256"),
        *("--absence", "600", "--attract-after", "3600", "--capture-time", "1"),
    )
    try:
        server.wait_until_ready()
        ready_again(server, 1)
    except BaseException:
        server.stop()
        raise
    return server


@pytest.fixture(scope="module")
def atelier(tmp_path_factory):
    server = start(tmp_path_factory.mktemp("atelier"), "monet", "landscape")
    try:
        yield server
    finally:
        server.stop()


def images(server: Mien) -> set[str]:
    """Captures and pictures of all visits, of those of earlier tests that nobody has ended too."""
    visits = server.log.parent / "data" / "gallery" / "visits"
    return {file.name for file in visits.rglob("*") if file.is_file()}


def revealed(page, count: int = 1) -> None:
    """Nobody waits until it has been painted: who touches it sees it finished."""
    wait_for(page, f"mien.made === {count} && {STATE} !== 'capture'")
    page.locator(".pair").dispatch_event("click")
    wait_for(page, f"{STATE} === 'made'")


def take(page) -> None:
    """Keeps a picture, and a hand on it: it stays before the eyes as long as a slow page needs."""
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1")
    page.get_by_test_id("picture-save").focus()


@pytest.fixture
def visit(atelier, open_page):
    page = open_page(f"{atelier.url}/?scene=landscape")
    begin(page)
    wait_for(page, "mien.scene")
    return page


def test_a_gesture_becomes_a_picture_before_the_visitors_eyes(atelier, open_page, tmp_path):
    """The scene of somebody who holds both arms up comes from the test, the rest is real."""
    page = tapped(open_page, f"{atelier.url}/?scene=landscape")
    page.evaluate("window.loaded = true")
    begin(page)
    wait_for(page, "mien.scene")
    page.evaluate("window.said = []")
    page.get_by_test_id("announcer").evaluate(
        "(one) => new MutationObserver(() => said.push(one.dataset.say))"
        ".observe(one, { childList: true })"
    )
    focused = "document.activeElement.dataset.testid ?? document.activeElement.tagName"
    before = page.evaluate(focused)
    page.evaluate(
        """() => {
            wire.takeOver()
            const action = { id: 1e6, name: 'capture', argument: null }
            wire.scene({ ...mien.state, actions: [action] })
        }"""
    )
    wait_for(page, "mien.pictures === 1")
    revealed(page)
    assert page.evaluate("window.loaded"), "the page was loaded anew"
    assert page.evaluate(focused) == before, "the focus was stolen"
    assert page.evaluate("said.filter((key) => key === 'became.painted').length") == 1
    assert page.get_by_test_id("print").is_visible()

    page.get_by_test_id("picture-why").click()
    caption = page.get_by_test_id("caption")
    assert caption.is_visible() and caption.get_attribute("data-say").startswith("hand.")
    page.get_by_test_id("picture-why").click()
    assert not caption.is_visible(), "no critic has said anything"

    divider = page.get_by_test_id("divider")
    divider.focus()
    seen = divider.input_value()
    page.keyboard.press("ArrowRight")
    assert int(divider.input_value()) > int(seen)

    with page.expect_download() as waiting:
        page.get_by_test_id("picture-save").click()
    waiting.value.save_as(tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.format == "PNG" and picture.width * picture.height == pytest.approx(
            1024**2, rel=0.01
        )
    page.get_by_test_id("kept").wait_for()
    assert page.complaints == []


SEEN = """() => {
    const made = document.querySelector('.made')
    const copy = new OffscreenCanvas(512, 512).getContext('2d', { willReadFrequently: true })
    copy.imageSmoothingQuality = 'high'
    copy.drawImage(made, 0, 0, 512, 512)
    return copy.canvas.convertToBlob().then((blob) => new Promise((resolve) => {
        const reader = new FileReader()
        reader.onload = () => resolve(reader.result.split(',')[1])
        reader.readAsDataURL(blob)
    }))
}"""
"""Run in a page: what is seen of a work, a PNG in base64."""


def seen(page) -> np.ndarray:
    """What is seen of a work [512, 512, 3]."""
    with Image.open(io.BytesIO(base64.b64decode(page.evaluate(SEEN)))) as picture:
        return np.asarray(picture.convert("RGB")).astype(float)


def test_the_reveal_is_the_painting(atelier, open_page):
    """Strokes are laid before the picture is there, and what they come to is the picture."""
    page = open_page(f"{atelier.url}/?scene=landscape")
    held = []
    page.route("**/art/pictures/*", lambda route: held.append(route))
    begin(page)
    wait_for(page, "mien.scene")
    take(page)
    wait_for(page, f"{STATE} === 'painting'")
    assert page.get_by_test_id("line").get_attribute("data-say") == "becoming.painted"
    page.get_by_test_id("picture-skip").wait_for()
    pictures = [seen(page)]

    def at_rest() -> bool:
        page.wait_for_timeout(1500)
        pictures.append(seen(page))
        return np.array_equal(pictures[-1], pictures[-2]) and pictures[-1].std() > 10

    wait_until(at_rest, "the last stroke", 2 * DEADLINE)
    steps = [np.abs(a - b).mean() for a, b in itertools.pairwise(pictures)]
    assert sum(step > 0.5 for step in steps) >= 3, "it was not laid little by little"
    assert page.evaluate(STATE) == "painting" and held, "the picture was not waited for"
    for route in held:
        route.continue_()
    wait_for(page, f"{STATE} === 'made'")
    assert np.abs(seen(page) - pictures[-1]).mean() <= 6
    assert page.get_by_test_id("made").bounding_box()["height"] >= 0.7 * min(
        page.viewport_size.values()
    )
    assert not page.get_by_test_id("picture-skip").is_visible()
    assert page.complaints == []


DRAWN = """() => {
    window.laid = 0
    window.graphics = []
    const draw = WebGL2RenderingContext.prototype.drawElementsInstanced
    WebGL2RenderingContext.prototype.drawElementsInstanced = function (...all) {
        if (this !== window.graphics.at(-1)) window.graphics.push(this)
        window.laid++
        draw.apply(this, all)
    }
}"""
"""`window.laid`: how often strokes have been laid, in a scene that draws none by instances."""


def test_without_movement_there_are_four_states(atelier, open_page):
    page = open_page(f"{atelier.url}/?scene=landscape", reduced_motion="reduce")
    begin(page)
    wait_for(page, "mien.scene")
    page.evaluate(DRAWN)
    take(page)
    wait_for(page, f"{STATE} === 'painting'")
    before = page.evaluate("laid")
    wait_for(page, f"{STATE} === 'made'")
    # A state is laid in three parts: the rest of one stroke, whole strokes, a part of the next.
    assert 4 <= page.evaluate("laid") - before <= 12


def test_graphics_that_are_taken_away_do_not_take_the_picture(atelier, open_page):
    page = open_page(f"{atelier.url}/?scene=landscape")
    begin(page)
    wait_for(page, "mien.scene")
    page.evaluate(DRAWN)
    take(page)
    wait_for(page, f"{STATE} === 'painting' && laid > 4")
    page.evaluate("graphics.at(-1).getExtension('WEBGL_lose_context').loseContext()")
    wait_for(page, f"mien.made === 1 && {STATE} === 'made'")
    assert not page.evaluate("mien.contextLost"), "the scene's are others"


def test_the_visitor_chooses_what_else_it_becomes_and_deletes_it(atelier, visit):
    before = images(atelier)
    take(visit)
    revealed(visit)
    assert visit.get_by_test_id("engine-painted").get_attribute("aria-pressed") == "true"
    visit.get_by_test_id("engine-landscape").click()
    revealed(visit, 2)
    assert visit.get_by_test_id("engine-landscape").get_attribute("aria-pressed") == "true"
    visit.get_by_test_id("engine-landscape").click()
    wait_for(visit, f"{STATE} === 'capture'")
    visit.get_by_test_id("picture-delete").click()
    wait_for(visit, "mien.pictures === 0 && mien.made === 0")
    visit.get_by_test_id("kept").wait_for(state="detached")
    wait_until(lambda: images(atelier) <= before, "deleting")
    assert visit.complaints == []


def test_who_plays_on_is_told_gently(visit):
    visit.keyboard.press("p")
    wait_for(visit, "mien.pictures === 1")
    visit.keyboard.press("Escape")
    wait_for(visit, "mien.made === 1")
    assert visit.title().startswith("●")
    assert not visit.get_by_test_id("print").is_visible()
    kept = visit.get_by_test_id("kept")
    assert kept.get_attribute("data-fresh") == "true"
    kept.click()
    revealed(visit)
    assert not visit.title().startswith("●")


def test_who_leaves_a_painting_half_way_sees_it_from_the_beginning(visit):
    visit.keyboard.press("p")
    wait_for(visit, f"{STATE} === 'painting'")
    visit.keyboard.press("Escape")
    wait_for(visit, "mien.made === 1")
    kept = visit.get_by_test_id("kept")
    wait_until(lambda: kept.get_attribute("data-fresh") == "true", "the news")
    kept.click()
    wait_for(visit, f"{STATE} === 'painting'")
    visit.get_by_test_id("picture-skip").click()
    wait_for(visit, f"{STATE} === 'made'")


def test_the_end_of_the_visit_clears_the_strip(atelier, visit):
    before = images(atelier)
    visit.keyboard.press("p")
    wait_for(visit, "mien.made === 1")
    visit.keyboard.press("Escape")
    visit.mouse.move(300, 300)
    visit.get_by_test_id("stop").click()
    wait_for(visit, "mien.pictures === 0 && mien.made === 0 && mien.camera === 'off'")
    wait_until(lambda: images(atelier) <= before, "forgetting")


@pytest.mark.slow
def test_a_killed_painter_is_no_error_for_the_visitor(atelier, visit):
    worker = atelier.health()["art"]["workers"][0]["pid"]
    os.kill(worker, signal.SIGSTOP)
    visit.keyboard.press("p")
    wait_for(visit, "mien.pictures === 1")
    visit.get_by_test_id("becoming").wait_for()
    wait_until(lambda: atelier.health()["art"]["workers"][0]["busy"], "the job's beginning")
    os.kill(worker, signal.SIGKILL)
    ready_again(atelier, 2)
    wait_for(visit, "mien.made === 1")
    assert visit.evaluate("mien.problems") == []


def test_the_living_painting_comes_and_goes(visit):
    visit.keyboard.press("v")
    wait_for(visit, "mien.living.on && mien.living.painted > 3")
    assert visit.get_by_test_id("living").get_attribute("aria-pressed") == "true"
    wait_until(
        lambda: (
            visit.get_by_test_id("canvas").evaluate("(one) => getComputedStyle(one).opacity") == "1"
        ),
        "its coming",
    )
    visit.mouse.move(200, 200)
    visit.get_by_test_id("living").click()
    wait_for(visit, "!mien.living.on")
    assert visit.get_by_test_id("canvas").get_attribute("data-shown") == "false"
    painted = visit.evaluate("mien.living.painted")
    visit.wait_for_timeout(500)
    assert visit.evaluate("mien.living.painted") == painted
    assert visit.evaluate("mien.problems") == []


@pytest.mark.timeout(900)
def test_engines_are_offered_where_they_have_learned_the_scene(atelier, open_page):
    page = open_page(f"{atelier.url}/?scene=bloom")
    begin(page)
    wait_for(page, "mien.scene === 'bloom'")
    assert not page.get_by_test_id("living").is_visible()
    page.keyboard.press("v")
    take(page)
    revealed(page)
    assert page.locator("[data-testid^=engine-]:visible").count() == 1, "painted needs no network"
    assert page.evaluate("mien.living.on") is False
    while page.evaluate("mien.scene") != "landscape":
        before = page.evaluate("mien.scene")
        page.keyboard.press("n")
        wait_for(page, f"mien.scene !== '{before}'")
    page.mouse.move(300, 300)
    page.get_by_test_id("living").wait_for()
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 2")
    revealed(page, 2)
    assert page.locator("[data-testid^=engine-]:visible").count() == 3


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", [(390, 844), (360, 640), (720, 1280)])
def test_on_upright_screens_nothing_lies_over_the_reveal(atelier, open_page, size, lang):
    width, height = size
    page = open_page(
        f"{atelier.url}/?scene=landscape&lang={lang}", viewport={"width": width, "height": height}
    )
    begin(page)
    take(page)
    revealed(page)
    # the words make way
    wait_for(page, "getComputedStyle(document.querySelector('.words')).opacity === '0'")
    parts = {
        "capture": page.get_by_test_id("picture"),
        "engines": page.locator(".print-engines"),
        "deeds": page.locator(".print-deeds"),
        "camera": page.get_by_test_id("camera-sign"),
    }
    boxes = {name: part.bounding_box() for name, part in parts.items()}
    assert page.get_by_test_id("made").bounding_box() == pytest.approx(boxes["capture"], abs=1.5)
    for one, other in itertools.combinations(boxes, 2):
        assert apart(boxes[one], boxes[other]), f"{one} and {other}"
    for box in boxes.values():
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["y"] >= 0 and box["y"] + box["height"] <= height


def apart(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two boxes have no place in common."""
    return any(
        first[side] + first[length] <= second[side] + 1
        for first, second in ((one, other), (other, one))
        for side, length in (("x", "width"), ("y", "height"))
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_at_the_reveal(atelier, open_page, lang):
    page = open_page(f"{atelier.url}/?scene=landscape&lang={lang}", reduced_motion="reduce")
    begin(page)
    take(page)
    revealed(page)
    examine(page)
    fits_fingers(page)
    words = messages(lang)
    assert page.get_by_test_id("engine-monet").inner_text() == words["engine.monet"]


def test_where_nothing_can_be_saved_nobody_is_told_that_it_was(tmp_path, open_page):
    server = Mien(tmp_path, "--no-saving", "--absence", "600")
    try:
        page = open_page(server.wait_until_ready().url)
        begin(page)
        page.keyboard.press("p")
        wait_for(page, "mien.pictures === 1")
        page.get_by_test_id("picture-aside").wait_for()
        assert not page.get_by_test_id("picture-save").is_visible()
        page.keyboard.press("s")
        page.wait_for_timeout(1000)
        assert page.get_by_test_id("line").get_attribute("data-say") != "line.saved"
    finally:
        server.stop()


def test_without_engines_nothing_is_offered(installation, open_page):
    page = open_page(installation.url)
    begin(page)
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1")
    page.get_by_test_id("picture-save").wait_for()
    for name in ("picture-delete", "picture-cancel", "becoming", "living", "divider"):
        assert not page.get_by_test_id(name).is_visible(), name
    assert page.locator("[data-testid^=engine-]").count() == 0
    page.keyboard.press("v")
    assert not page.evaluate("mien.living.on")
