"""Recorded bodies: Body Language Decoder CSVs and the arm signals.

A Body Language Decoder CSV (Nicholas Renotte's tutorial, and BetaProject's own) has
one row a frame: the class, then four numbers (x, y, z, visibility) for each landmark
of MediaPipe Holistic: 33 of the body, and in the full form 468 of the face after them.
Column names differ from copy to copy (`v1`, `visibility1`), their order does not.

Faults of the samples: the pictures' aspect is nowhere stated; neighbouring rows are
nearly equal, so that a random split tells nothing; the end of several recordings is
somebody walking to the camera; the 501x4 sample ends in rows of another program.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from datasets.about import About
from datasets.arrays import read_arrays
from datasets.paths import find
from datasets.tables import cleaned, opened
from datasets.tables import number as number_of

BODY, FACE = 33, 468
LARGEST = 100.0
"""No landmark is that far outside the picture, in sizes of the picture."""
LETTERS = {"x": 0, "y": 1, "z": 2, "v": 3, "visibility": 3}

EXERCISES = About(
    name="exercises",
    what="1,333 bodies: bicep curl, reverse fly, arms crossed over the chest ('Wakanda forever')",
    origin="published Body Language Decoder recordings, author not stated in the sample",
    licence="none stated",
    terms="research and art; do not redistribute the rows; name the set in the card",
    faults="few people, neighbouring rows nearly equal, aspect of the picture not stated",
    files=("gestures/exercises_33x4.csv",),
    get="Any 33x4 CSV with these classes will do.",
    split="none published; ours: blocks in time",
    checksums={
        "gestures/exercises_33x4.csv": "sha256:"
        "09bb73f83b3397f469714106296e6adce9459dce410e552507ef34032d7272e1",
    },
)
SEMAPHORE = About(
    name="semaphore",
    what="579 bodies giving three flag letters with one arm",
    origin="published Body Language Decoder recordings, author not stated in the sample",
    licence="none stated",
    terms="research and art; do not redistribute the rows; name the set in the card",
    faults="one person, ends with walking to the camera, aspect of the picture not stated",
    files=("gestures/semaphore_33x4.csv",),
    get="Any 33x4 CSV with these classes will do.",
    split="none published; ours: blocks in time",
    checksums={
        "gestures/semaphore_33x4.csv": "sha256:"
        "6fccd9d01c0950c6af9dacaa3ecff6871e89c2d65ad45d51dec357ce6a747453",
    },
)
HOLISTIC = About(
    name="holistic",
    what="65 rows with body and face, Happy and Sad: a sample of the full format",
    origin="published Body Language Decoder recordings, author not stated in the sample",
    licence="none stated",
    terms="tests only: too few rows to learn from",
    faults="36 rows of another program (42 numbers) at the end",
    files=("gestures/holistic_501x4_sample.csv",),
    get="Any 501x4 CSV will do.",
    split="none published; ours: blocks in time",
    checksums={
        "gestures/holistic_501x4_sample.csv": "sha256:"
        "b3b336d314dd744b665c9113947e7e318e6074a217d6aadb6ca5870206b0126f",
    },
)
ARM_SIGNALS = About(
    name="arm_signals",
    what="23,764 video frames of three people giving ten arm signals, and standing by",
    origin="Ground Guide Gesture Dataset",
    licence="GPL-3.0",
    terms="name the set in the card; the rows stay outside the repository; whether GPL-3.0"
    " reaches weights trained on them is unsettled",
    faults="shoulders, elbows, wrists and hips only, x and y, in shoulder widths from the nose;"
    " one person never stands by; signals are given with one arm",
    files=("gestures/arm_signals.npz",),
    get="Pack the Ground Guide Gesture Dataset's joints as X [N, 16], y, person, clip, gestures.",
    split="none published; ours: one person left out at a time",
    checksums={
        "gestures/arm_signals.npz": "sha256:"
        "0b26de3e181aefe8443fdf9516a6e27f87d32fdc4e627fb25df36f8c0cde7d01",
    },
)


class BrokenCsv(ValueError):
    """A CSV that cannot be read; the message names the row and the column."""


@dataclass(frozen=True)
class Recording:
    """Rows of one Body Language Decoder CSV."""

    classes: list[str]
    """[N] cleaned names."""
    bodies: np.ndarray
    """[N, 33, 4] float32 x, y, z, visibility in picture coordinates."""
    faces: np.ndarray | None
    """[N, 468, 3] float32, when the file has the full 501 landmarks."""
    skipped: int
    """Rows left out because they have another number of columns."""
    rows: list[int]
    """[N] where each stands in the file; the header is row 1."""
    merged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Class -> how it is spelt, of those that are spelt in several ways that look the same."""


@dataclass(frozen=True)
class ArmSignals:
    """Frames of the Ground Guide set as bodies."""

    bodies: np.ndarray
    """[N, 33, 4] float32; NaN but for nose, shoulders, elbows, wrists and hips."""
    signals: np.ndarray
    """[N] index into names."""
    people: np.ndarray
    """[N] 0, 1 or 2."""
    clips: np.ndarray
    """[N] number of the video."""
    names: list[str]


