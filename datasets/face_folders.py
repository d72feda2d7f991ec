"""Faces in one folder for each class, as CK+ is passed on.

    anger/S010_004_00000017.png

The person's number stands first in the name; a name without one counts as a person of
its own.  All of a person is in Training or in the test.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from datasets import faces as common
from datasets.about import About
from datasets.faces import (
    SIZE,
    BrokenFaces,
    Faces,
    class_number,
    gather_apart,
    prepared,
)
from datasets.paths import find
from datasets.pictures import read_grey
from datasets.scan import check, ours, picture_files

ABOUT = About(
    name="ckplus",
    what="981 grey faces of 118 people in seven folders: the last three pictures of each of"
    " CK+'s 327 labelled sequences",
    origin="Extended Cohn-Kanade Dataset (Lucey and others, 2010), cut out by others",
    licence="CK+: research only, on request",
    terms="research only; do not redistribute the pictures; name the set in the card",
    faults="acted before a camera; three nearly equal pictures of each sequence; contempt in"
    " place of neutral",
    files=("faces/ckplus",),
    get="Ask for CK+ at the Affect Analysis Group in Pittsburgh, and cut the faces out into"
    " CLASS/S<person>_<sequence>_<frame>.png.",
    split="none published; ours: every fifth person, by a checksum of the number, is the test",
)
TEST_SHARE = 5
"""One person in so many is in the test."""


def load() -> Faces:
    """CK+ from the data folder; raises DataMissing when it is not there."""
    folder = find(ABOUT.files[0], ABOUT.get)
    sources = [
        folder,
        *sorted(path for path in folder.iterdir() if path.is_dir() and ours(path.name)),
    ]
    return prepared(ABOUT.name, sources, lambda: read(folder))


def read(folder: Path) -> Faces:
    """`CLASS/*.png`; classes that are none of ours are left out and counted.

    Raises BrokenFaces when nothing remains.
    """
    pictures, labels, people, left_out = [], [], [], Counter()
    for name, picture, path in pictures_in(folder):
        label = class_number(name)
        if label is None:
            left_out[name] += 1
            continue
        pictures.append(square(picture))
        labels.append(label)
        found = re.match(r"S?(\d+)_", path.name, re.IGNORECASE)
        people.append(found[1] if found else path.name)
    if not pictures:
        raise BrokenFaces(f"{folder} holds no picture in a folder named like a class")
    return gather_apart(pictures, labels, people, TEST_SHARE, left_out)


def pictures_in(folder: Path) -> Iterator[tuple[str, np.ndarray, Path]]:
    """Name of the class, grey picture [H, W] uint8 and path, of `folder/CLASS/*`.

    Raises BadPicture naming all that cannot be read.
    """
    files = [path for path in picture_files(folder) if path.parent.parent == folder]
    check(files)
    for path in files:
        yield path.parent.name, read_grey(path), path


def square(picture: np.ndarray) -> np.ndarray:
    """[H, W] uint8 -> its middle square, [48, 48]."""
    import cv2

    height, width = picture.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = picture[top : top + side, left : left + side]
    how = cv2.INTER_AREA if side > SIZE else cv2.INTER_CUBIC
    return cv2.resize(middle, (SIZE, SIZE), interpolation=how)


def describe() -> list[str]:
    """Counts of this copy of the data, for `python -m datasets show ckplus`."""
    return common.describe(load())
