"""Twelve clips of people signing words of American Sign Language, upper body.

Hands move before the trunk and beside the head all the time, and none of it is one of
our poses: the best examples of what must stay neutral.  People were told apart by eye.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datasets.about import About
from datasets.paths import DataMissing, data_folder

ABOUT = About(
    name="signing",
    what="12 clips (1.6-3.6 s, 640x480, 30 fps) of four people signing, upper body",
    origin="Intel IoT DevKit sample videos",
    licence="CC-BY-4.0",
    terms="name Intel's sample videos in the card",
    faults="one room, young men only, no hips in some clips",
    files=("videos/asl_*.mkv",),
    get="It is part of the shared sample data, and of Intel's IoT DevKit sample videos.",
)

PEOPLE = {
    "again": 0,
    "brother": 0,
    "help": 0,
    "no": 0,
    "student": 0,
    "eat": 1,
    "night": 1,
    "sister": 1,
    "hungry": 2,
    "want": 2,
    "milk": 3,
    "sorry": 3,
}
"""Word -> person."""


@dataclass(frozen=True)
class Clip:
    """One video."""

    word: str
    person: int
    path: Path


def clips() -> list[Clip]:
    """All clips; raises DataMissing when there is none."""
    folder = data_folder() / "videos"
    found = [
        Clip(word, person, folder / f"asl_{word}.mkv")
        for word, person in sorted(PEOPLE.items())
        if (folder / f"asl_{word}.mkv").exists()
    ]
    if not found:
        raise DataMissing(
            f"{folder}/asl_*.mkv are missing. {ABOUT.get} Put them there, or set MIEN_DATA to"
            " the folder that holds videos/."
        )
    return found


def describe() -> list[str]:
    """What is there, for `python -m datasets show signing`."""
    return [f"{clip.word}: person {clip.person}" for clip in clips()]
