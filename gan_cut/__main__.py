"""`python -m gan_cut`: train, choose, publish, distil, evaluate, translate, generate.

What the commands do is in `gan_cut/commands`.  Pictures are found by name in another room,
`datasets`; besides the commands only `publish`, which writes a card as all our models have it,
knows that room.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from datasets.commands import run
from gan_cut.commands import choosing, dream, painter, painting, style, training

COMMANDS = {
    "train": (
        "train a generator; run it again to go on",
        training.add_train,
        training.run_training,
    ),
    "distil": (
        "train a live student of a trained generator",
        training.add_distil,
        training.run_training,
    ),
    "epochs": (
        "lay the epochs of a run side by side",
        choosing.add_epochs,
        choosing.run_epochs,
    ),
    "publish": (
        "write the weights of an epoch and their card",
        choosing.add_publish,
        choosing.run_publish,
    ),
    "evaluate": (
        "figures of generators on unseen captures",
        choosing.add_evaluate,
        choosing.run_evaluate,
    ),
    "likeness": (
        "how near to works held out, beside what needs no network",
        choosing.add_likeness,
        choosing.run_likeness,
    ),
    "evaluate-dream": (
        "does the emotion show? figures of pictures from nothing",
        dream.add_evaluate_dream,
        dream.run_evaluate_dream,
    ),
    "generate": (
        "pictures from nothing: a style, an emotion, how many",
        dream.add_generate,
        dream.run_generate,
    ),
    "evaluate-style": (
        "figures of an emotional style network",
        style.add_evaluate_style,
        style.run_evaluate_style,
    ),
    "sheet-style": (
        "captures in all expressions, and between",
        style.add_sheet_style,
        style.run_sheet_style,
    ),
    "stylise": (
        "paint a picture in the style of an emotion",
        style.add_stylise,
        style.run_stylise,
    ),
    "paint": (
        "lay brush strokes over a picture with the hand of an emotion",
        painter.add_paint,
        painter.run_paint,
    ),
    "sheet-hands": (
        "pictures as the seven hands paint them, side by side",
        painter.add_sheet_hands,
        painter.run_sheet_hands,
    ),
    "fit-hands": (
        "make the hands paint as works of their emotions are painted",
        painter.add_fit_hands,
        painter.run_fit_hands,
    ),
    "translate": (
        "translate pictures with a generator",
        painting.add_translate,
        painting.run_translate,
    ),
    "sheet": (
        "lay the results of generators side by side",
        painting.add_sheet,
        painting.run_sheet,
    ),
}
"""For each its line of help, what adds its options, what runs it."""


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python -m gan_cut", description=__doc__.splitlines()[0])
    commands = main.add_subparsers(dest="command", required=True)
    for name, (help, add, _) in COMMANDS.items():
        add(commands.add_parser(name, help=help))
    return main


def main(words: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(words)
    _, _, work = COMMANDS[arguments.command]
    return run(lambda: work(arguments), "python -m gan_cut", failed=2)


if __name__ == "__main__":
    sys.exit(main())
