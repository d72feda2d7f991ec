"""The signing clips through MediaPipe's pose, once; the result is kept in build/.

Training only: the live perception process never imports this file.

Every clip is read whole and cut off at several heights and sides, because visitors
stand closer than people in recordings do: this is how real landmarks look when hips,
hands or elbows are out of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from datasets.arrays import keep_arrays, kept_arrays
from datasets.paths import PROJECT
from datasets.signing import Clip, clips

CACHE = PROJECT / "build" / "signing_bodies.npz"
CROPS = (
    (0.0, 0.0, 1.0, 1.0),
    (0.0, 0.0, 1.0, 0.8),
    (0.1, 0.0, 0.9, 0.65),
    (0.15, 0.0, 0.85, 0.5),
    (0.0, 0.0, 0.6, 1.0),
)
"""Left, top, right, bottom as shares of the picture."""
CROPS_KEY = repr(CROPS)


@dataclass(frozen=True)
class Bodies:
    """Bodies found in the clips."""

    bodies: np.ndarray
    """[N, 33, 4] float32 in coordinates of the crop."""
    aspects: np.ndarray
    """[N] of the crop."""
    people: np.ndarray
    """[N]"""
    words: np.ndarray
    """[N] what is being signed."""
    crops: np.ndarray
    """[N] index into CROPS."""


def signing_bodies(cache: Path = CACHE) -> Bodies:
    """All bodies of all clips; raises DataMissing when there are no clips."""
    fields = ("bodies", "aspects", "people", "words", "crops")
    if (there := kept_arrays(cache, CROPS_KEY, fields)) is not None:
        return Bodies(**there)
    found = bodies_in(clips())
    keep_arrays(cache, CROPS_KEY, {field: getattr(found, field) for field in fields})
    return found


def bodies_in(signed: Sequence[Clip]) -> Bodies:
    """All bodies of these clips, tracked as live, in every crop."""
    rows = []
    for clip in tqdm(signed, desc="signing clips", unit="clip"):
        frames = read_frames(clip.path)
        for number, (left, top, right, bottom) in enumerate(CROPS):
            height, width = frames[0].shape[:2]
            cut = [
                np.ascontiguousarray(
                    frame[
                        int(top * height) : int(bottom * height),
                        int(left * width) : int(right * width),
                    ]
                )
                for frame in frames
            ]
            aspect = cut[0].shape[1] / cut[0].shape[0]
            rows += [(body, aspect, clip.person, clip.word, number) for body in bodies_of(cut)]
    return Bodies(*(np.array(column) for column in zip(*rows, strict=True)))


def read_frames(path: Path) -> list[np.ndarray]:
    """All frames of a video, [H, W, 3] uint8 RGB."""
    import cv2

    video = cv2.VideoCapture(str(path))
    frames = []
    while True:
        good, frame = video.read()
        if not good:
            break
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    video.release()
    if not frames:
        raise OSError(f"{path} holds no frame that OpenCV can read")
    return frames


def bodies_of(frames: list[np.ndarray]) -> list[np.ndarray]:
    """[33, 4] float32 for every frame in which a body was found, tracked as live."""
    import mediapipe

    found = []
    with mediapipe.solutions.pose.Pose(model_complexity=1) as pose:
        for frame in frames:
            result = pose.process(frame)
            if result.pose_landmarks:
                found.append(
                    np.array(
                        [(p.x, p.y, p.z, p.visibility) for p in result.pose_landmarks.landmark],
                        np.float32,
                    )
                )
    return found
