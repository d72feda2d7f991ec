"""`python -m gan_cut generate STYLE EMOTION COUNT`: pictures of a style and an emotion."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

import numpy as np

from gan_cut.dream import ANIMATIONS, STYLES, Dreamer, animate, save_animation
from gan_cut.emotions import CHOICES, parse_emotion
from gan_cut.pictures import write_rgb
from gan_cut.run import write_whole
from gan_cut.sheets import contact_sheet

MOST = 20
COLUMNS = 5


def add_generate(parser: argparse.ArgumentParser, weights: Path, folder: Path) -> None:
    """weights: the published network; folder: where a contact sheet goes."""
    parser.add_argument("style", metavar="STYLE", help=", ".join(STYLES))
    parser.add_argument("emotion", metavar="EMOTION", help=CHOICES)
    parser.add_argument("count", metavar="COUNT", help=f"1 to {MOST}")
    parser.add_argument(
        "--save",
        type=Path,
        metavar="DIR",
        help=f"write each picture into this folder (a contact sheet into {folder.name}/)",
    )
    parser.add_argument(
        "--animate",
        type=Path,
        metavar="FILE",
        help=f"also write a loop that walks from picture to picture: {' or '.join(ANIMATIONS)}",
    )
    parser.add_argument("--seed", help="equal seeds give equal pictures (one by chance)")
    parser.add_argument(
        "--weights", type=Path, default=weights, help="a trained network (the published one)"
    )
    parser.set_defaults(folder=folder)


def run_generate(arguments: argparse.Namespace) -> None:
    """Says where the pictures are.  Raises ValueError naming the choices, FileNotFoundError."""
    if arguments.style not in STYLES:
        raise ValueError(f"unknown style {arguments.style!r}; the choices are {', '.join(STYLES)}")
    mixture = parse_emotion(arguments.emotion)
    count = whole_number(arguments.count, "COUNT", 1, MOST)
    seed = secrets.randbelow(10**6)
    if arguments.seed is not None:
        seed = whole_number(arguments.seed, "--seed", 0, 2**32 - 1)
    if arguments.animate and arguments.animate.suffix.lower() not in ANIMATIONS:
        raise ValueError(f"--animate {arguments.animate}: the choices are {', '.join(ANIMATIONS)}")
    if not arguments.weights.is_file():
        raise FileNotFoundError(
            f"{arguments.weights} is not here: train it ('python -m gan_cut train dream'), or give"
            " --weights"
        )

    dreamer = Dreamer(arguments.weights)
    pictures = dreamer(arguments.style, mixture, count, seed)
    words = arguments.emotion.replace("=", "").replace(",", "-").replace(" ", "").lower()
    name = f"{arguments.style}-{words}-{seed}"
    if arguments.save:
        arguments.save.mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(pictures, 1):
            save(arguments.save / f"{name}-{number:02}.png", picture)
        print(f"{count} pictures: {arguments.save}")
    else:
        arguments.folder.mkdir(parents=True, exist_ok=True)
        rows = {
            f"{first + 1} to {min(first + COLUMNS, count)}": list(pictures[first : first + COLUMNS])
            for first in range(0, count, COLUMNS)
        }
        sheet = arguments.folder / f"{name}.png"
        save(sheet, contact_sheet(rows, cell=2 * dreamer.size))
        print(f"{count} pictures on one sheet: {sheet}")
    if arguments.animate:
        arguments.animate.parent.mkdir(parents=True, exist_ok=True)
        frames = animate(dreamer, arguments.style, mixture, count, seed)
        write_whole(arguments.animate, lambda new: save_animation(frames, new))
        print(f"{len(frames)} frames: {arguments.animate}")
    print(f"--seed {seed} makes the same again.")


def whole_number(words: str, name: str, least: int, most: int) -> int:
    """Raises ValueError naming the choices."""
    if not words.isascii() or not words.isdigit() or not least <= int(words) <= most:
        raise ValueError(f"{name} is a whole number from {least} to {most}, not {words!r}")
    return int(words)


def save(path: Path, picture: np.ndarray) -> None:
    write_whole(path, lambda new: write_rgb(new, picture))
