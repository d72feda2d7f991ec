"""`python -m gan_cut`: train, choose, publish, distil, evaluate, translate, generate.

Pictures are found by name in another room, `datasets`; only `publish`, which writes a card
as all our models have it, knows that room as well.  Critic and judge of `evaluate-dream` are
the networks that judge, in `models`; nothing else here knows them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import torch

from datasets import folders, style_works
from datasets.paths import PROJECT, find
from gan_cut.checkpoints import load_generator
from gan_cut.conditional import Dream, DreamSettings, DreamTrainSettings
from gan_cut.conditional_networks import CONDITION, STYLES
from gan_cut.device import DEVICES, PRECISIONS, choose_device, choose_precision
from gan_cut.distil import Distillation, DistilSettings
from gan_cut.dream import Dreamer
from gan_cut.dream_evaluate import distances, load_baselines, shows
from gan_cut.emotions import CHOICES, EXPRESSIONS, parse_emotion
from gan_cut.evaluate import bar, evaluate, sample, table
from gan_cut.generate import add_generate, run_generate
from gan_cut.inference import SMALLEST, Translator, translate
from gan_cut.labels import labelled
from gan_cut.methods import METHODS, Method
from gan_cut.pictures import (
    Batches,
    Crops,
    Squares,
    centre_square,
    read_rgb,
    resize_shorter,
    write_rgb,
)
from gan_cut.plain import Plain, PlainSettings
from gan_cut.publish import INTENDED_USE, LIMITS, evaluation_of, publish
from gan_cut.run import Run, write_whole
from gan_cut.sheets import contact_sheet
from gan_cut.squeezenet import load_squeezenet
from gan_cut.style import Style, StyleSettings, in_every_style, load_style
from gan_cut.style_evaluate import evaluate_style
from gan_cut.stylist import Stylist
from gan_cut.train import TrainSettings, train
from gan_cut.vgg import load_vgg

BACKBONE = "backbones/squeezenet11_caffe_features_fp32.pth"
BACKBONE_GET = "SqueezeNet 1.1 with the weights of its Caffe model and torchvision's key names."
VGG = "backbones/vgg19_16x_distilled_e5_5SE.pth"
VGG_GET = (
    "It is the encoder of 'Collaborative Distillation for Ultra-Resolution Universal Style"
    " Transfer' (Wang 2020, MIT), 16x, five levels."
)
SHEET_EPOCHS = 12
FROM_NOTHING = {"dream": (Dream, DreamSettings), "plain": (Plain, PlainSettings)}
"""Methods whose pictures begin with random numbers, not with a capture."""
WEIGHTS = PROJECT / "models" / "weights"
"""Where the server looks for them."""


def add_settings(parser: argparse.ArgumentParser, settings: type) -> None:
    """One option per field of a dataclass of settings."""
    group = parser.add_argument_group(settings.__name__)
    for f in fields(settings):
        option, help = f"--{f.name.replace('_', '-')}", f"{f.metadata['help']} (%(default)s)"
        if isinstance(f.default, bool):
            group.add_argument(
                option, default=f.default, help=help, action=argparse.BooleanOptionalAction
            )
        elif isinstance(f.default, tuple):
            group.add_argument(option, default=f.default, help=help, type=int, nargs="+")
        else:
            group.add_argument(option, default=f.default, help=help, type=type(f.default))


def read_settings(arguments: argparse.Namespace, settings: type) -> object:
    values = {f.name: getattr(arguments, f.name) for f in fields(settings)}
    return settings(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def add_training(parser: argparse.ArgumentParser, settings: type = TrainSettings) -> None:
    parser.add_argument("--run", type=Path, help="folder of this training (runs/METHOD-A-B)")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument("--threads", type=int, help="processor threads (PyTorch's own choice)")
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="FILE",
        help="fine-tune this generator: .safetensors, or a .pth of CUT, CycleGAN or pix2pix",
    )
    add_settings(parser, settings)


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python -m gan_cut", description=__doc__.splitlines()[0])
    commands = main.add_subparsers(dest="command", required=True)

    training = commands.add_parser("train", help="train a generator; run it again to go on")
    methods = training.add_subparsers(dest="method", required=True)
    for name, (method, settings) in METHODS.items():
        one = methods.add_parser(name, help=settings.__doc__, description=method.__doc__)
        one.add_argument("--a", required=True, help="pictures to translate: a folder, or a name")
        one.add_argument("--b", required=True, help="pictures to become like: a folder, or a name")
        add_training(one)
        add_settings(one, settings)

    style = methods.add_parser("style", help=StyleSettings.__doc__, description=Style.__doc__)
    style.add_argument("--a", required=True, help="pictures to paint anew: a folder, or a name")
    add_works(style)
    add_training(style)
    add_settings(style, StyleSettings)

    for name, (method, settings) in FROM_NOTHING.items():
        one = methods.add_parser(name, help=settings.__doc__, description=method.__doc__)
        one.add_argument("--a", default="paintings", help="paintings in folders of their style")
        one.add_argument(
            "--labels",
            type=Path,
            required=True,
            help="their shares of emotions, by: python -m models label paintings",
        )
        if name == "dream":
            add_backbone(one)
        add_training(one, DreamTrainSettings)
        add_settings(one, settings)

    distil = commands.add_parser("distil", help="train a live student of a trained generator")
    distil.add_argument("teacher", type=Path, help="a run folder, or a file of weights")
    distil.add_argument("--epoch", type=int, help="of the run (the newest)")
    distil.add_argument("--a", required=True, help="captures: a folder, or a name")
    add_backbone(distil)
    add_training(distil)
    add_settings(distil, DistilSettings)

    epochs = commands.add_parser("epochs", help="lay the epochs of a run side by side")
    epochs.add_argument("run", type=Path)
    epochs.add_argument("--out", type=Path, help="the picture to write (RUN/epochs.png)")

    publishing = commands.add_parser("publish", help="write the weights of an epoch and their card")
    publishing.add_argument("run", type=Path)
    publishing.add_argument("--epoch", type=int, required=True)
    publishing.add_argument("--name", required=True)
    publishing.add_argument("--out", type=Path, default=WEIGHTS)
    publishing.add_argument("--intended-use", default=INTENDED_USE)
    publishing.add_argument("--limits", default=LIMITS)

    figures = commands.add_parser("evaluate", help="figures of generators on unseen captures")
    figures.add_argument("weights", type=Path, nargs="+", help="files of weights")
    figures.add_argument("--a", required=True, help="unseen captures: a folder, or a name")
    figures.add_argument("--b", required=True, help="the target set: a folder, or a name")
    figures.add_argument("--count", type=int, default=1000, help="captures, chosen by chance")
    figures.add_argument("--size", type=int, default=256, help="side of the captures, in pixels")
    figures.add_argument("--device", choices=DEVICES, default="auto")
    add_backbone(figures)

    of_dream = commands.add_parser(
        "evaluate-dream", help="does the emotion show? figures of pictures from nothing"
    )
    of_dream.add_argument("weights", type=Path, help="a file of weights")
    of_dream.add_argument("--a", default="paintings", help="real works (%(default)s)")
    of_dream.add_argument("--labels", type=Path, required=True, help="their labels")
    of_dream.add_argument(
        "--baselines", type=Path, nargs="+", default=[], help="files of plain networks"
    )
    of_dream.add_argument("--count", type=int, default=500, help="works of each style, at most")
    of_dream.add_argument("--rounds", type=int, default=2, help="times 24 candidates per wish")
    of_dream.add_argument("--critic", type=Path, default=WEIGHTS / "critic.safetensors")
    add_backbone(of_dream)

    generating = commands.add_parser(
        "generate", help="pictures from nothing: a style, an emotion, how many"
    )
    add_generate(generating, WEIGHTS / "dream.safetensors", PROJECT / "build" / "generated")
    of_style = commands.add_parser("evaluate-style", help="figures of an emotional style network")
    of_style.add_argument("weights", type=Path, help="a file of weights")
    of_style.add_argument("--a", required=True, help="unseen captures: a folder, or a name")
    of_style.add_argument("--count", type=int, default=40, help="captures, chosen by chance")
    of_style.add_argument("--size", type=int, default=256, help="side of the captures, in pixels")
    of_style.add_argument("--device", choices=DEVICES, default="auto")
    add_works(of_style)
    add_backbone(of_style)

    styles = commands.add_parser("sheet-style", help="captures in all expressions, and between")
    styles.add_argument("weights", type=Path, help="a file of weights for the seven expressions")
    styles.add_argument("--a", required=True, help="captures: a folder, or a name")
    styles.add_argument("--out", type=Path, required=True, help="the picture to write")
    styles.add_argument("--count", type=int, default=4, help="captures, chosen by chance")
    styles.add_argument("--cell", type=int, default=128, help="side of a picture on the sheet")

    emotional = commands.add_parser("stylise", help="paint a picture in the style of an emotion")
    emotional.add_argument("weights", type=Path, help="a file of weights")
    emotional.add_argument("picture", type=Path)
    emotional.add_argument("--emotion", help=f"{CHOICES}; none for a network of one style")
    emotional.add_argument("--out", type=Path, required=True, help="the picture to write")
    emotional.add_argument("--size", type=int, help="its shorter side in pixels (as it is)")
    emotional.add_argument("--device", choices=DEVICES, default="auto")

    painting = commands.add_parser("translate", help="translate pictures with a generator")
    painting.add_argument("weights", type=Path, help="a file of weights")
    painting.add_argument("--a", required=True, help="pictures: a folder, or a name")
    painting.add_argument("--out", type=Path, required=True, help="folder for the results")
    painting.add_argument("--size", type=int, default=512, help="their shorter side (%(default)s)")
    painting.add_argument("--device", choices=DEVICES, default="auto")

    sheet = commands.add_parser("sheet", help="lay the results of generators side by side")
    sheet.add_argument("weights", type=Path, nargs="+", help="files of weights, a row each")
    sheet.add_argument("--a", required=True, help="captures: a folder, or a name")
    sheet.add_argument("--out", type=Path, required=True, help="the picture to write")
    sheet.add_argument("--count", type=int, default=8, help="captures, chosen by chance")
    sheet.add_argument("--device", choices=DEVICES, default="auto")
    return main


def add_backbone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--backbone", type=Path, help="SqueezeNet 1.1 with Caffe's weights (the shared data's)"
    )


def add_works(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--works",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="one style from these pictures (seven, from the works in datasets/style_works.py)",
    )


def backbone(path: Path | None) -> Path:
    return path or find(BACKBONE, BACKBONE_GET)


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
    held_out: Sequence[np.ndarray] = (),
    beside: Mapping[str, Sequence[np.ndarray]] | None = None,
) -> None:
    """Train until the end, or until Ctrl-C or SIGTERM asks to stop."""
    asked_to_stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: asked_to_stop.append(number))
    print(f"{len(batches.a)} pictures, run {run.path}, {method.device} in {method.precision}")
    train(method, batches, run, settings, held_out, beside, lambda: bool(asked_to_stop))
    if asked_to_stop:
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
    batches = Squares(files, told, settings.crop, settings.batch, settings.seed)
    run = Run(arguments.run or Path("runs") / f"{arguments.method}-{paintings.about.name}")
    sets = {"paintings": replace(paintings, files=tuple(files))}
    asked = describe(arguments.method, own, settings, sets, arguments, None, device, precision)
    run.start({**asked, **about_labels(asked, arguments.labels)})
    train_kindly(method, batches, run, settings)


def about_labels(asked: Mapping, labels: Path) -> dict:
    """What run.json says more of a training with labels."""
    entry = {
        "name": labels.name,
        "what": "shares of seven expressions for each painting,"
        f" sha256 {hashlib.sha256(labels.read_bytes()).hexdigest()}",
        "origin": "learned from WikiArt Emotions (Mohammad and Kiritchenko, LREC 2018)",
        "licence": "WikiArt Emotions: research alone, no commercial use",
        "used_as": "labels",
    }
    return {
        "data": [*asked["data"], entry],
        "terms": [*asked["terms"], "the labels derive from WikiArt Emotions: research only, no"
                  " commercial use, cite it, not for judging people's faces"],
    }  # fmt: skip


def run_training(arguments: argparse.Namespace) -> None:
    if getattr(arguments, "method", None) in FROM_NOTHING:
        return run_training_from_nothing(arguments)
    settings, device, precision = begin_training(arguments, TrainSettings)
    reader = load_style if getattr(arguments, "method", None) == "style" else load_generator
    start = reader(arguments.start_from) if arguments.start_from else None
    sets = {"a": folders.pictures(arguments.a, side="A")}
    teacher = None

    if arguments.command == "distil":
        name, own = "distil", read_settings(arguments, DistilSettings)
        teacher = teacher_file(arguments)
        squeezenet = load_squeezenet(backbone(arguments.backbone))
        method: Method = Distillation(
            own, load_generator(teacher), squeezenet, device, precision, start
        )
    elif arguments.method == "style":
        name, own = "style", read_settings(arguments, StyleSettings)
        works = style_works.of(arguments.works)
        sets["works"] = style_works.as_set(works)
        pictures = read_works(works, own.work_size)
        method = Style(own, load_vgg(find(VGG, VGG_GET)), pictures, device, precision, start)
    else:
        name = arguments.method
        sets["b"] = folders.pictures(arguments.b, side="B")
        make, kind = METHODS[name]
        own = read_settings(arguments, kind)
        features = {}
        if getattr(own, "projected_weight", 0) > 0:
            features["features"] = load_vgg(find(VGG, VGG_GET))
        method = make(own, device, precision, start, **features)

    paired = name == "pix2pix"
    a, b = sets["a"].files, sets["b"].files if "b" in sets else None
    if paired:
        a, b = folders.pairs(sets["a"], sets["b"])
    if len(a) <= settings.held_out:
        raise ValueError(f"{len(a)} pictures are too few to hold out {settings.held_out} of them")
    order = np.random.default_rng(settings.seed).permutation(len(a))
    kept, rest = order[: settings.held_out], sorted(order[settings.held_out :])
    held_out = [centre_square(read_rgb(a[i]), settings.load) for i in kept]
    beside = {}
    if teacher is not None:
        beside["teacher"] = [translate(method.teacher, p[None], precision)[0] for p in held_out]
    elif paired:
        beside["partner"] = [read_rgb(b[i]) for i in kept]
    elif name == "style":
        beside["works"] = [picture for of_style in pictures.values() for picture in of_style]
    else:
        beside["of b"] = [read_rgb(p) for p in sample(b, settings.held_out)]
    crops = Crops(
        [a[i] for i in rest],
        [b[i] for i in rest] if paired else b,
        settings.crop,
        settings.load,
        settings.batch,
        settings.seed,
        paired,
    )
    names = "-".join(s.about.name for s in sets.values())
    run = Run(arguments.run or Path("runs") / f"{name}-{names}")
    run.start(describe(name, own, settings, sets, arguments, teacher, device, precision))
    train_kindly(method, crops, run, settings, held_out, beside)


def read_works(works: dict[str, list[style_works.Work]], size: int) -> dict[str, list[np.ndarray]]:
    """The pictures of each style, shorter side `size`."""
    return {
        style: [resize_shorter(read_rgb(work.file), size) for work in of_style]
        for style, of_style in works.items()
    }


def teacher_file(arguments: argparse.Namespace) -> Path:
    if arguments.teacher.is_dir():
        return Run(arguments.teacher).existing_weights(arguments.epoch)
    return arguments.teacher


def describe(
    name: str,
    own: object,
    settings: TrainSettings,
    sets: dict[str, folders.PictureSet],
    arguments: argparse.Namespace,
    teacher: Path | None,
    device: torch.device,
    precision: str,
) -> dict:
    """What run.json says of a training."""
    abouts = {domain: s.about for domain, s in sets.items()}
    data = [
        {
            "name": about.name,
            "what": about.what,
            "origin": about.origin,
            "licence": about.licence,
            "used_as": domain,
            "pictures": len(sets[domain].files),
        }
        for domain, about in abouts.items()
    ]
    terms = [about.terms for about in abouts.values()]
    if teacher is not None and arguments.teacher.is_dir():
        taught = Run(arguments.teacher).description()
        data += [{**entry, "used_as": f"teacher's {entry['used_as']}"} for entry in taught["data"]]
        terms += taught["terms"]
    return {
        "method": name,
        "settings": asdict(own),
        "training": asdict(settings),
        "data": data,
        "terms": list(dict.fromkeys(terms)),
        "start_from": str(arguments.start_from) if arguments.start_from else None,
        "teacher": str(teacher) if teacher else None,
        "command": f"python -m gan_cut {shlex.join(sys.argv[1:])}",
        "machine": {
            "device": torch.cuda.get_device_name() if device.type == "cuda" else device.type,
            "precision": precision,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


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


def run_publish(arguments: argparse.Namespace) -> None:
    file, card = publish(
        Run(arguments.run),
        arguments.epoch,
        arguments.name,
        arguments.out,
        arguments.intended_use,
        arguments.limits,
    )
    if json.loads(card.read_text(encoding="utf-8"))["metrics"] is None:
        weights = Run(arguments.run).weights(arguments.epoch)
        print(f"The card has no figures: python -m gan_cut evaluate {weights} --a … --b …")
    print(f"{file} ({file.stat().st_size / 1e6:.1f} MB)\n{card}")


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Prints a table per file and keeps the rows beside it; 1 if a goal is not met."""
    network = load_squeezenet(backbone(arguments.backbone)).to(choose_device(arguments.device))
    captures = sample(folders.pictures(arguments.a).files, arguments.count)
    targets = folders.pictures(arguments.b).files
    met = True
    for weights in arguments.weights:
        rows = evaluate(weights, captures, targets, network, arguments.size, arguments.device)
        text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
        write_whole(evaluation_of(weights), lambda new, text=text: new.write_text(text))
        print(f"\n{weights}\n{table(rows)}")
        met = met and all(r["met"] is not False for r in rows)
    return 0 if met else 1


