"""`paint`, `sheet-hands`, `fit-hands`: strokes over pictures, and the hands that lay them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from datasets import folders, style_works
from datasets.commands import Fates, file, never_over, new_file, new_picture, seed, whole
from datasets.paths import PROJECT, write_whole
from datasets.pictures import read_grey, read_rgb
from datasets.scan import check
from gan_cut.evaluate import bar, sample
from gan_cut.painter.fit import fitted, measures_of_works, with_palettes
from gan_cut.painter.hand import Hand, read_hands, to_toml
from gan_cut.painter.paint import paint
from gan_cut.painter.strokes import LARGEST, Painting
from models.core.emotions import CHOICES, EXPRESSIONS, parse_emotion
from models.core.pictures import write_rgb

HANDS = PROJECT / "server" / "stage" / "mappings.toml"
"""The installation's."""

GAP = 6


def add_hands(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--hands", type=file, default=HANDS, help="TOML with tables [hands.EMOTION] (%(default)s)"
    )


def add_paint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", type=file)
    parser.add_argument("--emotion", required=True, help=CHOICES)
    parser.add_argument("--out", type=new_picture, required=True, help="the picture to write")
    parser.add_argument(
        "--size",
        type=whole(16, LARGEST),
        default=1024,
        help=f"longer side, at most {LARGEST} (%(default)s)",
    )
    parser.add_argument("--seed", type=seed, default=0, help="other strokes (%(default)s)")
    parser.add_argument("--mask", type=file, help="a picture, white where the subject is")
    parser.add_argument("--depth", type=file, help="a picture, black near and white far")
    parser.add_argument("--strokes", type=new_file(), help="also write the strokes, to be replayed")
    add_hands(parser)


def run_paint(arguments: argparse.Namespace) -> None:
    """Raises ValueError for files that are no picture, and for sizes that are too large."""
    for out in filter(None, (arguments.out, arguments.strokes)):
        never_over(out, filter(None, (arguments.picture, arguments.mask, arguments.depth)))
    hands = read_hands(arguments.hands)
    mask, depth = (one and read_grey(one) for one in (arguments.mask, arguments.depth))
    painting = painted(
        read_rgb(arguments.picture, ground=(0, 0, 0)),
        hands,
        parse_emotion(arguments.emotion),
        arguments.seed,
        mask,
        depth,
    )
    picture = painting.render(arguments.size)
    write_whole(arguments.out, lambda new: write_rgb(new, picture))
    print(f"{arguments.out}: {len(painting.strokes)} strokes")
    if arguments.strokes:
        write_whole(arguments.strokes, lambda new: new.write_bytes(painting.to_bytes()))
        print(arguments.strokes)


def painted(
    picture: np.ndarray,
    hands: dict[str, Hand],
    mixture: np.ndarray,
    seed: int,
    mask: np.ndarray | None = None,
    depth: np.ndarray | None = None,
) -> Painting:
    """A picture [H, W, 3] by the hands of a mixture [7] of expressions."""
    shares = {name: share for name, share in zip(EXPRESSIONS, mixture, strict=True) if share > 0}
    if lacking := set(shares) - set(hands):
        raise ValueError(f"there is no hand for {min(lacking)}: add a table [hands.{min(lacking)}]")
    return paint(picture, [hands[n] for n in shares], list(shares.values()), seed, mask, depth)


