"""Poses that do something when they are held: a countdown that can be escaped."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

from server.stage.mappings import Trigger
from server.values import Command


class Hold(NamedTuple):
    """How far the pose that is held now has counted."""

    pose: str
    counted: float = 0.0
    """Seconds."""
    spent: bool = False
    """It has fired or was cancelled: the pose must be left before it counts again."""


DESTROYS = ("clear",)
"""Commands after which something is gone."""


def harmless(triggers: Mapping[str, Trigger], unproven: Container[str]) -> dict[str, Trigger]:
    """Without those that destroy for a pose that no real person has been read by yet."""
    return {
        pose: trigger
        for pose, trigger in triggers.items()
        if not (trigger.command.name in DESTROYS and pose in unproven)
    }


def count(
    hold: Hold, pose: str, seen_now: bool, dt: float, triggers: Mapping[str, Trigger]
) -> tuple[Hold, Command | None]:
    """Count on: the new Hold, and the Command that is due.

    `pose` is the stable pose.  It is left late, by hysteresis, so the countdown
    stands still while the newest guess says something else (`seen_now` is False):
    who leaves in time escapes.
    """
    if pose != hold.pose:
        return Hold(pose), None
    trigger = triggers.get(pose)
    if trigger is None or hold.spent or not seen_now:
        return hold, None
    counted = hold.counted + dt
    if counted < trigger.length:
        return Hold(pose, counted), None
    return Hold(pose, trigger.length, spent=True), trigger.command


def countdown(hold: Hold, triggers: Mapping[str, Trigger]) -> dict[str, object] | None:
    """What the page shows of it; seconds."""
    trigger = triggers.get(hold.pose)
    if trigger is None or hold.spent:
        return None
    return {
        "action": trigger.command.name,
        "remaining": trigger.length - hold.counted,
        "length": trigger.length,
    }
