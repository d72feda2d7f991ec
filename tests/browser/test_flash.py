"""Nobody is harmed by light: no more than three flashes in any second, whatever arrives.

WCAG 2.2, success criterion 2.3.1: a general flash is a pair of opposing changes in relative
luminance of 10 % or more of the maximum, where the darker of the two is below 0.80, over more than
a quarter of any 10 degrees of the visual field: about a third of the screen in each direction.
"""

import base64

import numpy as np
import pytest

from tests.browser.conftest import ALONE, hold_time, wait_for

pytestmark = pytest.mark.browser

GRID = (27, 48)
"""Rows and columns in which the light is measured."""
FIELD = (9, 16)
"""Rows and columns of 10 degrees."""
CHANGE, DARKER, AREA = 0.1, 0.8, 0.25
TOGETHER = 0.1
"""Seconds within which changes of different places are seen as one."""
MOST = 3
SEED = 13
"""Of fourteen landscapes the one that flashed most, before its hills were heavy."""
SECONDS = 5

READABLE = """
    const getContext = HTMLCanvasElement.prototype.getContext
    HTMLCanvasElement.prototype.getContext = function (kind, options) {
        return getContext.call(this, kind, { ...options, preserveDrawingBuffer: true })
    }
"""
"""The test reads the canvas whenever it likes."""

HOSTILE = """
(half) => {
    const names = mien.scenes
    let id = 1000
    let turn = 0
    let living = []
    // as many, as large and as bright as the stage ever makes them
    const objects = (high) => {
        const born = high ? Array.from({ length: 3 }, () => ({
            id: ++id, kind: 'sphere', size: 0.2, colour: [1, 0.02, 90], spin: [2, 2, 2],
            meaning: 'light',
            position: [Math.sin(id * 12.9), Math.sin(id * 78.2), 0.6],
        })) : []
        living.push(...born.map((one) => one.id))
        const gone = turn % 5 === 0 ? living : living.slice(0, -24)
        living = turn % 5 === 0 ? [] : living.slice(-24)
        return [born, gone]
    }
    const state = (high, [born, gone]) => ({
        time: turn * half, frame: turn + 1, present: high, people: high ? 2 : 0,
        mixture: { angry: high ? 1 : 0, disgust: 0, fear: 0, happy: 0, neutral: 0,
                   sad: high ? 0 : 1, surprise: 0 },
        expression: high ? 'angry' : 'sad', certainty: 1,
        affect: { pleasure: high ? 1 : -1, arousal: high ? 1 : -1, dominance: high ? 1 : -1 },
        pose: { name: high ? 'arms_up' : 'arms_crossed', confidence: 1, held: 1 },
        colour: {
            accent: high ? [0.98, 0.37, 100] : [0.02, 0.37, 280],
            palette: Array(5).fill(high ? [1, 0.02, 90] : [0, 0.3, 270]),
            ground: high ? [0.9, 0.05, 90] : [0.02, 0.01, 60],
            meanings: Object.fromEntries(['plants', 'water', 'earth', 'sky', 'fire', 'night',
                'light'].map((name) => [name, high ? [1, 0.05, 90] : [0, 0.05, 270]])),
        },
        form: { roundness: high ? 1 : 0, facets: high ? 0 : 1, noise: high ? 1 : 0,
                asymmetry: high ? 1 : 0, diagonal: high ? 1 : 0, opening: high ? 1 : 0 },
        motion: { speed: high ? 2 : 0, amplitude: high ? 1 : 0, jerk: 1, lift: high ? 1 : -1,
                  tremble: 1, pulse: 1, expand: high ? 1 : 0, fold: high ? 0 : 1, breath: 60 },
        body: {
            openness: high ? 1 : 0, energy: 1, lean: high ? 1 : -1,
            head: { x: high ? 1 : -1, y: high ? 1 : -1, size: high ? 1 : 0.05,
                    yaw: high ? 90 : -90, pitch: high ? 60 : -60, roll: high ? 60 : -60 },
            hands: ['left', 'right'].map((side) => ({
                side, x: high ? 1 : -1, y: high ? 1 : -1, open: high ? 1 : 0 })),
        },
        add: born, remove: gone,
        actions: [
            { id: ++id, name: 'clear', argument: null },
            { id: ++id, name: 'freeze', argument: null },
            ...(turn % 40 === 0 ? [{ id: ++id, name: 'capture', argument: null }] : []),
            ...(turn % 40 === 20 ? [{ id: ++id, name: 'scene', argument: null },
                { id: ++id, name: 'scene', argument: names[turn % names.length] }] : []),
        ],
        countdown: turn % 20 < 10 ? { action: 'capture', remaining: 1, length: 3 } : null,
        frozen: false, reset: turn % 7 === 0,
    })
    window.hostility = setInterval(() => {
        turn++
        wire.hear('42', ['scene', state(turn % 2 === 0, objects(turn % 2 === 0))])
    }, half * 1000)
}
"""

