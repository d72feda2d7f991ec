"""How far a reading of a face's expression can be trusted: rather unsure than wrong.

The stage fades toward neutral with it.  Four things make it small: a head that is turned
away, far or cut off (`measures.measure_head`), too little light, something before the mouth,
and two expressions that are equally likely.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from server.perception.measures import CHIN, FOREHEAD, VISIBLE, ramp, square
from server.values import Head, Landmarks

LIPS = [13, 14, 61, 291]
"""Of the face mesh: the middle of both lips, the corners of the mouth."""
HAND_OF_BODY = {"left": [15, 17, 19, 21], "right": [16, 18, 20, 22]}
"""Of the body: wrist, little finger, index finger, thumb."""
SAMPLES = 32
"""Pixels along a side of the face that are looked at for its light."""


def confidence_in_expression(
    shares: Mapping[str, float],
    head: Head,
    landmarks: Landmarks,
    picture: np.ndarray | None = None,
) -> float:
    """0 to 1 for probabilities `shares` of a face that is in view.

    `picture` [height, width, 3] uint8 RGB; a recording has none, and its light counts
    as good.
    """
    trusted = head.confidence * decided(shares) * (1.0 - before_mouth(landmarks))
    if picture is not None:
        trusted *= lit(picture, landmarks.face)
    return trusted


def decided(shares: Mapping[str, float]) -> float:
    """0 when the two likeliest classes are equal, 1 when one leads by a tenth."""
    second, first = sorted(shares.values())[-2:]
    return ramp(first - second, 0.01, 0.1)


def lit(picture: np.ndarray, face: np.ndarray) -> float:
    """0 in the dark, 1 with light enough; picture [height, width, 3], face [468, 3].

    The brightest twentieth of the face decides (the white of the eyes, the tip of the nose),
    and how much brighter it is than the darkest: not the mean, which the colour of a skin
    changes.
    """
    height, width = picture.shape[:2]
    (left, top), (right, bottom) = face[:, :2].min(0), face[:, :2].max(0)
    rows = slice(max(int(top * height), 0), max(int(bottom * height), 0))
    columns = slice(max(int(left * width), 0), max(int(right * width), 0))
    part = picture[rows, columns]
    if part.size == 0:
        return 0.0
    every = [max(side // SAMPLES, 1) for side in part.shape[:2]]
    levels = part[:: every[0], :: every[1]].mean(2)
    dark, bright = np.percentile(levels, [5, 95])
    return ramp(bright, 25, 60) * ramp(bright - dark, 8, 20)


def before_mouth(landmarks: Landmarks) -> float:
    """1 when a hand covers the mouth, 0 when none is near it.

    The mesh goes on under a hand, and imagines what is there.
    """
    mesh = square(landmarks.face, landmarks.aspect)
    mouth = mesh[LIPS, :2].mean(0)
    height = float(np.linalg.norm(mesh[CHIN] - mesh[FOREHEAD])) + 1e-6
    covered = 0.0
    for side, hand in (("left", landmarks.left_hand), ("right", landmarks.right_hand)):
        if hand is None and landmarks.body is not None:
            hand = landmarks.body[HAND_OF_BODY[side]]
            if hand[:, 3].min() < VISIBLE:
                hand = None
        if hand is not None:
            points = square(hand, landmarks.aspect)[:, :2]
            hull = cv2.convexHull(points.astype(np.float32))
            inside = cv2.pointPolygonTest(hull, (float(mouth[0]), float(mouth[1])), True)
            covered = max(covered, ramp(inside / height, -0.2, -0.05))
    return covered
