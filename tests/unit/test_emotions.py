"""Emotions in words."""

from __future__ import annotations

import numpy as np
import pytest

from models.core.emotions import EXPRESSIONS, VALENCES, parse_emotion
from server import values


def test_the_order_is_the_servers():
    assert EXPRESSIONS == values.EXPRESSIONS


@pytest.mark.parametrize(
    "words, shares",
    [
        ("happy", {"happy": 1}),
        (" Happy ", {"happy": 1}),
        ("happy=0.6,surprise=0.4", {"happy": 0.6, "surprise": 0.4}),
        ("happy = 0.3, sad = 0.1", {"happy": 0.75, "sad": 0.25}),
        ("positive", {"happy": 1}),
        ("negative", {"angry": 0.25, "disgust": 0.25, "fear": 0.25, "sad": 0.25}),
        ("neutral=0.5,sad=0.25,sad=0.25", {"neutral": 0.5, "sad": 0.5}),
        ("negative=0.8,angry=0.2", {"angry": 0.4, "disgust": 0.2, "fear": 0.2, "sad": 0.2}),
    ],
)
def test_words_become_a_mixture(words, shares):
    mixture = parse_emotion(words)
    assert mixture.dtype == np.float32
    assert np.allclose(mixture, [shares.get(name, 0) for name in EXPRESSIONS])


@pytest.mark.parametrize(
    "words",
    ["", "joy", "happy,sad", "happy=", "happy=much", "happy=-1", "happy=nan", "sad=2", "sad=0"],
)
def test_anything_else_is_told_the_choices(words):
    with pytest.raises(ValueError) as problem:
        parse_emotion(words)
    assert all(name in str(problem.value) for name in (*EXPRESSIONS, *VALENCES, "happy=0.6"))
