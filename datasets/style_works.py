"""The works of the set `styles` that each expression's style is learned from.

Which emotion suits a work is our own view.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datasets.folders import STYLES, PictureSet
from datasets.paths import find

CHOSEN = {
    # Palette and stroke must differ from one expression to the next, not only the subject.
    "angry": ("w224_kirchner.jpg", "w224_marc_animal_destinies.jpg"),
    "disgust": ("vangogh_night_cafe.jpg", "w224_caravaggio_medusa.jpg"),
    "fear": ("munch_scream.jpg", "turner_shipwreck.jpg"),
    "happy": ("vangogh_wheatfield_cypresses.jpg", "w224_macke_garden.jpg"),
    "neutral": ("w224_hiroshige_snow.jpg",),
    "sad": ("w224_pissarro_boulevard_night.jpg",),
    "surprise": ("delaunay_metzinger.jpg",),
}
"""Expression -> files of `art/styles`, in the order of the expressions."""

UNTITLED = {
    "w224_macke_garden.jpg": "At the Garden Table",
    "w224_hiroshige_snow.jpg": "A Snowy Gorge",
    "w224_pissarro_boulevard_night.jpg": "The Boulevard Montmartre at Night",
}
"""Titles where the list says "(see filename)"."""


@dataclass(frozen=True)
class Work:
    """A picture file, who made it and what it is called."""

    file: Path
    name: str


def chosen() -> dict[str, list[Work]]:
    """The works of each expression.  Raises DataMissing where the set is not here."""
    folder = find(STYLES.files[0], STYLES.get)
    with (folder / "styles.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    return {
        expression: [Work(folder / name, named(rows[name])) for name in files]
        for expression, files in CHOSEN.items()
    }


def named(row: dict[str, str]) -> str:
    """ "Edvard Munch, The Scream, 1893" """
    title = UNTITLED.get(row["file"], row["title"])
    return ", ".join(filter(None, (row["artist"], title, row["year"])))


def of(files: Sequence[Path] | None) -> dict[str, list[Work]]:
    """One's own pictures as one style, which is Johnson's network; without, the chosen works."""
    return {"own": [Work(file, file.stem) for file in files]} if files else chosen()


def as_set(works: dict[str, list[Work]]) -> PictureSet:
    """All of them, and an About that names them, for the card of what is trained on them."""
    files = tuple(work.file for of_style in works.values() for work in of_style)
    said = "; ".join(
        f"{style}: {' and '.join(work.name for work in of_style)}"
        for style, of_style in works.items()
    )
    about = replace(STYLES, what=said)
    if "own" in works:
        unknown = dict.fromkeys(("origin", "licence", "faults"), "not recorded")
        about = replace(about, name="own", terms="ask whoever trained on it", **unknown)
    return PictureSet(about, files)
