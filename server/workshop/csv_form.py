"""Recordings as Body Language Decoder CSVs, and back: class, x1, y1, z1, v1, … x33, …, v33.

The format has no place for a time, a person or the shape of the picture, and readers take every
further column for a landmark: so rows are written at RATE, as a picture of ASPECT shows them,
and one person at a time can be exported.  A recording ends where the class changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from datasets.gestures import BODY, BrokenCsv, read_csv
from models.pose.take import NONE, Take, resampled
from server.workshop.poses import WorkshopError, checked_name, checked_pose_name
from server.workshop.takes import LONGEST, new_take

RATE = 15
"""Rows a second."""
ASPECT = 4 / 3
MOST_ROWS = 20_000
"""Of an imported file: 22 minutes."""
LEAST_ROWS = 15
"""Of one class, one after another: a second."""
MOST_BYTES = 64_000_000
ORDINARY = (NONE, "none", "ordinary", "ordinary behaviour")
"""What an imported class may be called in which nothing special is done."""
HEADER = ("class", *(f"{letter}{n}" for n in range(1, BODY + 1) for letter in "xyzv"))


def rows_of(take: Take) -> Iterator[str]:
    """The lines of one recording."""
    times = np.arange(0.0, take.times[-1] + 1e-6, 1 / RATE)
    table = resampled(take.times, take.bodies.reshape(len(take.times), -1), times)
    table[:, 1::4] *= ASPECT / take.aspect
    name = f'"{take.pose}"' if "," in take.pose else take.pose
    for row in table:
        yield f"{name}," + ",".join(f"{value:.6g}" for value in row) + "\n"


def takes_in(
    path: Path, name: str, person: str
) -> tuple[list[Take], Mapping[str, tuple[str, ...]]]:
    """The recordings in a CSV, all of them one person's; `name` is what the file is called.

    Beside them: pose -> how it is spelt, of those spelt in several ways that look the same.

    Raises BrokenCsv, naming row and column, for anything that cannot be learnt from: another
    form, text, NaN, too many rows, a single class, a class of few rows.
    """
    person = checked_name(person, "The name of the person")
    read = read_csv(path, name=name, most_rows=MOST_ROWS)
    classes = [_class(text, row, name) for row, text in zip(read.rows, read.classes, strict=True)]
    if len(set(classes)) < 2:
        raise BrokenCsv(
            f"{name}, rows {read.rows[0]} to {read.rows[-1]}, column 'class': all are"
            f" {read.classes[0]!r}; a file needs two classes at least, ordinary behaviour"
            f" ({NONE!r}) being one"
        )
    cuts = [n for n in range(1, len(classes)) if classes[n] != classes[n - 1]]
    most = round(LONGEST * RATE)
    takes = []
    for start, end in zip([0, *cuts], [*cuts, len(classes)], strict=True):
        if end - start < LEAST_ROWS:
            raise BrokenCsv(
                f"{name}, row {read.rows[start]}, column 'class': {read.classes[start]!r} stands"
                f" in {end - start} row{'s' * (end - start > 1)} one after another; at least"
                f" {LEAST_ROWS} are needed (a second), in the order of time"
            )
        # Parts of equal length, none of them too short to be learnt from.
        count = -(-(end - start) // most)
        for part in np.array_split(np.arange(start, end), count):
            times = np.arange(len(part)) / RATE
            takes.append(new_take(classes[start], person, times, read.bodies[part], ASPECT))
    return takes, read.merged


def _class(text: str, row: int, name: str) -> str:
    if text.strip().casefold() in ORDINARY:
        return NONE
    try:
        return checked_pose_name(text.replace("_", " "))
    except WorkshopError as error:
        raise BrokenCsv(f"{name}, row {row}, column 'class': {error}") from None
