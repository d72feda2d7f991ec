"""`train` and `distil`: a run, of one of the methods or of a student."""

from __future__ import annotations

import argparse
import math
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from datasets import folders, style_works
from datasets.commands import file, file_or_folder, whole
from datasets.paths import find
from datasets.pictures import read_rgb
from datasets.scan import check
from gan_cut.batches import Batches, Crops, Squares
from gan_cut.checkpoints import load_generator, load_translator
from gan_cut.commands.description import about_labels, describe
from gan_cut.commands.options import (
    add_backbone,
    add_settings,
    add_training,
    add_works,
    backbone,
    read_settings,
    read_works,
)
from gan_cut.conditional import Dream, DreamSettings, DreamTrainSettings
from gan_cut.distil import Distillation, DistilSettings
from gan_cut.evaluate import sample
from gan_cut.labels import labelled
from gan_cut.methods import METHODS, Method
from gan_cut.plain import Plain, PlainSettings
from gan_cut.style import Style, StyleSettings, load_style
from gan_cut.train import TrainSettings, train
from models.core.backends import translate
from models.core.device import choose_device, choose_precision
from models.core.pictures import centre_square, shorter_shape
from models.core.run import Run, short_name
from models.core.squeezenet import load_squeezenet
from models.core.vgg import load_vgg

VGG_WHOLE = "backbones/vgg_normalised_conv3_1.pth"
VGG_WHOLE_GET = (
    "It is VGG19 up to relu3_1 with scaled weights, as published with AdaIN in PyTorch"
    " (vgg_normalised.pth, cut off after relu3_1)."
)
VGG = "backbones/vgg19_16x_distilled_e5_5SE.pth"
VGG_GET = (
    "It is the encoder of 'Collaborative Distillation for Ultra-Resolution Universal Style"
    " Transfer' (Wang 2020, MIT), 16x, five levels."
)
FROM_NOTHING = {"dream": (Dream, DreamSettings), "plain": (Plain, PlainSettings)}
"""Methods whose pictures begin with random numbers, not with a capture."""


def add_train(parser: argparse.ArgumentParser) -> None:
    methods = parser.add_subparsers(dest="method", required=True)
    for name, (method, settings) in METHODS.items():
        one = methods.add_parser(name, help=settings.__doc__, description=method.__doc__)
        add_sources(one, "pictures to translate")
        one.add_argument("--b", required=True, help="pictures to become like: a folder, or a name")
        add_training(one)
        add_settings(one, settings)

    style = methods.add_parser("style", help=StyleSettings.__doc__, description=Style.__doc__)
    add_sources(style, "pictures to paint anew")
    add_works(style)
    add_training(style)
    add_settings(style, StyleSettings)

    for name, (method, settings) in FROM_NOTHING.items():
        one = methods.add_parser(name, help=settings.__doc__, description=method.__doc__)
        one.add_argument("--a", default="paintings", help="paintings in folders of their style")
        one.add_argument(
            "--labels",
            type=file,
            required=True,
            help="their shares of emotions, by: python -m models label paintings",
        )
        if name == "dream":
            add_backbone(one)
        add_training(one, DreamTrainSettings)
        add_settings(one, settings)


