"""Camera pictures for the benches: 640×480 JPEGs, encoded before anything is timed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from datasets.paths import data_folder

WIDTH, HEIGHT = 640, 480
QUALITY = 70
"""What the page starts with."""
RATE = 30.0
"""Pictures per second of the clips."""

WITH_HANDS = ("asl_sorry.mkv", "asl_no.mkv", "asl_milk.mkv", "asl_hungry.mkv")
"""Of the signing clips, those with hands in view in nearly every picture."""
WITHOUT_HANDS = "portrait_d10.mp4"
LONGEST = 240


@dataclass(frozen=True, slots=True)
class Clip:
    """A camera that shows the same few seconds forwards, backwards, and again."""

    name: str
    """What is seen, and where it is from: told in the rows."""
    jpegs: tuple[bytes, ...]

    def at(self, seconds: float) -> bytes:
        """The newest picture this long after the start."""
        return self.jpegs[int(seconds * RATE + 1e-6) % len(self.jpegs)]

    def sample(self, rate: float, seconds: float) -> list[bytes]:
        """Every picture that somebody sees who looks `rate` times a second."""
        return [self.at(number / rate) for number in range(round(seconds * rate))]


def clip(hands: bool, which: int = 0) -> Clip:
    """A person signing, or one without hands in view.

    Without the shared videos it is scikit-image's astronaut, moved about, for both.
    """
    file = WITH_HANDS[which % len(WITH_HANDS)] if hands else WITHOUT_HANDS
    path = data_folder() / "videos" / file
    if path.exists():
        pictures = video(path)
        name = f"hands in view ({file})" if hands else f"no hands in view ({file})"
    else:
        pictures = moved_astronaut()
        name = "no hands in view (scikit-image's astronaut, moved)"
    jpegs = [encode(picture) for picture in pictures]
    return Clip(name, tuple(jpegs + jpegs[-2:0:-1]))


def video(path: Path) -> list[np.ndarray]:
    """[480, 640, 3] uint8 BGR: the middle of each picture, cut to 4:3."""
    source = cv2.VideoCapture(str(path))
    pictures = []
    while len(pictures) < LONGEST:
        more, picture = source.read()
        if not more:
            break
        height, width = picture.shape[:2]
        high, wide = min(height, width * 3 // 4), min(width, height * 4 // 3)
        top, left = (height - high) // 2, (width - wide) // 2
        cut = picture[top : top + high, left : left + wide]
        pictures.append(cv2.resize(cut, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
    source.release()
    if not pictures:
        raise ValueError(f"{path} is not a video that OpenCV opens")
    return pictures


def moved_astronaut() -> list[np.ndarray]:
    """[480, 640, 3] uint8 BGR: one picture, swaying."""
    from skimage import data

    picture = cv2.resize(data.astronaut()[:, :, ::-1].copy(), (WIDTH, WIDTH))
    found = []
    for phase in np.linspace(0, 2 * np.pi, 60, endpoint=False):
        shift = np.array([[1, 0, 40 * np.sin(phase)], [0, 1, 15 * np.sin(2 * phase)]])
        found.append(cv2.warpAffine(picture, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT))
    return found


def encode(picture: np.ndarray) -> bytes:
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert done, "OpenCV could not encode a picture"
    return jpeg.tobytes()
