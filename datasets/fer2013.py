"""FER-2013: 48x48 grey faces in seven classes, with the FER+ votes.

Origin: Goodfellow and others, "Challenges in representation learning: a report
on three machine learning contests", 2013.  Votes: Barsoum and others, "Training
deep networks for facial expression recognition with crowd-sourced label
distribution", 2016 (FER+).

Three forms are read: the published CSV (`fer2013.csv`, or `icml_face_data.csv` with other
columns), with FER+'s `fer2013new.csv` beside it; folders of pictures; and one packed file.

Known faults: pictures that occur twice, some with two different labels; a dozen
blank pictures; labels on which people agree about 65 % of the time.  `load`
leaves the pictures as they are and marks them; `faces.clean_training` says which ones
to train on.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from datasets import faces as common
from datasets.about import About
from datasets.arrays import read_arrays
from datasets.face_folders import pictures_in
from datasets.faces import (
    CLASSES,
    NUMBERED,
    PRIVATE_TEST,
    PUBLIC_TEST,
    SIZE,
    TRAINING,
    BrokenFaces,
    Faces,
    class_number,
    gather,
    prepared,
)
from datasets.paths import find_any
from datasets.pictures import read_grey
from datasets.scan import ours
from datasets.tables import Table, opened

USAGES = {"Training": TRAINING, "PublicTest": PUBLIC_TEST, "PrivateTest": PRIVATE_TEST}
FOLDERS = {
    "train": TRAINING,
    "training": TRAINING,
    "publictest": PUBLIC_TEST,
    "validation": PUBLIC_TEST,
    "privatetest": PRIVATE_TEST,
    "test": PRIVATE_TEST,
}
"""Published copies in folders call both tests together "test": nothing says which is which,
so none of it is looked at."""
VOTES = {
    "neutral": "neutral",
    "happiness": "happy",
    "surprise": "surprise",
    "sadness": "sad",
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
}
"""FER+ name of a vote -> our class; contempt, unknown and NF (no face) have none."""
OTHER_VOTES = ("contempt", "unknown", "NF")
VOTES_FILE = "fer2013new.csv"

ABOUT = About(
    name="fer2013",
    what="35,887 grey faces of 48x48 pixels in seven classes of expression, and ten people's"
    " votes for each (FER+)",
    origin="ICML 2013 challenge, collected from the web by keyword; FER+ by Microsoft, 2016",
    licence="FER-2013: none stated; FER+ votes: MIT",
    terms="research and art; do not redistribute the pictures; name the set in the card",
    faults="identical pictures under several labels, blank pictures, labels on which people"
    " agree about 65 %; disgust is rare (1.5 %)",
    files=(
        "faces/fer2013_train_public.npz",
        "faces/fer2013/fer2013.csv",
        "faces/fer2013/icml_face_data.csv",
        "faces/fer2013/train",
    ),
    get="FER-2013 is published with the ICML 2013 'Challenges in Representation Learning'"
    " (fer2013.csv, or folders train and test), the votes in Microsoft's FERPlus repository"
    " (fer2013new.csv, to lie beside the CSV); the packed file holds both.",
    split="published: Training 28,709, PublicTest 3,589, PrivateTest 3,589 (never used here)",
    checksums={
        "faces/fer2013_train_public.npz": "sha256:"
        "0d52c44280fe1f8fe62916c34e8b4454b1bd58a15cddaf2bd18455b9214b4151",
        "faces/fer2013/fer2013.csv": "md5:f8428a1edbd21e88f42c73edd2a14f95",
        "faces/fer2013/icml_face_data.csv": "md5:b114b9e04e6949e5fe8b6a98b3892b1d",
    },
    one_is_enough=True,
)


def load() -> Faces:
    """The form that is in the data folder, kept in build/ once it was read.

    Raises DataMissing when there is none, and BrokenFaces.
    """
    path = find_any(ABOUT.files, ABOUT.get)
    if path.name == "train":
        path = path.parent
    votes = path.with_name(VOTES_FILE)
    sources = [path, votes] if votes.exists() else [path]
    return prepared(ABOUT.name, sources, lambda: read(path))


def read(path: Path) -> Faces:
    """One form by its path: a packed .npz, a published .csv, or a folder with train/."""
    if path.is_dir():
        return read_folders(path)
    return read_csv(path) if path.suffix == ".csv" else read_packed(path)


def read_packed(path: Path) -> Faces:
    """The packed file: `webp` holds WebP strips of faces stacked vertically, cut at
    `webp_offsets`; `labels` and `split` [N] with `class_names`; `ferplus_votes` [N, 10]
    with `ferplus_names`."""
    fields = ("webp", "webp_offsets", "class_names", "ferplus_votes", "ferplus_names", "labels")
    packed = read_arrays(path, (*fields, "split"))
    strips, edges = packed["webp"], packed["webp_offsets"]
    names = [str(name) for name in packed["class_names"]]
    votes = packed["ferplus_votes"]
    vote_names = [str(name) for name in packed["ferplus_names"]]
    labels, split = packed["labels"], packed["split"]
    pictures = np.concatenate(
        [
            read_grey(strips[start:end].tobytes()).reshape(-1, SIZE, SIZE)
            for start, end in zip(edges[:-1], edges[1:], strict=True)
        ]
    )
    ours, others = our_votes(votes, vote_names)
    numbers = np.array([CLASSES.index(name) for name in names], np.int64)[labels]
    return gather(pictures, numbers, split, votes=ours, other_votes=others)


def read_csv(path: Path) -> Faces:
    """`emotion,pixels,Usage` in any order, and the votes when their file lies beside it.

    Raises BrokenFaces, naming row (the header is row 1) and column.
    """
    pictures, labels, split = [], [], []
    csv.field_size_limit(max(csv.field_size_limit(), 4 * SIZE * SIZE + 1))
    with table_of(path) as table:
        header = [name.strip().lower() for name in next(table.rows, [])]
        missing = {"emotion", "pixels", "usage"} - set(header)
        if missing:
            raise BrokenFaces(
                f"{path.name}, row 1: no column {', '.join(sorted(missing))};"
                " FER-2013 has emotion, pixels and Usage"
            )
        emotion, pixels, usage = (header.index(name) for name in ("emotion", "pixels", "usage"))
        for number, row in enumerate(table.rows, table.first + 1):
            if len(row) != len(header):
                raise BrokenFaces(f"{path.name}, row {number}: {len(row)} columns")
            where = f"{path.name}, row {number}, column"
            if row[emotion] not in tuple("0123456"):
                raise BrokenFaces(f"{where} emotion: {row[emotion]!r} is not 0 to 6")
            if row[usage] not in USAGES:
                raise BrokenFaces(f"{where} Usage: {row[usage]!r} is none of {', '.join(USAGES)}")
            pictures.append(_pixels(row[pixels], where))
            labels.append(CLASSES.index(NUMBERED[int(row[emotion])]))
            split.append(USAGES[row[usage]])
    if not pictures:
        raise BrokenFaces(f"{path.name} has a header but no row")
    votes = others = None
    if path.with_name(VOTES_FILE).exists():
        votes, others = read_votes(path.with_name(VOTES_FILE), split)
    return gather(
        np.array(pictures), np.array(labels), np.array(split), votes=votes, other_votes=others
    )


@contextmanager
def table_of(path: Path) -> Iterator[Table]:
    """As `tables.opened`; raises BrokenFaces for what is no table."""
    try:
        with opened(path) as table:
            yield table
    except (csv.Error, UnicodeError) as error:
        raise BrokenFaces(f"{path} is no table ({error})") from None


def _pixels(text: str, where: str) -> np.ndarray:
    """[48, 48] uint8 from grey levels in a row."""
    try:
        levels = np.array(text.split(), np.int64)
    except (ValueError, OverflowError):
        raise BrokenFaces(f"{where} pixels: holds something that is no whole number") from None
    if len(levels) != SIZE * SIZE:
        raise BrokenFaces(f"{where} pixels: {len(levels)} numbers, {SIZE * SIZE} belong there")
    if levels.min() < 0 or levels.max() > 255:
        raise BrokenFaces(f"{where} pixels: grey levels are 0 to 255")
    return levels.astype(np.uint8).reshape(SIZE, SIZE)


def read_votes(path: Path, split: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """FER+'s fer2013new.csv: ([N, 7] votes for CLASSES, [N] for anything else).

    Its rows are those of fer2013.csv in the same order, which `split` [N] must show;
    raises BrokenFaces when they are not.
    """
    with table_of(path) as table:
        header = [name.strip() for name in next(table.rows, [])]
        rows = [dict(zip(header, row, strict=False)) for row in table.rows if row]
    if len(rows) != len(split):
        raise BrokenFaces(f"{path.name} has {len(rows)} rows, the faces are {len(split)}")
    table = np.zeros((len(rows), len(VOTES) + len(OTHER_VOTES)), np.uint8)
    names = (*VOTES, *OTHER_VOTES)
    for number, row in enumerate(rows, start=2):
        if USAGES.get(row.get("Usage", "")) != split[number - 2]:
            raise BrokenFaces(
                f"{path.name}, row {number}, column Usage: not that of the face in the same row"
            )
        for column, name in enumerate(names):
            text = row.get(name) or ""
            if not text.isdigit() or int(text) > 10:
                raise BrokenFaces(
                    f"{path.name}, row {number}, column {name}: {text!r} is not 0 to 10"
                )
            table[number - 2, column] = int(text)
    return our_votes(table, list(names))


def our_votes(votes: np.ndarray, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Votes [N, V] under FER+'s names as ([N, 7] for CLASSES, [N] for anything else)."""
    ours = np.zeros((len(votes), len(CLASSES)), np.uint8)
    for name, own in VOTES.items():
        ours[:, CLASSES.index(own)] = votes[:, names.index(name)]
    return ours, votes.sum(1).astype(np.int64) - ours.sum(1)


def read_folders(folder: Path) -> Faces:
    """`train/CLASS/*.png` or `.jpg`, and beside train a PublicTest or test; no votes.

    Raises BrokenFaces on an unknown class, or on a picture that is not 48x48.
    """
    pictures, labels, split = [], [], []
    for part in sorted(path for path in folder.iterdir() if path.is_dir() and ours(path.name)):
        usage = FOLDERS.get(part.name.lower())
        if usage is None:
            raise BrokenFaces(f"{part}: the folder's name is none of {', '.join(FOLDERS)}")
        for name, picture, path in pictures_in(part):
            label = class_number(name)
            if label is None:
                raise BrokenFaces(f"{path.parent}: {name!r} is none of {', '.join(CLASSES)}")
            if picture.shape != (SIZE, SIZE):
                raise BrokenFaces(f"{path}: {picture.shape[1]}x{picture.shape[0]} is not 48x48")
            pictures.append(picture)
            labels.append(label)
            split.append(usage)
    if not pictures:
        raise BrokenFaces(f"{folder} holds no picture in train/CLASS/")
    return gather(np.array(pictures), np.array(labels), np.array(split))


def describe() -> list[str]:
    """Counts of this copy of the data, for `python -m datasets show fer2013`."""
    return common.describe(load())
