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
    get="They are the sign language clips of Intel's IoT DevKit sample videos.",
    split="none published; ours: one person left out at a time",
    checksums={
        "videos/asl_again.mkv": "sha256:"
        "e6c640c718e26f2ace77fd36cade8cd10d0ccfc27fa59ce1e6be549e9235f882",
        "videos/asl_brother.mkv": "sha256:"
        "f856ae0909b8045edf8ca447f7cb9d6e070a5073e3bea76d8ea8ce615ce99317",
        "videos/asl_eat.mkv": "sha256:"
        "1a252672404cbbc56fe75deaf6425a12e8db428bcf119f7e88556eb445eeff36",
        "videos/asl_help.mkv": "sha256:"
        "cd3c77280546591cbbc74b4f642f6c712f1fc988a33b1839412345d1e708cb63",
        "videos/asl_hungry.mkv": "sha256:"
        "4e8fc203206b2caeb2b8f591db02b8f5fae2947940e201bfedec2f906a60290b",
        "videos/asl_milk.mkv": "sha256:"
        "86e4de796b29a0b65f7ade6aa0c4fd10be6d7f40def7c3bde73a821a63ce0518",
        "videos/asl_night.mkv": "sha256:"
        "402fcf62d26c69b4e510a1677e86909644dc7ef7f4920b77d0c8e24edf9ab070",
        "videos/asl_no.mkv": "sha256:"
        "523a6e491878c48ba57bdcc32b73273f75485681080325f6fce9461f5605eb75",
        "videos/asl_sister.mkv": "sha256:"
        "2fadd1e2d9f6bd634098190c209cd02549a6af66739b1a57b4b5e325464ad2af",
        "videos/asl_sorry.mkv": "sha256:"
        "c3fa8df84bc29410baa6afe7b649f4bd4691a38de2c7a11e6dc605f73622f0f8",
        "videos/asl_student.mkv": "sha256:"
        "5fa9fefef04219204edc3685db3acee0f02cabdddfe0ab4d59665d0a71312072",
        "videos/asl_want.mkv": "sha256:"
        "788fe01c04420605fbe56b905b64444f75ebee7e4831213d00406bc50a6f2b0a",
    },
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
