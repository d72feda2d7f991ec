"""Words over the canvas can be read in every scene: measured on the pixels behind them.

axe calls contrast over a canvas incomplete.  Here each text is made transparent, with its shade
left as it is, and the page is photographed: what is seen then is the ground of its letters.
WCAG 2.2, 1.4.3: at least 4.5 : 1, and 3 : 1 for large letters.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import ALONE, agree, settled, until, wait_for
from tests.browser.test_scenes import said_by
from tests.messages import messages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SCENES = ("primitives", "bloom", "landscape", "puppet", "ar")
WORST = 2
"""Percent of the pixels behind a text that may be worse: a spark, a star."""

TEXTS = """() => {
    const canvas = new OffscreenCanvas(1, 1)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    const rgba = (colour) => {
        context.clearRect(0, 0, 1, 1)
        context.fillStyle = colour
        context.fillRect(0, 0, 1, 1)
        return [...context.getImageData(0, 0, 1, 1).data]
    }
    const found = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const node = walker.currentNode
        const one = node.parentElement
        if (one.closest('[aria-disabled=true], noscript, .unseen')) continue
        // a button for the keyboard alone is a point until it has the focus
        if (!node.textContent.trim() || one.getBoundingClientRect().width <= 1) continue
        if (!one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
        const range = document.createRange()
        range.selectNodeContents(node)
        const style = getComputedStyle(one)
        let opacity = 1
        for (let up = one; up; up = up.parentElement) opacity *= getComputedStyle(up).opacity
        const size = parseFloat(style.fontSize)
        const boxes = [...range.getClientRects()].map((box) => [
            Math.max(box.left, 0), Math.max(box.top, 0),
            Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight),
        ]).filter(([left, top, right, bottom]) => right - left > 3 && bottom - top > 3)
        if (!boxes.length) continue
        found.push({
            text: node.textContent, boxes, opacity, colour: rgba(style.color),
            large: size >= 24 || (size >= 18.66 && style.fontWeight >= 700),
        })
    }
    return found
}"""
"""Every text that is seen: where, in which colour [r, g, b, a], how opaque, and whether large."""

BARE = """async (bare) => {
    const wanted = { 'transition': 'none', '-webkit-text-fill-color': 'transparent' }
    for (const one of document.querySelectorAll('body *')) {
        for (const [name, value] of Object.entries(wanted)) {
            if (bare) one.style?.setProperty(name, value, 'important')
            else one.style?.removeProperty(name)
        }
    }
    const frame = () => new Promise(requestAnimationFrame)
    for (let i = 0; i < 3; i++) await frame()
}"""
"""The letters go, or come back; their shade stays."""


WELCOMED = """(engine) => {
    wire.hear('42', ['welcome', {
        frame: { width: 640, height: 480, quality: 0.8, rate: 15 }, replays: [],
        absence: 20, saving: true, camera: { camera: '', turn: 0, mirror: true },
        art: { engines: [engine], sound: false, own: false },
    }])
    wire.hear('42', ['visit', { token: 't', pictures: [] }])
    wire.hear('42', ['way', { state: 'play' }])
}"""
"""A house with one engine."""

DONE = """(engine) => wire.hear('42', ['art', {
    id: 'a', state: 'done', engine, scene: 'landscape', emotion: true, place: 0, before: 0,
    progress: 1, code: '', message: '', strokes: null, scores: null,
    urls: { picture: '/art/pictures/a.png', reference: null, look: null },
}])"""
"""What the capture `a` has become."""

STAYS_AWAKE = """() => {
    const page = document.getElementById('page')
    const wake = () => page.dataset.awake === 'true' || (page.dataset.awake = 'true')
    new MutationObserver(wake).observe(page, { attributes: true })
    wake()
}"""
"""A hand that moves all the time: the controls do not leave while a slow machine photographs."""


def luminance(colour: np.ndarray) -> np.ndarray:
    """[..., 3] sRGB, 0 to 1 -> [...] relative luminance, as WCAG defines it."""
    light = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return light @ np.array([0.2126, 0.7152, 0.0722])


def contrasts(page: Page) -> dict[str, tuple[float, bool]]:
    """Of every text that is seen: its contrast, and whether it is large."""
    settled(page)
    texts = page.evaluate(TEXTS)
    page.evaluate(BARE, True)
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")) / 255
    page.evaluate(BARE, False)
    assert np.ptp(shot) > 0, "nothing is drawn"
    found = {}
    for one in texts:
        ground = np.concatenate(
            [
                shot[int(top) : int(bottom) + 1, int(left) : int(right) + 1].reshape(-1, 3)
                for left, top, right, bottom in one["boxes"]
            ]
        )
        share = one["colour"][3] / 255 * one["opacity"]
        letters = share * np.array(one["colour"][:3]) / 255 + (1 - share) * ground
        light, dark = luminance(letters) + 0.05, luminance(ground) + 0.05
        ratio = np.maximum(light, dark) / np.minimum(light, dark)
        found[one["text"]] = float(np.percentile(ratio, WORST)), one["large"]
    return found


def check(page: Page, where: str, *expected: str) -> None:
    found = contrasts(page)
    for text in expected:
        assert text in found, f"{text!r} is not seen {where}, only {list(found)}"
    poor = {
        text: round(ratio, 2)
        for text, (ratio, large) in found.items()
        if ratio < (3 if large else 4.5)
    }
    assert not poor, f"{where}: {poor}"


def show(page: Page, mood: str) -> None:
    """Two seconds of somebody whose state this is: bright, and with the words for it."""
    state = said_by(mood, openness=0.9)
    page.evaluate("(state) => wire.hear('42', ['scene', state])", state)
    page.wait_for_timeout(1500)
    page.evaluate("(state) => wire.hear('42', ['scene', state])", {**state, "reset": False})


@pytest.mark.parametrize("scene", SCENES)
def test_words_can_be_read_over_the_scene(installation, open_page, scene):
    page = open_page("about:blank", reduced_motion="reduce")
    page.add_init_script(ALONE)
    page.goto(f"{installation.url}/?lang=en&scene={scene}&seed=5&quality=minimal")
    wait_for(page, f"mien.scene === '{scene}' && mien.connection === 'online'")
    page.evaluate(STAYS_AWAKE)
    sizes = [(960, 540), (390, 844)]
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        check(page, f"at the notice, {width} × {height}", "Yes, the camera may see me.")
    page.evaluate("wire.hear('42', ['way', { state: 'attract' }])")
    show(page, "happy")
    until(page, "document.querySelector('.attract .line').dataset.shown === 'true'")
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        check(page, f"in attract, {width} × {height}")
    page.evaluate("wire.hear('42', ['way', { state: 'notice' }])")
    agree(page)
    wait_for(page, "mien.camera === 'on'")
    page.evaluate("wire.hear('42', ['way', { state: 'play' }])")
    page.evaluate("wire.hear('42', ['status', { state: 'paused', place: 0 }])")
    page.keyboard.press("w")
    show(page, "happy")
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        expected = ("One moment.", "Camera on", "Stop", "bright")
        check(page, f"in play, {width} × {height}", *expected)


ENGINE = {
    "name": "painted",
    "live": False,
    "scenes": None,
    "own": True,
    "capture": True,
    "mixture": True,
    "reads": False,
}
LARGE = [(1920, 1080), (1080, 1920)]
"""A kiosk and a wall."""


def harshest() -> bytes:
    """A PNG of what is worst to write on: white beside black, in patches as large as letters."""
    patches = np.random.default_rng(0).integers(0, 2, (36, 64), np.uint8) * 255
    file = io.BytesIO()
    Image.fromarray(patches.repeat(16, 0).repeat(16, 1)).convert("RGB").save(file, "PNG")
    return file.getvalue()


def test_words_can_be_read_over_what_a_picture_has_become(installation, open_page):
    """And over the help; on large screens, over the brightest scene."""
    made = harshest()
    page = open_page("about:blank", reduced_motion="reduce")
    page.add_init_script(ALONE)
    page.route("**/art/captures*", lambda route: route.fulfill(json={"id": "a", "face": False}))
    page.route(
        "**/art/pictures/*", lambda route: route.fulfill(body=made, content_type="image/png")
    )
    page.goto(f"{installation.url}/?lang=en&scene=landscape&seed=5&quality=minimal")
    wait_for(page, "mien.scene === 'landscape' && mien.connection === 'online'")
    page.evaluate(STAYS_AWAKE)
    page.set_viewport_size({"width": 1920, "height": 1080})
    agree(page)
    wait_for(page, "mien.camera === 'on'")
    page.evaluate(WELCOMED, ENGINE)
    show(page, "happy")
    taken = {"actions": [{"id": 1, "name": "capture", "argument": None}], "reset": False}
    page.evaluate("(one) => wire.hear('42', ['scene', { ...mien.state, ...one }])", taken)
    wait_for(page, "mien.pictures === 1")
    page.get_by_test_id("picture-save").focus()
    page.evaluate(DONE, ENGINE["name"])
    wait_for(page, "mien.made === 1")
    said = [messages("en")[key] for key in ("picture.save", "picture.aside", "engine.painted")]
    for width, height in LARGE:
        page.set_viewport_size({"width": width, "height": height})
        page.get_by_test_id("picture-save").focus()
        check(page, f"over a result, {width} × {height}", *said, "Stop")
    page.get_by_test_id("picture-aside").click()
    page.keyboard.press("h")
    for width, height in LARGE:
        page.set_viewport_size({"width": width, "height": height})
        check(page, f"in the help, {width} × {height}", messages("en")["help.title"])
