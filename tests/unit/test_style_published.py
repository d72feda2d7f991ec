"""The emotional style in models/weights, as the installation uses it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gan_cut.stylist import Stylist
from models import registry
from models.core.emotions import EXPRESSIONS, parse_emotion

if "style" not in registry.names():
    pytest.skip("models/weights has no style.safetensors", allow_module_level=True)


@pytest.fixture(scope="module")
def stylist() -> Stylist:
    return Stylist(registry.WEIGHTS / "style.safetensors", "eager-fp32", "cpu")


def view() -> np.ndarray:
    """A sky that brightens downwards, a sun, a hill and a lake: [192, 256, 3] uint8."""
    sky = np.linspace((70, 110, 170), (220, 200, 180), 192)[:, None].repeat(256, 1)
    image = Image.fromarray(sky.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.ellipse((160, 25, 200, 65), fill=(250, 230, 160))
    draw.ellipse((-80, 80, 150, 260), fill=(60, 90, 60))
    draw.rectangle((0, 155, 256, 192), fill=(60, 110, 140))
    return np.asarray(image)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def test_it_has_its_card_and_figures():
    card = registry.card("style")
    registry.check("style")
    assert card["bytes"] < 4_000_000
    (works,) = (entry for entry in card["data"] if entry["used_as"] == "works")
    assert all(f"{expression}: " in works["what"] for expression in EXPRESSIONS)
    assert card["terms"] and card["limits"] and card["metrics"]


def test_every_expression_paints_the_view_in_its_own_way(stylist):
    capture = view()
    paintings = {name: stylist(capture, parse_emotion(name)) for name in EXPRESSIONS}
    for name, painting in paintings.items():
        grey, known = painting.mean(2), capture.mean(2)
        assert painting.shape == capture.shape and grey.std() > 12, f"{name} is flat"
        assert distance(painting, capture) > 8, f"{name} is the capture itself"
        burnt = ((painting.min(2) > 250) | (painting.max(2) < 5)).mean()
        assert burnt < 0.25, f"{name} is blown out"
        # contours stay: strong edges of the view are edges of the painting
        edges, of_painting = (np.hypot(*np.gradient(x)) for x in (known, grey))
        strong = edges > np.quantile(edges, 0.97)
        assert of_painting[strong].mean() > 1.5 * of_painting[~strong].mean(), name
    for number, one in enumerate(EXPRESSIONS):
        for other in EXPRESSIONS[number + 1 :]:
            assert distance(paintings[one], paintings[other]) > 8, f"{one} and {other}"


def test_between_two_expressions_lies_a_picture_between(stylist):
    capture = view()
    ends = [stylist(capture, parse_emotion(name)) for name in ("happy", "sad")]
    half = stylist(capture, parse_emotion("happy=0.5,sad=0.5"))
    assert max(distance(half, end) for end in ends) < distance(*ends)


def test_one_side_can_be_happy_and_the_other_sad(stylist):
    capture, happy, sad = view(), parse_emotion("happy"), parse_emotion("sad")
    both = stylist(capture, np.stack([happy, happy, sad, sad])[None])
    left, right = np.s_[:, :64], np.s_[:, -64:]
    ends = stylist(capture, happy), stylist(capture, sad)
    assert distance(both[left], ends[0][left]) < distance(both[left], ends[1][left])
    assert distance(both[right], ends[1][right]) < distance(both[right], ends[0][right])
