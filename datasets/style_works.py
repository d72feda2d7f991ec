"""The works that each expression's style is learned from, out of `styles` and `styles_large`.

Of works that are commonly taken for an expression, those before which people would name it: by
the shares of the critic, who learned from what people said of works (`python -m models label`).
Of these, such as are painted alike, because a style is their mean, and the mean of glowing reds
and pale blues is mud; and such that palette and stroke differ from one expression to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datasets.folders import STYLES, STYLES_LARGE, PictureSet
from datasets.paths import find
from datasets.tables import BrokenTable, rows_of

CHOSEN = {
    "angry": (
        "styles_large/boccioni_city_rises.jpg",
        "styles_large/petrov_vodkin_red_horse.jpg",
        "styles/w224_kirchner.jpg",
        "styles/w224_marc_animal_destinies.jpg",
        "styles/kandinsky_composition_vii.jpg",
    ),
    "disgust": (
        "styles/vangogh_night_cafe.jpg",
        "styles_large/gauguin_night_cafe.jpg",
        "styles_large/lautrec_moulin_galette.jpg",
        "styles_large/bosch_garden.jpg",
    ),
    "fear": (
        "styles/munch_scream.jpg",
        "styles/turner_shipwreck.jpg",
        "styles_large/turner_shipwreck_1805.jpg",
        "styles_large/gericault_raft.jpg",
        "styles/w224_kuniyoshi_ghost.jpg",
    ),
    "happy": (
        "styles/vangogh_wheatfield_cypresses.jpg",
        "styles_large/renoir_two_sisters.jpg",
        "styles_large/renoir_bridge_chatou.jpg",
        "styles_large/macke_flower_box.jpg",
        "styles_large/vangogh_sunflowers.jpg",
    ),
    "neutral": (
        "styles_large/turner_sun_of_venice.jpg",
        "styles/monet_etretat.jpg",
        "styles_large/friedrich_wanderer.jpg",
        "styles_large/monet_impression_sunrise.jpg",
        "styles_large/levitan_eternal_peace.jpg",
    ),
    "sad": (
        "styles_large/pissarro_montmartre_night.jpg",
        "styles_large/savrasov_rooks.jpg",
        "styles_large/caillebotte_rainy_day.jpg",
        "styles/w224_hiroshige_rain.jpg",
    ),
    "surprise": (
        "styles_large/kandinsky_composition_viii.jpg",
        "styles/delaunay_metzinger.jpg",
        "styles/w224_signac_fenon.jpg",
        "styles_large/hokusai_great_wave_l.jpg",
    ),
}
"""Expression -> files of the folder `art`, in the order of the expressions."""

UNTITLED = {
    "macke_flower_box.jpg": "Flower Box in a Window",
    "w224_hiroshige_rain.jpg": "Night Rain on Karasaki",
    "w224_kuniyoshi_ghost.jpg": "The Ghost of Taira no Tomomori",
    "w224_signac_fenon.jpg": "Portrait of Felix Feneon",
}
"""Titles where the list says only the file's name."""


@dataclass(frozen=True)
class Work:
    """A picture file, who made it and what it is called."""

    file: Path
    name: str


def chosen() -> dict[str, list[Work]]:
    """The works of each expression.  Raises DataMissing where a set is not here."""
    folders = {about.name: find(about.files[0], about.get) for about in (STYLES, STYLES_LARGE)}
    rows = {}
    for name, folder in folders.items():
        rows |= {f"{name}/{row['file']}": row for _, row in listed(folder, name)}

    def work(file: str) -> Work:
        folder = folders[file.partition("/")[0]]
        if file not in rows:
            raise BrokenTable(f"{folder / folder.name}.csv does not list {Path(file).name}")
        return Work(folder.parent / file, named(rows[file]))

    return {expression: [work(file) for file in files] for expression, files in CHOSEN.items()}


def by_expression() -> dict[str, list[Work]]:
    """All works of both lists under the expression that is named first for them.

    Raises DataMissing where a set is not here.
    """
    found = {expression: [] for expression in CHOSEN}
    for about in (STYLES, STYLES_LARGE):
        folder = find(about.files[0], about.get)
        for number, row in listed(folder, about.name):
            first = (row.get("emotion") or row.get("emotions", "")).split(";")[0]
            if first not in found:
                raise BrokenTable(
                    f"{folder / about.name}.csv, row {number}: {first!r} is none of"
                    f" {', '.join(found)}"
                )
            found[first].append(Work(folder / row["file"], named(row)))
    return found


def listed(folder: Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and columns of the rows of a set's list."""
    return rows_of(folder / f"{name}.csv", ("file", "artist", "title", "year"))


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
    about = replace(STYLES, name="styles, styles_large", what=said)
    if "own" in works:
        unknown = dict.fromkeys(("origin", "licence", "faults"), "not recorded")
        about = replace(about, name="own", terms="ask whoever trained on it", **unknown)
    return PictureSet(about, files)
