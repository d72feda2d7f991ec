"""Hands are grounded in works: what they paint comes to measure as works of their feeling do.

A designer's hand is the beginning; each of its numbers moves at most by REACH, so that it stays
that hand.  A picture is painted with a number a little changed, measured, and the number goes
where the measure comes nearest to the works'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from gan_cut.painter.hand import Hand
from gan_cut.painter.measure import SIDE, Measures, measured, palette
from gan_cut.painter.paint import paint

REACH = 0.25
"""The most by which a number is changed, as share of itself (or of SPAN where it is about 0)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A number of a hand and the measure that follows it."""

    number: str
    measure: str
    span: float
    """A usual distance of the number, where it may be 0."""
    tone: bool = False
    """A measure of colour, which follows the works that the hand takes its palettes from."""


PAIRS = (
    Pair("widths", "scale", 1),
    Pair("scatter", "coherence", 0.3),
    Pair("pull", "agreement", 0.5),
    Pair("relief", "relief", 0.4),
    Pair("key", "key", 0.15, tone=True),
    Pair("contrast", "contrast", 1, tone=True),
    Pair("chroma", "chroma", 1, tone=True),
)


def middle(measures: Sequence[Measures]) -> dict[str, float]:
    """The median of each measure of several pictures."""
    return {
        f.name: float(np.median([getattr(m, f.name) for m in measures])) for f in fields(Measures)
    }


def measures_of_works(
    all_works: Sequence[np.ndarray], own: Sequence[np.ndarray]
) -> dict[str, float]:
    """Of the works of an emotion that are large enough to show strokes, and the tone of those
    that a hand takes its palettes from."""
    large = [measured(work) for work in all_works if max(work.shape[:2]) >= SIDE]
    tone = middle([measured(work) for work in own])
    return middle(large) | {pair.measure: tone[pair.measure] for pair in PAIRS if pair.tone}


def measures_of(hand: Hand, pictures: Sequence[np.ndarray]) -> dict[str, float]:
    """What pictures [H, W, 3] uint8 painted by a hand measure."""
    return middle(
        [measured(paint(p, hand, seed=n).render(SIDE)) for n, p in enumerate(pictures)]
    )  # fmt: skip


def fitted(
    hand: Hand,
    works: dict[str, float],
    pictures: Sequence[np.ndarray],
    tell: Callable[[str], None],
    rounds: int = 1,
) -> Hand:
    """The hand with its numbers moved toward where its paintings measure as works do."""
    start = hand
    for _ in range(rounds):
        before = measures_of(hand, pictures)
        found = hand
        for pair in PAIRS:
            low, high = bounds(start, pair)
            here = number_of(hand, pair)
            probe = here + 0.25 * (high - low) * (1 if here < (low + high) / 2 else -1)
            changed = measures_of(with_number(hand, pair, probe), pictures)[pair.measure]
            slope = (changed - before[pair.measure]) / (probe - here) if probe != here else 0
            if abs(slope) > 1e-6:
                wish = here + (works[pair.measure] - before[pair.measure]) / slope
                found = with_number(found, pair, min(max(wish, low), high))
        hand = found
    after = measures_of(hand, pictures)
    for pair in PAIRS:
        tell(
            f"  {pair.number:9} {number_of(start, pair):6.3f} -> {number_of(hand, pair):6.3f}"
            f"   {pair.measure:10} {after[pair.measure]:6.3f}, works {works[pair.measure]:6.3f}"
        )
    return hand


def with_palettes(hand: Hand, works: Sequence[np.ndarray]) -> Hand:
    """The hand with the palettes of works [H, W, 3] uint8."""
    palettes = tuple(
        tuple(
            (round(light, 2), round(min(chroma, 0.37), 3), round(hue), round(share, 2) or 0.01)
            for light, chroma, hue, share in palette(work)
        )
        for work in works
    )
    return replace(hand, palettes=palettes)


def number_of(hand: Hand, pair: Pair) -> float:
    value = getattr(hand, pair.number)
    return value[2] if pair.number == "widths" else value


def with_number(hand: Hand, pair: Pair, value: float) -> Hand:
    if pair.number == "widths":
        scale = value / hand.widths[2]
        return replace(hand, widths=tuple(round(w * scale, 4) for w in hand.widths))
    return replace(hand, **{pair.number: round(value, 3)})


def bounds(hand: Hand, pair: Pair) -> tuple[float, float]:
    """Between what the designer's number may move."""
    value = number_of(hand, pair)
    reach = REACH * (abs(value) if pair.span == 1 else max(abs(value), pair.span * 0.5))
    low, high = value - reach, value + reach
    for f in fields(Hand):
        if f.name == pair.number and "range" in f.metadata:
            least, most = f.metadata["range"]
            low, high = max(low, least), min(high, most)
    return low, high
