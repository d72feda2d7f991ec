"""Trains our own network that enlarges paintings: `python -m models train upscaler`.

A crop of a painting is made worse (`degradation.py`), and the network learns to give the crop
back: at first by its pixels alone, then also by what VGG19's distilled form sees in it
(Johnson 2016).  Every few minutes everything is saved in runs/upscaler, and the same command
goes on there with the same result: what is random in a step follows from the seed and its
number.
"""

from __future__ import annotations

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from datasets.paths import PROJECT, find, write_whole
from models import registry
from models.core.device import choose_device, mixed_precision
from models.core.files import half_precision
from models.core.pictures import to_tensor, write_rgb
from models.core.sheets import contact_sheet, loss_curves
from models.core.training import Resumable, average_of
from models.core.vgg import load_vgg
from models.upscaler import material
from models.upscaler.degradation import degrade
from models.upscaler.evaluate import is_better, judge, table
from models.upscaler.networks import SRVGGNetCompact
from models.upscaler.ways import NAME, SCALE, bicubic, enlarged

RUN = PROJECT / "runs" / NAME
VGG = "backbones/vgg19_16x_distilled_e5_5SE.pth"
GET_VGG = (
    "It is VGG19 distilled to a sixteenth (Wang 2020), published with 'Collaborative"
    " Distillation for Ultra-Resolution Universal Style Transfer' on GitHub."
)
SHOWN = 224
"""Pixels a side of what the contact sheet shows."""


@dataclass(frozen=True)
class Recipe:
    """How it is trained."""

    features: int = 48
    convolutions: int = 10
    crop: int = 128
    """Pixels a side of what is to be given back."""
    batch: int = 8
    steps: int = 6000
    plain: int = 2000
    """Steps by pixels alone."""
    seen: int = 4
    """Crops of a batch that VGG19 looks at; it takes longer than all else."""
    perceptual: float = 0.1
    """Weight of what VGG19 sees, beside the pixels."""
    even_from: int = 5250
    """The step from which grids are forbidden: VGG19 takes them for the grain of a canvas."""
    even: float = 10.0
    """Weight of the grid."""
    rate: float = 1e-3
    """Highest learning rate of Adam: reached in the first fiftieth, then falling to 0."""
    average: float = 0.999
    """Share of the past in the averaged weights, per step; they are what is published."""
    every: int = 250
    """Steps from one save to the next."""


class PerceptualLoss(nn.Module):
    """How differently a backbone sees two sets of pictures [N, 3, H, W], RGB from 0 to 1.

    The mean absolute difference of each level, as a share of what is seen in the second.
    """

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, found: Tensor, wanted: Tensor) -> Tensor:
        with torch.no_grad():
            targets = [level.float() for level in self.backbone(wanted * 2 - 1)]
        levels = [level.float() for level in self.backbone(found * 2 - 1)]
        shares = [
            (level - target).abs().mean() / target.abs().mean().clamp_min(1e-6)
            for level, target in zip(levels, targets, strict=True)
        ]
        return torch.stack(shares).mean()


class Batches:
    """What is given and what is wanted in each step, the same for the same seed and step."""

    def __init__(self, crops: material.Crops, batch: int, seed: int) -> None:
        self.crops, self.batch, self.seed = crops, batch, seed

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """[N, 3, crop/4, crop/4] and [N, 3, crop, crop], RGB from 0 to 1."""
        given, wanted = [], []
        for number in range(self.batch):
            random = np.random.default_rng((self.seed, step, number))
            wanted.append(self.crops.draw(random))
            given.append(degrade(wanted[-1], SCALE, random))
        return tuple((to_tensor(x) + 1) / 2 for x in (given, wanted))


