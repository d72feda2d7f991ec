"""One recording that a pose is taught from; numpy alone, for processes that learn nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TAUGHT = "taught_pose"
"""The model's name."""
NONE = "neutral"
"""None of the taught poses: what the model that ships calls doing nothing."""


@dataclass(frozen=True)
class Take:
    """One person in one pose, or in NONE."""

    id: str
    pose: str
    person: str
    times: np.ndarray
    """[T] seconds, rising."""
    bodies: np.ndarray
    """[T, 33, 4] in picture coordinates."""
    aspect: float


def resampled(times: np.ndarray, table: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """[W, columns] at other times, straight between; before and after it stands still."""
    return np.stack([np.interp(wanted, times, column) for column in table.T], 1)
