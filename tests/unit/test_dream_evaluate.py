"""The figures of pictures from nothing, on painters whose answers are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gan_cut.conditional_networks import STYLES
from gan_cut.dream_evaluate import CANDIDATES, distances, shows
from models.core.emotions import EXPRESSIONS
from models.core.squeezenet import SqueezeNetFeatures

HAPPY, SURPRISE = EXPRESSIONS.index("happy"), EXPRESSIONS.index("surprise")
REAL = {"positive": 0.6, "surprise": 0.5, "negative": 0.7}


class Painter:
    """Happy is red, surprise green, all others blue; every third picture is red."""

    generator = SimpleNamespace(code=4)

    def __call__(self, style, mixture, count, seed):
        return self.paint(style, np.tile(mixture, (count, 1)), np.zeros((count, 4)))

    def paint(self, style, mixtures, codes):
        pictures = np.zeros((len(mixtures), 64, 64, 3), np.uint8)
        for number, mixture in enumerate(mixtures):
            channel = {HAPPY: 0, SURPRISE: 1}.get(int(mixture.argmax()), 2)
            noise = np.random.default_rng(number).integers(0, 100, (64, 64))
            pictures[number, :, :, 0 if number % 3 == 0 else channel] = 120 + noise
        return pictures


def judge(pictures):
    return np.stack([p.mean((0, 1)) for p in pictures]) / 255


def choose(pictures, mixture, count):
    assert len(pictures) == CANDIDATES and mixture.shape == (7,)
    return [number for number in range(CANDIDATES) if number % 3][:count]


def values(rows):
    return {r["name"]: r for r in rows}


def test_what_shows_is_counted_with_and_without_choice():
    rows = values(shows(Painter(), judge, REAL, choose, rounds=1))
    assert rows["judge: real works, negative"]["value"] == 0.7
    assert rows["judge: generated, all candidates, positive"]["value"] == 1
    assert rows["judge: generated, all candidates, surprise"]["value"] == pytest.approx(2 / 3, 1e-3)
    assert rows["judge: generated, all candidates, negative"]["baseline"] == 0.7
    mean = rows["judge: generated, all candidates, mean of the groups"]
    assert mean["value"] == pytest.approx(7 / 9, 1e-3) and mean["met"]
    assert mean["baseline"] == pytest.approx(0.6)
    assert rows["judge: generated, best 3 of 24, mean of the groups"]["value"] == 1
    assert all(rows[f"judge: generated, best 3 of 24, {style}"]["value"] == 1 for style in STYLES)


def test_a_group_with_too_few_works_is_left_out():
    known = {"positive": 0.6, "negative": 0.7}
    rows = values(shows(Painter(), judge, known, None, rounds=1))
    assert not any("surprise" in name or "best" in name for name in rows)
    assert rows["judge: real works, positive"]["baseline"] == 0.5


def test_distances_are_smallest_to_what_is_alike(monkeypatch):
    monkeypatch.setattr("gan_cut.dream_evaluate.STYLES", STYLES[:1])
    monkeypatch.setattr("gan_cut.dream_evaluate.CANDIDATES", 4)
    torch.manual_seed(0)
    network = SqueezeNetFeatures()
    for p in network.parameters():
        if p.ndim > 1:
            torch.nn.init.kaiming_normal_(p)
    painter = Painter()
    mixtures = {style: np.eye(7, dtype=np.float32)[[HAPPY, 5] * 3] for style in STYLES}
    works = {style: painter.paint(style, mixtures[style], None) for style in STYLES}

    class Grey(Painter):
        def paint(self, style, mixtures, codes):
            return np.full((len(mixtures), 64, 64, 3), 128, np.uint8)

    rows = distances(painter, {"grey": Grey()}, works, mixtures, network)
    first = rows[0]
    assert first["name"] == "Fréchet distance, abstract, 6 to 6"
    assert first["value"] < 1e-3 < first["baseline"] == rows[1]["value"]
    assert "grey" in rows[1]["name"] and "3 to 3 (floor)" in rows[2]["name"]
    # what is made is the works, so that half of it is as far from the other half as theirs
    assert rows[2]["value"] == rows[2]["baseline"] > first["value"]
    assert rows[3]["name"] == "diversity within an emotion, abstract" and rows[3]["value"] > 0
