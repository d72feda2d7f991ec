"""The thirteen measures of pictures that can be computed by hand."""

import numpy as np
import pytest

from models.critic import handmade
from models.critic.handmade import NAMES, features, similarity

SIDE = handmade.SIDE


def flat(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((40, 60, 3), (red, green, blue), np.uint8)


def of(picture: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, features([picture])[0].tolist(), strict=True))


def test_black_white_and_grey():
    black, white = of(flat(0, 0, 0)), of(flat(255, 255, 255))
    assert black["brightness"] == 0 and white["brightness"] == pytest.approx(1)
    assert black["contrast"] == white["contrast"] == pytest.approx(0, abs=1e-6)
    for grey in (black, white, of(flat(90, 90, 90))):
        assert grey["saturation"] == 0 and grey["harmony"] == 0
        assert grey["warmth"] == pytest.approx(-0.5, abs=1e-3)
    # hard-soft of a grey: C counts as 0.1
    assert white["hard-soft"] == pytest.approx(11.1 - 11.4 * 0.1**0.02, abs=1e-2)
    assert black["hard-soft"] == pytest.approx(white["hard-soft"] + 3, abs=1e-2)


def test_half_black_and_half_white():
    halves = np.zeros((SIDE, SIDE, 3), np.uint8)
    halves[:, SIDE // 2 :] = 255
    found = of(halves)
    assert found["brightness"] == pytest.approx(0.5) and found["contrast"] == pytest.approx(0.5)


def test_brightness_of_the_three_lights():
    for colour, weight in (((255, 0, 0), 0.299), ((0, 255, 0), 0.587), ((0, 0, 255), 0.114)):
        assert of(flat(*colour))["brightness"] == pytest.approx(weight**0.5, abs=1e-6)


def test_warm_and_cool():
    # sRGB's red is L 53.2, a 80.1, b 67.2: C 104.6 at 40.0 degrees
    assert of(flat(255, 0, 0))["warmth"] == pytest.approx(
        -0.5 + 0.02 * 104.6**1.07 * np.cos(np.deg2rad(-10)), abs=0.02
    )
    assert of(flat(0, 60, 255))["warmth"] < -0.5 < of(flat(255, 160, 0))["warmth"]


@pytest.mark.parametrize("name", handmade.LANDMARKS)
def test_a_landmark_colour_is_nearest_to_itself(name):
    found = of(flat(*handmade.LANDMARKS[name]))
    assert found[name] == pytest.approx(0, abs=1e-3)
    assert all(found[other] > 30 for other in handmade.LANDMARKS if other != name)


def test_distance_is_that_of_lab():
    # white and black are 100 apart along L alone
    black = np.zeros((4, 4, 3), np.float32)
    assert handmade.distance(black, (255, 255, 255)) == pytest.approx(100, abs=0.1)


def test_structural_similarity():
    hard, soft = handmade.hard_texture(), handmade.soft_texture()
    assert similarity(hard, hard) == pytest.approx(1)
    assert similarity(hard, 1 - hard) < -0.5
    # two constants: the first factor alone is not 1
    a, b = np.full((SIDE, SIDE), 0.2, np.float32), np.full((SIDE, SIDE), 0.6, np.float32)
    expected = (2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4)
    assert similarity(a, b) == pytest.approx(expected, abs=1e-3)
    zigzag = (np.repeat(hard[..., None], 3, 2) * 255).astype(np.uint8)
    assert of(zigzag)["hard texture"] > 0.9 > 0.3 > of(zigzag)["soft texture"]
    hills = (np.repeat(soft[..., None], 3, 2) * 255).astype(np.uint8)
    assert of(hills)["soft texture"] > of(hills)["hard texture"]


def test_harmony_is_the_distance_to_the_best_template():
    def wheel(*hues):
        return handmade.disharmony(np.array([hues], np.float32), np.ones((1, len(hues))))

    assert wheel(10, 12, 190) == 0  # opposite hues: template I
    assert wheel(10, 12, 14) == 0
    # three at equal distances: X, two sectors of 93.6 around 0 and 180, holds the first, and the
    # others lie 60 from its far sector's middle
    assert wheel(2.5, 122.5, 242.5) == pytest.approx(2 * (60 - 46.8) / 3, abs=1e-4)
