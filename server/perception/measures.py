"""Measures of head, body and hands from landmarks: numbers a form can follow.

All are independent of where in the picture somebody stands and how large they
appear.  Lengths are compared after x and y are brought to the same unit
(picture widths), and divided by the width of the shoulders.
"""

from __future__ import annotations

import numpy as np

from server.values import Body, Hand, Head, Landmarks

FOREHEAD, CHIN, RIGHT_EYE, LEFT_EYE = 10, 152, 33, 263
"""Of the face mesh: top and bottom of the midline, outer corners of the eyes."""

NOSE = 0
SHOULDERS, ELBOWS, WRISTS, HIPS = [11, 12], [13, 14], [15, 16], [23, 24]
"""Of the body: left then right."""
VISIBLE = 0.5

FINGERTIPS, KNUCKLES = [8, 12, 16, 20], [5, 9, 13, 17]
"""Of the hand: index to little finger."""
FINGERS = np.array([[5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16], [17, 18, 19, 20]])
"""Of the hand: the joints of index to little finger, from the knuckle to the tip."""
THUMB = [2, 3, 4]
"""Of the hand: the thumb from its knuckle to the tip."""

FASTEST = 6.0
"""Shoulder widths per second of wrists and elbows that count as full energy."""
ENERGY_HALF_LIFE = 0.25
"""Seconds in which remembered energy halves."""


def square(points: np.ndarray, aspect: float) -> np.ndarray:
    """x, y, z in picture widths, as float64: y is measured in heights before."""
    scaled = points[..., :3].astype(np.float64)
    scaled[..., 1] /= aspect
    return scaled


def measure_head(face: np.ndarray, aspect: float) -> Head:
    """[468, 3] -> Head.

    The axes of the head are the line through the outer corners of the eyes and
    the midline from forehead to chin; their cross product points out of the
    face.
    """
    mesh = square(face, aspect)
    across = mesh[LEFT_EYE] - mesh[RIGHT_EYE]
    down = mesh[CHIN] - mesh[FOREHEAD]
    outward = -np.cross(across, down)
    outward /= np.linalg.norm(outward) + 1e-9
    yaw = np.degrees(np.arctan2(outward[0], -outward[2]))
    pitch = np.degrees(np.arctan2(-outward[1], np.hypot(outward[0], outward[2])))
    roll = np.degrees(np.arctan2(across[1], across[0]))
    size = float(np.ptp(face[:, 1]))
    inside = np.mean((face[:, :2] >= 0).all(axis=1) & (face[:, :2] <= 1).all(axis=1))
    turned = np.hypot(yaw, 1.3 * pitch)
    confidence = ramp(size, 0.05, 0.12) * ramp(turned, 60, 25) * ramp(inside, 0.6, 0.98)
    return Head(
        x=float(face[:, 0].mean()),
        y=float(face[:, 1].mean()),
        size=size,
        yaw=float(yaw),
        pitch=float(pitch),
        roll=float(roll),
        confidence=float(confidence),
    )


def measure_body(landmarks: Landmarks, energy: float) -> Body:
    """Body measures; `energy` (0 to 1) comes from `Stir`, which remembers."""
    body = landmarks.body
    joints = square(body, landmarks.aspect)[:, :2]
    seen = body[:, 3]
    middle = joints[SHOULDERS].mean(0)
    width = shoulder_width(joints)
    middle_picture = body[SHOULDERS, :2].mean(0)
    arms = np.mean(np.minimum(seen[SHOULDERS], seen[ELBOWS]))
    return Body(
        openness=openness(joints, seen),
        energy=energy,
        lean=lean(joints, seen, middle, width),
        x=float(middle_picture[0]),
        y=float(middle_picture[1]),
        confidence=float(ramp(arms, 0.3, 0.9) * ramp(width, 0.04, 0.1)),
    )


def shoulder_width(joints: np.ndarray) -> float:
    """Distance of the shoulders; never so small that a side view explodes."""
    across = np.linalg.norm(joints[SHOULDERS[0]] - joints[SHOULDERS[1]])
    to_nose = np.linalg.norm(joints[NOSE] - joints[SHOULDERS].mean(0))
    return float(max(across, 0.9 * to_nose, 1e-3))


def openness(joints: np.ndarray, seen: np.ndarray) -> float:
    """0 with arms close or crossed, 1 with arms spread wide or raised.

    The signed distance of the wrists along the line of the shoulders is about
    1 shoulder width when the arms hang and 4 when they are spread; crossed
    arms make it negative.  Wrists out of view count as hanging.
    """
    if seen[WRISTS].min() < VISIBLE:
        return 0.1
    axis = joints[SHOULDERS[0]] - joints[SHOULDERS[1]]
    width = shoulder_width(joints)
    axis /= np.linalg.norm(axis) + 1e-9
    spread = (joints[WRISTS[0]] - joints[WRISTS[1]]) @ axis / width
    raised = np.mean(joints[SHOULDERS][:, 1] - joints[WRISTS][:, 1]) / width
    return float(np.clip((spread - 0.7) / 3.0 + 0.45 * max(raised, 0.0), 0.0, 1.0))


def lean(joints: np.ndarray, seen: np.ndarray, middle: np.ndarray, width: float) -> float:
    """-1 to 1 for the trunk leaning 30 degrees to the left or right of the picture.

    Without hips in view the head's offset from the shoulders takes their part.
    """
    if seen[HIPS].min() > VISIBLE:
        trunk = middle - joints[HIPS].mean(0)
        angle = np.degrees(np.arctan2(trunk[0], max(-trunk[1], 1e-6)))
    else:
        offset = joints[NOSE] - middle
        angle = np.degrees(np.arctan2(offset[0], max(-offset[1], 0.3 * width)))
    return float(np.clip(angle / 30.0, -1.0, 1.0))


