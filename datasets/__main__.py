"""`python -m datasets`: which data sets Mien trains on, and which of them are here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from datasets import (
    art_emotions,
    expw,
    face_folders,
    fer2013,
    flat_shapes,
    folders,
    gestures,
    signing,
    synthetic_body,
    synthetic_films,
)
from datasets.about import About
from datasets.commands import new_folder, run, seed, whole
from datasets.paths import PROJECT, compare_checksums, data_folder
from datasets.scan import check

WORKS = (
    art_emotions.WIKIART_EMOTIONS,
    art_emotions.FEELINGBLUE,
    art_emotions.ARTEMIS,
    folders.WIKIART,
)
"""Sets of works of art, whose pictures are not read to describe them."""

SETS: dict[str, tuple[About, Callable[[], list[str]]]] = {
    about.name: (about, describe)
    for about, describe in (
        (fer2013.ABOUT, fer2013.describe),
        (expw.ABOUT, expw.describe),
        (face_folders.ABOUT, face_folders.describe),
        (gestures.ARM_SIGNALS, lambda: gestures.describe(gestures.ARM_SIGNALS)),
        (gestures.EXERCISES, lambda: gestures.describe(gestures.EXERCISES)),
        (gestures.SEMAPHORE, lambda: gestures.describe(gestures.SEMAPHORE)),
        (gestures.HOLISTIC, lambda: gestures.describe(gestures.HOLISTIC)),
        (signing.ABOUT, signing.describe),
        (synthetic_body.ABOUT, synthetic_films.describe),
        *((about, lambda about=about: art_emotions.describe(about)) for about in WORKS),
    )
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m datasets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="all data sets, and whether they are here")
    show = commands.add_parser("show", help="origin, rights, faults and counts of one")
    show.add_argument("name", choices=sorted(SETS))
    prepare = commands.add_parser(
        "prepare", help="check one set's files and read them; what takes long is kept in build/"
    )
    prepare.add_argument("name", choices=sorted(SETS))
    shapes = commands.add_parser("shapes", help="draw flat shapes of pure colours on black")
    shapes.add_argument("--count", type=whole(), default=400, help="how many pictures (400)")
    shapes.add_argument("--seed", type=seed, default=0, help="other shapes (0)")
    shapes.add_argument("--size", type=whole(16, 4096), default=320, help="edge in pixels (320)")
    shapes.add_argument("--out", type=new_folder, help="folder (build/shapes)")
    options = parser.parse_args(arguments)
    return run(lambda: _run(options), "error")


def _run(options: argparse.Namespace) -> int:
    """The exit code."""
    if options.command == "shapes":
        folder = options.out or PROJECT / "build" / "shapes"
        flat_shapes.make(folder, options.count, options.seed, options.size)
        print(f"{options.count} pictures of shapes in {folder}")
        return 0
    if options.command == "list":
        print(listing())
        return 0
    about, describe = SETS[options.name]
    if options.command == "show":
        print(facts(about))
    elif about in WORKS:
        check([work.path for work in art_emotions.works_of(about)])
    print("\n".join((*compare_checksums(about.checksums), *describe())))
    return 0


def listing() -> str:
    """One line for each set."""
    lines = [f"data folder: {data_folder()} (MIEN_DATA names another)"]
    for name, (about, _) in SETS.items():
        here = "here" if is_here(about) else "missing"
        lines.append(f"{name:<18}{here:<9}{about.what}")
    return "\n".join(lines)


def is_here(about: About) -> bool:
    """Whether its files are in the data folder."""
    found = [any(data_folder().glob(file)) for file in about.files]
    return any(found) if about.one_is_enough else all(found)


def facts(about: About) -> str:
    """What is known of one set, whether it is here or not."""
    return "\n".join(
        (
            f"{about.name}: {about.what}",
            f"origin:   {about.origin}",
            f"licence:  {about.licence}",
            f"terms:    {about.terms}",
            f"faults:   {about.faults}",
            f"split:    {about.split}",
            f"files:    {(' or ' if about.one_is_enough else ', ').join(about.files) or 'none'}",
            f"get it:   {about.get}",
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
