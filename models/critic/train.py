"""Trains the critic: `python -m models train critic`.

SqueezeNet as published, with heads fitted to its features first, then all layers fine-tuned on
what people named (soft cross-entropy) and on FeelingBlue's scores (squared error), by the works
of the artists that are not the judge's.  Changes that no painter would mind: mirrored, turned by
some degrees, cut a little; never blurred, because brushwork is what is judged (N3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from datasets.art_emotions import FEELINGBLUE, WIKIART_EMOTIONS
from datasets.paths import find, write_whole
from models import registry
from models.core.device import choose_device, mixed_precision
from models.core.emotions import EXPRESSIONS
from models.core.files import read_state
from models.critic.critic import NAME, tensor
from models.critic.figures import correlations, report
from models.critic.material import RUNS, Material, load
from models.critic.network import CriticNetwork
from models.critic.squares import SIZE

BACKBONE = "backbones/squeezenet11_caffe_features_fp32.pth"
GET_BACKBONE = (
    "SqueezeNet 1.1 pretrained on ImageNet, the original Caffe weights under torchvision's names."
)


@dataclass(frozen=True)
class Recipe:
    """What a training depends on."""

    epochs: int = 4
    batch: int = 16
    rate: float = 3e-5
    """Of AdamW for the backbone, falling to 0 as a cosine; the heads learn HEADS times as fast, or
    they overfit."""
    decay: float = 0.05
    """AdamW's weight decay in the fine-tuning."""
    head_rounds: int = 100
    """Steps on the published features, before the backbone moves."""
    head_decay: float = 100.0
    """AdamW's weight decay of the heads in those."""
    feelings: float = 1.0
    """Weight of FeelingBlue's squared error beside the cross-entropy."""
    average: float = 0.98
    """Share of the past in the averaged weights, per step; they are what is published."""


HEADS = 0.3
"""Share of the backbone's learning rate with which the heads learn."""


def train(seed: int, folder: Path = registry.WEIGHTS, run: Path = RUNS / "critic") -> None:
    """Learns, goes on where it was stopped, and writes critic.safetensors with its cards.

    Raises DataMissing without the annotated works or the backbone.
    """
    start = find(BACKBONE, GET_BACKBONE)
    everything = load()
    learnt, unseen = everything.part(~everything.judged), everything.part(everything.judged)
    network = learn(learnt, start, Recipe(), seed, run)
    tensors = to_publish(network, learnt)
    measured = {
        "works": len(learnt),
        "unseen works": len(unseen),
        "Spearman, artists unseen": correlations(
            read(network, unseen.pictures)[0].softmax(1).numpy(), unseen.mixtures, EXPRESSIONS
        ),
        "Spearman, learnt from": correlations(
            read(network, learnt.pictures)[0].softmax(1).numpy(), learnt.mixtures, EXPRESSIONS
        ),
    }
    figures = report(measured)
    print(figures)
    about = card_of(seed, measured)
    registry.save_tensors(NAME, tensors, about, figures, folder, largest=4_000_000)


def learn(works: Material, start: Path | None, recipe: Recipe, seed: int, run: Path | None):
    """The averaged network after all epochs; `start` is a state dict of the backbone, and `run`
    the folder of its state after each epoch, or None to keep none."""
    torch.manual_seed(seed)
    device = choose_device()
    network = CriticNetwork().to(device, memory_format=torch.channels_last)
    if start is not None:
        state = read_state(start, device)
        network.backbone.load_state_dict(state)
    state_file = run / "state.pt" if run else None
    fresh = state_file is None or not state_file.exists()
    if fresh:
        fit_heads(network, works, recipe)
    average = AveragedModel(network, avg_fn=moving(recipe.average), use_buffers=False)
    heads = [*network.expressions.parameters(), *network.feelings.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {"params": list(network.backbone.parameters()), "lr": recipe.rate},
            {"params": heads, "lr": HEADS * recipe.rate},
        ],
        weight_decay=recipe.decay,
    )
    total = recipe.epochs * -(-len(works) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / 20) * (1 + math.cos(math.pi * step / total)) / 2
    )
    parts = {"network": network, "average": average, "optimiser": optimiser, "rate": schedule}
    done = 0
    if not fresh:
        state = read_state(state_file, device)
        if state["recipe"] != asdict(recipe) | {"seed": seed, "works": len(works)}:
            raise ValueError(f"{run} holds another training: move the folder away")
        done = state["epoch"]
        for name, part in parts.items():
            part.load_state_dict(state[name])
    for epoch in range(done, recipe.epochs):
        loss = one_epoch(network, average, optimiser, schedule, works, recipe, [seed, epoch])
        print(f"epoch {epoch + 1} of {recipe.epochs}: loss {loss:.4f}", flush=True)
        if state_file is not None:
            state = {name: part.state_dict() for name, part in parts.items()}
            state |= {"epoch": epoch + 1}
            state |= {"recipe": asdict(recipe) | {"seed": seed, "works": len(works)}}
            write_whole(state_file, lambda new, state=state: torch.save(state, new))
    return average.module.eval().requires_grad_(False)