def add_distil(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("teacher", type=file_or_folder, help="a run folder, or a file of weights")
    parser.add_argument("--epoch", type=whole(0), help="of the run (the newest)")
    add_sources(parser, "captures")
    add_backbone(parser)
    add_training(parser)
    add_settings(parser, DistilSettings)


def add_sources(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--a",
        nargs="+",
        required=True,
        help=f"{what}: folders, or names; each is drawn from equally often",
    )


def begin_training(
    arguments: argparse.Namespace, kind: type
) -> tuple[TrainSettings, torch.device, str]:
    """Settings of this kind, device and precision; the random numbers begin at the seed."""
    settings = read_settings(arguments, kind)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    device = choose_device(arguments.device)
    torch.manual_seed(settings.seed)
    torch.backends.cudnn.benchmark = True  # All crops are of one size.
    return settings, device, choose_precision(arguments.precision, device)


def train_kindly(
    method: Method,
    batches: Batches,
    run: Run,
    settings: TrainSettings,
    minutes: float | None,
    held_out: Sequence[np.ndarray] = (),
    beside: Mapping[str, Sequence[np.ndarray]] | None = None,
) -> None:
    """Train until the end, until Ctrl-C or SIGTERM asks to stop, or for so many minutes."""
    asked_to_stop: list[int] = []
    end = time.monotonic() + 60 * (math.inf if minutes is None else minutes)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: asked_to_stop.append(number))
    print(f"{len(batches.a)} pictures, run {run.path}, {method.device} in {method.precision}")

    def should_stop() -> bool:
        return bool(asked_to_stop) or time.monotonic() > end

    train(method, batches, run, settings, held_out, beside, should_stop)
    if should_stop():
        print(f"Stopped. The same command goes on with {run.path}.")


def run_training_from_nothing(arguments: argparse.Namespace) -> None:
    settings, device, precision = begin_training(arguments, DreamTrainSettings)
    start = load_generator(arguments.start_from) if arguments.start_from else None
    make, kind = FROM_NOTHING[arguments.method]
    own = read_settings(arguments, kind)
    features = {}
    if arguments.method == "dream" and max(own.projected_weight, own.emotion_weight) > 0:
        features["features"] = load_squeezenet(backbone(arguments.backbone))
    method = make(own, device, precision, start, size=settings.crop, **features)
    paintings = folders.pictures(arguments.a)
    files, told = labelled(paintings.files, arguments.labels)
    check(files)
    batches = Squares(files, told, settings.crop, settings.batch, settings.seed)
    run = Run(arguments.run or Path("runs") / f"{arguments.method}-{paintings.about.name}")
    sets = {"paintings": [replace(paintings, files=tuple(files))]}
    asked = describe(arguments.method, own, settings, sets, arguments, None, device, precision)
    asked |= about_labels(asked, arguments.labels)
    settings = begin(run, asked, [], settings, batches)
    train_kindly(method, batches, run, settings, arguments.minutes)


