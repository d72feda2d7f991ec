"""What the scenes look like: the pixels of the canvas in a real browser.

No picture is compared with a stored one: another graphics processor draws other pixels.
What must be true of them on every one is measured.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from server.stage import initial, to_json, with_reset
from server.values import EXPRESSIONS, Body, Hand
from tests.browser.conftest import ALONE, SOFTWARE, hold_time, wait_for
from tests.unit.stage_readings import HEAD, Play, expression, reading

pytestmark = pytest.mark.browser

SCENES = ("bloom", "primitives")
WITH_OBJECTS = (*SCENES, "landscape")
VIEWS = {
    "river": 5,
    "pond": 1,
    "coast": 11,
    "hills": 3,
    "mountain": 41,
    "fields": 2,
    "forest": 21,
    "dunes": 15,
}
"""A seed of each kind of landscape."""
SUMMER = 5
"""The seed of a landscape in summer, with water."""
RECORDING = "asl_again"
SETTLED = 2.5
"""Seconds after which everything has eased and swung out."""
STEP = 0.1
"""Seconds from one display frame to the next: the longest that the page's clock takes whole."""
WALL, GROUND = 6.0, 28.0
"""Lightness (0 to 100) from which a pixel belongs to the form: above the wall's, and where the lit
ground is behind it."""
HORIZON = 0.52
"""Where the lit ground begins, as a share of the height from the top."""


def said_by(
    mood: str = "neutral",
    *,
    openness: float = 0.1,
    lean: float = 0.0,
    hands: tuple[Hand, ...] = (),
    more: int = 0,
) -> dict:
    """The whole SceneState, as it travels, of a visitor who has been like this for a while.

    Without `more` there are no objects, so that only the form is seen.
    """
    body = Body(openness=openness, energy=0.05, lean=-lean, x=0.5, y=0.7, confidence=0.9)
    head = replace(HEAD, x=0.5, y=0.35, yaw=0.0, pitch=0.0, roll=0.0)
    seen = reading(face=expression(mood), head=head, body=body, hands=hands)
    play = Play(initial())
    play.show(seen, 4.0)
    for _ in range(more):
        play.ask("more")
    state = to_json(with_reset(play.show(seen, 0.2)[-1]))
    return state if more else {**state, "add": []}


class Fed:
    """A page that is shown the states of the test, and whose time goes by only when it says so."""

    def __init__(self, page: Page, url: str, scene: str, quality: str, seed: int) -> None:
        self.page = page
        page.clock.install(time=0)
        page.add_init_script(ALONE)
        page.goto(f"{url}/?replay=any&scene={scene}&quality={quality}&seed={seed}")
        wait_for(page, f"mien.scene === '{scene}' && mien.connection === 'online'")
        hold_time(page)

    def feed(self, state: dict) -> None:
        self.page.evaluate("(state) => wire.hear('42', ['scene', state])", state)

    def go_on(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.page.clock.fast_forward(round(1000 * STEP))

    def show(self, state: dict) -> None:
        """Feeds a state until the scene has settled in it."""
        self.feed(state)
        again = {**state, "add": [], "reset": False}
        for _ in range(round(SETTLED)):
            # after a silence the page would think that nobody is there
            self.go_on(SETTLED / round(SETTLED))
            self.feed(again)

    def picture(self) -> np.ndarray:
        return picture_of(self.page)


def picture_of(page: Page) -> np.ndarray:
    """The canvas alone, [height, width, 3] in CIELAB: lightness 0 to 100, a, b."""
    # at once: what is made invisible fades out
    page.evaluate("document.getElementById('page').style.display = 'none'")
    shot = page.screenshot()
    page.evaluate("document.getElementById('page').style.display = ''")
    rgb = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), np.float32) / 255
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)


def around(picture: np.ndarray, x: float, y: float, size: float) -> np.ndarray:
    """A square about a place given as shares of width and height; `size` of the height."""
    height, width = picture.shape[:2]
    half = int(size * height / 2)
    left, top = int(x * width), int(y * height)
    return picture[max(top - half, 0) : top + half, max(left - half, 0) : left + half]


