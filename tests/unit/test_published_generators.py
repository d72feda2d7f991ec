"""The generators in models/weights, as the installation uses them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gan_cut.inference import Translator
from models import registry
from server.art.engines import ENGINES

FILES = {
    name: engine.live_weights.removesuffix(".safetensors")
    for name, engine in ENGINES.items()
    if engine.live and name in registry.names()
}
"""The translators of captures that are published, and their students."""


def view(width: int, height: int) -> np.ndarray:
    """A sky that brightens downwards, a sun, two hills and a lake: [height, width, 3] uint8."""
    sky = np.linspace((70, 110, 170), (220, 200, 180), height)[:, None].repeat(width, 1)
    image = Image.fromarray(sky.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.65, height * 0.12, width * 0.8, height * 0.27), fill=(250, 230, 160))
    draw.ellipse((-width * 0.3, height * 0.45, width * 0.6, height * 1.4), fill=(60, 90, 60))
    draw.ellipse((width * 0.3, height * 0.5, width * 1.4, height * 1.5), fill=(85, 120, 70))
    draw.rectangle((0, height * 0.82, width, height), fill=(60, 110, 140))
    return np.asarray(image)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("name", [*FILES, *FILES.values()])
def test_what_is_published_has_its_card_and_figures(name):
    card = registry.card(name)
    registry.check(name)
    assert card["bytes"] < registry.LARGEST
    assert card["data"] and card["terms"] and card["limits"] and card["command"]
    assert {row["name"] for row in card["metrics"]}, "evaluate it, then publish it again"
    assert (
        (registry.WEIGHTS / f"{name}.card.md").read_text(encoding="utf-8").startswith(f"# {name}")
    )


@pytest.mark.parametrize("name", FILES)
def test_it_paints_what_stands_in_the_view(name):
    folder = registry.WEIGHTS
    full = Translator(folder / f"{name}.safetensors", threads=1)
    live = Translator(folder / f"{FILES[name]}.safetensors", threads=1)
    for size in ((256, 256), (384, 256)):
        capture = view(*size)
        painting, quick = full(capture), live(capture)
        for picture in (painting, quick):
            assert picture.shape == capture.shape and picture.dtype == np.uint8
            grey, known = picture.mean(2), capture.mean(2)
            assert grey.std() > 15, "flat"
            assert np.corrcoef(grey.ravel(), known.ravel())[0, 1] > 0.5, "another view"
        assert distance(painting, capture) > 8, "the capture itself"
        assert distance(painting, quick) < distance(painting, capture), "the student is elsewhere"


def test_there_are_some():
    assert "monet" in FILES and FILES["monet"] in registry.names()


@pytest.mark.slow
def test_engines_paint_differently():
    paintings = [
        Translator(registry.WEIGHTS / f"{name}.safetensors", threads=1)(view(256, 256))
        for name in FILES
    ]
    for number, one in enumerate(paintings):
        assert all(distance(one, other) > 8 for other in paintings[:number])


def test_what_an_engine_has_learned_is_what_its_cards_say():
    for name, engine in ENGINES.items():
        for file in engine.weights if engine.scenes else ():
            model = file.removesuffix(".safetensors")
            if model not in registry.names() or model == "upscaler":
                continue
            entries = [e["what"] for e in registry.card(model)["data"] if "captures" in e["what"]]
            for scene in engine.scenes:
                assert any(scene in what for what in entries), f"{name}: {model} knows no {scene}"