def add_sheet_hands(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pictures", nargs="+", help="pictures, or folders of them; a row each")
    parser.add_argument("--out", type=new_picture, required=True, help="the picture to write")
    parser.add_argument(
        "--count", type=whole(1, 1000), default=3, help="of each folder (%(default)s)"
    )
    parser.add_argument(
        "--cell", type=whole(16, 2048), default=256, help="side of a picture on the sheet"
    )
    parser.add_argument("--seeds", type=seed, nargs="+", default=[0], help="a row for each")
    add_hands(parser)


def run_sheet_hands(arguments: argparse.Namespace) -> int:
    """Each row a picture as it was and as the seven hands paint it; 1 when one cannot be read."""
    hands = read_hands(arguments.hands)
    files = [path for name in arguments.pictures for path in found(name, arguments.count)]
    never_over(arguments.out, files)
    pictures, fates = [], Fates("put on the sheet")
    fates.over(files, lambda path: pictures.append(read_rgb(path)))
    if not pictures:
        raise ValueError("; ".join(fates.failed))
    rows = [(picture, seed) for picture in pictures for seed in arguments.seeds]
    sheet = sheet_of(rows, [hands[name] for name in EXPRESSIONS], arguments.cell)
    write_whole(arguments.out, lambda new: write_rgb(new, sheet))
    print(f"{arguments.out}: {', '.join(('as it was', *EXPRESSIONS))}")
    return fates.report()


def found(name: str, count: int) -> list[Path]:
    return [Path(name)] if Path(name).is_file() else sample(folders.pictures(name).files, count)


def sheet_of(
    rows: Sequence[tuple[np.ndarray, int]], hands: Sequence[Hand], cell: int
) -> np.ndarray:
    """[H, W, 3] of pictures with their seeds: the picture, then a painting by each hand."""
    side = cell + GAP
    sheet = np.full((len(rows) * side + GAP, (len(hands) + 1) * side + GAP, 3), 24, np.uint8)
    for row, (picture, number) in enumerate(bar(rows, "pictures")):
        paintings = [paint(picture, hand, seed=number).render(4 * cell) for hand in hands]
        for column, made in enumerate([picture, *paintings]):
            image = Image.fromarray(made)
            image.thumbnail((cell, cell), Image.Resampling.LANCZOS)
            y, x = GAP + row * side, GAP + column * side
            sheet[y : y + image.height, x : x + image.width] = np.asarray(image)
    return sheet


def add_fit_hands(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pictures", nargs="+", help="pictures to paint, or folders of them")
    parser.add_argument(
        "--count", type=whole(1, 1000), default=3, help="of each folder (%(default)s)"
    )
    parser.add_argument("--emotions", nargs="+", choices=EXPRESSIONS, default=EXPRESSIONS)
    parser.add_argument("--out", type=new_file(".toml"), help="the file to write (that of --hands)")
    parser.add_argument(
        "--palettes-only", action="store_true", help="read the palettes of `works`, nothing else"
    )
    add_hands(parser)


def run_fit_hands(arguments: argparse.Namespace) -> None:
    """The same file with the tables [hands.…], which come last in it, written anew."""
    hands = read_hands(arguments.hands)
    paths = [path for name in arguments.pictures for path in found(name, arguments.count)]
    works = style_works.by_expression()
    files = {work.file.stem: work.file for of_one in works.values() for work in of_one}
    check([*paths, *files.values()])
    pictures = [read_rgb(path) for path in paths]
    for name in arguments.emotions:
        print(name)
        hand = hands[name]
        if unknown := set(hand.works) - set(files):
            raise ValueError(f"hands.{name}.works: {min(unknown)} is not among the works")
        if not hand.works:
            raise ValueError(f"hands.{name} names no works: whose colours shall it have?")
        own = [read_rgb(files[work]) for work in hand.works]
        hand = with_palettes(hand, own)
        if not arguments.palettes_only:
            measures = measures_of_works([read_rgb(work.file) for work in works[name]], own)
            hand = fitted(hand, measures, pictures, print)
        hands[name] = hand
    text = arguments.hands.read_text(encoding="utf-8")
    kept = text.partition("\n[hands.")[0]
    tables = "\n".join(to_toml(name, hand) for name, hand in hands.items())
    out = arguments.out or arguments.hands
    write_whole(out, lambda new: new.write_text(f"{kept}\n{tables}", encoding="utf-8"))
    print(out)
