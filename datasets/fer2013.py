"""FER-2013: 48x48 grey faces in seven classes, with the FER+ votes.

Origin: Goodfellow and others, "Challenges in representation learning: a report
on three machine learning contests", 2013.  Votes: Barsoum and others, "Training
deep networks for facial expression recognition with crowd-sourced label
distribution", 2016 (FER+).

Known faults: pictures that occur twice, some with two different labels; a dozen
blank pictures; labels on which people agree about 65 % of the time.  `load`
leaves the pictures as they are and marks them; `clean_training` says which ones
to train on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasets.about import About
from datasets.paths import find

CLASSES = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
TRAINING, PUBLIC_TEST = 0, 1
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

ABOUT = About(
    name="fer2013",
    what="35,887 grey faces of 48x48 pixels in seven classes of expression, and ten people's"
    " votes for each (FER+)",
    origin="ICML 2013 challenge, collected from the web by keyword; FER+ by Microsoft, 2016",
    licence="FER-2013: none stated; FER+ votes: MIT",
    terms="research and art; do not redistribute the pictures; name the set in the card",
    faults="identical pictures under several labels, blank pictures, labels on which people"
    " agree about 65 %; disgust is rare (1.5 %)",
    files=("faces/fer2013_train_public.npz",),
    get="FER-2013 is published with the ICML 2013 'Challenges in Representation Learning',"
    " the votes in Microsoft's FERPlus repository; the packed file holds both.",
)

SAME_PICTURE = 3.0
"""Root mean square difference in grey levels below which two pictures are one: the
packed file is lossy, so that copies differ by 1 to 2."""
BLANK = 2.0
"""Standard deviation in grey levels below which a picture shows nothing."""


@dataclass(frozen=True)
class Faces:
    """Pictures and labels, in the order of the published set."""

    pictures: np.ndarray
    """[N, 48, 48] uint8."""
    labels: np.ndarray
    """[N] index into CLASSES."""
    votes: np.ndarray
    """[N, 7] how many of ten people voted for each of CLASSES; may sum to less than ten."""
    other_votes: np.ndarray
    """[N] votes for contempt, unknown or no face."""
    split: np.ndarray
    """[N] TRAINING or PUBLIC_TEST."""
    same: np.ndarray
    """[N] number shared by all copies of one picture: the index of the first."""
    blank: np.ndarray
    """[N] bool: shows nothing."""


def load() -> Faces:
    """Training and PublicTest; raises DataMissing when the file is not there."""
    import cv2

    with np.load(find(ABOUT.files[0], ABOUT.get), allow_pickle=False) as packed:
        strips, edges = packed["webp"], packed["webp_offsets"]
        names = [str(name) for name in packed["class_names"]]
        votes = packed["ferplus_votes"]
        vote_names = [str(name) for name in packed["ferplus_names"]]
        labels, split = packed["labels"], packed["split"]
    pictures = np.concatenate(
        [
            cv2.imdecode(strips[start:end], cv2.IMREAD_GRAYSCALE).reshape(-1, 48, 48)
            for start, end in zip(edges[:-1], edges[1:], strict=True)
        ]
    )
    ours = np.zeros((len(votes), len(CLASSES)), np.uint8)
    for name, own in VOTES.items():
        ours[:, CLASSES.index(own)] = votes[:, vote_names.index(name)]
    return Faces(
        pictures=pictures,
        labels=np.array([CLASSES.index(name) for name in names], np.int64)[labels],
        votes=ours,
        other_votes=votes.sum(1) - ours.sum(1),
        split=split.astype(np.int64),
        same=copies(pictures),
        blank=pictures.reshape(len(pictures), -1).std(1) < BLANK,
    )


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
        block = slice(start, start + 2000)
        distance = squares[block, None] + squares[None] - 2 * thumbs[block] @ thumbs.T
        for row, other in zip(*np.nonzero(distance < near), strict=True):
            one = start + row
            if other < one and first[one] == one:
                difference = pictures[one].astype(np.float32) - pictures[other]
                if np.sqrt((difference**2).mean()) < SAME_PICTURE:
                    first[one] = first[other]
    return first


def clean_training(faces: Faces) -> tuple[np.ndarray, dict[str, int]]:
    """Which pictures to train on: ([N] bool, how many were left out and why).

    Left out: blank ones, those that are also in PublicTest, those that occur under
    two labels, and all copies but the first of the others.
    """
    training = faces.split == TRAINING
    in_test = np.isin(faces.same, faces.same[faces.split == PUBLIC_TEST])
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
        ("also in PublicTest", in_test),
        ("conflicting labels", conflicting),
        ("copies", repeated),
    ):
        counts[reason] = int((keep & wrong).sum())
        keep &= ~wrong
    return keep, counts


def describe() -> list[str]:
    """Counts of this copy of the data, for `python -m datasets show fer2013`."""
    faces = load()
    keep, left_out = clean_training(faces)
    lines = []
    for name, number in (("Training", TRAINING), ("PublicTest", PUBLIC_TEST)):
        here = faces.split == number
        per_class = np.bincount(faces.labels[here], minlength=len(CLASSES))
        lines.append(
            f"{name}: {here.sum()} faces ("
            + ", ".join(f"{c} {n}" for c, n in zip(CLASSES, per_class, strict=True))
            + ")"
        )
    reasons = ", ".join(f"{reason} {count}" for reason, count in left_out.items())
    lines.append(f"Training without its faults: {keep.sum()} faces (left out: {reasons})")
    return lines
