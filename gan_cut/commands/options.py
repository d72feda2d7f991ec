"""Options that several commands have, and what becomes of them."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

import numpy as np

from datasets import style_works
from datasets.paths import PROJECT, find
from gan_cut.device import DEVICES, PRECISIONS
from gan_cut.pictures import read_rgb, resize_shorter
from gan_cut.train import TrainSettings

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
        "--minutes",
        type=float,
        help="stop after so many and keep where it was; the same command goes on",
    )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="FILE",
        help="fine-tune this generator: .safetensors, or a .pth of CUT, CycleGAN or pix2pix",
    )
    add_settings(parser, settings)


def add_backbone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--backbone", type=Path, help="SqueezeNet 1.1 with Caffe's weights (the shared data's)"
    )


def backbone(path: Path | None) -> Path:
    return path or find(BACKBONE, BACKBONE_GET)


def add_works(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--works",
        type=Path,
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
