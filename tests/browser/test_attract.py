"""What a passer-by sees: the sculpture performs, and a light figure shows how to play."""

import pytest

from tests.browser.conftest import settled, until, wait_for
from tests.messages import messages
from tests.running import Mien, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lonely(tmp_path_factory):
    """An installation that performs almost at once."""
    server = Mien(tmp_path_factory.mktemp("lonely"), "--attract-after", "4", "--absence", "600")
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


def attracted(open_page, lonely, **options):
    page = open_page(lonely.url, locale="en-GB", **options)
    wait_for(page, "mien.screen === 'attract' && mien.state && mien.state.present")
    return page


def posture(page) -> str:
    return page.locator(".figure-lines").get_attribute("d")


def gesture(page) -> str:
    return page.get_by_test_id("attract").get_attribute("data-gesture")


@pytest.mark.slow
def test_the_sculpture_performs_and_the_figure_shows_every_gesture(lonely, open_page):
    page = attracted(open_page, lonely)
    assert page.evaluate("mien.camera") == "off"
    shown, moved = set(), set()

    def all_seen() -> bool:
        shown.add(gesture(page))
        moved.add(posture(page))
        return {
            f"attract.{name}" for name in ("hello", "reach", "capture", "scene", "clear")
        } <= shown

    wait_until(all_seen, "every gesture", 120)
    assert len(moved) > 20, "the figure stands still"


def test_at_rest_there_is_one_line_of_text(lonely, open_page):
    page = attracted(open_page, lonely)
    until(page, "document.getElementById('page').dataset.awake === 'false'")
    line = page.get_by_test_id("attract-line")
    wait_until(lambda: line.inner_text(), "the line")
    settled(page)
    seen = page.evaluate(
        """() => {
            const seen = []
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
            while (walker.nextNode()) {
                const one = walker.currentNode.parentElement
                const small = one.getBoundingClientRect().width <= 1
                const there = one.checkVisibility(
                    { opacityProperty: true, visibilityProperty: true })
                if (there && !small && walker.currentNode.textContent.trim())
                    seen.push(walker.currentNode.textContent)
            }
            return seen
        }"""
    )
    assert len(seen) <= 1, seen
    assert set(seen) <= set(messages("en").values())


def test_a_touch_brings_the_notice_and_nothing_is_ticked(lonely, open_page):
    page = attracted(open_page, lonely)
    page.mouse.click(480, 400)
    wait_for(page, "mien.screen === 'notice' && !mien.state.present")
    page.get_by_test_id("notice").wait_for()
    assert not page.get_by_test_id("choice").is_checked()


def test_a_key_brings_the_notice_and_the_choice_is_next(lonely, open_page):
    page = attracted(open_page, lonely)
    ticked = False
    for _ in range(9):  # on a busy machine the performance comes back between two keys
        if page.evaluate("document.activeElement.id") != "choice":
            page.keyboard.press("Tab")
        until(page, "mien.screen === 'notice' && document.activeElement.id === 'choice'")
        page.keyboard.press("Space")
        if ticked := page.get_by_test_id("choice").is_checked():
            break
    assert ticked, "the choice cannot be ticked by keys"
    page.keyboard.press("Enter")
    wait_for(page, "mien.camera === 'on'")


def test_a_screen_reader_can_begin(lonely, open_page):
    page = attracted(open_page, lonely)
    begin = page.get_by_role("button", name="Begin").and_(page.get_by_test_id("attract-begin"))
    begin.evaluate("(button) => button.click()")
    wait_for(page, "mien.screen === 'notice'")


def test_for_less_movement_the_figure_stands_in_each_posture(lonely, open_page):
    page = attracted(open_page, lonely, reduced_motion="reduce")
    wait_until(lambda: posture(page), "the figure")
    for _ in range(5):
        before, first = gesture(page), posture(page)
        page.wait_for_timeout(300)
        if gesture(page) == before:
            assert posture(page) == first
    assert page.evaluate(
        "document.getAnimations().every((one) => one.effect.getTiming().iterations !== Infinity)"
    )
