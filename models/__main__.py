"""`python -m models`: which models there are, how good they are, how to train them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from datasets.commands import file, new_picture, run, seed, whole
from models import registry
from models.core.emotions import EXPRESSIONS


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="all models, with their size and date")
    show = commands.add_parser("show", help="the card of one model")
    show.add_argument("name")
    train = commands.add_parser("train", help="make a model again; writes models/weights/")
    train.add_argument("name", choices=("expression", "pose", "critic", "upscaler"))
    train.add_argument("--seed", type=seed, default=0, help="of everything random (default 0)")
    network = train.add_argument_group(
        "one of the networks that read expressions; without --arch, the classifier that Mien loads"
    )
    network.add_argument("--arch", choices=("compact", "cnn21", "vgg16"), help="which one")
    network.add_argument(
        "--data", choices=("fer2013", "expw", "ckplus"), default="fer2013", help="(default fer2013)"
    )
    network.add_argument("--epochs", type=whole(), help="instead of the recipe's own number")
    network.add_argument(
        "--device",
        choices=("auto", "cuda", "mps", "cpu"),
        default="auto",
        help="(default: the best)",
    )
    network.add_argument("--start", type=file, help="ImageNet weights of VGG16, if you have them")
    commands.add_parser(
        "places",
        help="where FER-2013's faces lie, for machines without MediaPipe",
    )
    evaluate = commands.add_parser(
        "evaluate", help="all figures of a model beside its baselines; writes docs/; 1: goal missed"
    )
    evaluate.add_argument("name", choices=("expression", "pose", "critic", "upscaler"))
    label = commands.add_parser("label", help="the critic's labels of a set; writes build/")
    label.add_argument("name", help="a published set (paintings), or a folder of pictures")
    explain = commands.add_parser("explain", help="where the critic sees an expression")
    explain.add_argument("picture", type=Path)
    explain.add_argument(
        "--expression", choices=EXPRESSIONS, help="(default: the one that is most unusual)"
    )
    explain.add_argument("--out", type=new_picture, help="(default: PICTURE-EXPRESSION.png)")
    visualise = commands.add_parser(
        "visualise", help="the picture that the critic finds most of an expression in"
    )
    visualise.add_argument("expression", choices=EXPRESSIONS)
    visualise.add_argument("--out", type=new_picture, required=True)
    visualise.add_argument("--seed", type=seed, default=0, help="another picture (default 0)")
    compare = commands.add_parser(
        "compare", help="fit four classical pipelines on a Body Language Decoder CSV"
    )
    compare.add_argument("csv", help="33x4 or 501x4 columns after 'class'")
    enlarge = commands.add_parser("enlarge", help="a picture four times as large")
    enlarge.add_argument("picture", type=Path, help="JPEG, PNG, WebP, BMP, GIF or TIFF")
    enlarge.add_argument("out", type=Path, help="where to write it; the name says the format")
    enlarge.add_argument(
        "--weights",
        type=Path,
        default=registry.WEIGHTS / "upscaler.safetensors",
        help="instead of ours: a .pth or .safetensors file of Real-ESRGAN",
    )
    options = parser.parse_args(arguments)
    if options.command == "train":
        refuse_what_does_not_fit(train, options)
    return run(lambda: _run(options), "error")


def refuse_what_does_not_fit(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the program when options of a network are given for something else."""
    if options.arch is None:
        given = [name for name in ("epochs", "start") if getattr(options, name) is not None]
        given += ["data"] if options.data != "fer2013" else []
        if given:
            parser.error(f"--{given[0]} belongs to a network: add --arch")
    elif options.name != "expression":
        parser.error("--arch is for expression")
    elif options.start is not None and options.arch != "vgg16":
        parser.error("--start is for --arch vgg16")


def _run(options: argparse.Namespace) -> int:
    """The exit code."""
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
    elif options.command == "enlarge":
        from models.upscaler.enlarge import enlarge

        enlarge(options.picture, options.out, options.weights)
    elif options.command == "places":
        from datasets import fer2013
        from models.expression.material import PLACES, picture_places

        picture_places(fer2013.load().pictures)
        print(PLACES)
    elif options.command == "label":
        from models.critic.label import label

        return label(options.name)
    elif options.command == "explain":
        from models.critic.explain import explain

        explain(options.picture, options.expression, options.out)
    elif options.command == "visualise":
        from models.critic.explain import visualise

        visualise(options.expression, options.out, options.seed)
    elif options.command == "evaluate":
        if options.name == "expression":
            from models.expression.evaluate import evaluate
        elif options.name == "upscaler":
            from models.upscaler.evaluate import evaluate
        elif options.name == "pose":
            from models.pose.evaluate import evaluate
        else:
            from models.critic.evaluate import evaluate

        return 0 if evaluate() else 1
    elif options.name == "expression" and options.arch is not None:
        from models.expression.learn_network import train

        train(
            options.arch,
            options.data,
            options.seed,
            options.epochs,
            options.device,
            options.start,
        )
    elif options.name == "expression":
        from models.expression.train import train

        train(options.seed)
    elif options.name == "upscaler":
        from models.upscaler.train import train

        train(options.seed, options.device)
    elif options.name == "pose":
        from models.pose.train import train

        train(options.seed)
    else:
        from models.critic.train import train

        train(options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
