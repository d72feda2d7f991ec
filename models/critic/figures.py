"""How well a critic agrees with people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def correlations(found: np.ndarray, named: np.ndarray, names: Sequence[str]) -> dict[str, float]:
    """Spearman's rank correlation for each column of [N, C]; rows without a number are left out."""
    from scipy.stats import spearmanr

    result = {}
    for column, name in enumerate(names):
        known = np.isfinite(named[:, column])
        result[name] = round(
            float(spearmanr(found[known, column], named[known, column]).statistic), 3
        )
    return result


def report(measured: dict[str, Any]) -> str:
    """The figures as text."""
    lines = []
    for name, value in measured.items():
        if isinstance(value, dict):
            value = "   ".join(f"{key} {one:.3f}" for key, one in value.items())
        lines.append(f"{name}: {value}")
    return "\n".join(lines)
