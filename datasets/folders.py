"""Sets of pictures in folders: published ones by name, and anybody's own.

    pictures("monet").files
    pictures("paintings:landscape").files          # one folder of a published set
    pictures("landscapes:fog,shine").files         # two folders
    pictures("wikiart:claude-monet").files         # one artist: files are ARTIST_TITLE.jpg
    pictures("monet:learn").files                  # two thirds, for training
    pictures("my/captures").files
    pictures("monet2photo", side="B").files        # a folder with trainA and trainB

A folder may say what it holds in an `about.json` with the fields of `About`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datasets.about import About
from datasets.paths import find
from datasets.pictures import SUFFIXES
from datasets.scan import ours, picture_files
from datasets.tables import cleaned

MONET = About(
    name="monet",
    what="1,082 paintings by Claude Monet (1840-1926), 224x224 pixels",
    origin="WikiArt",
    licence="the works are in the public domain; none stated for the photographs",
    terms="do not redistribute the photographs; name the set in the card",
    faults="squeezed to a square",
    files=("art/monet",),
    get="WikiArt shows them under Claude Monet.",
)

LANDSCAPES = About(
    name="landscapes",
    what="1,774 photographs of sky, sea, fog, storm, rain, sunrise, desert and bamboo, shorter"
    " side up to 256 pixels",
    origin="collections of landscape and weather photographs published on GitHub",
    licence="none stated",
    terms="research and art; do not redistribute the photographs; name the set in the card",
    faults="a few watermarks",
    files=("art/landscapes",),
    get="Any few thousand landscape photographs in one folder will do instead.",
)

PAINTINGS = About(
    name="paintings",
    what="5,996 abstract, flower, landscape and portrait paintings, 128x128 pixels",
    origin="WikiArt, chosen by title and style",
    licence="most artists died before 1945; the abstract works are in copyright",
    terms="research and art; do not redistribute the pictures; name the set in the card",
    faults="squeezed to a square",
    files=("art/paintings_128",),
    get="WikiArt shows them by style and genre.",
)

WIKIART = About(
    name="wikiart",
    what="about 80,000 paintings in folders of 27 styles, each file ARTIST_TITLE.jpg",
    origin="WikiArt, as published with ArtGAN (Tan, Chan, Aguirre and Tanaka, 2017)",
    licence="none stated; many works are in copyright",
    terms="non-commercial research alone; do not redistribute the pictures; name the set in the"
    " card",
    faults="uneven: a quarter of the works are impressionist; a few works come twice",
    files=("art/wikiart",),
    get="ArtGAN's pages on GitHub link to the archive; unpack its folders of styles.",
)

STYLES = About(
    name="styles",
    what="41 well-known paintings by artists who died before 1945, 16 of them up to 768 pixels"
    " large, the others 224x224 pixels",
    origin="repositories about style transfer on GitHub, and WikiArt; styles.csv names each",
    licence="the works are in the public domain; none stated for the photographs",
    terms="do not redistribute the photographs; name the set in the card",
    faults="the small ones are squeezed to a square; a few titles are not confirmed",
    files=("art/styles",),
    get="Museums show such works in the public domain.",
)

STYLES_LARGE = About(
    name="styles_large",
    what="78 well-known paintings with strong expression by artists who died before 1945, shorter"
    " side 700 pixels or more",
    origin="collections of paintings published on GitHub, one of the Art Institute of Chicago;"
    " styles_large.csv names each",
    licence=STYLES.licence,
    terms=STYLES.terms,
    faults="two are attributed on sight; which emotion a work is listed under is a common reading",
    files=("art/styles_large",),
    get=STYLES.get,
)

LANDSCAPE_PAINTINGS = About(
    name="landscape_paintings",
    what="2,867 painted landscapes, seascapes, gardens and views of towns by painters who died"
    " before 1945, 224x224 pixels or shorter side 256",
    origin="WikiArt and collections published on GitHub, chosen by title, colour and eye;"
    " index.csv names each",
    licence=STYLES.licence,
    terms=STYLES.terms,
    faults="most are squeezed to a square; some show people or streets",
    files=("art/landscape_paintings",),
    get="WikiArt shows them by genre.",
)

FLOWER_PAINTINGS = About(
    name="flower_paintings",
    what="623 flower still lifes, gardens, water lilies and orchards in bloom by painters who died"
    " before 1945, most of them 224x224 pixels",
    origin=LANDSCAPE_PAINTINGS.origin,
    licence=STYLES.licence,
    terms=STYLES.terms,
    faults="most are squeezed to a square; more than a third are Monet's and Renoir's",
    files=("art/flower_paintings",),
    get=LANDSCAPE_PAINTINGS.get,
)

PUBLISHED = {
    about.name: about
    for about in (
        MONET, LANDSCAPES, PAINTINGS, WIKIART, STYLES, STYLES_LARGE, LANDSCAPE_PAINTINGS,
        FLOWER_PAINTINGS,
    )
}  # fmt: skip


PART = re.compile(r"(train|test|val|valid|validation)[-_ ]?[ab]?|[ab]", re.IGNORECASE)
"""Names of folders that hold one part or one side of a set."""


@dataclass(frozen=True)
class PictureSet:
    """Picture files in the order of their paths, and what is known of them."""

    about: About
    files: tuple[Path, ...]


def pictures(name: str | Path, side: str | None = None) -> PictureSet:
    """A published set by its name, or all pictures in a folder and the folders in it.

    After a colon, parts of a published set: folders of it (a style, a genre) or artists, with
    commas between them; or "learn" and "apart", two thirds and one third of it by chance, the same
    at every call, so that what learned from the one can be measured against the other.
    A folder that holds trainA and trainB (as published with CycleGAN) is read
    on its `side`, "A" or "B".
    Raises FileNotFoundError when there is no such set, no such part or no picture in it, and
    ValueError when an `about.json` does not fit or a folder holds several parts or sides of a
    set: which are meant is not guessed.
    """
    folder = Path(name)
    published, _, after = str(name).partition(":")
    parts = after.split(",") if after else []
    if folder.is_dir():
        parts = []
        about = about_folder(folder)
        folder = one_part(folder, side)
    elif published in PUBLISHED:
        about = PUBLISHED[published]
        if parts:
            about = replace(about, what=f"{', '.join(parts)} of {about.what}")
        folder = find(about.files[0], about.get)
    else:
        raise FileNotFoundError(
            f"{folder} is neither a folder nor one of the sets {', '.join(PUBLISHED)}"
        )
    files = picture_files(folder)
    if parts:
        chosen = {file for part in parts for file in part_of(files, folder, part)}
        files = tuple(sorted(chosen))
    if not files:
        raise FileNotFoundError(f"no pictures ({', '.join(SUFFIXES)}) in {folder}")
    return PictureSet(about, files)


def evenly(sets: Sequence[Sequence[Path]]) -> list[Path]:
    """The files of several sets, those of smaller ones repeated, so that each set is drawn about
    as often as the largest; a set that is named twice is drawn twice as often."""
    longest = max(map(len, sets))
    return [file for files in sets for file in list(files) * (longest // len(files))]


def one_part(folder: Path, side: str | None) -> Path:
    """The folder itself, or its trainA or trainB; raises ValueError for other parts of a set."""
    inside = {p.name for p in folder.iterdir() if p.is_dir() and ours(p.name)}
    if side and {"trainA", "trainB"} <= inside:
        return folder / f"train{side}"
    parts = sorted(name for name in inside if PART.fullmatch(name))
    if len(parts) > 1:
        raise ValueError(
            f"{folder} holds the parts {', '.join(parts)} of a set; give the one that is meant,"
            f" such as {folder / parts[0]}"
            + (" (trainA and trainB are found by themselves)" if side else "")
        )
    return folder


def part_of(files: tuple[Path, ...], folder: Path, part: str) -> tuple[Path, ...]:
    """Those in a folder of this name, or else of this artist; raises FileNotFoundError."""
    if part in ("learn", "apart"):
        return tuple(p for p in files if is_apart(p) == (part == "apart"))
    part = cleaned(part)
    inside = {p: [cleaned(name) for name in p.relative_to(folder).parts] for p in files}
    of_artist = tuple(p for p in files if inside[p][-1].startswith(f"{part}_"))
    found = tuple(p for p in files if part in inside[p][:-1]) or of_artist
    if not found:
        raise FileNotFoundError(
            f"{folder} has neither a folder {part} nor pictures called {part}_TITLE"
        )
    return found


def is_apart(file: Path) -> bool:
    """Whether a picture belongs to the third that is kept for measuring: by a hash of its name,
    without the number of a copy ("NAME(1).jpg")."""
    name = re.sub(r"\(\d+\)$", "", file.stem)
    return hashlib.sha256(name.encode()).digest()[0] % 3 == 0


def about_folder(folder: Path) -> About:
    """What a folder's `about.json` says; without one, that nothing is known."""
    file = folder / "about.json"
    if not file.is_file():
        return About(
            name=folder.resolve().name,
            what="pictures in a folder of that name",
            origin="not recorded",
            licence="not recorded",
            terms="ask whoever trained on it",
            faults="not recorded",
            files=(),
            get="Ask whoever trained on it.",
        )
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return About(**{**said, "files": tuple(said["files"])})
    except (json.JSONDecodeError, TypeError, KeyError) as error:
        raise ValueError(
            f"{file} must be an object with the fields {', '.join(About.__annotations__)} ({error})"
        ) from None


def apart(a: PictureSet, b: PictureSet) -> None:
    """Raises ValueError when a picture is in both."""
    both = {os.path.realpath(p) for p in a.files} & {os.path.realpath(p) for p in b.files}
    if both:
        raise ValueError(
            f"{len(both)} pictures are in both sets, such as {min(both)}: give --a and --b folders"
            " of their own, or one folder for both that holds trainA and trainB"
        )


def pairs(a: PictureSet, b: PictureSet) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The files of a and b that have the same name without suffix, in the same order.

    Raises ValueError when there is none, or when a name comes twice.
    """
    of_a, of_b = ({cleaned(p.stem): p for p in of.files} for of in (a, b))
    if len(of_a) < len(a.files) or len(of_b) < len(b.files):
        raise ValueError(f"names of pictures come twice in {a.about.name} or {b.about.name}")
    shared = sorted(of_a.keys() & of_b.keys())
    if not shared:
        raise ValueError(
            f"no picture of {a.about.name} has a partner of the same name in {b.about.name}"
        )
    return tuple(of_a[s] for s in shared), tuple(of_b[s] for s in shared)
