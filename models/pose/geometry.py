"""The upper body's geometry: numbers that do not depend on place, size or a tilted camera.

Only head, shoulders, elbows, wrists and hands are used, so that a body of which the hips
and legs are out of the picture reads the same.  Depth is not used: MediaPipe guesses it
from one picture, and several of the gesture sets have none.
"""

from __future__ import annotations

import numpy as np

# Numbers of points in MediaPipe's pose landmarks; left is the visitor's own left.
NOSE = 0
LEFT_EAR, RIGHT_EAR = 7, 8
LEFT_SHOULDER, RIGHT_SHOULDER = 11, 12
LEFT_ELBOW, RIGHT_ELBOW = 13, 14
LEFT_WRIST, RIGHT_WRIST = 15, 16
LEFT_INDEX, RIGHT_INDEX = 19, 20
NEEDED = (
    NOSE,
    LEFT_SHOULDER,
    RIGHT_SHOULDER,
    LEFT_ELBOW,
    RIGHT_ELBOW,
    LEFT_WRIST,
    RIGHT_WRIST,
)
"""What every body must have; ears and hands are missing in some recordings."""
MIRROR = np.array(
    [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9]
    + [side for left in range(11, 33, 2) for side in (left + 1, left)]
)
"""Number of the point on the other side of the body."""

ARM = (
    "elbow x",
    "elbow y",
    "wrist x",
    "wrist y",
    "forearm x",
    "forearm y",
    "upper arm cos",
    "upper arm sin",
    "forearm cos",
    "forearm sin",
    "elbow bend",
    "wrist beyond the middle",
    "wrist above nose",
    "wrist to other elbow",
    "wrist to other shoulder",
    "elbow visible",
    "wrist visible",
)
BOTH = (
    "shoulder width",
    "head height",
    "wrists apart x",
    "wrists apart y",
    "elbows apart",
    "both wrists beyond the middle",
    "lower wrist above nose",
    "least reach to the side",
)
FINE = (
    "left hand x",
    "left hand y",
    "right hand x",
    "right hand y",
    "nose x",
    "nose y",
    "nose from ears x",
    "nose from ears y",
)
"""Small things that tell something only when they move: a hand against its wrist, and the
head; x grows away from the trunk for hands and to the visitor's left for the head."""
FEATURES = (
    *(f"left {name}" for name in ARM),
    *(f"right {name}" for name in ARM),
    *BOTH,
    *FINE,
)
LEVEL = 3.0
"""How much more the line of the shoulders says where up is than the nose above it."""
LIMIT = 4.0
"""Features are clipped here, in body units: a runaway landmark must not decide alone."""


def features(body: np.ndarray, aspect: float) -> np.ndarray:
    """[F] float64, named by FEATURES, from one body [33, 4] (picture coordinates).

    `aspect` is the picture's width divided by its height.  Raises ValueError when the
    body has another shape, or when a point that is used holds no numbers.
    """
    body = np.asarray(body)
    if body.shape != (33, 4):
        raise ValueError(f"a body is [33, 4], this is {list(body.shape)}")
    return features_many(body[None], aspect)[0]


