"""ExpW, Expression in-the-Wild: 91,793 faces in photographs found on the web.

Origin: Zhang, Luo, Loy and Tang, "From facial expression recognition to interpersonal
relation prediction", 2018.  One line of `label.lst` for each face:

    image_name face_id_in_image top left right bottom confidence expression_label

with the box in pixels, the face detector's confidence, and the classes numbered as
FER-2013's.  Several faces of one photograph stay on one side of every split.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from datasets import faces as common
from datasets.about import About
from datasets.faces import (
    CLASSES,
    NUMBERED,
    SIZE,
    BrokenFaces,
    Faces,
    gather_apart,
    prepared,
)
from datasets.paths import find
from datasets.pictures import BadPicture, read_grey

TEST_SHARE = 10
"""One photograph in so many is in the test."""

ABOUT = About(
    name="expw",
    what="91,793 faces in colour photographs in seven classes of expression",
    origin="Multimedia Laboratory of the Chinese University of Hong Kong, collected from the"
    " web by keyword",
    licence="non-commercial research only",
    terms="non-commercial research; do not redistribute the pictures; name the set in the card",
    faults="labels of one annotator's pass; boxes that reach beyond the photograph; the same"
    " photograph under several names; fear and disgust are rare",
    files=("faces/expw/label/label.lst", "faces/expw/image/origin"),
    get="The authors' page of 'From facial expression recognition to interpersonal relation"
    " prediction' links it: label.lst, and origin.7z to unpack to image/origin.",
    split="none published; ours: every tenth photograph, by a checksum of its name, is the test",
)


@dataclass(frozen=True)
class Box:
    """One line of label.lst; pixels from the top left corner."""

    top: int
    left: int
    right: int
    bottom: int
    label: int
    """Index into CLASSES."""


def load() -> Faces:
    """All faces; raises DataMissing when the files are not there, and BrokenFaces."""
    labels, pictures = (find(file, ABOUT.get) for file in ABOUT.files)
    return prepared(ABOUT.name, [labels, pictures], lambda: read(labels, pictures))


def read(labels: Path, pictures: Path) -> Faces:
    """The faces that `label.lst` names in photographs of the folder `pictures`.

    Lines whose photograph is missing or damaged, or whose box lies outside of it are left out and
    counted; raises BrokenFaces, with the line, on anything that is no such line.
    """
    faces, numbers, photographs, left_out = [], [], [], Counter()
    for name, boxes in tqdm(read_labels(labels).items(), desc="ExpW", unit="photograph"):
        if not (pictures / name).is_file():
            left_out["no photograph"] += len(boxes)
            continue
        try:
            photograph = read_grey(pictures / name)
        except BadPicture:
            left_out["damaged photograph"] += len(boxes)
            continue
        for box in boxes:
            face = cut(photograph, box)
            if face is None:
                left_out["box does not fit the photograph"] += 1
                continue
            faces.append(face)
            numbers.append(box.label)
            photographs.append(name)
    if not faces:
        raise BrokenFaces(f"no photograph that {labels.name} names is in {pictures}")
    return gather_apart(faces, numbers, photographs, TEST_SHARE, left_out)


def read_labels(path: Path) -> dict[str, list[Box]]:
    """Name of a photograph -> its faces; a line that comes twice counts once."""
    found: dict[str, list[Box]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        try:
            name, _face, *box, _confidence, label = parts
            top, left, right, bottom = (int(edge) for edge in box)
            if label not in tuple("0123456"):
                raise ValueError("a label is 0 to 6")
        except ValueError:
            raise BrokenFaces(
                f"{path.name}, line {number}: not 'image_name face_id top left right bottom"
                f" confidence label' with a label of 0 to 6: {line[:80]!r}"
            ) from None
        if "/" in name or "\\" in name or name.startswith("."):
            raise BrokenFaces(f"{path.name}, line {number}: {name!r} is no name of a file")
        one = Box(top, left, right, bottom, CLASSES.index(NUMBERED[int(label)]))
        if one not in found.setdefault(name, []):
            found[name].append(one)
    return found


def cut(photograph: np.ndarray, box: Box) -> np.ndarray | None:
    """[48, 48] uint8: the square around the box, its edge repeated where the photograph
    ends; None when nothing of the box lies inside, or when it is larger than the photograph."""
    import cv2

    height, width = photograph.shape
    inside = min(box.bottom, height) > max(box.top, 0) and min(box.right, width) > max(box.left, 0)
    side = max(box.bottom - box.top, box.right - box.left)
    if not inside or not 2 <= side <= max(height, width):
        return None
    top, left = (box.top + box.bottom - side) // 2, (box.left + box.right - side) // 2
    beyond = max(0, -top, -left, top + side - height, left + side - width)
    padded = cv2.copyMakeBorder(photograph, *[beyond] * 4, cv2.BORDER_REPLICATE)
    square = padded[top + beyond : top + beyond + side, left + beyond : left + beyond + side]
    how = cv2.INTER_AREA if side > SIZE else cv2.INTER_CUBIC
    return cv2.resize(square, (SIZE, SIZE), interpolation=how)


def describe() -> list[str]:
    """Counts of this copy of the data, for `python -m datasets show expw`."""
    return common.describe(load())
