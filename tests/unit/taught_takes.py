"""Recordings of a synthetic person for tests: a teapot, hands on the hips, or nothing special."""

from __future__ import annotations

import numpy as np

from datasets import synthetic_body
from datasets.synthetic_poses import POSES, Arm, idle, on_hip
from models.pose.take import NONE, Take

RATE = 15
SECONDS = 5
LID = Arm(np.array((-0.25, 0.55, 0.1)), np.array((1.0, 0.2, 0.0)))
"""A hand on the head, as a teapot's lid."""


def take(pose: str, person: str, number: int = 0) -> Take:
    """Five seconds of somebody, always the same for the same arguments, with both arms in view."""
    rng = np.random.default_rng([*f"{pose} {person}".encode(), number])
    body = synthetic_body.build(rng)
    count = SECONDS * RATE
    while True:
        arms = {
            "teapot": lambda: (on_hip(rng), LID),
            "hands_on_hips": lambda: POSES["hands_on_hips"](rng, body),
            NONE: lambda: idle(rng, body),
        }[pose]()
        posture = synthetic_body.still(arms, rng, count)
        posture.trunk[:] *= 0.5
        sway = np.sin(np.arange(count) / RATE * 2.2 + rng.uniform(0, 6))[:, None, None]
        posture.wrists += 0.015 * sway
        bodies, aspect = synthetic_body.film(body, posture, rng)
        if bodies[:, [13, 14, 15, 16], 3].min() > 0.5:
            break
    times = np.arange(count) / RATE
    return Take(f"{pose}-{person}-{number}", pose, person, times, bodies, aspect)
