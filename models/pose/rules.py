"""Which pose a frame shows, by plain geometry, for recordings of a movement.

A recording called "reverse fly" goes from hanging to spread arms and back: its name does
not label its frames.  These rules do, and leave out what lies between two poses.  They
label training data only; live, the trained classifier decides.
"""

from __future__ import annotations

import numpy as np

from models.pose.geometry import FEATURES

BETWEEN = ""
"""The label of a frame that is neither clearly one pose nor clearly none."""


def label(table: np.ndarray) -> np.ndarray:
    """[N] of neutral, arms_up, arms_out, arms_crossed or BETWEEN, from features [N, F]."""
    column = {name: table[:, number] for number, name in enumerate(FEATURES)}
    lift, stretch, reach = [], [], []
    for side in ("left", "right"):
        out, up = column[f"{side} wrist x"], column[f"{side} wrist y"]
        lift.append(np.degrees(np.arctan2(up, out)))
        stretch.append(column[f"{side} elbow bend"])
        reach.append(out)
    lift, stretch, reach = np.array(lift), np.array(stretch), np.array(reach)
    lower = column["lower wrist above nose"]

    up = lower > 0.1
    near_up = lower > -0.15
    level = (np.abs(lift) < 25).all(0)
    out = level & (stretch > 0.8).all(0) & (reach > 0.75).all(0)
    near_out = (np.abs(lift) < 45).all(0) & (reach > 0.55).all(0)
    crossed = forearms_cross(table, longer=1.25)
    near_crossed = forearms_cross(table, longer=1.8)

    labels = np.full(len(table), "neutral", object)
    labels[near_up | near_out | near_crossed] = BETWEEN
    labels[crossed & ~near_up & ~near_out] = "arms_crossed"
    labels[out & ~up] = "arms_out"
    labels[up] = "arms_up"
    return labels.astype(str)


def forearms_cross(table: np.ndarray, longer: float) -> np.ndarray:
    """[N] bool: the forearms, each made `longer` for the hand, cut each other."""
    column = {name: table[:, number] for number, name in enumerate(FEATURES)}
    width = column["shoulder width"]
    ends = []
    for side, outward in (("left", 1), ("right", -1)):
        shoulder = np.stack((outward * width / 2, np.zeros_like(width)), 1)
        elbow = np.stack((outward * column[f"{side} elbow x"], column[f"{side} elbow y"]), 1)
        fore = np.stack((outward * column[f"{side} forearm x"], column[f"{side} forearm y"]), 1)
        start = shoulder + elbow
        ends.append((start, start + fore * longer))
    (a, b), (c, d) = ends

    def turn(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        return (q - p)[:, 0] * (r - p)[:, 1] - (q - p)[:, 1] * (r - p)[:, 0]

    return (turn(a, b, c) * turn(a, b, d) < 0) & (turn(c, d, a) * turn(c, d, b) < 0)
