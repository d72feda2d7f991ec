"""A hand: how somebody paints who feels something.  All of it is a designer's data.

The installation's hands are the tables `[hands.EMOTION]` of server/stage/mappings.toml;
docs/painting.md says what the numbers do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

GROUNDS = ("air", "water", "foliage", "table", "waves", "discs", "shards")
"""What can stand where a capture has only darkness (`ground`)."""

Palette = tuple[tuple[float, float, float, float], ...]


def _number(low: float, high: float, default: float) -> float:
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, slots=True)
class Hand:
    """Shares are 0 to 1 where not said otherwise; sizes are shares of the longer side."""

    widths: tuple[float, float, float, float] = (0.10, 0.048, 0.023, 0.011)
    """Of the strokes of each layer, coarse to fine."""
    length: float = _number(1, 16, 4)
    """Longest stroke, in widths; edges of the picture make it shorter."""
    bend: float = _number(-0.5, 0.5, 0)
    """Curvature beyond the form's own: sagitta as share of the length."""
    follow: float = _number(0, 1, 0.8)
    """How strongly strokes go along forms."""
    angle: float = _number(0, 180, 0)
    """Direction of the hand in degrees: 0 lies, 90 stands, 45 falls to the right."""
    pull: float = _number(0, 1, 0)
    """How strongly it draws strokes there."""
    swirl: float = _number(0, 1, 0)
    """How far wide turns lead strokes away, 1 a quarter of a turn."""
    scatter: float = _number(0, 1, 0.1)
    """How far each stroke's direction is left to chance."""
    brush: float = _number(0, 1, 1)
    """Shares of the brushes: strokes that show bristles,"""
    knife: float = _number(0, 1, 0)
    """slabs of thick paint,"""
    dab: float = _number(0, 1, 0)
    """round touches,"""
    wash: float = _number(0, 1, 0)
    """thin veils."""
    opacity: float = _number(0.1, 1, 0.9)
    relief: float = _number(0, 1, 0.4)
    """How deep the light digs into the paint."""
    bare: float = _number(0, 0.6, 0.05)
    """Share of the canvas that stays bare, most at its edges."""
    finish: float = _number(0, 1, 0.6)
    """How long the hand goes on where the canvas still differs."""
    loose: float = _number(0, 1, 0.75)
    """How much sooner it stops on the ground than on the subject."""
    broken: float = _number(0, 1, 0.2)
    """How far neighbouring strokes differ in hue,"""
    varied: float = _number(0, 1, 0.2)
    """and in lightness."""
    carry: float = _number(0, 1, 0.75)
    """How far the picture takes on the palette."""
    key: float = _number(-0.4, 0.4, 0)
    """Lighter or darker, in OKLab's lightness."""
    contrast: float = _number(0.4, 2, 1)
    chroma: float = _number(0, 2.5, 1)
    unity: float = _number(0, 1, 0)
    """How far all hues lean to their mean: few colours."""
    gather: float = _number(-0.4, 0.4, 0.1)
    """How much lighter the subject's surroundings are than the edges."""
    paper: tuple[float, float, float] = (0.80, 0.03, 80)
    """The bare canvas: lightness, chroma, hue in degrees (OKLCH)."""
    ground: str = "air"
    works: tuple[str, ...] = ()
    """Whose colours the palettes are: names of files, for who fits the hand anew."""
    palettes: tuple[Palette, ...] = ()
    """In each, colours as lightness, chroma, hue in degrees, share."""
    accents: Palette = ()
    """Colours that are added to every palette where a ground is made up."""

    def __post_init__(self) -> None:
        """Raises ValueError, which names the field."""
        for f in fields(self):
            if "range" in f.metadata:
                value, (low, high) = getattr(self, f.name), f.metadata["range"]
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise ValueError(f"{f.name} must be a number, not {value!r}")
                if not low <= value <= high:
                    raise ValueError(f"{f.name} must be from {low:g} to {high:g}, not {value}")
        if len(self.widths) != 4 or not all(0.002 <= w <= 0.5 for w in self.widths):
            raise ValueError(f"widths must be four shares from 0.002 to 0.5, not {self.widths}")
        if list(self.widths) != sorted(self.widths, reverse=True):
            raise ValueError(f"widths must go from coarse to fine, not {self.widths}")
        if self.brush + self.knife + self.dab + self.wash <= 0:
            raise ValueError("brush, knife, dab and wash are all 0: there is nothing to paint with")
        if self.ground not in GROUNDS:
            raise ValueError(f"ground must be one of {', '.join(GROUNDS)}, not {self.ground!r}")
        for colour in (self.paper, *self.accents, *(c for p in self.palettes for c in p)):
            _check_colour(colour)


def _check_colour(colour: Sequence[float]) -> None:
    light, chroma, hue, *share = colour
    if not (0 <= light <= 1 and 0 <= chroma <= 0.37 and 0 <= hue <= 360):
        raise ValueError(f"{list(colour)} is not [lightness 0-1, chroma 0-0.37, hue 0-360]")
    if share and not 0 < share[0] <= 1:
        raise ValueError(f"{list(colour)}: the share must be above 0 and at most 1")


def hand_of(values: Mapping) -> Hand:
    """A Hand from plain values, lists for tuples.  Raises ValueError, which names the field."""
    known = {f.name for f in fields(Hand)}
    if unknown := set(values) - known:
        raise ValueError(f"{min(unknown)} is nothing a hand has; known: {', '.join(sorted(known))}")
    return Hand(**{name: _tupled(value) for name, value in values.items()})


def _tupled(value: object) -> object:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def to_toml(name: str, hand: Hand) -> str:
    """The table `[hands.NAME]`: what differs from the defaults, a line for each palette."""
    lines = [f"[hands.{name}]"]
    for f in fields(Hand):
        value = getattr(hand, f.name)
        if f.name == "palettes" and value:
            lines += ["palettes = [", *(f"  {_written(palette)}," for palette in value), "]"]
        elif value != f.default:
            lines.append(f"{f.name} = {_written(value)}")
    return "\n".join(lines) + "\n"


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:.4g}"


def read_hands(path: Path | str) -> dict[str, Hand]:
    """The tables `[hands.NAME]` of a TOML file, which may say other things too.

    Raises ValueError, which names file, hand and field, and OSError.
    """
    with open(path, "rb") as file:
        try:
            tables = tomllib.load(file).get("hands", {})
        except tomllib.TOMLDecodeError as problem:
            raise ValueError(f"{path} is not readable TOML: {problem}") from problem
    if not tables:
        raise ValueError(f"{path} has no table [hands.NAME]")
    hands = {}
    for name, values in tables.items():
        try:
            hands[name] = hand_of(values)
        except (TypeError, ValueError) as problem:
            raise ValueError(f"{path}: hands.{name}: {problem}") from problem
    return hands
