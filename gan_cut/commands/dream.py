"""`evaluate-dream` and `generate`: pictures from nothing, of a style and an emotion.

Critic and judge of `evaluate-dream` are the networks that judge, in another room, `models`.
"""

from __future__ import annotations

import argparse
import json
import secrets
from pathlib import Path

import numpy as np

from datasets import folders
from datasets.commands import file, new_file, new_folder, whole
from datasets.paths import PROJECT, write_whole
from datasets.scan import check
from gan_cut.batches import Squares
from gan_cut.commands.options import WEIGHTS, add_backbone, backbone
from gan_cut.conditional_networks import CONDITION, STYLES
from gan_cut.dream import ANIMATIONS, Dreamer, animate, save_animation
from gan_cut.dream_evaluate import distances, load_baselines, shows
from gan_cut.evaluate import table
from gan_cut.labels import labelled
from gan_cut.publish import evaluation_of
from models.core.device import choose_device
from models.core.emotions import CHOICES, parse_emotion
from models.core.pictures import write_rgb
from models.core.sheets import contact_sheet
from models.core.squeezenet import load_squeezenet

MOST = 20
COLUMNS = 5


def add_evaluate_dream(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, help="a file of weights")
    parser.add_argument("--a", default="paintings", help="real works (%(default)s)")
    parser.add_argument("--labels", type=file, required=True, help="their labels")
    parser.add_argument(
        "--baselines", type=file, nargs="+", default=[], help="files of plain networks"
    )
    parser.add_argument("--count", type=whole(), default=700, help="works of each style, at most")
    parser.add_argument(
        "--rounds", type=whole(1, 1000), default=2, help="times 24 candidates per wish"
    )
    parser.add_argument("--critic", type=Path, default=WEIGHTS / "critic.safetensors")
    add_backbone(parser)


def run_evaluate_dream(arguments: argparse.Namespace) -> int:
    """Prints a table and keeps the rows beside the weights; 1 if a goal is not met.

    Without a critic nothing is chosen, and the goal is on all that is made.
    """
    from models.critic.critic import Critic
    from models.critic.judge import Judge

    network = load_squeezenet(backbone(arguments.backbone)).to(choose_device())
    dreamer = Dreamer(arguments.weights)
    baselines = load_baselines(arguments.baselines)
    files, told = labelled(folders.pictures(arguments.a).files, arguments.labels)
    check(files)
    works, mixtures = {}, {}
    for number, style in enumerate(STYLES):
        of_style = np.flatnonzero(told[:, number])
        chosen = np.random.default_rng(0).permutation(of_style)[: arguments.count]
        squares = Squares([files[i] for i in chosen], told[chosen], dreamer.size, 1, 0)
        works[style] = [squares.picture(i) for i in range(len(chosen))]
        mixtures[style] = told[chosen, len(STYLES) : CONDITION]
    judge, choose = Judge.fit(), None
    if arguments.critic.is_file():
        critic = Critic(arguments.critic)

        def choose(pictures: np.ndarray, mixture: np.ndarray, count: int) -> list[int]:
            return critic.best(critic.scores(list(pictures)), mixture, count)

    rows = shows(dreamer, judge.groups, judge.accuracy, choose, arguments.rounds)
    rows += distances(dreamer, baselines, works, mixtures, network)
    text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    write_whole(evaluation_of(arguments.weights), lambda new: new.write_text(text))
    print(table(rows))
    for group, count in judge.left_out.items():
        print(f"{group} is left out: the judge has only {count} real works of it")
    return 0 if all(r["met"] is not False for r in rows) else 1


def add_generate(parser: argparse.ArgumentParser) -> None:
    folder = PROJECT / "build" / "generated"  # where a contact sheet goes
    parser.add_argument("style", metavar="STYLE", help=", ".join(STYLES))
    parser.add_argument("emotion", metavar="EMOTION", help=CHOICES)
    parser.add_argument("count", metavar="COUNT", help=f"1 to {MOST}")
    parser.add_argument(
        "--save",
        type=new_folder,
        metavar="DIR",
        help=f"write each picture into this folder (a contact sheet into {folder.name}/)",
    )
    parser.add_argument(
        "--animate",
        type=new_file(),
        metavar="FILE",
        help=f"also write a loop that walks from picture to picture: {' or '.join(ANIMATIONS)}",
    )
    parser.add_argument("--seed", help="equal seeds give equal pictures (one by chance)")
    parser.add_argument(
        "--weights",
        type=Path,
        default=WEIGHTS / "dream.safetensors",
        help="a trained network (the published one)",
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
