"""`evaluate-style`, `sheet-style`, `stylise`: networks of emotional style."""

from __future__ import annotations

import argparse
import json

import numpy as np
import torch

from datasets import folders, style_works
from datasets.commands import file, never_over, new_picture, whole
from datasets.paths import write_whole
from datasets.pictures import read_rgb
from datasets.scan import check
from gan_cut.commands.options import add_backbone, add_works, backbone, read_works
from gan_cut.commands.painting import read_captures
from gan_cut.evaluate import sample, table
from gan_cut.inference import SMALLEST
from gan_cut.publish import evaluation_of
from gan_cut.style import in_every_style, load_style
from gan_cut.style_evaluate import evaluate_style
from gan_cut.stylist import Stylist
from models.core.device import DEVICES, choose_device
from models.core.emotions import CHOICES, EXPRESSIONS, parse_emotion
from models.core.pictures import centre_square, resize_shorter, write_rgb
from models.core.sheets import contact_sheet
from models.core.squeezenet import load_squeezenet


def add_evaluate_style(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, help="a file of weights")
    parser.add_argument("--a", required=True, help="unseen captures: a folder, or a name")
    parser.add_argument("--count", type=whole(), default=40, help="captures, chosen by chance")
    parser.add_argument(
        "--size", type=whole(16, 4096), default=256, help="side of the captures, in pixels"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")
    add_works(parser)
    add_backbone(parser)


def run_evaluate_style(arguments: argparse.Namespace) -> int:
    """Prints a table and keeps the rows beside the weights; 1 if a goal is not met."""
    network = load_squeezenet(backbone(arguments.backbone)).to(choose_device(arguments.device))
    files = sample(folders.pictures(arguments.a).files, arguments.count)
    check(files)
    captures = [centre_square(read_rgb(path), arguments.size) for path in files]
    works = read_works(style_works.of(arguments.works), arguments.size)
    rows = evaluate_style(arguments.weights, captures, works, network, arguments.device)
    text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    write_whole(evaluation_of(arguments.weights), lambda new: new.write_text(text))
    print(table(rows))
    return 0 if all(r["met"] is not False for r in rows) else 1


def add_sheet_style(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, help="a file of weights for the seven expressions")
    parser.add_argument("--a", required=True, help="captures: a folder, or a name")
    parser.add_argument("--out", type=new_picture, required=True, help="the picture to write")
    parser.add_argument(
        "--count", type=whole(1, 1000), default=4, help="captures, chosen by chance"
    )
    parser.add_argument(
        "--cell", type=whole(8, 2048), default=128, help="side of a picture on the sheet"
    )


def run_sheet_style(arguments: argparse.Namespace) -> int:
    """1 when a capture could not be read and is not on the sheet."""
    captures, fates = read_captures(arguments.a, arguments.count, SMALLEST, arguments.out)
    network = load_style(arguments.weights)
    if network.styles != len(EXPRESSIONS):
        raise ValueError(f"{arguments.weights} has {network.styles} styles, not one per expression")
    rows = {"captures": captures, **in_every_style(network, EXPRESSIONS, captures)}
    sheet = contact_sheet(rows, arguments.cell)
    write_whole(arguments.out, lambda new: write_rgb(new, sheet))
    print(arguments.out)
    return fates.report()


def add_stylise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, help="a file of weights")
    parser.add_argument("picture", type=file)
    parser.add_argument("--emotion", help=f"{CHOICES}; none for a network of one style")
    parser.add_argument("--out", type=new_picture, required=True, help="the picture to write")
    parser.add_argument(
        "--size", type=whole(16, 8192), help="its shorter side in pixels (as it is)"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")


def run_stylise(arguments: argparse.Namespace) -> None:
    mixture = parse_emotion(arguments.emotion) if arguments.emotion else np.ones(1)
    never_over(arguments.out, [arguments.picture])
    picture = read_rgb(arguments.picture)
    if arguments.size:
        picture = resize_shorter(picture, arguments.size)
    stylist = Stylist(arguments.weights, device=arguments.device)
    painting = stylist(picture, mixture, torch.get_num_threads())
    write_whole(arguments.out, lambda new: write_rgb(new, painting))
    print(arguments.out)