class Stir:
    """Energy of movement: how fast head, elbows and wrists move, over body size."""

    def __init__(self) -> None:
        self._joints: np.ndarray | None = None
        self._time = 0.0
        self._energy = 0.0

    def update(self, landmarks: Landmarks) -> float:
        """Energy from 0 to 1 after these landmarks."""
        if landmarks.body is None:
            self._joints, self._energy = None, 0.0
            return 0.0
        time = landmarks.time - landmarks.body_age
        joints = square(landmarks.body, landmarks.aspect)[[NOSE, *ELBOWS, *WRISTS], :2]
        if self._joints is None:
            self._joints, self._time = joints, time
            return 0.0
        passed = time - self._time
        if passed > 0.0:
            seen = landmarks.body[[NOSE, *ELBOWS, *WRISTS], 3] > VISIBLE
            width = shoulder_width(square(landmarks.body, landmarks.aspect)[:, :2])
            speed = np.linalg.norm(joints - self._joints, axis=1) / passed / width
            fastest = float(np.max(speed, where=seen, initial=0.0))
            keep = 0.5 ** (passed / ENERGY_HALF_LIFE)
            now = ramp(fastest, 0.3, FASTEST)
            self._energy = keep * self._energy + (1 - keep) * now
            self._joints, self._time = joints, time
        return float(self._energy)


def measure_hand(side: str, hand: np.ndarray, aspect: float) -> Hand:
    """[21, 3] -> Hand.  Open fingers reach twice as far from the wrist as their knuckles."""
    joints = square(hand, aspect)
    reach = np.linalg.norm(joints[FINGERTIPS] - joints[0], axis=1)
    knuckles = np.linalg.norm(joints[KNUCKLES] - joints[0], axis=1)
    inside = np.mean((hand[:, :2] >= 0).all(axis=1) & (hand[:, :2] <= 1).all(axis=1))
    palm = hand[[0, *KNUCKLES], :2].mean(0)
    return Hand(
        side=side,
        x=float(palm[0]),
        y=float(palm[1]),
        open=float(ramp(np.mean(reach / (knuckles + 1e-9)), 1.05, 1.8)),
        confidence=float(ramp(inside, 0.3, 0.9)),
    )


def victory(hand: np.ndarray, aspect: float) -> float:
    """[21, 3] -> 0 to 1: index and middle finger stretched and spread, the other two folded.

    Only angles and ratios of lengths count: neither place nor size of the hand,
    nor how it is turned.  A stretched finger is as long as its bones together, and
    its tip is farther from the wrist than its middle joint; a folded one's is
    nearer.  Fingers side by side, as in many signs, are no V.
    """
    joints = square(hand, aspect)
    fingers = joints[FINGERS]
    straight, reach = stretched(joints)
    index, middle = fingers[:2, 3] - fingers[:2, 0]
    lengths = np.linalg.norm(index) * np.linalg.norm(middle)
    apart = np.degrees(np.arccos(np.clip(index @ middle / (lengths + 1e-9), -1.0, 1.0)))
    return min(
        ramp(straight[:2].min(), 0.8, 0.92),
        ramp(reach[:2].min(), 1.1, 1.25),
        ramp(reach[2:].max(), 1.1, 0.95),
        ramp(apart, 10.0, 18.0),
    )


def thumbs_up(hand: np.ndarray, aspect: float) -> float:
    """[21, 3] -> 0 to 1: the thumb stretched and pointing up, the four fingers folded.

    Neither place, size nor side of the hand counts, but up is up.  The tip is clearly
    above the knuckle of the index finger, which no thumb that lies on a fist is.
    """
    joints = square(hand, aspect)
    _, reach = stretched(joints)
    way = joints[THUMB[-1]] - joints[THUMB[0]]
    bones = np.linalg.norm(np.diff(joints[THUMB], axis=0), axis=1).sum()
    length = np.linalg.norm(way)
    palm = np.linalg.norm(joints[KNUCKLES[1]] - joints[0]) + 1e-9
    upward = np.degrees(np.arccos(np.clip(-way[1] / (length + 1e-9), -1.0, 1.0)))
    above = (joints[KNUCKLES[0], 1] - joints[THUMB[-1], 1]) / palm
    return min(
        ramp(length / (bones + 1e-9), 0.85, 0.95),
        ramp(reach.max(), 1.1, 0.95),
        ramp(upward, 45.0, 30.0),
        ramp(above, 0.2, 0.4),
    )


def stretched(joints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the four fingers: length over that of their bones, and how far the tip is from the
    wrist over how far the middle joint is; joints [21, 3] of equal units."""
    fingers = joints[FINGERS]
    bones = np.linalg.norm(np.diff(fingers, axis=1), axis=2).sum(axis=1)
    straight = np.linalg.norm(fingers[:, 3] - fingers[:, 0], axis=1) / (bones + 1e-9)
    from_wrist = np.linalg.norm(fingers - joints[0], axis=2)
    return straight, from_wrist[:, 3] / (from_wrist[:, 1] + 1e-9)


def ramp(value: float, low: float, high: float) -> float:
    """0 at `low`, 1 at `high`, straight between them; `low` may be the larger one."""
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))