class Training(Resumable):
    """A network, what trains it, and how far it has come."""

    def __init__(self, recipe: Recipe, loss: nn.Module, device: torch.device, seed: int) -> None:
        torch.manual_seed(seed)
        self.recipe, self.device = recipe, device
        network = SRVGGNetCompact(recipe.features, recipe.convolutions, SCALE)
        begin(network)
        self.network = network.to(device, memory_format=torch.channels_last)
        self.loss = loss.to(device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.network.parameters(), recipe.rate)
        self.average = average_of(self.network, recipe.average)
        self.history: list[dict[str, float]] = []

    @property
    def step(self) -> int:
        """How many have been made."""
        return int(self.history[-1]["step"]) if self.history else 0

    def learn(self, batches: Batches, stop: int) -> dict[str, float]:
        """All steps until `stop`; returns their mean losses and the seconds."""
        recipe, seen, began = self.recipe, [], time.monotonic()
        self.network.train()
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(batches.at, self.step)
            for step in tqdm(range(self.step, stop), desc=f"to step {stop}", unit="step"):
                given, wanted = (
                    x.to(self.device, memory_format=torch.channels_last) for x in coming.result()
                )
                coming = pool.submit(batches.at, step + 1)
                for group in self.optimiser.param_groups:
                    group["lr"] = recipe.rate * rate_factor(step, recipe.steps)
                if step == recipe.even_from:
                    # the old weights have learnt the grid
                    self.average = average_of(self.network, recipe.average)
                losses = self.losses(given, wanted, step)
                self.optimiser.zero_grad(set_to_none=True)
                sum(weight * loss for weight, loss in losses).backward()
                self.optimiser.step()
                self.average.update_parameters(self.network)
                seen.append(torch.stack([loss.detach() for _, loss in losses]))
        pixels, perceptual, grid = torch.stack(seen).mean(0).tolist()
        if not math.isfinite(pixels + perceptual + grid):
            raise FloatingPointError(
                f"the loss before step {stop} is {pixels + perceptual + grid}. What is saved is"
                " sound: start again with another --seed"
            )
        return {
            "step": stop,
            "pixels": pixels,
            "perceptual": perceptual,
            "grid": grid,
            "seconds": round(time.monotonic() - began, 1),
        }

    def losses(self, given: Tensor, wanted: Tensor, step: int) -> list[tuple[float, Tensor]]:
        """Weight and value: mean absolute difference of pixels, what is seen, the grid."""
        recipe = self.recipe
        with mixed_precision(self.device):
            found = self.network(given).float()
            some = slice(recipe.seen)
            looks = step >= recipe.plain
            seen = self.loss(found[some], wanted[some]) if looks else torch.zeros(())
        return [
            (1.0, F.l1_loss(found, wanted)),
            (recipe.perceptual, seen),
            (recipe.even * (step >= recipe.even_from), grid_of(given, found)),
        ]


def grid_of(given: Tensor, found: Tensor) -> Tensor:
    """How far what was added to [N, 3, H, W] depends on the place in a small pixel, 0 and more.

    What is beside bicubic interpolation in the first, the second … of its 4 x 4 pixels, each
    averaged over 8 x 8 small pixels: strokes lie anywhere, so that these means are equal where
    there is no pattern.
    """
    plain = F.interpolate(given, scale_factor=float(SCALE), mode="bicubic")
    places = F.pixel_unshuffle(found - plain, SCALE).unflatten(1, (3, SCALE**2))
    means = F.avg_pool2d(places.flatten(1, 2), min(8, *given.shape[-2:])).unflatten(1, (3, -1))
    return (means - means.mean(2, keepdim=True)).abs().mean()


def begin(network: SRVGGNetCompact) -> None:
    """Weights from which it learns soon: each layer hands on what it is given, and a little noise.

    He 2015 keeps the noise from growing.  With PyTorch's own, what a row of layers without
    shortcuts is given is lost on the way: after 200 steps it was still worse than bicubic.
    """
    first, *inner, last = (layer for layer in network.body if isinstance(layer, nn.Conv2d))
    for layer in (first, *inner, last):
        nn.init.kaiming_normal_(layer.weight, a=0.25)  # the slope with which PReLU begins
        nn.init.zeros_(layer.bias)
    with torch.no_grad():
        for layer in inner:
            layer.weight.mul_(0.3).add_(0.9 * nn.init.dirac_(torch.empty_like(layer.weight)))
        last.weight.mul_(0.1)


