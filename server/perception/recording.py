"""Recorded sessions: landmarks over time, never pictures.

A recording is an `.npz` file of half-precision arrays, one row per frame:
`time` [n] seconds from the start (float64), `aspect` [] and for each part of
Landmarks its points, with NaN in the rows where it was not seen.

    python -m server.perception.recording VIDEO NAME [--rate 15]

makes one from a video file.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from datasets.arrays import arrays_of
from server.perception.wire import SHAPES
from server.values import Landmarks

FOLDER = Path(__file__).parent / "recordings"
ARRAYS = ("time", "aspect", "people", *SHAPES)

LONGEST = 60.0
"""Seconds that are recorded of a visitor, or taken from a file that somebody sends."""
MOST_FRAMES = 2400
MOST_BYTES = 100_000 + 2 * MOST_FRAMES * sum(int(np.prod(shape)) for shape in SHAPES.values())
"""Of MOST_FRAMES frames in half precision; a file that unpacks to more is refused unread."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recorded session."""

    frames: tuple[Landmarks, ...]
    """Times are seconds from the start."""

    @property
    def length(self) -> float:
        """Seconds until it can begin again."""
        times = [frame.time for frame in self.frames]
        return times[-1] - times[0] + (times[-1] - times[0]) / max(len(times) - 1, 1)

    def played_at(self, start: float) -> Iterator[Landmarks]:
        """The frames, with the times they have when playing begins at `start`."""
        first = self.frames[0].time
        for frame in self.frames:
            yield replace(frame, time=start + frame.time - first)


class Recorder:
    """Keeps the landmarks of one visitor until they are asked for."""

    def __init__(self) -> None:
        self._frames: list[Landmarks] = []

    def add(self, landmarks: Landmarks) -> None:
        self._frames.append(landmarks)

    @property
    def is_full(self) -> bool:
        frames = self._frames
        return len(frames) >= MOST_FRAMES or (
            len(frames) > 1 and frames[-1].time - frames[0].time >= LONGEST - 0.1
        )

    def recording(self) -> Recording | None:
        """What was recorded; None while it is less than two frames."""
        return Recording(tuple(self._frames)) if len(self._frames) > 1 else None


def to_bytes(recording: Recording) -> bytes:
    """A recording as the content of its file."""
    file = io.BytesIO()
    save(recording, file)
    return file.getvalue()


def save(recording: Recording, path: Path | BinaryIO) -> None:
    frames = recording.frames
    arrays = {
        "time": np.array([frame.time - frames[0].time for frame in frames]),
        "aspect": np.array(frames[0].aspect),
        "people": np.array([frame.people for frame in frames], np.uint8),
    }
    for name, shape in SHAPES.items():
        gone = np.full(shape, np.nan, np.float16)
        rows = [getattr(frame, name) for frame in frames]
        arrays[name] = np.array([gone if row is None else row for row in rows], np.float16)
    np.savez_compressed(path, **arrays)


def load(path: Path) -> Recording:
    """Read a recording.  Raises ValueError for a file that is none."""
    try:
        with path.open("rb") as file:
            arrays = arrays_of(file, ARRAYS)
        parts = {name: arrays[name].astype(np.float32) for name in SHAPES}
        times, people = arrays["time"].tolist(), arrays["people"].tolist()
        aspect = float(arrays["aspect"])
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"{path} is no recording of landmarks: {error}") from error
    return _recording(parts, times, people, aspect)


def from_bytes(content: bytes) -> Recording:
    """The recording in a file that a stranger sent.

    Sizes are checked before anything is unpacked.  Raises ValueError, with the reason,
    for anything but a recording of 2 to MOST_FRAMES frames and at most LONGEST seconds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            inside = file.infolist()
        if {member.filename for member in inside} != {f"{name}.npy" for name in ARRAYS}:
            raise ValueError("it holds other arrays")
        if sum(member.file_size for member in inside) > MOST_BYTES:
            raise ValueError("it is too long")
        arrays = arrays_of(io.BytesIO(content), ARRAYS)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise ValueError(f"this is no recording of landmarks: {error}") from error
    time, people, aspect = arrays["time"], arrays["people"], arrays["aspect"]
    count = len(time) if time.ndim == 1 else 0
    if any(array.dtype.kind not in "fiu" for array in arrays.values()):
        raise ValueError("this is no recording of landmarks: it holds more than numbers")
    if not 2 <= count <= MOST_FRAMES:
        raise ValueError(f"a recording has 2 to {MOST_FRAMES} frames")
    shapes = {"people": (count,), "aspect": ()}
    shapes |= {name: (count, *shape) for name, shape in SHAPES.items()}
    if any(arrays[name].shape != shape for name, shape in shapes.items()):
        raise ValueError("this is no recording of landmarks: an array has another shape")
    if not (np.diff(time) >= 0).all() or not 0 < time[-1] - time[0] <= LONGEST:
        raise ValueError(f"the times of a recording run forward, for at most {LONGEST:.0f} seconds")
    if not 0.1 < aspect < 10 or any(np.isinf(arrays[name]).any() for name in SHAPES):
        raise ValueError("this is no recording of landmarks: a number is out of range")
    parts = {name: arrays[name].astype(np.float32) for name in SHAPES}
    return _recording(parts, time.tolist(), people.tolist(), float(aspect))


def _recording(
    parts: Mapping[str, np.ndarray], times: list[float], people: list[int], aspect: float
) -> Recording:
    frames = []
    for row, time in enumerate(times):
        seen = {name: part[row] for name, part in parts.items() if not np.isnan(part[row]).any()}
        frames.append(Landmarks(time=time, people=people[row], aspect=aspect, **seen))
    return Recording(tuple(frames))


def load_all(folder: Path = FOLDER) -> dict[str, Recording]:
    """Every recording that comes with Mien, by name."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.npz"))}


def record_video(video: Path, rate: float) -> Recording:
    """Track a video at `rate` frames per second (or its own, when lower)."""
    import cv2

    from server.perception.trackers import TrackerSet

    source = cv2.VideoCapture(str(video))
    own_rate = source.get(cv2.CAP_PROP_FPS)
    if not source.isOpened() or own_rate <= 0:
        raise ValueError(f"{video} is not a video that OpenCV opens")
    trackers = TrackerSet(ThreadPoolExecutor(1))
    frames, number, due = [], 0, 0.0
    while True:
        more, picture = source.read()
        if not more:
            break
        time, number = number / own_rate, number + 1
        if time + 1e-6 < due:
            continue
        due += 1 / rate
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        # with so much time between frames, body and hands are looked for in every one
        found = trackers.track(picture, number * 1000.0)
        frames.append(replace(found, time=time, body_age=0.0, hands_age=0.0))
    if not frames:
        raise ValueError(f"{video} holds no frame")
    return Recording(tuple(frames))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m server.perception.recording",
        description="Make a recording of landmarks from a video file.",
    )
    parser.add_argument("video", type=Path)
    parser.add_argument("name", help="of the recording, as in ?replay=NAME")
    parser.add_argument("--rate", type=float, default=15.0, help="frames per second (15)")
    options = parser.parse_args()
    path = FOLDER / f"{options.name}.npz"
    FOLDER.mkdir(exist_ok=True)
    save(record_video(options.video, options.rate), path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