def begin(
    run: Run, asked: dict, held_out: Sequence[Path], settings: TrainSettings, batches: Batches
) -> TrainSettings:
    """Writes or compares run.json.  An epoch has as many steps as it had when the run began."""
    steps = settings.epoch_steps or max(1, len(batches.a) // batches.batch)
    kept = [short_name(file) for file in held_out]
    run.start({**asked, "held_out": kept, "epoch_steps": steps})
    return replace(settings, epoch_steps=run.description().get("epoch_steps", steps))


def run_training(arguments: argparse.Namespace) -> None:
    if getattr(arguments, "method", None) in FROM_NOTHING:
        return run_training_from_nothing(arguments)
    settings, device, precision = begin_training(arguments, TrainSettings)
    reader = load_style if getattr(arguments, "method", None) == "style" else load_translator
    start = reader(arguments.start_from) if arguments.start_from else None
    sets = {"a": [folders.pictures(name, side="A") for name in arguments.a]}
    teacher = None

    if arguments.command == "distil":
        name, own = "distil", read_settings(arguments, DistilSettings)
        teacher = teacher_file(arguments)
        squeezenet = load_squeezenet(backbone(arguments.backbone))
        method: Method = Distillation(
            own, load_translator(teacher), squeezenet, device, precision, start
        )
    elif arguments.method == "style":
        name, own = "style", read_settings(arguments, StyleSettings)
        works = style_works.of(arguments.works)
        sets["works"] = [style_works.as_set(works)]
        pictures = read_works(works, own.work_size)
        both = [load_vgg(find(VGG_WHOLE, VGG_WHOLE_GET)), load_vgg(find(VGG, VGG_GET))]
        method = Style(own, both, pictures, device, precision, start)
    else:
        name = arguments.method
        sets["b"] = [folders.pictures(arguments.b, side="B")]
        make, kind = METHODS[name]
        own = read_settings(arguments, kind)
        features = {}
        if getattr(own, "projected_weight", 0) > 0:
            features["features"] = load_vgg(find(VGG, VGG_GET))
        method = make(own, device, precision, start, **features)

    paired = name == "pix2pix"
    sources = [one.files for one in sets["a"]]
    b = sets["b"][0].files if "b" in sets else None
    if paired:
        if len(sources) > 1:
            raise ValueError("pix2pix learns from pairs: give one folder as --a")
        a, b = folders.pairs(sets["a"][0], sets["b"][0])
        sources = [a]
    for one in sets["a"] if b is not None else ():
        folders.apart(one, sets["b"][0])
    shapes = check([file for several in sets.values() for one in several for file in one.files])
    if paired:
        refuse_unequal(a, b, shapes, settings.load)
    names = "-".join(one.about.name for several in sets.values() for one in several)
    run = Run(arguments.run or Path("runs") / f"{name}-{names}")
    kept, rest = set_apart(sources, settings.held_out, settings.seed, run.names_held_out())
    held_out = [centre_square(read_rgb(path), settings.load) for path in kept]
    beside = {}
    if teacher is not None:
        beside["teacher"] = [translate(method.teacher, p[None], precision)[0] for p in held_out]
    elif paired:
        partners = dict(zip(a, b, strict=True))
        beside["partner"] = [read_rgb(partners[path]) for path in kept]
        b = [partners[path] for path in rest[0]]
    elif name == "style":
        beside["works"] = [picture for of_style in pictures.values() for picture in of_style]
    else:
        beside["of b"] = [read_rgb(p) for p in sample(b, settings.held_out)]
    crops = Crops(
        folders.evenly(rest),
        b,
        settings.crop,
        settings.load,
        settings.batch,
        settings.seed,
        paired,
        getattr(own, "stretch", 1.0),
    )
    asked = describe(name, own, settings, sets, arguments, teacher, device, precision)
    settings = begin(run, asked, kept, settings, crops)
    train_kindly(method, crops, run, settings, arguments.minutes, held_out, beside)


def set_apart(
    sources: Sequence[Sequence[Path]], count: int, seed: int, known: Sequence[str] | None = None
) -> tuple[list[Path], list[list[Path]]]:
    """`count` files for the contact sheet, in turn from each of the sets, and what is left of them.

    Those that are `known` by their short names, where a run has begun.  Raises ValueError when too
    little is left to learn from, or when one that is known is gone.
    """
    if known is None:
        orders = [np.random.default_rng(seed).permutation(len(files)) for files in sources]
        turns = [divmod(number, len(sources)) for number in range(count)]
        kept = [sources[which][orders[which][turn % len(orders[which])]] for turn, which in turns]
        kept = list(dict.fromkeys(kept))
    else:
        there = {short_name(file): file for files in sources for file in files}
        if gone := [name for name in known if name not in there]:
            raise ValueError(
                f"pictures that the run holds out are gone: {', '.join(gone)}; put them back to"
                " go on, or give another --run"
            )
        kept = [there[name] for name in known]
    rest = [[file for file in files if file not in set(kept)] for files in sources]
    if not all(rest):
        raise ValueError(
            f"{min(map(len, sources))} pictures are too few to hold out {count} of them"
        )
    return kept, rest


def refuse_unequal(
    a: Sequence[Path], b: Sequence[Path], shapes: Mapping[Path, tuple[int, int]], load: int
) -> None:
    """Raises ValueError naming all pairs that have not the same shape as they are loaded."""
    unequal = [
        f"{one} and {other}"
        for one, other in zip(a, b, strict=True)
        if shorter_shape(*shapes[one], load) != shorter_shape(*shapes[other], load)
    ]
    if unequal:
        raise ValueError(f"{len(unequal)} pairs differ in shape: {', '.join(unequal)}")


def teacher_file(arguments: argparse.Namespace) -> Path:
    if arguments.teacher.is_dir():
        return Run(arguments.teacher).existing_weights(arguments.epoch)
    return arguments.teacher
