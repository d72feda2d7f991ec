"""Drawn faces for trainings of seconds: each class has a mouth and brows of its own."""

from __future__ import annotations

import cv2
import numpy as np

from datasets.faces import CLASSES, PUBLIC_TEST, TRAINING, Faces

MOUTHS = {
    # height of the corners, of the middle of the lower lip, slant of the brows
    "angry": (2, 0, 5),
    "disgust": (-2, 6, 3),
    "fear": (3, 8, -4),
    "happy": (-5, 5, 0),
    "neutral": (0, 0, 0),
    "sad": (6, -3, -5),
    "surprise": (-3, 12, -2),
}
"""In pixels of 96; down is positive."""


def draw(name: str, rng: np.random.Generator) -> np.ndarray:
    """[48, 48] uint8, somewhere near the middle, in some light."""
    corners, lip, slant = MOUTHS[name]
    skin, ink = int(rng.integers(110, 200)), int(rng.integers(10, 70))
    picture = np.full((96, 96), int(rng.integers(0, 255)), np.uint8)
    x, y = (rng.normal(48, 2, 2)).astype(int)
    cv2.ellipse(picture, (x, y), (34, 42), 0, 0, 360, skin, -1)
    for side in (-1, 1):
        cv2.circle(picture, (x + 14 * side, y - 10), 4, ink, -1)
        inner, outer = (x + 7 * side, y - 20 + slant), (x + 21 * side, y - 20 - slant)
        cv2.line(picture, inner, outer, ink, 3)
    left, right = (x - 14, y + 22 + corners), (x + 14, y + 22 + corners)
    mouth = np.array([left, (x, y + 22 + lip), right, (x, y + 21 - lip // 3)])
    cv2.polylines(picture, [mouth], True, ink, 3)
    noisy = cv2.resize(picture, (48, 48), interpolation=cv2.INTER_AREA) + rng.normal(0, 4, (48, 48))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def made_faces(count: int, seed: int = 0, test_share: float = 0.2) -> Faces:
    """`count` faces, class after class; the last ones are PublicTest."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    return Faces(
        pictures=np.array([draw(CLASSES[label], rng) for label in labels]),
        labels=labels,
        votes=(np.eye(7)[labels] * 9).astype(np.uint8),
        other_votes=np.ones(count, int),
        split=np.where(np.arange(count) < count * (1 - test_share), TRAINING, PUBLIC_TEST),
        same=np.arange(count),
        group=np.arange(count),
        blank=np.zeros(count, bool),
    )