def form_in(picture: np.ndarray) -> np.ndarray:
    """Where the form is: what is clearly lighter than what is behind, [height, width] bool."""
    lightness = picture[:, :, 0]
    wall = np.median(lightness[:, : lightness.shape[1] // 12], axis=1, keepdims=True)
    mask = lightness > wall + WALL
    horizon = int(HORIZON * len(mask))
    mask[horizon:] = lightness[horizon:] > GROUND
    # motes and grains are no part of it
    grain = np.ones((len(mask) // 40, len(mask) // 40), np.uint8)
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, grain).astype(bool)


def colour_of(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean a and b of the form."""
    return picture[mask][:, 1:].mean(axis=0)


def middle_of(mask: np.ndarray) -> tuple[float, float]:
    """The form's middle as shares of the width and height."""
    y, x = np.nonzero(mask)
    return x.mean() / mask.shape[1], y.mean() / mask.shape[0]


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / (one | other).sum()


@pytest.fixture(scope="module")
def software(browser) -> bool:
    """Whether the processor draws what a graphics card should."""
    page = browser.new_page()
    found = page.evaluate(SOFTWARE)
    page.close()
    return found


@pytest.fixture
def fed(installation, open_page) -> Callable[..., Fed]:
    def open_fed(
        scene: str, quality: str = "low", width: int = 480, seed: int = SUMMER, **options
    ) -> Fed:
        size = {"width": width, "height": width * 9 // 16}
        page = open_page("about:blank", viewport=size, slow=False, **options)
        return Fed(page, installation.url, scene, quality, seed)

    return open_fed


@pytest.mark.parametrize("scene", SCENES)
def test_a_replay_is_a_lit_form_in_a_dark_room(scene, installation, open_page):
    page = open_page(f"{installation.url}/?replay={RECORDING}&scene={scene}")
    wait_for(page, f"mien.scene === '{scene}' && mien.state && mien.state.present")
    wait_for(page, "mien.drawnFrames > 75")
    picture = picture_of(page)
    form = around(picture, 0.5, 0.455, 0.35)
    assert form[:, :, 0].max() > 55
    assert form[:, :, 0].std() > 8, "no light and shade"
    for x, y in itertools.product((0.05, 0.95), (0.08, 0.92)):
        corner = around(picture, x, y, 0.1)
        assert corner[:, :, 0].mean() < 16
        assert corner[:, :, 0].mean() < np.percentile(form[:, :, 0], 90) / 2
    # a warm ground, not black
    assert picture[-20:, :, 0].mean() > 1
    assert picture[-20:, :, 2].mean() > 0
    assert page.complaints == []


@pytest.mark.parametrize("scene", SCENES)
def test_every_expression_has_its_colour_and_form(scene, fed):
    page = fed(scene)
    shown = {}
    for mood in EXPRESSIONS:
        page.show(said_by(mood))
        picture = page.picture()
        mask = form_in(picture)
        assert mask.mean() > 0.01, f"{mood} shows no form"
        shown[mood] = (colour_of(picture, mask), mask)
    for one, other in itertools.combinations(EXPRESSIONS, 2):
        away = np.hypot(*(shown[one][0] - shown[other][0]))
        same = overlap(shown[one][1], shown[other][1])
        alike = f"{one} and {other}: {away:.1f} in colour, {same:.2f} in form"
        assert away > 6 or same < 0.7, alike
    # joy rises and sadness falls
    assert middle_of(shown["happy"][1])[1] < middle_of(shown["sad"][1])[1] - 0.02


def test_the_same_state_gives_the_same_picture(fed):
    page = fed("bloom")
    state = said_by("happy")
    page.show(state)
    first = page.picture()
    page.show(said_by("angry"))
    page.show(state)
    again = page.picture()
    one, other = form_in(first), form_in(again)
    assert overlap(one, other) > 0.7
    assert np.hypot(*(colour_of(first, one) - colour_of(again, other))) < 5


def test_the_flower_opens_with_the_arms(fed):
    page = fed("bloom")
    page.show(said_by(openness=0.0))
    closed = form_in(page.picture()).any(axis=0).mean()
    page.show(said_by(openness=1.0))
    opened = form_in(page.picture()).any(axis=0).mean()
    assert opened > 1.25 * closed, "not wider"


def test_the_lean_pulls_the_flower_to_its_side(fed):
    page = fed("bloom")
    page.show(said_by(lean=-0.8))
    left = middle_of(form_in(page.picture()))[0]
    page.show(said_by(lean=0.8))
    right = middle_of(form_in(page.picture()))[0]
    assert right > left + 0.02


def test_a_spread_hand_pushes_and_a_fist_draws(fed):
    page = fed("bloom")

    def form_with(open_: float) -> np.ndarray:
        # beside the flower, on the right of the screen
        hand = Hand(side="right", x=0.3, y=0.5, open=open_, confidence=0.95)
        page.show(said_by(openness=0.6, hands=(hand,)))
        return form_in(page.picture())

    pushed, drawn = form_with(1.0), form_with(0.0)
    assert middle_of(drawn)[0] > middle_of(pushed)[0] + 0.02


@pytest.mark.parametrize("scene", WITH_OBJECTS)
def test_what_is_born_gathers_and_leaves_again(scene, fed):
    page = fed(scene)
    state = said_by("happy", more=3)
    page.show(state)
    born = len(state["add"])
    assert born >= 9
    assert page.page.evaluate("mien.drawn.objects") == born
    # what `clear` sends
    gone = {**state, "add": [], "reset": False, "remove": [each["id"] for each in state["add"]]}
    page.feed(gone)
    page.go_on(STEP)
    assert page.page.evaluate("mien.drawn.objects === 0 && mien.drawn.leaving > 0")
    page.go_on(SETTLED)
    assert page.page.evaluate("mien.drawn.leaving") == 0


@pytest.mark.parametrize("quality", ["minimal", "low", "medium", "high"])
@pytest.mark.parametrize("scene", WITH_OBJECTS)
def test_a_full_scene_keeps_to_its_budget(scene, quality, software, fed):
    """The budgets are in static/src/stage/quality.js."""
    if quality in ("medium", "high") and software:
        pytest.skip(f"{quality} quality takes minutes without a graphics card")
    page = fed(scene, quality, width=240)
    crowd = said_by("surprise", more=8)
    assert len(crowd["add"]) == initial().memory.mappings.objects.limit
    page.show(crowd)
    assert page.page.evaluate("mien.drawn.objects") == len(crowd["add"])
    cost, budget = page.page.evaluate("[mien.cost, mien.budget]")
    assert cost.keys() == budget.keys()
    for what, most in budget.items():
        assert 0 < cost[what] <= most, f"{what}: {cost[what]} of {most}"


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean distance of two pictures in CIELAB."""
    return float(np.linalg.norm(one - other, axis=2).mean())


def test_a_replay_is_a_landscape_with_light_and_distance(installation, open_page):
    address = f"{installation.url}/?replay={RECORDING}&scene=landscape&seed={SUMMER}"
    page = open_page(address)
    wait_for(page, "mien.scene === 'landscape' && mien.state && mien.state.present")
    wait_for(page, "mien.drawnFrames > 75")
    picture = picture_of(page)
    third = len(picture) // 3
    sky, land = picture[: third // 2], picture[third:]
    assert 25 < sky[:, :, 0].mean() < 97
    assert sky[:, :, 0].mean() > land[:, :, 0].mean(), "the land is lighter than the sky"
    assert land[:, :, 0].std() > 6, "no light and shade"
    assert page.complaints == []


@pytest.mark.parametrize(("view", "seed"), VIEWS.items())
def test_each_kind_of_landscape_is_another_view(view, seed, fed):
    page = fed("landscape", "minimal", width=320, seed=seed)
    page.show(said_by("happy"))
    assert page.page.evaluate("mien.drawn.view") == view
    picture = page.picture()
    assert picture.std((0, 1)).max() > 5, "neither light and shade nor colours"
    # no gap between the ground and the edges of the picture
    assert picture[-3:, :, 0].min() > 4
    assert page.page.complaints == []


@pytest.mark.slow
def test_a_seed_is_a_view(fed):
    def seen(seed: int) -> np.ndarray:
        page = fed("landscape", "minimal", width=320, seed=seed)
        page.show(said_by("happy"))
        return page.picture()

    first = seen(VIEWS["river"])
    assert difference(first, seen(VIEWS["river"])) < 2, "more than wind and water"
    assert difference(first, seen(VIEWS["mountain"])) > 8


@pytest.mark.slow
def test_every_expression_has_its_weather(fed):
    page = fed("landscape")
    shown = {}
    for mood in EXPRESSIONS:
        state = said_by(mood)
        page.show(state)
        page.show({**state, "reset": False})  # weather takes its time
        shown[mood] = page.picture()
    for one, other in itertools.combinations(EXPRESSIONS, 2):
        assert difference(shown[one], shown[other]) > 4, f"{one} and {other}"
    light = {mood: picture[:, :, 0].mean() for mood, picture in shown.items()}
    assert min(light, key=light.get) == "fear", "no night"
    assert light["happy"] > light["sad"] + 5
    red = {mood: picture[: len(picture) // 4, :, 1].mean() for mood, picture in shown.items()}
    assert red["angry"] > red["neutral"] + 4, "no sunset"


def test_plants_are_green_and_clearing_brings_the_next_season(fed):
    page = fed("landscape", seed=VIEWS["forest"])
    state = said_by("happy")
    page.show(state)
    page.show({**state, "reset": False})
    before = page.picture()
    page.go_on(STEP)
    picture = page.picture()
    wind = difference(picture, before)
    summer = picture[len(picture) // 2 :]
    action = {"id": 1, "name": "clear", "argument": None}
    page.feed({**state, "reset": False, "actions": [action]})
    page.go_on(STEP)
    assert difference(page.picture(), picture) < 1.5 * wind, "it popped"
    page.show({**state, "reset": False})
    page.show({**state, "reset": False})
    autumn = page.picture()[-len(summer) :]
    assert summer[:, :, 1].mean() < -4, "not green"
    assert autumn[:, :, 1].mean() > summer[:, :, 1].mean() + 2


def test_energy_is_wind(fed):
    page = fed("landscape", seed=VIEWS["fields"])

    def moved(energy: float) -> float:
        state = said_by("happy")
        state = {**state, "body": {**state["body"], "energy": energy}}
        page.show(state)
        before = page.picture()
        page.go_on(0.3)
        return difference(before, page.picture())

    assert moved(1.0) > 1.3 * moved(0.0)
