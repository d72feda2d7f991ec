"""Recordings of the workshop: body landmarks of one person in one pose, one small file each.

A file is an `.npz` of `pose`, `person`, `made` (seconds since 1970), `aspect`, `time` [T] in
seconds from the start and `body` [T, 33, 4]: never a picture, a face or a hand.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.arrays import arrays_of
from datasets.paths import write_whole
from models.pose.take import NONE, Take
from server.workshop.poses import WorkshopError

FOLDER = "recordings"
MOST = 400
"""Recordings that are kept."""
LONGEST = 60.0
"""Seconds, of an imported recording; a recorded one is shorter."""


@dataclass(frozen=True)
class Kept:
    """What is known of a recording without its landmarks."""

    id: str
    pose: str
    person: str
    made: float
    seconds: float
    frames: int


def folder_of(workshop: Path) -> Path:
    return workshop / FOLDER


def new_take(
    pose: str, person: str, times: Sequence[float], bodies: np.ndarray, aspect: float
) -> Take:
    """A recording that has not been kept yet; its name is drawn by lot, and sorts by time."""
    name = f"{time.time_ns() // 1_000_000:013d}-{secrets.token_hex(3)}"
    own = np.asarray(times, np.float64)
    return Take(name, pose, person, own - own[0], np.asarray(bodies, np.float32), aspect)


def keep(workshop: Path, take: Take) -> Kept:
    """Write the file, whole or not at all; raises OSError."""
    made = int(take.id.split("-")[0]) / 1000

    def write(new: Path) -> None:
        with new.open("wb") as file:
            np.savez_compressed(
                file,
                pose=take.pose,
                person=take.person,
                made=made,
                aspect=take.aspect,
                time=take.times,
                body=take.bodies,
            )

    write_whole(folder_of(workshop) / f"{take.id}.npz", write)
    return about(take, made)


def about(take: Take, made: float) -> Kept:
    seconds = round(float(take.times[-1] - take.times[0]), 1)
    return Kept(take.id, take.pose, take.person, made, seconds, len(take.times))


def load(path: Path) -> tuple[Take, float]:
    """A recording and when it was made; raises WorkshopError for a file that is none."""
    try:
        with path.open("rb") as file:
            stored = arrays_of(file, ("pose", "person", "made", "aspect", "time", "body"))
        pose, person = str(stored["pose"]), str(stored["person"])
        made, aspect = float(stored["made"]), float(stored["aspect"])
        times, bodies = stored["time"], stored["body"]
        whole = bodies.shape == (len(times), 33, 4) and len(times) >= 2 and 0.1 < aspect < 10
        if not (whole and np.isfinite(bodies).all() and (np.diff(times) > 0).all()):
            raise ValueError("its numbers are none of a body")
    except (ValueError, OSError, TypeError) as error:
        raise WorkshopError(f"{path.name} is no recording of the workshop: {error}") from error
    return Take(path.stem, pose, person, times, bodies, aspect), made


def load_all(workshop: Path) -> tuple[list[tuple[Take, float]], list[str]]:
    """Every recording, oldest first, and what is wrong with files that are none."""
    found, problems = [], []
    for path in sorted(folder_of(workshop).glob("[0-9]*.npz")):
        try:
            found.append(load(path))
        except WorkshopError as error:
            problems.append(str(error))
    return found, problems


def remove(workshop: Path, name: str) -> None:
    (folder_of(workshop) / f"{name}.npz").unlink(missing_ok=True)


def in_order_of_export(kept: Sequence[Kept]) -> list[Kept]:
    """One recording of each class in turn, person by person: in a CSV a recording ends where the
    class changes, and so most of them stay apart."""
    turns: dict[tuple[str, str], int] = {}
    keys = {}
    for one in kept:
        turn = turns.get((one.person, one.pose), 0)
        turns[one.person, one.pose] = turn + 1
        keys[one.id] = (one.person, turn, one.pose != NONE, one.pose)
    return sorted(kept, key=lambda one: keys[one.id])
