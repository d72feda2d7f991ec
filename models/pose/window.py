"""The last second and a half of a body: the numbers that poses and movements are read from.

    window = Window()
    window.add(time, body, aspect)        # whenever a body was found, in order
    row = window.features()               # [F], named by FEATURES

Only the past is used.  The frames, whatever their rate, are laid on a fixed raster of
times that ends with the newest one; before the first frame the body is taken to have
been still.  Films for training go the same way through `features_at`.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from models.pose import geometry
from models.pose.geometry import ARM, BOTH, FINE

LENGTH = 1.5
"""Seconds that are looked back."""
STEP = 0.05
"""Seconds between points of the raster: movements up to 10 Hz are seen, people wave with 3."""
AGES = np.arange(round(LENGTH / STEP), -1, -1) * STEP
"""[T] seconds before now, the oldest first."""
NOW = 5
"""Points of the raster that are averaged for how the body is held now: 0.2 s."""
GAP = 0.5
"""Seconds without a body after which what was before is forgotten."""

HELD = len(ARM) * 2 + len(BOTH)
"""Columns of the geometry that say how the body is held; FINE ones only move."""
ARMS = tuple(
    f"{side} {joint} {axis}"
    for side in ("left", "right")
    for joint in ("elbow", "wrist")
    for axis in "xy"
)
MOVING = (*ARMS, "wrists apart x", "elbows apart", *FINE)
"""Columns of the geometry whose movement is measured."""
TONES = 6
"""Frequencies at which a movement's strength is measured: 0.65 Hz and its multiples."""

_NUMBERS = {name: number for number, name in enumerate(geometry.FEATURES)}
_ARMS = [_NUMBERS[name] for name in ARMS]
_MOVING = [_NUMBERS[name] for name in MOVING]
_HANN = np.hanning(len(AGES) + 2)[1:-1, None]

FEATURES = (
    *geometry.FEATURES[:HELD],
    *(f"{name}, {what}" for what in ("lowest", "highest", "mean") for name in ARMS),
    *(f"{name}, {what}" for what in ("spread", "path") for name in MOVING),
    *(f"{name}, tone {number}" for number in range(1, TONES + 1) for name in MOVING),
)


def features_at(times: np.ndarray, table: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """[W, F] of the windows that end with the frames `ends` [W] of one film.

    times [T] seconds, rising; table [T, len(geometry.FEATURES)] as
    `geometry.features_many` gives it.  Frames after an end do not matter.
    """
    values = _on_raster(times, table, np.asarray(ends))
    arms, moving = values[..., _ARMS], values[..., _MOVING]
    middle = moving.mean(1, keepdims=True)
    # The Hann window keeps a slow drift from sounding like a quick movement.
    tones = np.abs(np.fft.rfft((moving - middle) * _HANN, axis=1))[:, 1 : TONES + 1] / len(AGES)
    parts = (
        values[:, -NOW:, :HELD].mean(1),
        arms.min(1),
        arms.max(1),
        arms.mean(1),
        moving.std(1),
        np.abs(np.diff(moving, axis=1)).sum(1),
        tones.reshape(len(values), -1),
    )
    return np.concatenate(parts, 1)


def _on_raster(times: np.ndarray, table: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """[W, AGES, columns]: the frames laid on the raster of each window, straight between them."""
    wanted = np.maximum(times[ends][:, None] - AGES, times[0])
    after = np.clip(np.searchsorted(times, wanted), 1, max(len(times) - 1, 1))
    # A rounded time must not reach for the frame after the last one.
    after = np.minimum(after, np.maximum(ends, 1)[:, None])
    if len(times) == 1:
        return np.broadcast_to(table, (len(ends), len(AGES), table.shape[1]))
    before = after - 1
    share = (wanted - times[before]) / np.maximum(times[after] - times[before], 1e-9)
    share = np.clip(share, 0.0, 1.0)[..., None]
    return table[before] * (1 - share) + table[after] * share


class Window:
    """One visitor's body, from LENGTH seconds ago until now."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self._rows: deque[np.ndarray] = deque()

    def add(self, time: float, body: np.ndarray, aspect: float) -> None:
        """A body [33, 4] found in the frame of `time` seconds; one that is not newer than the
        last is left out.  Raises ValueError as `geometry.features`."""
        if self._times and time <= self._times[-1]:
            return
        row = geometry.features(body, aspect)
        if self._times and time - self._times[-1] > GAP:
            self._times.clear()
            self._rows.clear()
        self._times.append(time)
        self._rows.append(row)
        # One frame before the window is kept: what lies between it and the next is in it.
        while len(self._times) > 1 and self._times[1] <= time - LENGTH:
            self._times.popleft()
            self._rows.popleft()

    def features(self) -> np.ndarray:
        """[F], named by FEATURES; raises IndexError before the first body."""
        times = np.array(self._times)
        return features_at(times, np.array(self._rows), np.array([len(times) - 1]))[0]
