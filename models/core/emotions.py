"""Names of emotions: in words, and how those of each data set become Mien's seven expressions.

A *mixture* says how much of each expression: [7] float32 in the order of EXPRESSIONS, not
negative, sum 1.  No mapping between vocabularies is a fact; these are the choices made here,
each with its reason, in one place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The order of every array of expressions, as in the server's values."""

VALENCES: Mapping[str, tuple[str, ...]] = {
    "positive": ("happy",),
    "negative": ("angry", "disgust", "fear", "sad"),
    "neutral": ("neutral",),
}
"""What may be asked for in one word.  Surprise is neither: people are surprised by good and by
bad."""

CHOICES = (
    f"{', '.join(EXPRESSIONS)}, positive, negative, or a mixture such as happy=0.6,surprise=0.4"
)

WIKIART_EMOTIONS: Mapping[str, str | None] = {
    "agreeableness": "happy",
    "anger": "angry",
    "anticipation": "surprise",
    "arrogance": "angry",
    "disagreeableness": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "gratitude": "happy",
    "happiness": "happy",
    "humility": "neutral",
    "love": "happy",
    "optimism": "happy",
    "pessimism": "sad",
    "regret": "sad",
    "sadness": "sad",
    "shame": "sad",
    "shyness": None,
    "surprise": "surprise",
    "trust": "happy",
    "neutral": "neutral",
}
"""The twenty of WikiArt Emotions (Mohammad and Kiritchenko 2018, table 2).  What they call
positive is happy, what they call negative goes to the nearest face, and agreeableness and its
opposite follow the word's sense.  Humility shows in a still face: without it hardly any work would
be neutral, a word that people almost never choose before art.  Anticipation is asked for together
with interest and vigilance, an alert face: surprise is the nearest, although Plutchik's circle
(1980) has the two as opposites.  Shyness has no face among the seven."""

ARTEMIS: Mapping[str, str | None] = {
    "amusement": "happy",
    "anger": "angry",
    "awe": "surprise",
    "contentment": "happy",
    "disgust": "disgust",
    "excitement": "happy",
    "fear": "fear",
    "sadness": "sad",
    "something else": None,
}
"""The nine of ArtEmis (Achlioptas and others 2021).  Awe is what is too great to take in at once
(Keltner and Haidt 2003), so its face is surprise; "something else" says nothing."""

FEELINGBLUE: Mapping[str, str | None] = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "sadness": "sad",
}
"""The five of FeelingBlue (Ananthram and others 2022): scores from -1 to 1, not shares."""

JUDGED_GROUPS: Mapping[str, tuple[str, ...]] = {
    "positive": ("happy",),
    "surprise": ("surprise",),
    "negative": ("angry", "disgust", "fear", "sad"),
}
"""What judges tell apart, the three of C1, with surprise where neutral stood there: people almost
never name neutral before a work of art, and surprise is neither good nor bad."""

FOUR: Mapping[str, tuple[str, ...]] = {
    "sadness, fear, disgust, anger": ("sadness", "fear", "disgust", "anger"),
    "neutral": ("neutral",),
    "surprise": ("surprise",),
    "optimism, happiness, love": ("optimism", "happiness", "love"),
}
"""N1's four groups in the words of WikiArt Emotions: it asks for neither lust nor envy, which
N1 puts with surprise, and calls N1's joy happiness."""
LACKING = ("lust", "envy")
"""Emotions of N1 that WikiArt Emotions does not ask for."""


def mixtures(shares: np.ndarray, names: Sequence[str], vocabulary: Mapping) -> np.ndarray:
    """[N, 7] float32: the shares [N, len(names)] of a data set's emotions as expressions.

    What people named counts once for each naming; what has no face is left out.  A row
    without any is neutral.  Raises ValueError for a name that the vocabulary lacks.
    """
    unknown = [name for name in names if name not in vocabulary]
    if unknown:
        raise ValueError(f"no emotions of this set: {', '.join(unknown)}")
    table = np.zeros((len(names), len(EXPRESSIONS)), np.float32)
    for row, name in enumerate(names):
        if vocabulary[name] is not None:
            table[row, EXPRESSIONS.index(vocabulary[name])] = 1
    found = np.asarray(shares, np.float32) @ table
    found[found.sum(1) <= 0, EXPRESSIONS.index("neutral")] = 1
    return found / found.sum(1, keepdims=True)


def grouped(found: np.ndarray, groups: Mapping[str, Sequence[str]] = JUDGED_GROUPS) -> np.ndarray:
    """[N, len(groups)]: sums of the mixtures [N, 7]; neutral belongs to none of JUDGED_GROUPS."""
    columns = [[EXPRESSIONS.index(name) for name in members] for members in groups.values()]
    return np.stack([found[:, some].sum(1) for some in columns], 1)


def parse_emotion(words: str) -> np.ndarray:
    """One expression, a group (its expressions in equal parts), or names with their shares.

    "happy", "negative", "happy=0.6,surprise=0.4" -> [7] float32, 0 to 1, sum 1; shares that
    have another sum are brought to it.  Raises ValueError, which names the choices.
    """
    mixture = np.zeros(len(EXPRESSIONS), np.float32)
    for part in words.split(","):
        name, given, share = part.strip().lower().partition("=")
        name = name.strip()
        members = VALENCES.get(name, (name,) if name in EXPRESSIONS else ())
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
