"""`python -m models`: which models there are, how good they are, how to train them."""

from __future__ import annotations

import argparse
import sys

from datasets.paths import DataMissing
from models import registry


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="all models, with their size and date")
    show = commands.add_parser("show", help="the card of one model")
    show.add_argument("name")
    train = commands.add_parser("train", help="make a model again; writes models/weights/")
    train.add_argument("name", choices=("expression", "pose"))
    train.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    compare = commands.add_parser(
        "compare", help="fit four classical pipelines on a Body Language Decoder CSV"
    )
    compare.add_argument("csv", help="33x4 or 501x4 columns after 'class'")
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except (registry.ModelError, DataMissing, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    if options.command == "list":
        for name in registry.names():
            entry = registry.card(name)
            print(f"{name:<16}{entry['bytes'] / 1e6:>7.2f} MB  {entry['date']}  {entry['what']}")
    elif options.command == "show":
        registry.card(options.name)
        print((registry.WEIGHTS / f"{options.name}.card.md").read_text(encoding="utf-8"))
    elif options.command == "compare":
        from models.compare import compare

        print(compare(options.csv))
    elif options.name == "expression":
        from models.expression.train import train

        train(options.seed)
    else:
        from models.pose.train import train

        train(options.seed)


if __name__ == "__main__":
    sys.exit(main())