def features_many(bodies: np.ndarray, aspect: float | np.ndarray) -> np.ndarray:
    """[N, F] from bodies [N, 33, 4] and one aspect, or one for each."""
    bodies = np.asarray(bodies, np.float64)
    if not np.isfinite(bodies[:, NEEDED]).all():
        raise ValueError("the body holds values that are not numbers")
    points = bodies[:, :23, :2].copy()
    points[..., 1] /= np.reshape(aspect, (-1, 1))
    visible = np.clip(bodies[..., 3], 0, 1)

    shoulders = points[:, [LEFT_SHOULDER, RIGHT_SHOULDER]]
    middle = shoulders.mean(1)
    width = np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1)
    head = np.linalg.norm(points[:, NOSE] - middle, axis=1)
    # Shoulders shrink when a body turns, the head's height when the camera tilts:
    # together they keep their size.
    unit = np.maximum(np.hypot(width, head), 1e-6)
    points = upright(points - middle[:, None]) / unit[:, None, None]

    arms = {}
    for side, outward, shoulder, elbow, wrist, other_shoulder, other_elbow in (
        ("left", 1, LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST, RIGHT_SHOULDER, RIGHT_ELBOW),
        ("right", -1, RIGHT_SHOULDER, RIGHT_ELBOW, RIGHT_WRIST, LEFT_SHOULDER, LEFT_ELBOW),
    ):
        # x grows away from the trunk and y grows upward, on both sides.
        own = points * (outward, -1)
        upper = own[:, elbow] - own[:, shoulder]
        fore = own[:, wrist] - own[:, elbow]
        upper_length = np.maximum(np.linalg.norm(upper, axis=1), 1e-6)[:, None]
        fore_length = np.maximum(np.linalg.norm(fore, axis=1), 1e-6)[:, None]
        upper_way, fore_way = upper / upper_length, fore / fore_length
        arms[side] = {
            "elbow": upper,
            "wrist": own[:, wrist] - own[:, shoulder],
            "forearm": fore,
            "upper way": upper_way,
            "fore way": fore_way,
            "bend": (upper_way * fore_way).sum(1),
            "beyond": -own[:, wrist, 0],
            "above": own[:, wrist, 1] - own[:, NOSE, 1],
            "to elbow": np.linalg.norm(own[:, wrist] - own[:, other_elbow], axis=1),
            "to shoulder": np.linalg.norm(own[:, wrist] - own[:, other_shoulder], axis=1),
            "elbow visible": visible[:, elbow],
            "wrist visible": visible[:, wrist],
        }
    left, right = arms["left"], arms["right"]
    apart = points[:, LEFT_WRIST] - points[:, RIGHT_WRIST]
    both = (
        width / unit,
        head / unit,
        apart[:, 0],
        # Its size only: which wrist is higher is said by the arms themselves.
        np.abs(apart[:, 1]),
        np.linalg.norm(points[:, LEFT_ELBOW] - points[:, RIGHT_ELBOW], axis=1),
        np.minimum(left["beyond"], right["beyond"]),
        np.minimum(left["above"], right["above"]),
        np.minimum(left["wrist"][:, 0], right["wrist"][:, 0]),
    )
    fine = (
        (points[:, LEFT_INDEX] - points[:, LEFT_WRIST]) * (1, -1),
        (points[:, RIGHT_INDEX] - points[:, RIGHT_WRIST]) * (-1, -1),
        points[:, NOSE] * (1, -1),
        (points[:, NOSE] - points[:, [LEFT_EAR, RIGHT_EAR]].mean(1)) * (1, -1),
    )
    columns = [*left.values(), *right.values(), *both, *(np.nan_to_num(part) for part in fine)]
    return np.clip(np.column_stack(columns), -LIMIT, LIMIT)


def upright(points: np.ndarray) -> np.ndarray:
    """Points [N, P, 2] about the middle of the shoulders, turned until the body stands up.

    A camera that is held askew turns everything in the picture, and this turns it back.
    Up is where the nose is, and square to the shoulders; the nose alone would turn the
    arms whenever the head turns.
    """
    across = points[:, LEFT_SHOULDER] - points[:, RIGHT_SHOULDER]
    square = np.stack((across[:, 1], -across[:, 0]), 1)
    nose = points[:, NOSE]
    up = nose + LEVEL * square * np.where((square * nose).sum(1) < 0, -1, 1)[:, None]
    length = np.linalg.norm(up, axis=1)
    up = np.where(length[:, None] > 1e-6, up / np.maximum(length, 1e-6)[:, None], (0.0, -1.0))
    x, y = points[..., 0], points[..., 1]
    sine, cosine = up[:, :1], -up[:, 1:]
    return np.stack((x * cosine + y * sine, y * cosine - x * sine), -1)


def mirrored(bodies: np.ndarray) -> np.ndarray:
    """Bodies [..., 33, 4] as a mirror shows them: left and right change places."""
    turned = np.array(bodies)[..., MIRROR, :]
    turned[..., 0] = 1 - turned[..., 0]
    return turned
