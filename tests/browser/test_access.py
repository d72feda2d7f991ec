"""Everybody can play: axe finds nothing, in every state and both languages; keys reach everything;
fingers find every button; screen readers are told what matters, once."""

import pytest

from tests.browser.conftest import PLUG_IN, SHOW_TAB, UNPLUG, agree, begin, settled, wait_for
from tests.messages import LANGUAGES, messages
from tests.running import ROOT, Guest, Mien, wait_until

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FINGER = 44
"""Pixels: the least height and width of what is pressed."""

BUTTONS = """() => [...document.querySelectorAll('button, a[href], label.choice')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[inert]'))
    .map((one) => {
        const { width, height } = one.getBoundingClientRect()
        return { name: one.dataset.testid ?? one.className, width, height }
    })
    .filter(({ name }) => name !== 'attract-begin')"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """An installation with one place that performs almost at once."""
    server = Mien(
        tmp_path_factory.mktemp("small"),
        *("--attract-after", "6", "--max-visitors", "1", "--absence", "600"),
        *("--capture-time", "30", "--goodbye-time", "30"),
    )
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """An installation that gives the slowest page the time it needs."""
    waits = ("--attract-after", "3600", "--absence", "600", "--capture-time", "60")
    server = Mien(tmp_path_factory.mktemp("patient"), *waits, "--goodbye-time", "30")
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


def examine(page) -> None:
    """Let axe look at the page as it is: rules and best practices, nothing left out."""
    settled(page)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")
    wrong = [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert not wrong, "\n".join(wrong)
    assert found["passes"]


def fits_fingers(page) -> None:
    settled(page)
    for button in page.evaluate(BUTTONS):
        assert button["height"] >= FINGER and button["width"] >= FINGER, button


def enter(page, server: Mien) -> None:
    """Staff come in with the password of the first start."""
    log = server.log.read_text()
    password = next(line for line in log.splitlines() if "with the password" in line).split()[-1]
    page.get_by_label("Staff password").fill(password)
    page.get_by_role("button").click()
    page.get_by_text("Tracker", exact=True).wait_for()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_on_the_way(small, open_page, lang):
    page = open_page(f"{small.url}/?lang={lang}")
    page.get_by_test_id("notice").wait_for()
    examine(page)
    wait_for(page, "mien.screen === 'attract' && mien.state && mien.state.present")
    examine(page)
    page.keyboard.press("Tab")
    wait_for(page, "mien.screen === 'notice'")
    begin(page)
    page.keyboard.press("m")
    wait_for(page, "mien.objects > 0")
    page.keyboard.press("w")
    page.get_by_test_id("mixture-words").wait_for()
    examine(page)
    page.keyboard.press("h")
    page.get_by_test_id("help-dialog").wait_for()
    examine(page)
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1 && mien.screen === 'capture'")
    page.get_by_test_id("print").wait_for()
    examine(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("kept").wait_for()
    examine(page)
    page.get_by_test_id("stop").click()
    wait_for(page, "mien.screen === 'goodbye'")
    examine(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_in_the_line(small, open_page, lang):
    with Guest(small.url) as other:
        other.consent()
        page = open_page(f"{small.url}/?lang={lang}")
        agree(page)
        wait_for(page, "mien.screen === 'waiting'")
        examine(page)
    wait_for(page, "mien.status.state === 'ready'")
    page.get_by_test_id("stop").click()
    wait_for(page, "mien.screen === 'goodbye'")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_in_trouble(installation, open_page, another_browser, lang):
    refused = another_browser("--use-fake-device-for-media-stream")
    page = open_page(f"{installation.url}/?lang={lang}", refused)
    agree(page)
    wait_for(page, "mien.camera === 'denied'")
    page.get_by_test_id("retry").wait_for()
    examine(page)
    page.get_by_test_id("back").click()
    wait_for(page, "mien.screen === 'notice' && mien.camera === 'off'")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_without_the_camera(installation, open_page, lang):
    page = open_page(f"{installation.url}/?lang={lang}")
    begin(page)
    page.evaluate(UNPLUG)
    wait_for(page, "['lost', 'none'].includes(mien.camera)")
    page.get_by_test_id("back").wait_for()
    examine(page)
    page.evaluate(PLUG_IN)
    wait_for(page, "mien.camera === 'on'")
    page.evaluate(SHOW_TAB, "hidden")
    wait_for(page, "mien.camera === 'hidden'")
    examine(page)


def test_axe_finds_nothing_at_the_desk(installation, open_page):
    page = open_page(f"{installation.url}/staff")
    examine(page)
    page.get_by_label("Staff password").fill("not this one")
    page.get_by_role("button").click()
    page.get_by_role("alert").wait_for()
    examine(page)
    enter(page, installation)
    examine(page)


def test_the_desk_renews_itself_in_place(tmp_path, open_page):
    server = Mien(tmp_path)
    try:
        page = open_page(server.wait_until_ready().url + "/staff")
        page.clock.install()
        enter(page, server)
        visitors = page.locator("dl div", has_text="Open pages").locator("dd")
        assert visitors.inner_text().startswith("0")
        page.get_by_role("button", name="Leave").focus()
        with Guest(server.url):
            wait_until(lambda: server.health()["visitors"]["connected"] == 1, "the guest")
            page.clock.run_for(16_000)
            wait_until(lambda: visitors.inner_text().startswith("1"), "the news")
        assert page.evaluate("document.activeElement.textContent") == "Leave"
    finally:
        server.stop()
    page.clock.run_for(16_000)
    page.get_by_role("heading", name="does not answer").wait_for()


@pytest.mark.parametrize(
    "size", [(1920, 1080), (1080, 1920), (390, 844)], ids=["landscape", "kiosk", "phone"]
)
def test_fingers_find_every_button(patient, open_page, size):
    width, height = size
    page = open_page(f"{patient.url}/?lang=de", viewport={"width": width, "height": height})
    page.get_by_test_id("notice").wait_for()
    fits_fingers(page)
    begin(page)
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1 && mien.screen === 'capture'")
    page.keyboard.press("h")
    page.get_by_test_id("help-dialog").wait_for()
    fits_fingers(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("stop").click()
    wait_for(page, "mien.screen === 'goodbye'")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(patient, open_page):
    page = open_page(f"{patient.url}/?lang=en")
    begin(page)
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1 && mien.screen === 'capture'")
    wanted = {"language", "more", "clear", "scene", "capture", "help", "stop", "mixture", "kept"}
    wanted |= {"picture-save", "picture-aside"}
    reached = set()

    def next_one() -> bool:
        page.keyboard.press("Tab")
        focus = page.evaluate(
            """() => {
                const { dataset } = document.activeElement
                const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement)
                return { name: dataset.testid, outlineStyle, width: parseFloat(outlineWidth) }
            }"""
        )
        if focus.get("name"):
            assert focus["outlineStyle"] == "solid" and focus["width"] >= 2, focus
            reached.add(focus["name"])
        return wanted <= reached

    wait_until(next_one, f"reaching {wanted}")
    page.get_by_test_id("stop").focus()
    page.keyboard.press("Enter")
    wait_for(page, "mien.screen === 'goodbye' && mien.camera === 'off'")


def test_a_screen_reader_is_told_what_matters_and_once(patient, open_page):
    page = open_page(f"{patient.url}/?lang=en")
    page.get_by_test_id("announcer").wait_for(state="attached")
    page.evaluate(
        """() => {
            window.told = []
            const live = document.querySelector('[data-testid=announcer]')
            new MutationObserver(() => {
                if (live.textContent) window.told.push(live.textContent)
            }).observe(live, { childList: true, characterData: true })
        }"""
    )
    begin(page)
    said = messages("en")
    told = lambda: page.evaluate("window.told")  # noqa: E731
    wait_until(lambda: said["said.play"] in told(), "that the camera is on")
    wait_until(lambda: said["line.arms"] in told(), "an invitation")
    page.keyboard.press("p")
    wait_until(lambda: said["line.kept"] in told(), "that a picture is kept")
    seen = page.get_by_test_id("seen")
    assert page.get_by_test_id("stage").get_attribute("aria-describedby") == "seen"
    wait_until(lambda: said["seen.follows"] in seen.text_content(), "the sculpture in words")
    page.get_by_test_id("stop").click()
    wait_until(lambda: said["line.goodbye"] in told(), "that the camera is off")
    assert len(told()) == len(set(told())), told()
    assert len(told()) < 10, told()
    lives = page.locator("[aria-live], [role=status], [role=alert], [role=log]")
    assert lives.count() <= 2, "few voices: the announcer, and the notice's hint"
