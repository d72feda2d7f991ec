"""What trainings of networks share: weights averaged over the steps, and a state to go on from."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from datasets.paths import write_whole
from models.core.files import read_state


def average_of(network: nn.Module, decay: float, buffers: bool = False) -> AveragedModel:
    """The moving average of a network's weights from here on, which keeps at most the share
    `decay` (0 to 1) in a step: the first steps are forgotten sooner.  `buffers` with them."""

    def averaged(old: Tensor, new: Tensor, steps: Tensor | int) -> Tensor:
        share = min(decay, (1 + int(steps)) / (10 + int(steps)))
        return old + (1 - share) * (new - old)

    average = AveragedModel(network, avg_fn=averaged, use_buffers=buffers)
    return average.eval().requires_grad_(False)


class Resumable:
    """A network, its optimiser, its averaged weights and its history, kept in one file."""

    network: nn.Module
    optimiser: torch.optim.Optimizer
    average: AveragedModel
    history: list[dict[str, float]]
    device: torch.device

    def load(self, path: Path) -> None:
        state = read_state(path, self.device)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.load_state_dict(state["average"])
        self.history = state["history"]

    def save(self, path: Path) -> None:
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.state_dict(),
            "history": self.history,
        }
        write_whole(path, lambda new: torch.save(state, new))
