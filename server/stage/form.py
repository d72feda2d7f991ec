"""From affect, expression and body to form and motion (docs/protocol.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from server.stage.mappings import Mappings
from server.values import EXPRESSIONS


def inputs(
    affect: Mapping[str, float], mixture: Mapping[str, float] | None, openness: float, energy: float
) -> dict[str, float]:
    """Everything a rule of mappings.toml can depend on."""
    # Arousal is threatening only as far as it is unpleasant (Larson and others 2009).
    tension = math.sqrt(max(affect["arousal"], 0.0) * max(-affect["pleasure"], 0.0))
    shares = mixture if mixture is not None else dict.fromkeys(EXPRESSIONS, 0.0)
    return {**affect, "tension": tension, **shares, "openness": openness, "energy": energy}


def form(values: Mapping[str, float], mappings: Mappings) -> dict[str, float]:
    return {name: rule(values) for name, rule in mappings.form.items()}


def motion(values: Mapping[str, float], expanding: float, mappings: Mappings) -> dict[str, float]:
    return {**{name: rule(values) for name, rule in mappings.motion.items()}, "expand": expanding}


def expansion(age: float, rise: float) -> float:
    """The single expansion `age` seconds after it began: 0, up to 1 after `rise`, 0."""
    return age / rise * math.exp(1.0 - age / rise)
