"""How near enlarged paintings come to the paintings: `python -m models evaluate upscaler`.

Paintings of artists that nothing was learnt from are made smaller, as they are ("clean") or as
in the training ("worsened"), enlarged again, and compared with what they were, beside bicubic
interpolation and, where it lies in the shared data, a published network of Real-ESRGAN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from datasets.paths import data_folder, find
from models import registry
from models.core import page
from models.core.pictures import to_tensor
from models.core.squeezenet import SqueezeNetFeatures, load_squeezenet
from models.upscaler import material
from models.upscaler.degradation import degrade
from models.upscaler.files import load_network
from models.upscaler.ways import NAME, SCALE, bicubic, enlarged

SQUEEZENET = "backbones/squeezenet11_caffe_features_fp32.pth"
GET_SQUEEZENET = (
    "It is SqueezeNet 1.1 (Iandola 2016) with the Caffe weights and torchvision's keys."
)
PUBLISHED = "backbones/realesr-animevideov3-x4_srvgg_fp16.pth"
LEVELS = (1, 4, 7, 12)
"""Of SqueezeNet, from edges to things."""
SIDE = 256
"""Pixels a side of the pieces of a large painting that are judged."""
BEGIN = "<!-- upscaler: written by `python -m models evaluate upscaler` -->"
END = "<!-- end of upscaler -->"
COLUMNS = {"distance": "{:.4f}", "psnr": "{:.2f}", "ssim": "{:.3f}"}

Enlarge = Callable[[np.ndarray], np.ndarray]


def evaluate() -> bool:
    """Judges the published weights, prints the table and writes it into docs/training/upscaler.md.

    Returns whether it is nearer to the paintings than bicubic everywhere.  Raises ModelError
    and DataMissing.
    """
    registry.check(NAME)
    files = {"upscaler": registry.WEIGHTS / registry.card(NAME)["file"]}
    published = data_folder() / PUBLISHED
    if published.is_file():
        files["realesr-animevideov3"] = published
    rows = judge(files, material.works())
    print(table(rows))
    page.write(page.TRAINING / "upscaler.md", BEGIN, END, table(rows))
    return is_better(rows)


def judge(files: Mapping[str, Path], paintings: material.Works) -> list[dict[str, Any]]:
    """One row for each set of pictures, clean or worsened, and way to enlarge them.

    `files` are networks by name; bicubic comes first.  Raises DataMissing.
    """
    backbone = load_squeezenet(find(SQUEEZENET, GET_SQUEEZENET))
    large = material.read_all(paintings.judged)
    pieces = [piece for picture in large for piece in material.squares(picture, SIDE)]
    sets = {
        f"{len(pieces)} pieces of large paintings, {SIDE}²": pieces,
        f"{len(paintings.judged_small)} small paintings, 128²": material.read_all(
            paintings.judged_small
        ),
    }
    ways: dict[str, Enlarge] = {"bicubic": bicubic}
    for name, file in files.items():
        network = load_network(file)
        ways[name] = lambda picture, network=network: enlarged(network, picture)
    return [
        {"pictures": what, "given": "clean" if clean else "worsened", "by": name, **figures}
        for what, pictures in sets.items()
        for clean in (True, False)
        for name, figures in compared(backbone, pictures, clean, ways).items()
    ]


def compared(
    backbone: SqueezeNetFeatures,
    pictures: Sequence[np.ndarray],
    clean: bool,
    ways: Mapping[str, Enlarge],
) -> dict[str, dict[str, float]]:
    """Mean figures of each way over pictures [H, W, 3]."""
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in ways}
    for number, picture in enumerate(pictures):
        random = np.random.default_rng((0, number))
        given = degrade(picture, SCALE, random, clean=float(clean))
        for name, way in ways.items():
            result = way(given)
            found[name].append(
                (
                    feature_distance(backbone, result, picture),
                    psnr(result, picture),
                    ssim(result, picture),
                )
            )
    return {
        name: {
            column: round(float(value), 4)
            for column, value in zip(COLUMNS, np.mean(rows, 0), strict=True)
        }
        for name, rows in found.items()
    }


@torch.inference_mode()
def feature_distance(backbone: SqueezeNetFeatures, one: np.ndarray, other: np.ndarray) -> float:
    """How differently SqueezeNet sees two pictures [H, W, 3] uint8: 0 for equal ones.

    At each place of each level the channels are brought to length 1; squared distances are
    averaged over places and levels (Zhang 2018, "LPIPS", without its learned weights).  The
    network was trained with VGG19's features, never with these.
    """
    pairs = zip(*(backbone(to_tensor([p]), LEVELS) for p in (one, other)), strict=True)
    return float(np.mean([(unit(a) - unit(b)).square().sum(1).mean() for a, b in pairs]))


def unit(level: Tensor) -> Tensor:
    """[N, C, H, W] with length 1 along C."""
    return level / level.norm(dim=1, keepdim=True).clamp_min(1e-6)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio of all colours, dB; at most 100."""
    error = np.square(one.astype(np.float64) - other).mean()
    return float(10 * np.log10(255**2 / max(error, 255**2 / 1e10)))


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity of the luminance (Wang 2004): 1 for equal pictures.

    Gaussian windows of 11 pixels with sigma 1.5, whole ones only.
    """
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (one, other))

    def mean(x: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(x, (11, 11), 1.5)[5:-5, 5:-5]

    mean_a, mean_b = mean(a), mean(b)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    spread = mean(a * a) - mean_a**2 + mean(b * b) - mean_b**2
    shared = mean(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + c1) * (2 * shared + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (spread + c2))).mean())


def is_better(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the upscaler's feature distance is smaller than bicubic's in every comparison."""
    of = {(row["pictures"], row["given"], row["by"]): row["distance"] for row in rows}
    cases = {(what, given) for what, given, _ in of}
    return all(of[*case, "upscaler"] < of[*case, "bicubic"] for case in cases)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """In Markdown."""
    lines = [
        "| pictures | given | enlarged by | feature distance ↓ | PSNR, dB ↑ | SSIM ↑ |",
        "|---|---|---|--:|--:|--:|",
    ]
    for row in rows:
        figures = [form.format(row[column]) for column, form in COLUMNS.items()]
        lines.append(f"| {' | '.join((row['pictures'], row['given'], row['by'], *figures))} |")
    return "\n".join(lines)