def run_evaluate_dream(arguments: argparse.Namespace) -> int:
    """Prints a table and keeps the rows beside the weights; 1 if a goal is not met.

    Without a critic nothing is chosen, and the goal is on all that is made.
    """
    from models.critic.critic import Critic
    from models.critic.judge import SEEN, Judge

    network = load_squeezenet(backbone(arguments.backbone)).to(choose_device())
    dreamer = Dreamer(arguments.weights)
    baselines = load_baselines(arguments.baselines)
    files, told = labelled(folders.pictures(arguments.a).files, arguments.labels)
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

    def groups(pictures: np.ndarray) -> np.ndarray:
        """Of smoothly enlarged pictures: the judge's own way gives them steps."""
        return judge.groups([resize_shorter(picture, SEEN) for picture in pictures])

    rows = shows(dreamer, groups, judge.accuracy, choose, arguments.rounds)
    rows += distances(dreamer, baselines, works, mixtures, network)
    text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    write_whole(evaluation_of(arguments.weights), lambda new: new.write_text(text))
    print(table(rows))
    for group, count in judge.left_out.items():
        print(f"{group} is left out: the judge has only {count} real works of it")
    return 0 if all(r["met"] is not False for r in rows) else 1


def run_evaluate_style(arguments: argparse.Namespace) -> int:
    """Prints a table and keeps the rows beside the weights; 1 if a goal is not met."""
    network = load_squeezenet(backbone(arguments.backbone)).to(choose_device(arguments.device))
    files = sample(folders.pictures(arguments.a).files, arguments.count)
    captures = [centre_square(read_rgb(path), arguments.size) for path in files]
    works = read_works(style_works.of(arguments.works), arguments.size)
    rows = evaluate_style(arguments.weights, captures, works, network, arguments.device)
    text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    write_whole(evaluation_of(arguments.weights), lambda new: new.write_text(text))
    print(table(rows))
    return 0 if all(r["met"] is not False for r in rows) else 1


