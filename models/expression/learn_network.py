"""Trains a network on faces: `python -m models train expression --arch compact`.

Two views of every face are learnt from, as published and cut as the live program cuts a
face; read is only the second.  After each epoch everything is saved in runs/, and the same
command goes on there with the same result as if nothing had happened: what is random in an
epoch follows from the seed and its number.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from datasets import expw, face_folders, fer2013
from datasets.about import About
from datasets.faces import CLASSES, Faces
from datasets.paths import write_whole
from models import registry
from models.core import metrics
from models.core.device import choose_device, mixed_precision
from models.core.training import Resumable, average_of
from models.expression import augment
from models.expression.figures import draw_confusion, draw_curves, evaluate, report
from models.expression.material import (
    RUNS,
    Parts,
    as_live,
    parts,
    picture_places,
    shares_of_votes,
    trust,
)
from models.expression.networks import ARCHITECTURES, ExpressionNetwork

DATA: dict[str, tuple[About, Callable[[], Faces]]] = {
    "fer2013": (fer2013.ABOUT, fer2013.load),
    "expw": (expw.ABOUT, expw.load),
    "ckplus": (face_folders.ABOUT, face_folders.load),
}
READ_AT_ONCE = 512
MOMENTUM = 0.9


@dataclass(frozen=True)
class Recipe:
    """How one architecture is trained."""

    epochs: int
    batch: int
    optimiser: str
    """"sgd" with Nesterov's momentum, or "adam"."""
    rate: float
    """Highest learning rate: reached in the first twentieth, then falling as a cosine to 0."""
    decay: float
    """Of the weights."""
    strong: bool
    """Whether faces are changed strongly, or only moved a little."""
    balanced: bool
    """Whether every class is drawn equally often, the rare ones again and again in new
    changes, instead of every face once."""
    votes: float
    """Weight of the loss on FER+'s votes, beside that on the labels."""
    smoothing: float
    """Share of a label that goes to all classes alike."""
    average: float
    """Share of the past in the averaged weights, per step; they are what is read."""


RECIPES = {
    "compact": Recipe(60, 128, "sgd", 0.05, 5e-4, True, False, 0.5, 0.1, 0.999),
    "cnn21": Recipe(50, 64, "adam", 1e-3, 0.0, False, True, 0.0, 0.0, 0.999),
    "vgg16": Recipe(20, 64, "adam", 1e-4, 0.0, False, False, 0.0, 0.0, 0.999),
}


@dataclass(frozen=True)
class Material:
    """Faces on the device on which they are learnt from."""

    views: Tensor
    """[N, 2, 48, 48] uint8: as published, and as the live program cuts them."""
    labels: Tensor
    """[N]"""
    votes: Tensor
    """[N, 8] shares; all 0 where nobody was asked."""
    weights: Tensor
    """[N] how much a face counts."""


def material(faces: Faces, live: np.ndarray, device: torch.device) -> Material:
    """`live` [N, 48, 48] are the faces as the live program cuts them."""
    return Material(
        torch.from_numpy(np.stack((faces.pictures, live), 1)).to(device),
        torch.from_numpy(faces.labels).to(device),
        torch.from_numpy(shares_of_votes(faces)).to(device),
        torch.from_numpy(trust(faces.labels, faces.votes).astype(np.float32)).to(device),
    )


