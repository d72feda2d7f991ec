"""Recorded sessions: landmarks over time, never pictures.

A recording is an `.npz` file of half-precision arrays, one row per frame:
`time` [n] seconds from the start (float64), `aspect` [] and for each part of
Landmarks its points, with NaN in the rows where it was not seen.

    python -m server.perception.recording VIDEO NAME [--rate 15]

makes one from a video file.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from server.perception.wire import SHAPES
from server.values import Landmarks

FOLDER = Path(__file__).parent / "recordings"


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


def save(recording: Recording, path: Path) -> None:
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
        with np.load(path, allow_pickle=False) as arrays:
            parts = {name: arrays[name].astype(np.float32) for name in SHAPES}
            times, people = arrays["time"].tolist(), arrays["people"].tolist()
            aspect = float(arrays["aspect"])
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{path} is no recording of landmarks: {error}") from error
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
