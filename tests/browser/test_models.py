"""The scenes `puppet` and `ar`: a model and a picture that follow whoever is seen."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import SCENES, begin, wait_for, with_camera
from tests.running import Mien, wait_until

pytestmark = pytest.mark.browser


def angle(one: list[float], other: list[float]) -> float:
    """Degrees between two turns, given as quaternions."""
    share = abs(float(np.dot(one, other)))
    return float(np.degrees(2 * np.arccos(min(share, 1.0))))


def test_the_arms_and_hands_of_the_puppet_follow_a_visitor(installation, open_page):
    page = open_page(f"{installation.url}/?scene=puppet&replay=asl_again")
    wait_for(page, "mien.scene === 'puppet' && mien.state && mien.state.present")
    turns = {"upperArmL": [], "foreArmL": [], "upperArmR": [], "foreArmR": [], "head": []}

    def moves() -> bool:
        bones = page.evaluate("mien.drawn.bones")
        for name, seen in turns.items():
            seen.append(bones[name])
        most = {name: max(angle(seen[0], each) for each in seen) for name, seen in turns.items()}
        return max(most["foreArmL"], most["foreArmR"]) > 40 and most["head"] > 3

    wait_until(moves, "the arms' way", 90)
    wait_for(page, "mien.drawn.morphs.blinkL < 0.5")
    assert page.complaints == []


def test_the_face_of_the_puppet_answers_a_smile(installation, open_page):
    page = open_page(f"{installation.url}/?scene=puppet")
    wait_for(page, "mien.scene === 'puppet' && mien.drawn.morphs.blinkL > 0.9")
    begin(page)
    wait_for(page, "mien.state.face && mien.state.face.smile > 0.2")
    wait_for(page, "mien.drawn.morphs.smile > 0.15 && mien.drawn.morphs.blinkL < 0.4")


def test_what_is_born_hangs_in_the_scene_and_is_cleared(installation, open_page):
    page = open_page(f"{installation.url}/?scene=puppet&replay=asl_again")
    wait_for(page, "mien.scene === 'puppet' && mien.state && mien.state.present")

    def born() -> bool:
        page.keyboard.press("m")
        page.wait_for_timeout(1000)
        return page.evaluate("mien.drawn.objects > 2 && mien.drawn.objects === mien.objects")

    wait_until(born, "three things in the scene")
    page.keyboard.press("c")
    # the recording goes on, and its own objects may be born at once
    wait_for(page, "mien.drawn.objects < 3 && mien.drawn.objects === mien.objects")


def test_without_emotion_the_puppet_follows_the_body_alone(tmp_path, open_page):
    server = Mien(tmp_path, "--no-emotion")
    try:
        page = open_page(f"{server.wait_until_ready().url}/?scene=puppet")
        wait_for(page, "mien.scene === 'puppet'")
        begin(page)
        wait_for(page, "mien.state.present && mien.drawn.morphs.blinkL < 0.4")
        assert page.evaluate("mien.state.face") is None
        morphs = page.evaluate("mien.drawn.morphs")
        assert all(abs(morphs[name]) < 0.01 for name in ("jaw", "smile", "pucker", "browsUp"))
    finally:
        server.stop()


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("bone: 'neck'", "bone: 'nick'", "no bone nick; it has"),
        ("morph: 'jaw'", "morph: 'jow'", "no morph target jow; it has jaw"),
    ],
)
def test_a_wrong_name_is_named_with_the_right_ones(
    development,
    open_page,
    scene,
    old,
    new,
    said,
):
    bindings = (SCENES / "puppet" / "bindings.js").read_text().replace(old, new)
    code = (SCENES / "puppet.js").read_text()
    code = re.sub(r"import \{ BINDINGS \}.*", "", code)
    bindings = bindings.replace("export const", "const").replace("../../", "../")
    scene.write_text(code + bindings)
    page = open_page(f"{development.url}/?scene={scene.stem}")
    shown = page.get_by_test_id("broken")
    shown.wait_for()
    wait_until(lambda: said in shown.inner_text(), "the names")


def test_ar_draws_the_picture_that_its_mask_and_landmarks_belong_to(installation, open_page):
    page = open_page(f"{installation.url}/?scene=ar")
    wait_for(page, "mien.scene === 'ar'")
    assert page.evaluate("mien.drawn.picture") == 0
    begin(page)
    wait_for(page, "mien.drawn.picture > 0.9")
    wait_for(page, "mien.drawn.occluded > 0.15 && mien.drawn.occluded < 0.8")
    frame = page.evaluate("mien.drawn.frame")
    wait_for(page, f"mien.drawn.frame > {frame + 3}")
    # what is drawn is a frame that the server has read, and not the newest one sent
    assert page.evaluate("mien.drawn.frame <= mien.state.frame")

    places = set()

    def moves() -> bool:
        places.add(page.evaluate("mien.drawn.head[0]"))
        return max(places) - min(places) > 0.1

    wait_until(moves, "the corona's way with the head", 60)
    assert page.complaints == []


def test_ar_hides_what_is_behind_the_visitor(installation, open_page):
    """Where the mask says people, the picture is drawn, and the dark room elsewhere."""
    page = open_page(f"{installation.url}/?scene=ar")
    begin(page)
    wait_for(page, "mien.drawn.picture > 0.9")
    page.wait_for_timeout(1500)
    canvas = page.get_by_test_id("stage").screenshot()
    picture = as_array(canvas)
    height, width = picture.shape[:2]
    top, bottom = round(0.3 * height), round(0.5 * height)
    face = picture[top:bottom, round(0.4 * width) : round(0.6 * width)]
    corner = picture[top:bottom, : round(0.06 * width)]
    assert face.mean() > 2 * corner.mean()
    assert face.mean() > 45


def test_ar_forgets_the_picture_with_the_visit(installation, open_page):
    page = open_page(f"{installation.url}/?scene=ar")
    begin(page)
    wait_for(page, "mien.drawn.picture > 0.9")
    page.mouse.move(200, 200)
    page.get_by_test_id("stop").click()
    wait_for(page, "mien.camera === 'off' && mien.drawn.picture === 0")


def test_ar_in_a_replay_is_a_constellation(installation, open_page):
    page = open_page(f"{installation.url}/?scene=ar&replay=asl_again")
    wait_for(page, "mien.state && mien.state.present && mien.landmarks.face === 468")
    page.wait_for_timeout(1500)
    assert page.evaluate("mien.drawn.picture") == 0
    assert as_array(page.get_by_test_id("stage").screenshot()).max() > 120


def test_other_scenes_get_no_mask(installation, open_page):
    page = open_page(f"{installation.url}/?scene=primitives")
    asked = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda sent: asked.append(sent)))
    page.reload()
    begin(page)
    wait_for(page, "mien.frames.taken > 3")
    words = [one for one in asked if isinstance(one, str) and '"frame"' in one]
    assert words
    assert all('"mask":false' in one for one in words)


def test_hands_give_off_sparks(installation, open_page, another_browser, signing_file):
    browser = another_browser(*with_camera(signing_file))
    page = open_page(f"{installation.url}/?scene=ar", browser)
    begin(page)
    wait_for(page, "mien.state.body.hands.length > 0 && mien.drawn.sparks > 5")


def as_array(png: bytes) -> np.ndarray:
    """[height, width] brightness from 0 to 255."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("L"), np.float32)
