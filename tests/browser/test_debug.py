"""What a developer of scenes sees: saved files, mistakes, the panel, recordings, a new scene."""

import re
import subprocess
import uuid

import pytest

from tests.browser.conftest import NODE, SCENES, begin, wait_for
from tests.running import ROOT, Mien, wait_until

pytestmark = pytest.mark.browser

BOX = """
import { BoxGeometry, Mesh, MeshBasicMaterial } from 'three'

export const parameters = { size: { value: 1, min: 0.5, max: 2, label: 'Size of the box' } }

export function create({ scene }) {
  const box = new Mesh(new BoxGeometry(1, 1, 1), new MeshBasicMaterial())
  scene.add(box)
  let objects = 0
  return {
    update(state) {
      objects += state.add.length
      box.scale.setScalar(parameters.size.value)
    },
    report: () => ({ version: VERSION, size: box.scale.x, objects }),
    dispose() {},
  }
}
"""


def version(number: int) -> str:
    return BOX.replace("VERSION", str(number))


def test_a_saved_scene_is_on_with_the_camera_and_the_objects_kept(development, open_page, scene):
    scene.write_text(version(1))
    page = open_page(f"{development.url}/?scene={scene.stem}")
    begin(page)
    wait_for(page, "mien.drawn.version === 1")
    page.keyboard.press("m")
    wait_for(page, "mien.objects > 0")
    page.evaluate("window.same = true")

    scene.write_text(version(2))
    wait_for(page, "mien.drawn.version === 2")
    wait_for(page, "mien.drawn.objects > 0")
    assert page.evaluate("mien.camera") == "on"
    assert page.evaluate("mien.objects") > 0
    assert page.evaluate("window.same"), "the page was loaded anew"
    taken = page.evaluate("mien.frames.taken")
    wait_for(page, f"mien.frames.taken > {taken}")


@pytest.mark.parametrize(
    "mistake, said",
    [
        ("export const parameters = {", "tried-"),
        (version(2).replace("scene.add(box)", "scene.add(bax)"), "bax is not defined"),
        (version(2).replace("state.add", "state.odd"), "reading 'length'"),
    ],
    ids=["syntax", "create", "update"],
)
def test_a_mistake_is_shown_over_the_last_scene_that_worked(
    development, open_page, scene, mistake, said
):
    scene.write_text(version(1))
    page = open_page(f"{development.url}/?scene={scene.stem}&replay=asl_again")
    wait_for(page, "mien.drawn.version === 1")
    shown = page.get_by_test_id("broken")
    assert shown.count() == 0 or not shown.is_visible()

    scene.write_text(mistake)
    shown.wait_for()
    wait_until(lambda: said in shown.inner_text(), "the reason")
    wait_for(page, "mien.drawn.version === 1")
    drawn = page.evaluate("mien.drawnFrames")
    wait_for(page, f"mien.drawnFrames > {drawn + 3} && mien.drawn.version === 1")

    scene.write_text(version(3))
    wait_for(page, "mien.drawn.version === 3")
    shown.wait_for(state="hidden")


def test_a_scene_that_begins_broken_gives_way_to_another_until_it_is_repaired(
    development, open_page, scene
):
    scene.write_text(version(1).replace("new Mesh(", "new Mush("))
    page = open_page(f"{development.url}/?scene={scene.stem}")
    page.get_by_test_id("broken").wait_for()
    wait_for(page, f"mien.scene && mien.scene !== '{scene.stem}' && mien.drawnFrames > 3")
    scene.write_text(version(1))
    wait_for(page, f"mien.scene === '{scene.stem}' && mien.drawn.version === 1")
    page.get_by_test_id("broken").wait_for(state="hidden")


def test_a_page_that_was_quicker_than_its_scene_shows_it_when_it_is_there(
    development, open_page, scene
):
    page = open_page(f"{development.url}/?scene={scene.stem}&replay=asl_again")
    wait_for(page, "mien.scene === 'bloom'")
    scene.write_text(version(1))
    wait_for(page, f"mien.scene === '{scene.stem}' && mien.drawn.version === 1")


def test_a_new_scene_runs_at_once(development, open_page):
    name = f"tried-{uuid.uuid4().hex[:8]}"
    file = SCENES / f"{name}.js"
    make = [NODE, "static/tools/new-scene.js", name]
    try:
        made = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)
        assert f"/?scene={name}" in made.stdout
        page = open_page(f"{development.url}/?scene={name}&debug")
        wait_for(page, f"mien.scene === '{name}' && mien.drawnFrames > 3")
        page.get_by_text("How fast it turns").wait_for()
        assert page.complaints == []
    finally:
        file.unlink(missing_ok=True)


