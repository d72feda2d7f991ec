"""What an engine is given besides the capture, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to make."""

    mixture: np.ndarray
    """[7] float32, the visitor's share of each of `EXPRESSIONS`; sums to 1, and is all neutral
    where no expression is read."""
    seed: int
    """For what is drawn by lot: equal seeds give equal pictures."""
    threads: int
    """Processor threads it may use this time."""
    progress: Progress = lambda _share: None
    """progress(share), 0 to 1, as often as the engine likes.  One that cannot tell need not: the
    worker then goes by the time it took before."""


JUDGES = "judges"
"""The word by which a worker is told to let the critic look at every picture."""


class Judged(NamedTuple):
    """A picture, and what the critic says and sees of it."""

    picture: np.ndarray
    scores: Mapping[str, float]
    """Share of each expression in what people name before it more than before other works; sums
    to 1.  (Before most works most people name happiness.)"""
    look: np.ndarray
    """[h, w] float32, 0 to 1: where in the picture it finds the greatest of the scores."""


Paint = Callable[[np.ndarray, Task], np.ndarray | Judged]
"""An engine: capture [H, W, 3] uint8 RGB, 256 to 1024 a side -> picture [h, w, 3] uint8 RGB of
the same proportions."""