def run_sheet_style(arguments: argparse.Namespace) -> None:
    files = sample(folders.pictures(arguments.a).files, arguments.count)
    captures = [centre_square(read_rgb(path), SMALLEST) for path in files]
    network = load_style(arguments.weights)
    if network.styles != len(EXPRESSIONS):
        raise ValueError(f"{arguments.weights} has {network.styles} styles, not one per expression")
    rows = {"captures": captures, **in_every_style(network, EXPRESSIONS, captures)}
    sheet = contact_sheet(rows, arguments.cell)
    write_whole(arguments.out, lambda new: write_rgb(new, sheet))
    print(arguments.out)


def run_stylise(arguments: argparse.Namespace) -> None:
    mixture = parse_emotion(arguments.emotion) if arguments.emotion else np.ones(1)
    picture = read_rgb(arguments.picture)
    if arguments.size:
        picture = resize_shorter(picture, arguments.size)
    stylist = Stylist(arguments.weights, device=arguments.device)
    painting = stylist(picture, mixture, torch.get_num_threads())
    write_whole(arguments.out, lambda new: write_rgb(new, painting))
    print(arguments.out)


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


def run_sheet(arguments: argparse.Namespace) -> None:
    files = sample(folders.pictures(arguments.a).files, arguments.count)
    captures = [centre_square(read_rgb(path), SMALLEST) for path in files]
    rows = {"captures": captures}
    for weights in arguments.weights:
        translator = Translator(weights, device=arguments.device)
        rows[weights.stem.replace("-", " ")] = [translator(capture) for capture in captures]
    write_whole(arguments.out, lambda new: write_rgb(new, contact_sheet(rows)))
    print(arguments.out)


def main(words: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(words)
    commands = {
        "train": run_training,
        "distil": run_training,
        "epochs": run_epochs,
        "publish": run_publish,
        "evaluate": run_evaluate,
        "evaluate-dream": run_evaluate_dream,
        "generate": run_generate,
        "evaluate-style": run_evaluate_style,
        "sheet-style": run_sheet_style,
        "stylise": run_stylise,
        "translate": run_translate,
        "sheet": run_sheet,
    }
    try:
        return commands[arguments.command](arguments) or 0
    except (FileNotFoundError, ValueError, FloatingPointError) as problem:
        print(f"python -m gan_cut: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