WATCH = """
([rows, columns]) => {
    const small = document.createElement('canvas')
    small.width = columns
    small.height = rows
    const context = small.getContext('2d', { willReadFrequently: true })
    context.imageSmoothingQuality = 'high'
    const stage = document.getElementById('stage')
    const dusk = document.querySelector('.dusk')
    const print = document.querySelector('.print')
    const living = document.querySelector('.living')
    const opacity = (one, part) => parseFloat(getComputedStyle(one, part).opacity)
    const linear = Float32Array.from({ length: 256 }, (_, i) => {
        const v = i / 255
        return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    })
    window.seen = { times: [], light: [] }
    const look = (now) => {
        window.watching = requestAnimationFrame(look)
        const lay = (one) => {
            const { x, y, width, height } = one.getBoundingClientRect()
            const [sx, sy] = [columns / innerWidth, rows / innerHeight]
            context.globalAlpha = opacity(one.closest('.print') ?? one)
            context.drawImage(one, x * sx, y * sy, width * sx, height * sy)
        }
        // as it lies on the page: canvas over ground, living painting over it, dusk over both,
        // picture over all
        context.globalAlpha = 1
        context.fillStyle = '#0f0c0a'
        context.fillRect(0, 0, columns, rows)
        context.globalAlpha = opacity(stage)
        context.drawImage(stage, 0, 0, columns, rows)
        lay(living)
        context.globalAlpha = 0.9 * opacity(dusk)
        context.fillRect(0, 0, columns, rows)
        context.globalAlpha = opacity(dusk) * opacity(dusk, '::after')
        context.fillRect(0, 0, columns, rows)
        const image = print.querySelector('img')
        if (image.complete && image.naturalWidth) lay(image)
        const { data } = context.getImageData(0, 0, columns, rows)
        const light = new Uint8Array(rows * columns)
        for (let i = 0; i < light.length; i++) {
            light[i] = 255 * (0.2126 * linear[data[4 * i]] + 0.7152 * linear[data[4 * i + 1]]
                + 0.0722 * linear[data[4 * i + 2]])
        }
        window.seen.times.push(now / 1000)
        window.seen.light.push(light)
    }
    requestAnimationFrame(look)
}
"""

FLICKER = """
async () => {
    const jpeg = async (colour) => {
        const canvas = new OffscreenCanvas(64, 64)
        const context = canvas.getContext('2d')
        context.fillStyle = colour
        context.fillRect(0, 0, 64, 64)
        return (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer()
    }
    const paintings = [await jpeg('#000'), await jpeg('#fff')]
    wire.send = (data) => {
        if (typeof data !== 'string' || !data.startsWith('451-["canvas"')) return
        const number = JSON.parse(data.slice(4))[1]
        wire.hear('451-', ['painted', { number }, { _placeholder: true, num: 0 }])
        wire.onmessage({ data: paintings[number % 2] })
    }
    wire.hear('42', ['welcome', {
        frame: { width: 640, height: 360, quality: 0.8, rate: 15 }, replays: [],
        camera: { camera: '', turn: 0, mirror: true }, saving: true,
        art: {
            engines: [{ name: 'monet', live: true, scenes: null, own: true, capture: true }],
            sound: false,
        },
    }])
    wire.hear('42', ['visit', { token: 'visit', pictures: [] }])
}
"""
"""An engine that paints black and white in turn."""

TELL = """
() => {
    cancelAnimationFrame(window.watching)
    clearInterval(window.hostility)
    const { times, light } = window.seen
    const bytes = new Uint8Array(light.length * light[0].length)
    light.forEach((one, i) => bytes.set(one, i * one.length))
    let text = ''
    for (let i = 0; i < bytes.length; i += 8192)
        text += String.fromCharCode(...bytes.subarray(i, i + 8192))
    return [times, btoa(text)]
}
"""


