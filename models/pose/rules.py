"""Which pose a frame shows, by plain geometry, for recordings of a movement.

A recording called "reverse fly" goes from hanging to spread arms and back: its name does
not label its frames.  These rules do, and leave out what lies between two poses.  They
label training data only; live, the trained classifier decides.
"""

from __future__ import annotations

import numpy as np

from datasets.synthetic_films import BETWEEN
from models.pose.geometry import FEATURES

CLASSES = (
    "neutral",
    "arms_up",
    "arms_out",
    "arms_crossed",
    "left_arm_up",
    "right_arm_up",
    "left_arm_out",
    "right_arm_out",
)
"""What the rules can tell."""


def label(table: np.ndarray) -> np.ndarray:
    """[N] of CLASSES or BETWEEN, from features [N, F] of single bodies."""
    column = {name: table[:, number] for number, name in enumerate(FEATURES)}
    up, near_up, out, near_out = {}, {}, {}, {}
    for side in ("left", "right"):
        across, height = column[f"{side} wrist x"], column[f"{side} wrist y"]
        lift = np.abs(np.degrees(np.arctan2(height, across)))
        above = column[f"{side} wrist above nose"]
        up[side], near_up[side] = above > 0.1, above > -0.15
        out[side] = (lift < 25) & (column[f"{side} elbow bend"] > 0.6) & (across > 0.75)
        near_out[side] = (lift < 45) & (across > 0.55)
    crossed = forearms_cross(table, longer=1.25)
    near_crossed = forearms_cross(table, longer=1.8)
    both_near = (near_up["left"] & near_up["right"]) | (near_out["left"] & near_out["right"])

    labels = np.full(len(table), "neutral", object)
    near = [near_up["left"], near_up["right"], near_out["left"], near_out["right"], near_crossed]
    labels[np.any(near, axis=0)] = BETWEEN
    labels[crossed & ~both_near] = "arms_crossed"
    for side, other in (("left", "right"), ("right", "left")):
        alone = ~near_up[other] & ~near_out[other] & ~near_crossed
        labels[out[side] & ~up[side] & alone] = f"{side}_arm_out"
        labels[up[side] & alone] = f"{side}_arm_up"
    labels[out["left"] & out["right"] & ~(up["left"] & up["right"])] = "arms_out"
    labels[up["left"] & up["right"]] = "arms_up"
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