@pytest.fixture
def panel_page(installation, open_page):
    """The built page with the panel, on a scene that has parameters."""
    page = open_page(f"{installation.url}/?debug&scene=primitives")
    page.get_by_test_id("panel").wait_for()
    wait_for(page, "mien.drawnFrames > 3")
    return page


def test_the_panel_shows_parameters_state_and_frame_times(panel_page, installation):
    panel = panel_page.get_by_test_id("panel")
    panel.get_by_text("Size of what is born").wait_for()
    times = panel_page.get_by_test_id("frame-times")
    wait_until(
        lambda: re.search(r"p50 [\d.]+ ms +p95 [\d.]+ ms", times.inner_text()), "frame times"
    )
    calls, triangles = re.search(
        r"(\d+) draw calls +([\d,]+) triangles", times.inner_text()
    ).groups()
    assert int(calls) > 5
    assert int(triangles.replace(",", "")) > 1000
    assert re.search(r"quality (minimal|low|medium|high)", times.inner_text())

    state = panel_page.get_by_test_id("scene-state")
    begin(panel_page)
    wait_until(lambda: "present true" in state.inner_text(), "the state")
    assert re.search(r"pleasure -?[\d.]+", state.inner_text())
    assert panel_page.complaints == [], "the content policy stands in the way"


def test_a_parameter_that_is_turned_turns_the_scene(development, open_page, scene):
    scene.write_text(version(1))
    page = open_page(f"{development.url}/?debug&scene={scene.stem}")
    wait_for(page, "mien.drawn.size === 1")
    number = page.get_by_test_id("panel").get_by_label("Size of the box")
    number.fill("1.8")
    number.press("Enter")
    wait_for(page, "Math.abs(mien.drawn.size - 1.8) < 0.02")


def test_what_is_typed_in_the_panel_is_no_command(panel_page):
    help_dialog = panel_page.get_by_test_id("help-dialog")
    panel_page.get_by_test_id("panel").locator("select").nth(1).focus()
    panel_page.keyboard.press("h")
    panel_page.wait_for_timeout(500)
    assert not help_dialog.is_visible()
    panel_page.evaluate("document.activeElement.blur()")
    panel_page.keyboard.press("h")
    help_dialog.wait_for()


def test_landmarks_are_recorded_saved_and_played(panel_page, tmp_path):
    panel = panel_page.get_by_test_id("panel")
    record = panel.get_by_role("button", name="Record the landmarks")
    assert record.is_disabled()
    begin(panel_page)
    wait_until(record.is_enabled, "the permission to record")
    record.click()
    frame = panel_page.evaluate("mien.state.frame")
    wait_for(panel_page, f"mien.state.frame > {frame + 5}")
    panel.get_by_role("button", name="Stop recording").click()
    save = panel.get_by_role("button", name=re.compile(r"Save the [\d.]+ s recorded"))
    save.wait_for()
    with panel_page.expect_download() as waiting:
        save.click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)

    from server.perception import recording

    again = recording.load(file)
    assert len(again.frames) >= 5
    assert all(frame.face.shape == (468, 3) for frame in again.frames if frame.face is not None)

    panel.get_by_role("button", name=re.compile(r"Play the [\d.]+ s recorded")).click()
    wait_for(panel_page, "mien.way === 'replay' && mien.camera === 'off'")
    wait_for(panel_page, "mien.state.present && mien.landmarks.face === 468")

    panel_page.get_by_test_id("recording-file").set_input_files(file)
    wait_for(panel_page, "mien.way === 'replay' && mien.state && mien.state.present")
    wrong = tmp_path / "wrong.npz"
    wrong.write_bytes(b"no recording at all")
    complaints = len(panel_page.complaints)
    panel_page.get_by_test_id("recording-file").set_input_files(wrong)
    panel.get_by_text("no recording of landmarks").wait_for()
    assert all("400" in text for text in panel_page.complaints[complaints:])


def test_recordings_that_come_with_mien_are_played_by_name(panel_page):
    choice = panel_page.get_by_test_id("panel").locator("select").nth(1)
    wait_until(lambda: "asl_night" in choice.inner_text(), "the list")
    choice.select_option("asl_night")
    wait_for(panel_page, "mien.way === 'replay' && mien.state && mien.state.present")


def test_without_the_setting_there_is_no_panel(tmp_path, open_page):
    server = Mien(tmp_path, "--no-debug")
    try:
        page = open_page(f"{server.wait_until_ready().url}/?debug")
        begin(page)
        assert page.get_by_test_id("panel").count() == 0
    finally:
        server.stop()


def test_visitors_do_not_load_the_panel(installation, open_page):
    page = open_page(installation.url)
    wait_for(page, "mien.drawnFrames > 3")
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert any("main" in name for name in loaded)
    assert not [name for name in loaded if "panel" in name or "overlay" in name]
