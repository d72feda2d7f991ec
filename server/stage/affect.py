"""From a mixture of expressions, or from the body, to pleasure, arousal, dominance."""

from __future__ import annotations

from collections.abc import Mapping

from server.stage.mappings import Mappings, Rule
from server.values import EXPRESSIONS

DIMENSIONS = ("pleasure", "arousal", "dominance")


def affect_of_mixture(
    mixture: Mapping[str, float], certainty: float, values: Mapping[str, tuple[float, ...]]
) -> dict[str, float]:
    """Probability-weighted mean of the classes' values, scaled by certainty toward neutral.

    Russell and Mehrabian 1977; each dimension is -1 to 1.
    """
    return {
        dimension: certainty * sum(mixture[name] * values[name][axis] for name in EXPRESSIONS)
        for axis, dimension in enumerate(DIMENSIONS)
    }


def affect_of_body(openness: float, energy: float, rules: Mapping[str, Rule]) -> dict[str, float]:
    """The same three dimensions where no expression is read."""
    inputs = {"openness": openness, "energy": energy}
    return {dimension: rules[dimension](inputs) for dimension in DIMENSIONS}


def voices(
    mixture: Mapping[str, float] | None, openness: float, energy: float, mappings: Mappings
) -> dict[str, float]:
    """Share of each character in colours and objects; sums to 1.

    `mixture` is faded by doubt; where it is None, the body's moods speak.
    """
    moods = {
        "still": (1.0 - energy) * (1.0 - openness),
        "moving": energy,
        "open": (1.0 - energy) * openness,
    }
    shares = moods if mixture is None else mixture
    raised = {name: max(share, 0.0) ** mappings.colour.emphasis for name, share in shares.items()}
    total = sum(raised.values())
    return {name: share / total for name, share in raised.items()}
