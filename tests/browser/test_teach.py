"""Staff teach a pose in the browser, from the first recording to its acting in the live page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.browser.conftest import begin, until, wait_for, with_camera, write_camera_file
from tests.browser.test_access import examine, fits_fingers
from tests.running import Mien, wait_until
from tests.shared import signing
from tests.unit.taught_takes import take

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SIZES = [(1920, 1080), (1080, 1920), (390, 844)]
LONG = 400_000
"""Milliseconds for a training on a busy machine."""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    server = Mien(folder, "--absence", "600", "--max-visitors", "1", "--attract-after", "3600")
    try:
        yield server.wait_until_ready()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def fist(tmp_path_factory):
    """A camera before which a real person holds a fist beside the shoulder."""
    frames = list(signing("asl_milk"))
    held = frames[int(0.35 * len(frames)) : int(0.62 * len(frames))][::2]
    return write_camera_file(tmp_path_factory.mktemp("camera") / "fist.y4m", held + held[::-1])


def enter(open_page, house: Mien, **options):
    """The workshop's page, by way of the door."""
    page = open_page(f"{house.url}/workshop", **options)
    password = re.search(r"with the password (\S+)", house.log.read_text())[1]
    page.get_by_label("Staff password").fill(password)
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("heading", name="The workshop").wait_for()
    page.locator('[data-pose="neutral"]').first.wait_for()
    return page


def see(page) -> None:
    """Tick the choice, turn the camera on; until something is believed."""
    assert page.get_by_test_id("camera-on").is_disabled()
    page.get_by_test_id("choice").check()
    page.get_by_test_id("camera-on").click()
    page.get_by_test_id("camera-sign").wait_for()
    until(page, "() => document.querySelector('[data-testid=belief]')?.dataset.pose")


def new_pose(page, name: str, action: str) -> None:
    page.get_by_test_id("new-pose").click()
    page.get_by_label("Its name").fill(name)
    page.get_by_label("What it does").select_option(action)
    page.get_by_test_id("pose-save").click()
    page.locator(f'.pose-card[data-pose="{name}"] input').wait_for(state="attached")


def record(page) -> None:
    """Until it is kept: on a machine that is busy the tracker may see too little of a try."""
    said = page.get_by_test_id("said")

    def kept() -> bool:
        page.get_by_test_id("record").click()
        for moment in ("soon", "now", "no"):
            page.locator(f".mirror[data-recording={moment}]").wait_for()
        said.filter(has_text=re.compile("Kept|was kept")).wait_for()
        return said.inner_text() == "Kept."

    wait_until(kept, "a recording", 240.0)


def csv_file(folder, *takes):
    from server.workshop import csv_form

    file = folder / "teapots.csv"
    lines = [",".join(csv_form.HEADER) + "\n"]
    for one in takes:
        lines += csv_form.rows_of(one)
    file.write_text("".join(lines))
    return file


def bring_in(page, file, person: str) -> str:
    page.get_by_test_id("import-file").set_input_files(file)
    page.get_by_label("Who is in it").fill(person)
    said = page.get_by_test_id("said")
    page.get_by_test_id("import").click()
    wait_until(lambda: file.name in said.inner_text(), "an answer about the file", 120.0)
    return said.inner_text()


def train(page) -> None:
    page.get_by_test_id("train").click()
    page.get_by_test_id("said").filter(has_text="is trained").wait_for(timeout=LONG)


@pytest.mark.slow
def test_a_pose_is_taught_and_acts(house, another_browser, open_page, fist):
    browser = another_browser(*with_camera(fist))
    page = enter(open_page, house, in_browser=browser, slow=False)
    assert page.get_by_test_id("record").is_disabled()
    new_pose(page, "Lantern", "freeze")
    see(page)
    page.get_by_test_id("person").fill("Ana")
    for count in (1, 2):
        record(page)
        page.locator(".pose-card", has_text=f"{count} recording").wait_for()
    cells = page.get_by_test_id("counts").locator("tr", has_text="Lantern").locator("td")
    assert cells.all_inner_texts() == ["2"]

    train(page)
    page.get_by_test_id("accuracy").wait_for()
    assert page.get_by_test_id("confusion").locator("tbody tr").count() == 2
    until(page, "() => document.querySelector('[data-testid=belief]').dataset.pose === 'Lantern'")
    page.get_by_role("button", name="Publish version 1").click()
    page.locator('[data-version="1"]').get_by_test_id("live").wait_for()
    page.get_by_test_id("camera-off").click()
    page.locator(".mirror[data-camera=off]").wait_for()
    assert page.complaints == []

    visitor = open_page(f"{house.url}/?lang=en", in_browser=browser)
    begin(visitor)
    wait_for(visitor, "mien.state.pose.name === 'Lantern'")
    drawn = visitor.locator("[data-testid=pose]")
    assert drawn.get_attribute("data-pose") == "Lantern"
    assert len(drawn.locator("path").nth(1).get_attribute("d")) > 20, "it is drawn"
    wait_for(visitor, "mien.state.frozen")
    visitor.keyboard.press("h")
    taught = visitor.get_by_test_id("help-taught")
    taught.get_by_text("Lantern: it holds still, or moves again.").wait_for()
    visitor.keyboard.press("l")
    taught.get_by_text("Lantern: sie hält still").wait_for()
    visitor.keyboard.press("Escape")

    # Back to the model that ships, while the visitor plays.
    taken = visitor.evaluate("mien.frames.taken")
    page.get_by_role("button", name="Go back to the model that ships").click()
    page.locator('[data-version="none"]').get_by_test_id("live").wait_for()
    wait_for(visitor, f"mien.frames.taken > {taken} && mien.state.pose.name !== 'Lantern'")
    assert visitor.evaluate("mien.way") == "play" and visitor.complaints == []

    page.get_by_role("button", name="Remove everything of Ana").click()
    page.get_by_test_id("ask-yes").click()
    page.get_by_text("Nothing yet.").wait_for()
    page.locator('[data-version="1"]').get_by_text("2 recordings that have been removed").wait_for()
    page.get_by_role("button", name="Remove version 1").click()
    page.locator('[data-version="1"]').wait_for(state="detached")
    page.get_by_test_id("remove-pose").click()
    page.get_by_test_id("ask-yes").click()
    page.locator('.pose-card[data-pose="Lantern"]').wait_for(state="detached")


