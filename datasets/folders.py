"""Sets of pictures in folders: the published ones by name, and anybody's own.

    pictures("monet").files
    pictures("my/captures").files
    pictures("monet2photo", side="B").files        # trainA, trainB beside each other
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True)
class PictureSet:
    """Picture files, where they come from, and what that allows."""

    name: str
    files: tuple[Path, ...]
    source: str
    terms: str


PUBLISHED = {
    "monet": (
        "art/monet",
        "1,082 paintings by Claude Monet (1840-1926), photographs gathered by WikiArt",
        "The works are in the public domain; the photographs are not redistributed here.",
    ),
    "landscapes": (
        "art/landscapes",
        "1,774 photographs of sky, sea, fog, storm, rain, sunrise, desert and bamboo",
        "No clear licence: the photographs are not redistributed here.",
    ),
    "paintings": (
        "art/paintings_128",
        "5,996 paintings from WikiArt, chosen by title and style, 128 x 128",
        "Most artists died before 1945, the abstract works are in copyright; "
        "not redistributed here.",
    ),
}
"""Folder in the shared data, source, terms."""

OWN_TERMS = "Its owner's own pictures; ask whoever trained on them."


def data_root() -> Path | None:
    """The shared data: MIEN_DATA, else ../shared/data beside the project; None if absent."""
    named = os.environ.get("MIEN_DATA")
    root = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return root if root.is_dir() else None


def pictures(name: str | Path, side: str | None = None) -> PictureSet:
    """A published set by its name, or all pictures in a folder and the folders in it.

    A folder that holds trainA and trainB (as published with CycleGAN) is read
    on its `side`, "A" or "B".  Files are sorted by name.
    Raises FileNotFoundError when there is no such set or no picture in it.
    """
    if str(name) in PUBLISHED and not Path(name).is_dir():
        place, source, terms = PUBLISHED[str(name)]
        root = data_root()
        if root is None or not (root / place).is_dir():
            raise FileNotFoundError(
                f"the set {name!r} is not on this machine: set MIEN_DATA to the folder "
                f"that has {place} in it"
            )
        folder = root / place
    else:
        folder, source, terms = Path(name), f"pictures in {Path(name).name}", OWN_TERMS
        if not folder.is_dir():
            raise FileNotFoundError(
                f"{folder} is neither a folder nor one of {', '.join(PUBLISHED)}"
            )
        if side and (folder / "trainA").is_dir() and (folder / "trainB").is_dir():
            folder = folder / f"train{side}"
    files = tuple(sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES))
    if not files:
        raise FileNotFoundError(f"no pictures ({', '.join(sorted(SUFFIXES))}) in {folder}")
    return PictureSet(Path(name).name, files, source, terms)


def pairs(a: PictureSet, b: PictureSet) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The files of a and b that have the same name without suffix, in the same order.

    Raises ValueError when there is none, or when a name comes twice.
    """
    of_a, of_b = {p.stem: p for p in a.files}, {p.stem: p for p in b.files}
    if len(of_a) < len(a.files) or len(of_b) < len(b.files):
        raise ValueError(f"names of pictures come twice in {a.name} or {b.name}")
    shared = sorted(of_a.keys() & of_b.keys())
    if not shared:
        raise ValueError(f"no picture of {a.name} has a partner of the same name in {b.name}")
    return tuple(of_a[s] for s in shared), tuple(of_b[s] for s in shared)
