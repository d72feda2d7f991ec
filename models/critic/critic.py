"""What people are likely to feel before a picture, and where in it.

critic = Critic(Path("models/weights/critic.safetensors"))
scores = critic.scores(pictures)              # [N, 7], rows sum to 1
chosen = critic.best(scores, mixture, 3)      # numbers of the three that agree best
heat = critic.map(pictures[0], "sad")         # [H, W], 0 to 1
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from models import registry
from models.core.device import choose_device, mixed_precision, processor_threads
from models.core.emotions import EXPRESSIONS
from models.critic.network import CriticNetwork
from models.critic.squares import square

NAME = "critic"
BATCH = 8
SAME = 2e-3
"""Two pictures whose shares all differ by less are (nearly) the same."""


class Critic:
    """The published network, on the best device there is."""

    def __init__(self, weights: Path) -> None:
        """Raises registry.ModelError when file and card do not agree, or it is no critic."""
        self.card = registry.card(weights.stem, weights.parent)
        tensors = {
            name: torch.from_numpy(value.astype(np.float32))
            for name, value in registry.load_tensors(weights.stem, weights.parent).items()
        }
        self.network = CriticNetwork()
        try:
            self._usual = tensors.pop("usual").numpy(), tensors.pop("spread").numpy()
            self.network.load_state_dict(tensors)
        except (KeyError, RuntimeError):
            raise registry.ModelError(
                f"{weights} is no critic: its tensors have other names or shapes. Train it again"
                " with 'python -m models train critic'"
            ) from None
        self.device = choose_device()
        self.network.eval().requires_grad_(False)
        self.network.to(self.device, memory_format=torch.channels_last)

    def scores(self, pictures: Sequence[np.ndarray], threads: int = 1) -> np.ndarray:
        """[N, 7] float32, rows sum to 1: how likely people name each of EXPRESSIONS before
        these pictures, [H, W, 3] uint8 RGB of any sizes.  Raises ValueError for another array.
        """
        squares = [square(picture) for picture in pictures]
        found = [np.zeros((0, len(EXPRESSIONS)), np.float32)]
        with torch.inference_mode(), processor_threads(threads):
            for start in range(0, len(squares), BATCH):
                batch = tensor(squares[start : start + BATCH]).to(self.device)
                with mixed_precision(self.device):
                    logits, _feelings = self.network(batch)
                found.append(logits.float().softmax(1).cpu().numpy())
        return np.concatenate(found)

    def best(self, scores: np.ndarray, mixture: np.ndarray, count: int) -> list[int]:
        """The `count` rows of scores [N, 7] that agree best with a mixture [7], best first.

        People name happiness before most works and neutral before hardly any, so what counts
        is how far a score lies above what is usual for its expression: that, as shares again,
        by its cross-entropy with the mixture.  Rows that are (nearly) the same as a better one
        come only when there are no others.
        """
        agreement = np.log(self.unusual(scores)) @ np.asarray(mixture, np.float64)
        order = [int(row) for row in np.argsort(-agreement, kind="stable")]
        chosen: list[int] = []
        for row in order:
            if all(np.abs(scores[row] - scores[other]).max() >= SAME for other in chosen):
                chosen.append(row)
        chosen += [row for row in order if row not in chosen]
        return chosen[:count]

    def unusual(self, scores: np.ndarray) -> np.ndarray:
        """[N, 7], rows sum to 1: scores [N, 7] measured by what is usual for each expression
        over the works that were learnt from (mean and spread of the logarithms)."""
        usual, spread = self._usual
        distance = (np.log(np.maximum(scores, 1e-6)) - usual) / spread
        shares = np.exp(distance - distance.max(1, keepdims=True))
        return shares / shares.sum(1, keepdims=True)

    def map(self, picture: np.ndarray, expression: str) -> np.ndarray:
        """[H, W] float32, 0 to 1: where in [H, W, 3] uint8 it sees this expression rather than
        the others that it sees.  All 0 where no place differs from any other.

        A class activation map of log softmax (`network.py`).  Raises ValueError for an unknown
        expression.
        """
        if expression not in EXPRESSIONS:
            raise ValueError(f"no expression {expression!r}; there are {', '.join(EXPRESSIONS)}")
        with torch.inference_mode():
            batch = tensor([square(picture)]).to(self.device)
            places = self.network.places(batch)[0].float().cpu().numpy()
            shares = self.network(batch)[0][0].softmax(0).cpu().numpy()
        heat = places[EXPRESSIONS.index(expression)] - np.tensordot(shares, places, 1)
        heat = cv2.GaussianBlur(heat, (0, 0), heat.shape[0] / 32)
        heat = cv2.resize(heat, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        reach = float(heat.max() - heat.min())
        return (heat - heat.min()) / reach if reach > 1e-6 else np.zeros_like(heat)


def tensor(squares: Sequence[np.ndarray]) -> Tensor:
    """[N, 3, S, S] float32 from 0 to 255, channels last."""
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).float()
