"""The seven expressions, and emotions in words: a mixture of them [7], shares from 0 to 1."""

from __future__ import annotations

import math

import numpy as np

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""Always in this order, as in the server's values."""

GROUPS = {
    "positive": ("happy",),
    "negative": ("angry", "disgust", "fear", "sad"),
    "neutral": ("neutral",),
}
"""Valence.  Surprise is neither: people are surprised by good and by bad."""

CHOICES = (
    f"{', '.join(EXPRESSIONS)}, positive, negative, or a mixture such as happy=0.6,surprise=0.4"
)


def parse_emotion(words: str) -> np.ndarray:
    """One expression, a group (its expressions in equal parts), or names with their shares.

    "happy", "negative", "happy=0.6,surprise=0.4" -> [7] float32, 0 to 1, sum 1; shares that
    have another sum are brought to it.  Raises ValueError, which names the choices.
    """
    mixture = np.zeros(len(EXPRESSIONS), np.float32)
    for part in words.split(","):
        name, given, share = part.strip().lower().partition("=")
        name = name.strip()
        members = GROUPS.get(name, (name,) if name in EXPRESSIONS else ())
        if not members:
            raise ValueError(f"unknown emotion {name!r}; the choices are {CHOICES}")
        if not given and "," in words:
            raise ValueError(f"{name} has no share in {words!r}; the choices are {CHOICES}")
        for member in members:
            mixture[EXPRESSIONS.index(member)] += share_of(name, share, given) / len(members)
    if mixture.sum() <= 0:
        raise ValueError(f"no share of {words!r} is above 0; the choices are {CHOICES}")
    return mixture / mixture.sum()


def share_of(name: str, share: str, given: str) -> float:
    try:
        value = float(share) if given else 1.0
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ValueError(
            f"the share of {name} is {share.strip()!r}, not from 0 to 1; the choices are {CHOICES}"
        )
    return value