def test_visitors_have_every_place_and_staff_wait(house, open_page):
    visitor = open_page(f"{house.url}/?lang=en")
    begin(visitor)
    page = enter(open_page, house, slow=False)
    page.get_by_test_id("choice").check()
    page.get_by_test_id("camera-on").click()
    page.get_by_text("Visitors have taken every place.").wait_for()
    visitor.get_by_test_id("stop").click()
    until(page, "() => document.querySelector('[data-testid=belief]')?.dataset.pose")


def test_files_come_in_and_go_out_and_a_broken_one_is_named(house, open_page, tmp_path):
    page = enter(open_page, house, slow=False)
    file = csv_file(
        tmp_path, take("teapot", "Ana"), take("neutral", "Ana"), take("teapot", "Ana", 1)
    )
    whole = file.read_text()
    file.write_text(whole.replace("\nteapot,0.", "\nteapot,left", 1))
    assert "row 2, column 'x1'" in bring_in(page, file, "Ana")
    assert page.locator('.pose-card[data-pose="teapot"]').count() == 0
    file.write_text(whole)
    assert "The name of the person" in page.evaluate(
        "fetch('/workshop/recordings.csv?name=a.csv', { method: 'POST', body: 'x' })"
        ".then((answer) => answer.json()).then(({ message }) => message)"
    )
    assert bring_in(page, file, "Ana") == "3 recordings from teapots.csv."
    page.locator(".pose-card[data-pose=teapot]", has_text="2 recordings").wait_for()
    with page.expect_download() as waiting:
        page.get_by_test_id("export").click()
    waiting.value.save_as(tmp_path / "out.csv")
    again = (tmp_path / "out.csv").read_text()
    assert again.count("teapot,") == whole.count("teapot,")


def test_names_that_look_the_same_are_one_pose_and_it_is_said(house, open_page, tmp_path):
    page = enter(open_page, house, slow=False)
    file = csv_file(tmp_path, take("teapot", "Ana"), take("neutral", "Ana"))
    rows = file.read_text().replace("teapot,", "fr\u00f6hlich,").splitlines(keepends=True)
    file.write_text("".join(row.replace("\u00f6", "o\u0308") if n % 2 else row
                            for n, row in enumerate(rows)))  # fmt: skip
    said = bring_in(page, file, "Ana")
    assert said.startswith("2 recordings from teapots.csv. “fröhlich” is spelt in 2 ways")


def test_a_version_that_misses_a_pose_is_published_only_when_staff_insist(
    house, open_page, tmp_path
):
    """And axe, keys and fingers, with something of everything on the page."""
    page = enter(open_page, house, slow=False)
    same = [replace(take("teapot", "Ana", number), pose="jug") for number in range(2)]
    file = csv_file(
        tmp_path, take("teapot", "Ana"), *same, take("teapot", "Ana", 1), take("neutral", "Ana")
    )
    bring_in(page, file, "Ana")
    train(page)
    missed = page.get_by_test_id("missed").inner_text()
    assert "recognised): do not publish it yet" in missed
    newest = page.locator("[data-version]").first
    publish = newest.get_by_role("button", name="Publish")
    publish.click()
    asked = page.get_by_role("dialog")
    assert missed.partition(": do not")[0] in asked.inner_text()
    examine(page)
    asked.get_by_role("button", name="Not yet").click()
    assert newest.get_by_test_id("live").count() == 0
    publish.click()
    page.get_by_test_id("ask-yes").click()
    newest.get_by_test_id("live").wait_for()

    page.get_by_text("Each recording").click()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        examine(page)
        fits_fingers(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, "nothing sticks out"
    page.get_by_test_id("new-pose").click()
    examine(page)
    page.keyboard.press("Escape")
    see(page)
    examine(page)

    reached: set[str] = set()
    wanted = {"new-pose", "person", "record", "train", "export", "import-file", "import"}
    page.get_by_test_id("person").fill("Ana")
    page.locator("nav a").focus()

    def next_one() -> bool:
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const { dataset, id } = document.activeElement
                return dataset.testid ?? id
            }"""
        )
        reached.add(found)
        return wanted <= reached

    wait_until(next_one, f"reaching {wanted}")
    names = page.locator(".pose-card input").evaluate_all("(all) => all.map((one) => one.value)")
    page.locator(".pose-card input").first.focus()
    page.keyboard.press("ArrowDown")
    checked = page.evaluate("document.querySelector('.pose-card input:checked').value")
    assert checked == names[1]


def test_visitors_load_nothing_of_the_workshop(house, open_page):
    page = open_page(house.url)
    wait_for(page, "mien.drawnFrames > 3")
    sizes = page.evaluate(
        """performance.getEntriesByType('resource')
            .filter(({ name }) => name.endsWith('.css')).map(({ name }) => name)"""
    )
    text = "".join(page.request.get(name).text() for name in sizes)
    assert ".notice" in text and ".pose-card" not in text