def moving(share: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """A moving average that begins as a plain one."""

    def averaged(old: Tensor, new: Tensor, steps: Tensor | int) -> Tensor:
        kept = min(share, (1 + int(steps)) / (10 + int(steps)))
        return kept * old + (1 - kept) * new

    return averaged


def fit_heads(network: CriticNetwork, works: Material, recipe: Recipe) -> None:
    """Standardises the features of the backbone as it is, and fits both heads to them."""
    pictures = np.concatenate((works.pictures, works.pictures[:, :, ::-1]))
    pooled = read(network, pictures, lambda batch: (network.pooled(batch),))[0]
    device = network.centre.device
    pooled = pooled.to(device)
    network.centre.copy_(pooled.mean(0))
    network.scale.copy_(pooled.std(0) + 1e-3)
    pooled = (pooled - network.centre) / network.scale
    wanted = [torch.from_numpy(np.concatenate((y, y))).to(device)
              for y in (works.mixtures, works.feelings)]  # fmt: skip
    heads = network.expressions, network.feelings
    for head in heads:
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
    network.expressions.bias.data.copy_(wanted[0].nanmean(0).add(1e-3).log())
    optimiser = torch.optim.AdamW(
        [
            {"params": [head.weight for head in heads], "weight_decay": recipe.head_decay},
            {"params": [head.bias for head in heads], "weight_decay": 0.0},
        ],
        lr=1e-3,
    )
    for _ in tqdm(range(recipe.head_rounds), desc="heads", unit="step", leave=False):
        optimiser.zero_grad()
        answers = network.expressions(pooled), network.feelings(pooled)
        loss_of(answers, wanted, recipe.feelings).backward()
        optimiser.step()


def one_epoch(network, average, optimiser, schedule, works, recipe, seed) -> float:
    """Every work once, changed by lot; returns the mean loss."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(works))
    device = network.centre.device
    losses = []
    network.train()
    for begin in tqdm(range(0, len(order), recipe.batch), desc="epoch", unit="batch", leave=False):
        rows = order[begin : begin + recipe.batch]
        pictures = tensor([changed(works.pictures[row], random) for row in rows]).to(device)
        wanted = [torch.from_numpy(y[rows]).to(device) for y in (works.mixtures, works.feelings)]
        with mixed_precision(device):
            answers = network(pictures)
        loss = loss_of([answer.float() for answer in answers], wanted, recipe.feelings)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        average.update_parameters(network)
        losses.append(loss.item())
    return float(np.mean(losses))


def loss_of(answers, wanted, weight: float) -> Tensor:
    """Cross-entropy with the shares where people were asked, and the error of the scores."""
    logits, feelings = answers
    mixtures, scores = wanted
    asked, felt = mixtures.isfinite().all(1), scores.isfinite()
    loss = logits.sum() * 0
    if asked.any():
        loss = loss + functional.cross_entropy(logits[asked], mixtures[asked])
    if felt.any():
        loss = loss + weight * functional.mse_loss(feelings[felt], scores[felt])
    return loss


def changed(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """[128, 128, 3]: perhaps mirrored, turned by up to 10 degrees, 80 to 100 % of its side."""
    scale = 1 / random.uniform(0.8, 1.0)
    turn = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), random.uniform(-10, 10), scale)
    turn[:, 2] += random.uniform(-1, 1, 2) * (scale - 1) * SIZE / 2
    result = cv2.warpAffine(picture, turn, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT_101)
    return result[:, ::-1] if random.random() < 0.5 else result


def read(network: nn.Module, pictures: np.ndarray, call=None, batch: int = 16) -> list[Tensor]:
    """What the network, or `call`, says of [N, H, W, 3] uint8, on the processor."""
    call = call or network
    device = next(network.parameters()).device
    network.eval()
    found = []
    with torch.no_grad(), mixed_precision(device):
        for start in tqdm(range(0, len(pictures), batch), desc="reading", leave=False):
            answers = call(tensor(pictures[start : start + batch]).to(device))
            found.append([answer.float().cpu() for answer in answers])
    return [torch.cat(column) for column in zip(*found, strict=True)]


def to_publish(network: CriticNetwork, works: Material) -> dict[str, np.ndarray]:
    """Tensors in half precision, and what is usual for each expression over these works."""
    logs = read(network, works.pictures)[0].log_softmax(1)
    tensors = {name: value.cpu() for name, value in network.state_dict().items()}
    tensors |= {"usual": logs.mean(0), "spread": logs.std(0).clamp_min(0.1)}
    return {name: value.half().numpy() for name, value in tensors.items()}


def card_of(seed: int, measured: dict[str, Any]) -> dict[str, Any]:
    """The card, but for what the registry adds."""
    return {
        "what": "what people are likely to feel before a work of art, as shares of the seven"
        " expressions: a head on SqueezeNet 1.1 (pretrained on ImageNet, the original weights for"
        " Caffe), all layers fine-tuned a little",
        "classes": list(EXPRESSIONS),
        "command": f"python -m models train critic --seed {seed}",
        "seed": seed,
        "recipe": asdict(Recipe()),
        "backbone": "SqueezeNet 1.1 (Iandola and others 2016), pretrained on ImageNet",
        "data": [
            {"name": a.name, "what": a.what, "origin": a.origin, "licence": a.licence}
            for a in (WIKIART_EMOTIONS, FEELINGBLUE)
        ],
        "permissive": False,
        "terms": "research alone, without commercial use; "
        + "; ".join((WIKIART_EMOTIONS.terms, FEELINGBLUE.terms))
        + ". The network holds no picture.",
        "metrics": measured,
        "intended_use": "chooses among pictures that the installation made for a visitor; says"
        " what people named before similar works, never what a person feels",
        "limits": "About ten people looked at each work, and people disagree; most named"
        " happiness or surprise, few anger, hardly any neutral, which is learnt from humility."
        " Western art alone.",
    }  # fmt: skip