def read_csv(
    path: Path,
    skip_other_widths: bool = False,
    name: str | None = None,
    most_rows: int | None = None,
) -> Recording:
    """One Body Language Decoder CSV, 33x4 or 501x4, with any spelling of its columns, in any form
    that `tables.opened` reads.  Names of classes are cleaned.

    Raises BrokenCsv, naming row (the header is row 1) and column, on a wrong header, on text,
    NaN or an absurd number where a coordinate belongs, on more than `most_rows`, and on a row
    with another number of columns, unless `skip_other_widths`.  `name` is what messages call
    the file.
    """
    name = name or path.name
    classes, numbers, places, skipped, number = [], [], [], 0, 0
    spellings: dict[str, dict[str, None]] = {}
    try:
        with opened(path) as table:
            header = next(table.rows, [])
            number = table.first
            points = _points(header, name)
            for number, row in enumerate(table.rows, start=table.first + 1):
                if not row:
                    continue
                if most_rows is not None and number > most_rows + 1:
                    raise BrokenCsv(
                        f"{name}, row {number}, column 'class': more than {most_rows} rows; send"
                        " them in several files"
                    )
                if len(row) != len(header):
                    if skip_other_widths:
                        skipped += 1
                        continue
                    fewer = len(row) < len(header)
                    fault = (
                        f"{header[len(row)]!r} is missing" if fewer else f"{len(row)} has no name"
                    )
                    raise BrokenCsv(
                        f"{name}, row {number}: {len(row)} columns, the header has {len(header)};"
                        f" column {fault}"
                    )
                classes.append(cleaned(row[0]))
                spellings.setdefault(classes[-1], {})[row[0]] = None
                numbers.append(_numbers(row, header, name, number))
                places.append(number)
    except (csv.Error, UnicodeError) as error:
        raise BrokenCsv(
            f"{name}, row {number + 1}, column 1 or later: no text of a CSV ({error}); save it as"
            " CSV UTF-8"
        ) from None
    if not classes:
        raise BrokenCsv(f"{name}, row 2, column 'class': there is a header but no row")
    table = np.array(numbers, np.float32).reshape(len(classes), points, 4)
    faces = table[:, BODY:, :3].copy() if points == BODY + FACE else None
    merged = {one: tuple(several) for one, several in spellings.items() if len(several) > 1}
    return Recording(classes, table[:, :BODY].copy(), faces, skipped, places, merged)


def _points(header: list[str], name: str) -> int:
    """How many landmarks the header promises; raises BrokenCsv when it is no such CSV."""
    points, rest = divmod(len(header) - 1, 4)
    if rest or points not in (BODY, BODY + FACE):
        raise BrokenCsv(
            f"{name}, row 1: {len(header)} columns; a Body Language Decoder CSV has"
            f" {1 + BODY * 4} or {1 + (BODY + FACE) * 4}, the first of them 'class'"
        )
    for column, said in enumerate(header[1:]):
        match = re.fullmatch(r"([a-z]+)_?(\d{1,3})", said.strip().lower(), re.ASCII)
        letter, number = match.groups() if match else ("", "0")
        if LETTERS.get(letter) != column % 4 or int(number) != column // 4 + 1:
            wanted = "xyzv"[column % 4] + str(column // 4 + 1)
            raise BrokenCsv(
                f"{name}, row 1, column {column + 2}: {said[:40]!r} where {wanted!r} belongs"
            )
    return points


def _numbers(row: list[str], header: list[str], name: str, number: int) -> np.ndarray:
    try:
        values = np.array(row[1:], np.float64)
    except ValueError:
        values = np.array([_number(text) for text in row[1:]])
    good = np.abs(values) <= LARGEST  # NaN is not
    if not good.all():
        column = int(np.argmin(good)) + 1
        raise BrokenCsv(
            f"{name}, row {number}, column {header[column]!r}: {row[column][:40]!r} is no number"
            " of a landmark"
        )
    return values


def _number(text: str) -> float:
    try:
        return number_of(text)
    except ValueError:
        return float("nan")


def load_csv(about: About) -> Recording:
    """EXERCISES, SEMAPHORE or HOLISTIC; raises DataMissing when it is not there."""
    return read_csv(find(about.files[0], about.get), skip_other_widths=True)


def load_arm_signals() -> ArmSignals:
    """The Ground Guide set; raises DataMissing when it is not there.

    Coordinates are shoulder widths from the nose, y down: any aspect of 1 fits them.
    """
    path = find(ARM_SIGNALS.files[0], ARM_SIGNALS.get)
    stored = read_arrays(path, ("X", "y", "person", "clip", "gestures"))
    table = stored["X"].reshape(-1, 8, 2)
    signals, people, clips = stored["y"], stored["person"], stored["clip"]
    names = [str(name) for name in stored["gestures"]]
    bodies = np.full((len(table), BODY, 4), np.nan, np.float32)
    bodies[:, 0] = (0, 0, 0, 1)
    for column, point in enumerate((11, 12, 13, 14, 15, 16, 23, 24)):
        bodies[:, point, :2] = table[:, column]
        bodies[:, point, 2:] = (0, 1)
    return ArmSignals(
        bodies, signals.astype(np.int64), people.astype(np.int64), clips.astype(np.int64), names
    )


def describe(about: About) -> list[str]:
    """Counts of this copy of the data, for `python -m datasets show NAME`."""
    if about is ARM_SIGNALS:
        arms = load_arm_signals()
        lines = [f"{len(arms.bodies)} frames, {len(set(arms.clips.tolist()))} clips"]
        for person in np.unique(arms.people):
            counts = np.bincount(arms.signals[arms.people == person], minlength=len(arms.names))
            lines.append(
                f"person {person}: "
                + ", ".join(f"{name} {n}" for name, n in zip(arms.names, counts, strict=True))
            )
        return lines
    recording = load_csv(about)
    names, counts = np.unique(recording.classes, return_counts=True)
    lines = [f"{name}: {count} rows" for name, count in zip(names, counts, strict=True)]
    if recording.skipped:
        lines.append(f"left out, other number of columns: {recording.skipped} rows")
    return lines
