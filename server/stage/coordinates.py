"""From picture coordinates to those of the scene, the mirror that the visitor sees
(docs/protocol.md).

x runs from the left of the camera's picture, so the mirror turns it round, and
with it every sign that speaks of left and right: yaw, roll and lean.  The
visitor's own left hand stays 'left'.
"""

from __future__ import annotations

import math

from server.values import Body, Face, Hand, Head, Reading

HEAD = ("x", "y", "size", "yaw", "pitch", "roll")
BODY = ("openness", "energy", "lean", "x", "y")
HAND = ("x", "y", "open")
FACE = ("jaw", "smile", "pucker", "brows", "left_eye", "right_eye")


def scene_x(x: float) -> float:
    return 1.0 - 2.0 * x


def scene_y(y: float) -> float:
    return 1.0 - 2.0 * y


def head_in_scene(head: Head | None) -> tuple[float, ...] | None:
    """The values of HEAD in scene coordinates and degrees, or None."""
    if head is None:
        return None
    return _numbers(scene_x(head.x), scene_y(head.y), head.size, -head.yaw, head.pitch, -head.roll)


def body_in_scene(body: Body | None) -> tuple[float, ...] | None:
    """The values of BODY; openness and energy 0 to 1, lean -1 to 1; or None."""
    if body is None:
        return None
    return _numbers(body.openness, body.energy, -body.lean, scene_x(body.x), scene_y(body.y))


def face_in_scene(face: Face | None) -> tuple[float, ...] | None:
    """The values of FACE, or None.  The visitor's own left eye stays the left one."""
    return None if face is None else _numbers(*(getattr(face, name) for name in FACE))


def hand_in_scene(reading: Reading, side: str) -> tuple[float, ...] | None:
    """The values of HAND of the surest hand of that side, or None."""
    hands = [hand for hand in reading.hands if hand.side == side]
    if not hands:
        return None
    hand: Hand = max(hands, key=lambda hand: hand.confidence)
    return _numbers(scene_x(hand.x), scene_y(hand.y), hand.open)


def _numbers(*values: float) -> tuple[float, ...] | None:
    # Plain floats, because numpy's do not become JSON.  Landmarks that lie on one
    # another can measure as NaN, which a filter would never forget: that is unseen.
    numbers = tuple(float(value) for value in values)
    return numbers if all(map(math.isfinite, numbers)) else None
