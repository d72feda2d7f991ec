"""Three ways to learn from the annotated works what people feel before a picture.

Each is a function of learning inputs [M, …], what people said [M, K], and inputs to label
[T, …], and returns what people would say [T, K].  What they said is in blocks of columns
(`Block`): shares, which are learnt as a distribution, or scores, each column on its own; not a
number where nobody was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.core.device import choose_device
from models.critic.handmade import NAMES
from models.critic.network import ShallowNetwork

STRENGTHS = 10.0 ** np.arange(-2, 2.1, 0.5)


@dataclass(frozen=True)
class Block:
    """Columns that belong together."""

    name: str
    names: tuple[str, ...]
    shares: bool
    """Whether a row is a distribution."""


def ridge(learn: np.ndarray, said: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Kernel ridge regression with a Gaussian kernel on standardised features.

    Each column learns from the rows that have a number, and takes the strength with the smallest
    error when one row at a time is left out (Cawley and Talbot 2003, "Efficient leave-one-out
    cross-validation of kernel Fisher discriminant classifiers": from the hat matrix).
    """
    return _ridge(learn, said, test, gaussian=True)


def linear_probe(learn: np.ndarray, said: np.ndarray, test: np.ndarray) -> np.ndarray:
    """The same without a kernel: what a linear reading of the features says."""
    return _ridge(learn, said, test, gaussian=False)


def _ridge(learn: np.ndarray, said: np.ndarray, test: np.ndarray, gaussian: bool) -> np.ndarray:
    found = np.empty((len(test), said.shape[1]))
    known = np.isfinite(said)
    for pattern in np.unique(known, axis=1).T:  # columns that the same rows have
        columns = np.flatnonzero((known == pattern[:, None]).all(0))
        rows = np.flatnonzero(pattern)
        inside, outside = kernels(learn[rows], test, gaussian)
        values, vectors = np.linalg.eigh(inside)
        for column in columns:
            mean = said[rows, column].mean()
            target = said[rows, column] - mean
            turned = vectors.T @ target
            errors, weights = [], []
            for strength in STRENGTHS:
                shrunk = 1 / (np.maximum(values, 0) + strength)
                dual = vectors @ (shrunk * turned)
                errors.append(np.mean((dual / ((vectors**2) @ shrunk)) ** 2))
                weights.append(dual)
            found[:, column] = outside @ weights[int(np.argmin(errors))] + mean
    return found


def kernels(learn: np.ndarray, test: np.ndarray, gaussian: bool) -> tuple[np.ndarray, np.ndarray]:
    """[M, M] and [T, M], of features standardised by those that are learnt from."""
    mean, deviation = learn.mean(0), learn.std(0) + 1e-6
    a, b = ((x - mean) / deviation / np.sqrt(learn.shape[1]) for x in (learn, test))
    inside, outside = (a @ a.T).astype(float), (b @ a.T).astype(float)
    if not gaussian:
        return inside, outside
    # exp(-0.1 |x - y|²), of features that have length 1 on average
    size_a, size_b = (a * a).sum(1), (b * b).sum(1)
    near = np.exp(-0.1 * (size_a[:, None] + size_a[None] - 2 * inside))
    return near, np.exp(-0.1 * (size_b[:, None] + size_a[None] - 2 * outside))


class HandmadeClassifier(nn.Module):
    """A small perceptron on the thirteen measures, standardised."""

    def __init__(self, classes: int, hidden: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(len(NAMES), hidden), nn.Tanh(), nn.Dropout(0.2), nn.Linear(hidden, classes)
        )

    def forward(self, features: Tensor) -> Tensor:
        return self.layers(features)


def handmade(
    learn: np.ndarray, said: np.ndarray, test: np.ndarray, blocks: Sequence[Block], seed: int = 0
) -> np.ndarray:
    """The perceptron on features [M, 13], all rows at once."""
    torch.manual_seed(seed)
    mean, deviation = learn.mean(0), learn.std(0) + 1e-6
    a, b = (torch.from_numpy(((x - mean) / deviation).astype(np.float32)) for x in (learn, test))
    network, wanted = HandmadeClassifier(said.shape[1]), torch.from_numpy(said.astype(np.float32))
    optimiser = torch.optim.AdamW(network.parameters(), 5e-3, weight_decay=0.1)
    for _ in range(250):
        optimiser.zero_grad()
        loss_of(network(a), wanted, blocks).backward()
        optimiser.step()
    return answered(network.eval(), b, blocks)


def shallow(
    learn: np.ndarray,
    said: np.ndarray,
    test: np.ndarray,
    blocks: Sequence[Block],
    seed: int = 0,
    epochs: int = 6,
    changes: bool = True,
) -> np.ndarray:
    """The shallow network on pictures [M, H, W, 3] uint8, from nothing.

    With `changes` every picture is mirrored and turned by up to 10 degrees by lot, never blurred.
    """
    torch.manual_seed(seed)
    device, random = choose_device(), np.random.default_rng(seed)
    small, unseen = reduced(learn), reduced(test)
    wanted = torch.from_numpy(said.astype(np.float32))
    network = ShallowNetwork(said.shape[1], width=16).to(device)
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.05)
    batches = -(-len(small) // 32)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * batches)
    for _ in range(epochs):
        network.train()
        for rows in np.array_split(random.permutation(len(small)), batches):
            pictures = [turned(small[row], random) if changes else small[row] for row in rows]
            optimiser.zero_grad()
            answers = network(as_tensor(pictures).to(device))
            loss_of(answers, wanted[rows].to(device), blocks).backward()
            optimiser.step()
            schedule.step()
    network = network.eval().cpu()
    return np.concatenate(
        [
            answered(network, as_tensor(unseen[start : start + 64]), blocks)
            for start in range(0, len(unseen), 64)
        ]
    )


def reduced(pictures: np.ndarray) -> np.ndarray:
    """[N, 64, 64, 3] uint8."""
    size = (ShallowNetwork.size, ShallowNetwork.size)
    return np.stack([cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in pictures])


def turned(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The picture mirrored by lot and turned by up to 10 degrees."""
    side = picture.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), random.uniform(-10, 10), 1)
    result = cv2.warpAffine(picture, turn, (side, side), borderMode=cv2.BORDER_REFLECT_101)
    return result[:, ::-1] if random.random() < 0.5 else result


def as_tensor(pictures: Sequence[np.ndarray]) -> Tensor:
    """[N, 3, H, W] float32, 0 to 255."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()


def loss_of(answers: Tensor, said: Tensor, blocks: Sequence[Block]) -> Tensor:
    """Soft cross-entropy of each block of shares, squared error of each block of scores."""
    widths = [len(block.names) for block in blocks]
    loss = answers.sum() * 0
    for block, answer, wanted in zip(
        blocks, answers.split(widths, 1), said.split(widths, 1), strict=True
    ):
        if block.shares:
            asked = wanted.isfinite().all(1)
            if asked.any():
                loss = loss + functional.cross_entropy(answer[asked], wanted[asked])
        elif wanted.isfinite().any():
            felt = wanted.isfinite()
            loss = loss + functional.mse_loss(answer[felt], wanted[felt])
    return loss


def answered(network: nn.Module, inputs: Tensor, blocks: Sequence[Block]) -> np.ndarray:
    """What the network says: shares of each block of shares, scores as they are."""
    with torch.inference_mode():
        answers = network(inputs).split([len(block.names) for block in blocks], 1)
    parts = [a.softmax(1) if b.shares else a for a, b in zip(answers, blocks, strict=True)]
    return torch.cat(parts, 1).numpy()
