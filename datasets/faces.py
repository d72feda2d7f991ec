"""Labelled faces of any set in one form, and their faults: copies, conflicting labels, blanks.

`datasets/fer2013.py`, `expw.py` and `face_folders.py` read the published sets into `Faces`;
what is trained on follows from it in one way for all of them.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from datasets.arrays import keep_arrays, kept_arrays
from datasets.paths import PROJECT

CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
NUMBERED = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The classes in the order of the numbers 0 to 6 that FER-2013 and ExpW give them."""
SPELLINGS = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}
TRAINING, PUBLIC_TEST, PRIVATE_TEST = 0, 1, 2
"""What is learnt from; what figures are published on; what is kept for others to judge by,
which Mien neither trains on nor looks at."""
SIZE = 48
"""Pixels of a side: FER-2013's, and every other set is brought to it."""
CACHE = PROJECT / "build" / "faces"

SAME_PICTURE = 3.0
"""Root mean square difference in grey levels below which two pictures are one: packed
files are lossy, so that copies differ by 1 to 2."""
BLANK = 2.0
"""Standard deviation in grey levels below which a picture shows nothing."""


class BrokenFaces(ValueError):
    """A set of faces that cannot be read; the message names file, row and column."""


@dataclass(frozen=True)
class Faces:
    """Pictures and labels, in the order of the published set."""

    pictures: np.ndarray
    """[N, 48, 48] uint8."""
    labels: np.ndarray
    """[N] index into CLASSES."""
    votes: np.ndarray
    """[N, 7] how many of ten people voted for each of CLASSES; all 0 where nobody was asked."""
    other_votes: np.ndarray
    """[N] votes for contempt, unknown or no face."""
    split: np.ndarray
    """[N] TRAINING, PUBLIC_TEST or PRIVATE_TEST."""
    same: np.ndarray
    """[N] number shared by all copies of one picture: the index of the first."""
    group: np.ndarray
    """[N] number shared by what must stay on one side of a split: copies, and faces of one
    person or of one photograph where the set says so."""
    blank: np.ndarray
    """[N] bool: shows nothing."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What the set's own files hold that could not become a face, counted by reason."""


def gather(
    pictures: np.ndarray,
    labels: np.ndarray,
    split: np.ndarray,
    group: np.ndarray | None = None,
    votes: np.ndarray | None = None,
    other_votes: np.ndarray | None = None,
    left_out: Mapping[str, int] | None = None,
) -> Faces:
    """Faces from what a file holds: copies and blanks are looked for here."""
    count = len(pictures)
    same = copies(pictures)
    return Faces(
        pictures=pictures,
        labels=labels.astype(np.int64),
        votes=np.zeros((count, len(CLASSES)), np.uint8) if votes is None else votes,
        other_votes=np.zeros(count, np.int64) if other_votes is None else other_votes,
        split=split.astype(np.int64),
        same=same,
        group=same if group is None else joined(same, group),
        blank=pictures.reshape(count, -1).std(1) < BLANK,
        left_out=left_out or {},
    )


def gather_apart(
    pictures: Sequence[np.ndarray],
    labels: Sequence[int],
    owners: Sequence[str],
    one_in: int,
    left_out: Mapping[str, int],
) -> Faces:
    """Faces of a set without a split of its own: one owner in so many is in the test.

    owners [N]: the person or photograph of each face.  Its faces stay together, and on the same
    side in every run and on every machine.
    """
    test = np.array([zlib.crc32(owner.encode()) % one_in == 0 for owner in owners])
    return gather(
        np.array(pictures),
        np.array(labels),
        np.where(test, PUBLIC_TEST, TRAINING),
        group=np.unique(owners, return_inverse=True)[1],
        left_out=dict(left_out),
    )


def class_number(name: str) -> int | None:
    """Index into CLASSES of a class in any spelling the sets use; None for another one."""
    name = name.strip().lower()
    name = SPELLINGS.get(name, name)
    return CLASSES.index(name) if name in CLASSES else None


