"""`translate` and `sheet`: what generators make of pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from datasets import folders
from datasets.commands import Fates, file, never_over, new_folder, new_picture, whole
from datasets.paths import write_whole
from datasets.pictures import read_rgb
from gan_cut.evaluate import sample
from gan_cut.inference import LARGEST, SMALLEST, Translator
from models.core.device import DEVICES
from models.core.pictures import centre_square, resize_shorter, write_rgb
from models.core.sheets import contact_sheet


def add_translate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, help="a file of weights")
    parser.add_argument("--a", required=True, help="pictures: a folder, or a name")
    parser.add_argument("--out", type=new_folder, required=True, help="folder for the results")
    parser.add_argument(
        "--size",
        type=whole(SMALLEST, LARGEST),
        default=512,
        help="their shorter side (%(default)s)",
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")


def run_translate(arguments: argparse.Namespace) -> int:
    """A PNG for each picture, under its own name; 1 when some could not be translated."""
    found = folders.pictures(arguments.a).files
    never_over(arguments.out, [Path(arguments.a), *{path.parent for path in found}])
    if len({path.stem for path in found}) < len(found):
        raise ValueError(f"names of pictures come twice in {arguments.a}: translate a part of it")
    translator = Translator(arguments.weights, device=arguments.device)
    arguments.out.mkdir(parents=True, exist_ok=True)

    def paint(path: Path) -> None:
        result = translator(resize_shorter(read_rgb(path), arguments.size))
        write_whole(arguments.out / f"{path.stem}.png", lambda new: write_rgb(new, result))

    fates = Fates("translated")
    fates.over(found, paint)
    print(f"{len(found) - len(fates.failed)} pictures: {arguments.out}")
    return fates.report()


def add_sheet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, nargs="+", help="files of weights, a row each")
    parser.add_argument("--a", required=True, help="captures: a folder, or a name")
    parser.add_argument("--out", type=new_picture, required=True, help="the picture to write")
    parser.add_argument(
        "--count", type=whole(1, 1000), default=8, help="captures, chosen by chance"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")


def run_sheet(arguments: argparse.Namespace) -> int:
    """1 when a capture could not be read and is not on the sheet."""
    captures, fates = read_captures(arguments.a, arguments.count, SMALLEST, arguments.out)
    rows = {"captures": captures}
    for weights in arguments.weights:
        translator = Translator(weights, device=arguments.device)
        rows[weights.stem.replace("-", " ")] = [translator(capture) for capture in captures]
    write_whole(arguments.out, lambda new: write_rgb(new, contact_sheet(rows)))
    print(arguments.out)
    return fates.report()


def read_captures(name: str, count: int, size: int, out: Path) -> tuple[list[np.ndarray], Fates]:
    """Some of a set for a sheet at `out`, [size, size, 3] each, and what became of the others.

    Raises ValueError when none can be read.
    """
    files = sample(folders.pictures(name).files, count)
    never_over(out, files)
    captures, fates = [], Fates("put on the sheet")
    fates.over(files, lambda path: captures.append(centre_square(read_rgb(path), size)))
    if not captures:
        raise ValueError("; ".join(fates.failed))
    return captures, fates