def turns(light: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a place has become brighter, or darker, by a flash's half since its last extreme.

    light [n, places] relative luminance -> two arrays [n, places] of booleans.
    """
    up, down = np.zeros(light.shape, bool), np.zeros(light.shape, bool)
    low, high = light[0].copy(), light[0].copy()
    direction = np.zeros(light.shape[1], int)
    for n, now in enumerate(light):
        low, high = np.minimum(low, now), np.maximum(high, now)
        up[n] = (direction <= 0) & (now - low >= CHANGE) & (low < DARKER)
        down[n] = (direction >= 0) & (high - now >= CHANGE) & (now < DARKER)
        direction = np.where(up[n], 1, np.where(down[n], -1, direction))
        # the extreme begins anew at each turn
        low, high = np.where(up[n], now, low), np.where(down[n], now, high)
        high, low = np.where(up[n], now, high), np.where(down[n], now, low)
    return up, down


def most_flashes(times: np.ndarray, light: np.ndarray) -> int:
    """The most flashes in any second, in any field.

    times [n] seconds; light [n, rows, columns] relative luminance.
    """
    up, down = (one.reshape(light.shape) for one in turns(light.reshape(len(light), -1)))
    worst = 0
    for top in range(0, GRID[0] - FIELD[0] + 1, 3):
        for left in range(0, GRID[1] - FIELD[1] + 1, 4):
            field = np.s_[:, top : top + FIELD[0], left : left + FIELD[1]]
            at = changes(times, up[field].sum((1, 2)), down[field].sum((1, 2)))
            in_a_second = [np.sum((at >= start) & (at < start + 1.0)) for start in at]
            worst = max([worst, *(count // 2 for count in in_a_second)])
    return int(worst)


def changes(times: np.ndarray, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """When a field becomes brighter or darker, in turn.

    times [n] seconds; up, down [n] how many of its places turn.  Places that turn within TOGETHER
    add up, but none counts in two changes.
    """
    enough = AREA * FIELD[0] * FIELD[1]
    found, last, begin = [], 0, 0
    for n, time in enumerate(times):
        begin = max(begin, np.searchsorted(times, time - TOGETHER))
        rises, falls = up[begin : n + 1].sum() > enough, down[begin : n + 1].sum() > enough
        now = 1 if rises and last <= 0 else -1 if falls and last >= 0 else 0
        if now:
            found.append(time)
            last, begin = now, n + 1
    return np.array(found)


def test_the_measure_sees_flashes():
    """Known sequences: the measure is not blind, and does not see what is none."""
    times = np.arange(0, 3, 1 / 30)
    flicker = 0.2 + 0.3 * (np.sin(2 * np.pi * 5 * times) > 0)
    everywhere = np.broadcast_to(flicker[:, None, None], (len(times), *GRID))
    assert most_flashes(times, everywhere) >= 4
    slow = 0.2 + 0.3 * (np.sin(2 * np.pi * 2 * times) > 0)
    slowly = np.broadcast_to(slow[:, None, None], everywhere.shape)
    assert 1 <= most_flashes(times, slowly) <= 2
    small = np.full(everywhere.shape, 0.2)
    small[:, :4, :4] = everywhere[:, :4, :4]
    assert most_flashes(times, small) == 0
    faint = 0.2 + (everywhere - 0.2) * 0.3
    assert most_flashes(times, faint) == 0
    bright = 0.82 + (everywhere - 0.2) * 0.5
    assert most_flashes(times, bright) == 0


def look_on(page, step: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Watch the page for SECONDS of its own time: times [n], light [n, rows, columns].

    After each `step` of milliseconds it has time for what is done beside its frames.
    """
    page.evaluate(WATCH, list(GRID))
    for _ in range(SECONDS * 1000 // step):
        page.clock.run_for(step)
    times, text = page.evaluate(TELL)
    light = np.frombuffer(base64.b64decode(text), np.uint8).astype(np.float32) / 255
    return np.array(times), light.reshape(-1, *GRID)


def hostile_page(open_page, installation, scene: str):
    """A page that shows a scene, and whose time goes by only when the test says so.

    So every display frame is drawn and seen, on the slowest machine.
    """
    page = open_page("about:blank", viewport={"width": 320, "height": 180}, slow=False)
    page.clock.install(time=0)
    page.add_init_script(ALONE)
    page.add_init_script(READABLE)
    page.goto(f"{installation.url}/?replay=any&quality=minimal&scene={scene}&seed={SEED}")
    wait_for(page, f"mien.scene === '{scene}' && mien.connection === 'online'")
    hold_time(page)
    return page


@pytest.fixture(scope="module")
def scenes(installation, browser) -> list[str]:
    """The names of all scenes, as the page knows them."""
    page = browser.new_page()
    page.goto(f"{installation.url}/?replay=asl_again")
    wait_for(page, "mien.scene")
    names = page.evaluate("mien.scenes")
    page.close()
    assert "primitives" in names
    return names


@pytest.mark.slow
@pytest.mark.parametrize("half", [1 / 30, 1 / 8], ids=["15 times a second", "4 times a second"])
def test_no_input_makes_the_page_flash(installation, open_page, scenes, half):
    """Every scene there is, and from one to the next, with all that can be asked for."""
    for scene in scenes:
        page = hostile_page(open_page, installation, scene)
        page.evaluate(HOSTILE, half)
        times, light = look_on(page)
        assert len(times) > 20 * SECONDS, "frames were lost"
        assert np.ptp(light, 0).max() > 0.01, "nothing moved: the input has not arrived"
        assert most_flashes(times, light) <= MOST, scene
        page.close()


def test_no_engine_makes_the_living_painting_flash(installation, open_page):
    page = hostile_page(open_page, installation, "primitives")
    page.evaluate(FLICKER)
    page.keyboard.press("v")
    page.clock.run_for(2000)
    painted = page.evaluate("mien.living.painted")
    times, light = look_on(page, 50)
    assert page.evaluate("mien.living.painted") > painted + 8 * SECONDS
    assert np.ptp(light[:, 13, 24]) > 0.02, "the paintings have not been shown"
    assert most_flashes(times, light) <= MOST
