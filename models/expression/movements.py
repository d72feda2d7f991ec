"""How the parts of a face are moved: jaw, mouth, brows and lids, as numbers a figure can follow.

Measured on a face that is laid on the mean face (`geometry.align`), so that neither the
head's turn nor its size counts.  Lengths are shares of the distance between the outer
corners of the eyes.  Each is 0 at rest, but an open eye is 1; the limits are those of the people
who sign in the committed recordings.
"""

from __future__ import annotations

import numpy as np

RIGHT_CORNER, LEFT_CORNER = 61, 291
"""Of the face mesh, like all points here; right and left are the person's own."""
UPPER_LIP, LOWER_LIP = 13, 14
RIGHT_BROW, LEFT_BROW = [105, 66, 107], [334, 296, 336]
RIGHT_EYE, LEFT_EYE = [33, 133], [263, 362]
"""Outer and inner corner."""
RIGHT_LIDS, LEFT_LIDS = [159, 145], [386, 374]
"""Upper and lower."""

NAMES = ("jaw", "smile", "pucker", "brows", "left_eye", "right_eye")


def movements(aligned: np.ndarray) -> dict[str, float]:
    """[468, 3] in units of the mean face -> the numbers of NAMES; see `server.values.Face`."""
    unit = _distance(aligned, RIGHT_EYE[0], LEFT_EYE[0]) + 1e-9
    gap = _distance(aligned, UPPER_LIP, LOWER_LIP) / unit
    width = _distance(aligned, RIGHT_CORNER, LEFT_CORNER) / unit
    corners = aligned[[RIGHT_CORNER, LEFT_CORNER], 1].mean()
    lift = (aligned[[UPPER_LIP, LOWER_LIP], 1].mean() - corners) / unit
    brows = (
        aligned[RIGHT_EYE + LEFT_EYE, 1].mean() - aligned[RIGHT_BROW + LEFT_BROW, 1].mean()
    ) / unit
    smile = (width - 0.545) + 2.0 * (lift - 0.008)
    return {
        "jaw": _ramp(gap, 0.05, 0.35),
        "smile": _ramp(smile, 0.02, 0.22) - _ramp(smile, -0.04, -0.12),
        "pucker": _ramp(width, 0.5, 0.4),
        "brows": _ramp(brows, 0.245, 0.295) - _ramp(brows, 0.22, 0.17),
        "left_eye": _ramp(_opening(aligned, LEFT_EYE, LEFT_LIDS), 0.14, 0.24),
        "right_eye": _ramp(_opening(aligned, RIGHT_EYE, RIGHT_LIDS), 0.14, 0.24),
    }


def _opening(face: np.ndarray, corners: list[int], lids: list[int]) -> float:
    return _distance(face, *lids) / (_distance(face, *corners) + 1e-9)


def _distance(face: np.ndarray, one: int, other: int) -> float:
    return float(np.linalg.norm(face[one] - face[other]))


def _ramp(value: float, low: float, high: float) -> float:
    """0 at `low`, 1 at `high`, straight between them; `low` may be the larger one."""
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))