def copies(pictures: np.ndarray) -> np.ndarray:
    """[N] the index of the first picture that is the same as each; [N, 48, 48] uint8 in.

    Candidates are found on 12x12 thumbnails, then compared pixel by pixel.
    """
    count = len(pictures)
    thumbs = pictures.reshape(count, 12, 4, 12, 4).mean((2, 4), dtype=np.float32)
    thumbs = thumbs.reshape(count, -1) - thumbs.mean()
    squares = (thumbs * thumbs).sum(1)
    near = thumbs.shape[1] * SAME_PICTURE**2
    first = np.arange(count)
    for start in range(0, count, 2000):
        # Columns up to the block's own end: a copy comes after its first.
        block, before = slice(start, start + 2000), slice(0, start + 2000)
        distance = squares[block, None] + squares[before] - 2 * thumbs[block] @ thumbs[before].T
        for row, other in zip(*np.nonzero(distance < near), strict=True):
            one = start + row
            if other < one and first[one] == one:
                difference = pictures[one].astype(np.float32) - pictures[other]
                if np.sqrt((difference**2).mean()) < SAME_PICTURE:
                    first[one] = first[other]
    return first


def joined(same: np.ndarray, group: np.ndarray) -> np.ndarray:
    """[N] one number for all that is connected by either of two groupings [N]."""
    number = np.arange(len(same))
    while True:
        before = number
        for grouping in (same, group):
            _, member = np.unique(grouping, return_inverse=True)
            least = np.full(member.max(initial=-1) + 1, len(same))
            np.minimum.at(least, member, number)
            number = least[member]
        if np.array_equal(number, before):
            return number


def clean_training(faces: Faces) -> tuple[np.ndarray, dict[str, int]]:
    """Which pictures to train on: ([N] bool, how many were left out and why).

    Left out: blank ones, those that are also in a test, those that occur under
    two labels, and all copies but the first of the others.
    """
    training = faces.split == TRAINING
    in_public = np.isin(faces.same, faces.same[faces.split == PUBLIC_TEST])
    in_private = np.isin(faces.same, faces.same[faces.split == PRIVATE_TEST])
    low = np.full(len(faces.labels), len(CLASSES))
    high = np.full(len(faces.labels), -1)
    np.minimum.at(low, faces.same, faces.labels)
    np.maximum.at(high, faces.same, faces.labels)
    conflicting = low[faces.same] != high[faces.same]
    repeated = faces.same != np.arange(len(faces.same))
    keep = training.copy()
    counts = {}
    for reason, wrong in (
        ("blank", faces.blank),
        ("also in PublicTest", in_public),
        ("also in PrivateTest", in_private),
        ("conflicting labels", conflicting),
        ("copies", repeated),
    ):
        counts[reason] = int((keep & wrong).sum())
        keep &= ~wrong
    return keep, {reason: count for reason, count in counts.items() if count}


def apart(faces: Faces, share: float) -> np.ndarray:
    """[N] bool: about this share of Training's groups, the same ones at every call.

    For choosing and calibrating: no group is on both sides.
    """
    training = faces.split == TRAINING
    numbers, place = np.unique(faces.group, return_inverse=True)
    digests = [hashlib.sha256(str(number).encode()).digest() for number in numbers]
    chosen = np.array([int.from_bytes(d[:4], "big") < share * 2**32 for d in digests])
    return training & chosen[place]


def prepared(name: str, sources: list[Path], read: Callable[[], Faces]) -> Faces:
    """What `read` reads from `sources`, kept in build/faces/ until one of them changes."""
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sources]
    key = json.dumps(stats)
    cache = CACHE / f"{name}.npz"
    names = [one.name for one in fields(Faces)]
    if (arrays := kept_arrays(cache, key, names)) is not None:
        return Faces(**{**arrays, "left_out": json.loads(str(arrays["left_out"]))})
    faces = read()
    arrays = {one: getattr(faces, one) for one in names}
    keep_arrays(cache, key, arrays | {"left_out": np.array(json.dumps(dict(faces.left_out)))})
    return faces


def describe(faces: Faces) -> list[str]:
    """Counts, for `python -m datasets show` and `prepare`."""
    keep, left_out = clean_training(faces)
    lines = []
    parts = (("Training", TRAINING), ("PublicTest", PUBLIC_TEST), ("PrivateTest", PRIVATE_TEST))
    for name, number in parts:
        here = faces.split == number
        if here.any():
            per_class = np.bincount(faces.labels[here], minlength=len(CLASSES))
            counted = ", ".join(f"{c} {n}" for c, n in zip(CLASSES, per_class, strict=True))
            lines.append(f"{name}: {here.sum()} faces ({counted})")
    if faces.left_out:
        lines.append("not read: " + counts_text(faces.left_out))
    lines.append(f"Training without its faults: {keep.sum()} faces")
    if left_out:
        lines.append("left out: " + counts_text(left_out))
    voted = int((faces.votes.sum(1) > 0).sum())
    lines.append(f"with FER+ votes: {voted} faces")
    return lines


def counts_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items())