def rate_factor(step: int, total: int) -> float:
    """Rises to 1 over the first fiftieth, then falls as a cosine to 0 (Loshchilov and Hutter
    2017, "SGDR")."""
    warm = max(1, total // 50)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))


def train(seed: int = 0, device: str = "auto") -> None:
    """Trains in `runs/upscaler` or goes on there, judges, and writes weights and cards to
    `models/weights/` if it is better than bicubic.

    Raises DataMissing without the data, ValueError when the folder holds another training, and
    ModelError when it is not better.
    """
    paintings = material.works()
    loss = PerceptualLoss(load_vgg(find(VGG, GET_VGG)))
    groups = [material.read_all(files) for files in (paintings.large, paintings.small)]
    recipe = Recipe()
    weights = learn(recipe, groups, paintings.choosing, loss, RUN, seed, choose_device(device))
    rows = judge({"upscaler": weights}, paintings)
    print(table(rows))
    publish(weights, recipe, seed, paintings, rows)


def publish(
    weights: Path,
    recipe: Recipe,
    seed: int,
    paintings: material.Works,
    rows: list[dict[str, Any]],
    folder: Path = registry.WEIGHTS,
) -> Path:
    """Copies weights to `folder` with their cards; returns the file.

    `rows` are what `evaluate.judge` found.  Raises ModelError when bicubic is better anywhere.
    """
    if not is_better(rows):
        raise registry.ModelError(
            f"it is not nearer to the paintings than bicubic: not published. It stays in {weights}"
        )
    about = {
        "what": f"SRVGGNetCompact, {recipe.features} features and {recipe.convolutions}"
        " convolutions between the first and the last, that enlarges pictures of paintings four"
        " times",
        "command": f"python -m models train upscaler --seed {seed}",
        "seed": seed,
        "scale": SCALE,
        "recipe": asdict(recipe),
        "data": material.about(),
        "terms": "the paintings are in the public domain; do not redistribute the photographs;"
        " name the sets in the card. The network holds none of them, and may be used for"
        " anything that the code's licence allows",
        "metrics": {
            "paintings learnt from": len(paintings.large) + len(paintings.small),
            "judged on artists": [*material.JUDGED, *material.JUDGED_SMALL],
            "rows": rows,
        },
        "intended_use": "Enlarges what Mien's engines paint, and pictures like it",
        "limits": "It sharpens strokes and edges and cleans away noise and JPEG; it invents no"
        " detail, and what it makes of faces, letters or photographs was not looked at. A faint"
        " regular grain is left, which shows when the result is magnified again.",
    }
    tensors = safetensors.numpy.load_file(weights)
    return registry.save_tensors(NAME, tensors, about, table(rows), folder)


def learn(
    recipe: Recipe,
    groups: list[list[np.ndarray]],
    choosing: tuple[Path, ...],
    loss: nn.Module,
    run: Path,
    seed: int,
    device: torch.device,
) -> Path:
    """As `train`, on pictures; returns the file of weights, in half precision."""
    check_same(run, {"recipe": asdict(recipe), "seed": seed})
    training = Training(recipe, loss, device, seed)
    if (run / "state.pt").exists():
        training.load(run / "state.pt")
    batches = Batches(material.Crops(groups, recipe.crop), recipe.batch, seed)
    shown = [centre(picture) for picture in material.read_all(choosing)]
    print(f"upscaler on {device}: {[len(g) for g in groups]} pictures, in {run}", flush=True)
    while training.step < recipe.steps:
        stop = min(recipe.steps, training.step + recipe.every)
        row = training.learn(batches, stop)
        training.history.append(row)
        tqdm.write(", ".join(f"{key} {value:.4g}" for key, value in row.items()))
        training.save(run / "state.pt")
        write_whole(run / "losses.png", lambda new: loss_curves(training.history, new))
        if shown:
            sheet = sheet_of(training.average.module, shown)
            write_whole(
                run / f"sheet-{stop:05}.png", lambda new, sheet=sheet: write_rgb(new, sheet)
            )
    tensors = half_precision(training.average.module)
    weights = run / f"{NAME}.safetensors"
    write_whole(weights, lambda new: safetensors.torch.save_file(tensors, new))
    return weights


def centre(picture: np.ndarray, side: int = SHOWN) -> np.ndarray:
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    return picture[top : top + side, left : left + side]


def sheet_of(network: nn.Module, pictures: list[np.ndarray]) -> np.ndarray:
    """Pictures, and what bicubic and the network make of them, clean and worsened."""
    random = np.random.default_rng(0)
    clean = [degrade(p, SCALE, random, clean=1) for p in pictures]
    worse = [degrade(p, SCALE, random, clean=0) for p in pictures]
    return contact_sheet(
        {
            "painting": [*pictures, *pictures],
            "bicubic": [bicubic(p) for p in (*clean, *worse)],
            "upscaler": [enlarged(network, p) for p in (*clean, *worse)],
        },
        SHOWN,
    )


def check_same(run: Path, wanted: dict[str, Any]) -> None:
    """Writes run.json, or raises ValueError when it asks for another training."""
    file = run / "run.json"
    if not file.exists():
        text = json.dumps(wanted, indent=1)
        write_whole(file, lambda new: new.write_text(text))
        return
    there = json.loads(file.read_text())
    differing = [key for key, value in wanted.items() if there.get(key) != value]
    if differing:
        raise ValueError(
            f"{run} holds a training with another {', '.join(differing)}: repeat its command to"
            " go on, or move the folder away"
        )
