"""`translate` and `sheet`: what generators make of pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from datasets import folders
from gan_cut.device import DEVICES
from gan_cut.evaluate import bar, sample
from gan_cut.inference import SMALLEST, Translator
from gan_cut.pictures import centre_square, read_rgb, resize_shorter, write_rgb
from gan_cut.run import write_whole
from gan_cut.sheets import contact_sheet


def add_translate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=Path, help="a file of weights")
    parser.add_argument("--a", required=True, help="pictures: a folder, or a name")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--size", type=int, default=512, help="their shorter side (%(default)s)")
    parser.add_argument("--device", choices=DEVICES, default="auto")


def run_translate(arguments: argparse.Namespace) -> None:
    """A PNG for each picture, under its own name."""
    found = folders.pictures(arguments.a).files
    if len({path.stem for path in found}) < len(found):
        raise ValueError(f"names of pictures come twice in {arguments.a}: translate a part of it")
    translator = Translator(arguments.weights, device=arguments.device)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in bar(found, "pictures"):
        result = translator(resize_shorter(read_rgb(path), arguments.size))
        out = arguments.out / f"{path.stem}.png"
        write_whole(out, lambda new, result=result: write_rgb(new, result))
    print(f"{len(found)} pictures: {arguments.out}")


def add_sheet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=Path, nargs="+", help="files of weights, a row each")
    parser.add_argument("--a", required=True, help="captures: a folder, or a name")
    parser.add_argument("--out", type=Path, required=True, help="the picture to write")
    parser.add_argument("--count", type=int, default=8, help="captures, chosen by chance")
    parser.add_argument("--device", choices=DEVICES, default="auto")


def run_sheet(arguments: argparse.Namespace) -> None:
    files = sample(folders.pictures(arguments.a).files, arguments.count)
    captures = [centre_square(read_rgb(path), SMALLEST) for path in files]
    rows = {"captures": captures}
    for weights in arguments.weights:
        translator = Translator(weights, device=arguments.device)
        rows[weights.stem.replace("-", " ")] = [translator(capture) for capture in captures]
    write_whole(arguments.out, lambda new: write_rgb(new, contact_sheet(rows)))
    print(arguments.out)
