"""What a browser gets beside the SceneState: the landmarks packet, and the mask.

docs/protocol.md describes the bytes.
"""

from __future__ import annotations

import numpy as np

from server.values import Landmarks

FULL = 65535
VISIBLE = 0.5


def pack_points(landmarks: Landmarks) -> bytes:
    """Counts, then x and y of every point, as little-endian unsigned 16-bit integers."""
    parts = (landmarks.face, landmarks.body, landmarks.left_hand, landmarks.right_hand)
    packet = [np.array([0 if part is None else len(part) for part in parts], "<u2")]
    for part in parts:
        if part is not None:
            points = np.clip(np.rint(part[:, :2] * FULL), 0, FULL).astype("<u2")
            if part is landmarks.body:
                points[part[:, 3] < VISIBLE] = FULL
            packet.append(points.reshape(-1))
    return np.concatenate(packet).tobytes()


def pack_mask(mask: np.ndarray) -> bytes:
    """[height, width] uint8 -> width and height as unsigned 16-bit integers, then the rows."""
    return np.array(mask.shape[::-1], "<u2").tobytes() + mask.tobytes()
