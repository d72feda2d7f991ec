"""Options that several commands have, and what becomes of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path

import numpy as np

from datasets import style_works
from datasets.commands import file, new_folder, real, whole
from datasets.paths import PROJECT, find
from datasets.pictures import read_rgb
from gan_cut.train import TrainSettings
from models.core.device import DEVICES, PRECISIONS
from models.core.pictures import resize_shorter

BACKBONE = "backbones/squeezenet11_caffe_features_fp32.pth"
BACKBONE_GET = "SqueezeNet 1.1 with the weights of its Caffe model and torchvision's key names."
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
            group.add_argument(option, default=f.default, help=help, type=whole(0), nargs="+")
        else:
            kind, choices = in_range(f), f.metadata["choices"]
            group.add_argument(option, default=f.default, help=help, type=kind, choices=choices)


def in_range(f: Field) -> Callable[[str], object]:
    """What reads the text of a setting, by the kind of its default and its range."""
    if isinstance(f.default, str):
        return str
    number = whole if isinstance(f.default, int) else real
    limits = {key: f.metadata[key] for key in ("least", "most") if f.metadata[key] is not None}
    return number(**limits)


def read_settings(arguments: argparse.Namespace, settings: type) -> object:
    values = {f.name: getattr(arguments, f.name) for f in fields(settings)}
    return settings(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def add_training(parser: argparse.ArgumentParser, settings: type = TrainSettings) -> None:
    parser.add_argument("--run", type=new_folder, help="folder of this training (runs/METHOD-A-B)")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument(
        "--threads", type=whole(1, 1024), help="processor threads (PyTorch's own choice)"
    )
    parser.add_argument(
        "--minutes",
        type=real(0.0, 1e6),
        help="stop after so many and keep where it was; the same command goes on",
    )
    parser.add_argument(
        "--start-from",
        type=file,
        metavar="FILE",
        help="fine-tune this generator: .safetensors, or a .pth of CUT, CycleGAN or pix2pix",
    )
    add_settings(parser, settings)


def add_backbone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--backbone", type=file, help="SqueezeNet 1.1 with Caffe's weights (the shared data's)"
    )


def backbone(path: Path | None) -> Path:
    return path or find(BACKBONE, BACKBONE_GET)


def add_works(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--works",
        type=file,
        nargs="+",
        metavar="FILE",
        help="one style from these pictures (seven, from the works in datasets/style_works.py)",
    )


def read_works(works: dict[str, list[style_works.Work]], size: int) -> dict[str, list[np.ndarray]]:
    """The pictures of each style, shorter side `size`."""
    return {
        style: [resize_shorter(read_rgb(work.file), size) for work in of_style]
        for style, of_style in works.items()
    }