class Training(Resumable):
    """A network, what trains it, and how far it has come."""

    def __init__(self, network: ExpressionNetwork, recipe: Recipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        # channels last: a fifth less time on processors, more on NVIDIA
        self.network = network.to(device, memory_format=torch.channels_last)
        if recipe.optimiser == "sgd":
            self.optimiser: torch.optim.Optimizer = torch.optim.SGD(
                network.parameters(), recipe.rate, MOMENTUM, nesterov=True,
                weight_decay=recipe.decay,
            )  # fmt: skip
        else:
            self.optimiser = torch.optim.Adam(network.parameters(), recipe.rate)
        self.average = average_of(network, recipe.average, buffers=True)
        self.history: list[dict[str, float]] = []

    def epoch(self, data: Material, learn: np.ndarray, seed: int) -> dict[str, float]:
        """One pass over the rows `learn` [M]; returns its mean loss and accuracy."""
        number = len(self.history)
        torch.manual_seed(seed * 10_000 + number)
        rng = np.random.default_rng((seed, number))
        order = drawn(data.labels.cpu().numpy(), learn, self.recipe.balanced, rng)
        steps = max(1, len(order) // self.recipe.batch)
        total, losses, right = steps * self.recipe.epochs, [], []
        self.network.train()
        bar = tqdm(range(steps), desc=f"epoch {number + 1} of {self.recipe.epochs}", unit="step")
        for step in bar:
            rate = self.recipe.rate * rate_factor(number * steps + step, total)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            rows = torch.from_numpy(
                order[step * self.recipe.batch : (step + 1) * self.recipe.batch]
            ).to(self.device)
            loss, logits = self.loss(data, rows)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            self.average.update_parameters(self.network)
            losses.append(loss.detach())
            right.append((logits.argmax(1) == data.labels[rows]).float().mean())
            if step % 20 == 0:
                bar.set_postfix(loss=f"{float(losses[-1]):.3f}")
        mean = float(torch.stack(losses).mean())
        if not math.isfinite(mean):
            raise FloatingPointError(
                f"the loss of epoch {number + 1} is {mean}. What is saved is sound: start again"
                " with another --seed"
            )
        return {"training loss": mean, "training accuracy": float(torch.stack(right).mean())}

    def loss(self, data: Material, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Of these faces, each in one of its views; and the logits of their classes."""
        view = torch.randint(0, data.views.shape[1], rows.shape, device=self.device)
        change = augment.strong if self.recipe.strong else augment.gentle
        pictures = change(data.views[rows, view], self.network.size)
        with mixed_precision(self.device):
            logits, votes = self.network(pictures)
        logits, votes = logits.float(), votes.float()
        weights = data.weights[rows]
        wrong = functional.cross_entropy(
            logits, data.labels[rows], reduction="none", label_smoothing=self.recipe.smoothing
        )
        loss = (weights * wrong).sum() / weights.sum()
        if self.recipe.votes:
            shares = data.votes[rows]
            unlike = -(shares * functional.log_softmax(votes, 1)).sum(1).mean()
            loss = loss + self.recipe.votes * unlike
        return loss, logits


def drawn(
    labels: np.ndarray, learn: np.ndarray, balanced: bool, rng: np.random.Generator
) -> np.ndarray:
    """[M] rows of one epoch: every one of `learn` once; balanced, every class equally often."""
    if not balanced:
        return rng.permutation(learn)
    there = np.unique(labels[learn])
    chosen = []
    for number in there:
        rows = rng.permutation(learn[labels[learn] == number])
        chosen.append(np.resize(rows, len(learn) // len(there)))
    return rng.permutation(np.concatenate(chosen))


def rate_factor(step: int, total: int) -> float:
    """Rises to 1 over the first twentieth, then falls as a cosine to 0 (Loshchilov and
    Hutter 2017, "SGDR")."""
    warm = max(1, total // 20)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))


@torch.inference_mode()
def read(network: nn.Module, size: int, pictures: Tensor) -> np.ndarray:
    """Logits [N, 7] of crops [N, 48, 48] uint8: the mean over a face and its mirror image."""
    found = []
    for start in range(0, len(pictures), READ_AT_ONCE):
        seen = augment.prepare(pictures[start : start + READ_AT_ONCE], size)
        with mixed_precision(pictures.device):
            logits = (network(seen)[0].float() + network(seen.flip(3))[0].float()) / 2
        found.append(logits.cpu().numpy())
    return np.concatenate(found)


def train(
    arch: str,
    data: str = "fer2013",
    seed: int = 0,
    epochs: int | None = None,
    device: str = "auto",
    start: Path | None = None,
) -> dict[str, Any]:
    """Trains in `runs/expression-ARCH` (with the set's name after it when it is not FER-2013)
    or goes on there; prints the figures and writes weights, card, curves and confusion.

    Raises DataMissing without the data, ValueError when the folder holds another training or
    the device is not there.
    """
    chosen = choose_device(device)
    about_data, load = DATA[data]
    faces = load()
    live = faces.pictures
    if data == "fer2013":  # the others come cut by a face detector, and are never read live
        live = as_live(live, picture_places(live))
    name = f"expression-{arch}" + ("" if data == "fer2013" else f"-{data}")
    command = f"python -m models train expression --arch {arch}"
    command += "" if data == "fer2013" else f" --data {data}"
    command += "" if epochs is None else f" --epochs {epochs}"
    command += "" if start is None else " --start FILE"
    command += f" --seed {seed}"
    recipe = RECIPES[arch]
    if epochs is not None:
        recipe = Recipe(**{**asdict(recipe), "epochs": epochs})
    return learn(
        arch, recipe, faces, live, RUNS / name, seed, chosen, about_data, command,
        start,
    )  # fmt: skip


def learn(
    arch: str,
    recipe: Recipe,
    faces: Faces,
    live: np.ndarray,
    run: Path,
    seed: int,
    device: torch.device,
    about_data: About,
    command: str,
    start: Path | None = None,
) -> dict[str, Any]:
    """As `train`, on faces and their live crops [N, 48, 48]; returns the figures."""
    wanted = {"arch": arch, "recipe": asdict(recipe), "seed": seed, "data": about_data.name,
              "start": start is not None}  # fmt: skip
    check_same(run, wanted)
    rows = parts(faces)
    torch.manual_seed(seed)
    network = ARCHITECTURES[arch]()
    if start is not None:
        network.start_from(start)
    training = Training(network, recipe, device)
    if (run / "state.pt").exists():
        training.load(run / "state.pt")
    data = material(faces, live, device)
    learn_rows, apart_rows = np.flatnonzero(rows.learn), np.flatnonzero(rows.apart)
    print(f"{arch} on {device}: {len(learn_rows)} faces, {len(apart_rows)} apart, in {run}")
    while len(training.history) < recipe.epochs:
        began = time.monotonic()
        row = {"epoch": len(training.history) + 1, **training.epoch(data, learn_rows, seed)}
        logits = read(training.average.module, network.size, data.views[apart_rows, 1])
        row |= apart_figures(logits, faces.labels[apart_rows])
        row["seconds"] = round(time.monotonic() - began, 1)
        training.history.append(row)
        tqdm.write(", ".join(f"{key} {value:.4g}" for key, value in row.items()))
        training.save(run / "state.pt")
        text = json.dumps(training.history, indent=1)
        write_whole(run / "history.json", lambda new, text=text: new.write_text(text))
        draw_curves(training.history, run / "curves.png")
    return finish(training, arch, faces, rows, data, run, seed, about_data, command)


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


def apart_figures(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Loss and accuracy on the faces that are apart."""
    if not len(labels):
        return {}
    shares = softmax(logits, -1)
    of_label = np.take_along_axis(shares, labels[:, None], 1)
    return {
        "apart loss": float(-np.log(np.maximum(of_label, 1e-12)).mean()),
        "apart accuracy": float((shares.argmax(1) == labels).mean()),
    }


def finish(
    training: Training,
    arch: str,
    faces: Faces,
    rows: Parts,
    data: Material,
    run: Path,
    seed: int,
    about_data: About,
    command: str,
) -> dict[str, Any]:
    """Temperature, figures, weights, card and pictures of a network that has learnt all."""
    network, size = training.average.module, training.network.size
    apart_rows, test_rows = np.flatnonzero(rows.apart), np.flatnonzero(rows.test)
    temperature = 1.0
    if len(apart_rows):
        logits = read(network, size, data.views[apart_rows, 1])
        temperature = metrics.best_temperature(faces.labels[apart_rows], softmax(logits, -1))
    logits = read(network, size, data.views[test_rows, 1]) / temperature
    measured = evaluate(faces, test_rows, softmax(logits, -1))
    measured["training faces"] = int(rows.learn.sum())
    measured["left out of Training"] = rows.left_out
    measured["temperature"] = round(temperature, 3)
    measured["epochs"] = training.recipe.epochs
    measured["seconds per epoch"] = round(
        float(np.median([row["seconds"] for row in training.history])), 1
    )
    measured["device"] = str(training.device)
    figures = report("PublicTest, all faces", measured)
    print(figures)
    draw_confusion(measured["PublicTest"]["confusion"], run / "confusion.png")
    tensors = {
        key: value.detach().cpu().half().numpy()
        for key, value in network.state_dict().items()
        if value.is_floating_point()
    }
    about = card_of(arch, training.recipe, seed, about_data, command, measured)
    registry.save_tensors(f"expression_{arch}", tensors, about, figures, run, largest=2**31)
    return measured


WHATS = {
    "compact": "a small residual network that reads an expression from a 48x48 grey face",
    "cnn21": "a network of 21 layers (convolution, pooling, batch norm, dropout, dense) that reads"
    " an expression from a 48x48 grey face, every class drawn equally often",
    "vgg16": "VGG16 with every layer trained, reading an expression from a 48x48 grey face",
}


def card_of(
    arch: str,
    recipe: Recipe,
    seed: int,
    source: About,
    command: str,
    measured: dict[str, Any],
) -> dict[str, Any]:
    """The card, but for what the registry adds."""
    return {
        "what": WHATS[arch],
        "classes": list(CLASSES),
        "command": command,
        "seed": seed,
        "recipe": asdict(recipe),
        "data": [
            {
                "name": source.name,
                "what": source.what,
                "origin": source.origin,
                "licence": source.licence,
            }
        ],
        "terms": source.terms + ". The network holds no picture.",
        "metrics": measured,
        "intended_use": "colour, form and motion of an art installation follow the mixture of"
        " expressions; never a statement about what a person feels",
        "limits": "Trained on small web photographs labelled by keyword, on which people agree"
        " about 65 %. Not for schools, workplaces or any decision about people.",
    }
