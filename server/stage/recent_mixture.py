"""The mixture of the last seconds: what engines are given, steadier than what the scene shows."""

from __future__ import annotations

from collections.abc import Mapping

from server.stage.smoothing import faded, smoothing_factor
from server.values import SceneState

HALF_LIFE = 1.5
"""Seconds: a smile counts that was shown before the picture was asked for."""


def recent_mixture(
    before: Mapping[str, float] | None, state: SceneState, dt: float
) -> Mapping[str, float] | None:
    """The smoothed mixture, `dt` seconds after `before`; doubt counts as neutral.

    None where no expression is read.
    """
    if state.mixture is None:
        return None
    seen = faded(state.mixture, state.certainty, "neutral")
    if before is None:
        return seen
    factor = smoothing_factor(dt, HALF_LIFE)
    return {name: (1 - factor) * before[name] + factor * share for name, share in seen.items()}
