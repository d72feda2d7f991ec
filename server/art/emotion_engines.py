"""Engines that follow the visitor's mixture of expressions.

Networks are shared: each file is loaded once in a worker, however many engines use it.
What is heavy is imported inside, because the web process reads the engines' table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from server.art.mixtures import emphasised, field_over, mapping_of
from server.art.picture import SMALLEST
from server.art.task import Judged, Task
from server.art.triptych import mounted
from server.values import EXPRESSIONS

if TYPE_CHECKING:
    from gan_cut.dream import Dreamer
    from gan_cut.stylist import Stylist
    from models.critic.critic import Critic
    from models.upscaler.upscaler import Upscaler

STYLE, DREAM = "style.safetensors", "dream.safetensors"
CRITIC, UPSCALER = "critic.safetensors", "upscaler.safetensors"

CANDIDATES = 24
"""Of which the critic chooses."""
PANELS = 3


@cache
def stylist(folder: Path) -> Stylist:
    from gan_cut.stylist import Stylist

    return Stylist(folder / STYLE)


@cache
def dreamer(folder: Path) -> Dreamer:
    from gan_cut.dream import Dreamer

    return Dreamer(folder / DREAM)


@cache
def critic(folder: Path) -> Critic:
    from models.critic.critic import Critic

    return Critic(folder / CRITIC)


@cache
def upscaler(folder: Path) -> Upscaler:
    from models.upscaler.upscaler import Upscaler

    return Upscaler(folder / UPSCALER)


class Styled:
    """The capture in the styles of the mixture, which varies over the picture."""

    def __init__(self, folder: Path) -> None:
        self._stylist = stylist(folder)
        small = np.zeros((SMALLEST, SMALLEST, 3), np.uint8)
        # mixtures that vary take a form of their own, which the first visitor need not wait for
        self._stylist(small, np.full((2, 2, len(EXPRESSIONS)), 1 / len(EXPRESSIONS)), 1)

    def __call__(self, capture: np.ndarray, task: Task) -> np.ndarray:
        field = field_over(capture, emphasised(task.mixture))
        return self._stylist(capture, field, task.threads)


class Dreamed:
    """A work that nobody has painted, for the mixture."""

    def __init__(self, folder: Path) -> None:
        self._dreamer, self._upscaler = dreamer(folder), upscaler(folder)

    def __call__(self, capture: np.ndarray, task: Task) -> np.ndarray:
        kind = kind_of(task.seed)
        work = self._dreamer(kind, emphasised(task.mixture), 1, task.seed, task.threads)[0]
        task.progress(0.3)
        return mounted([self._upscaler(work, task.threads)], capture.shape)


class Felt:
    """ "Paint what I show": of many works for the mixture those that the critic finds nearest to
    it, no two of a kind, as a triptych with the best in its middle."""

    def __init__(self, folder: Path) -> None:
        self._dreamer, self._upscaler = dreamer(folder), upscaler(folder)
        self._critic = critic(folder)

    def __call__(self, capture: np.ndarray, task: Task) -> Judged:
        from gan_cut.dream import STYLES

        wanted, each = emphasised(task.mixture), CANDIDATES // len(STYLES)
        works = np.concatenate(
            [self._dreamer(kind, wanted, each, task.seed, task.threads) for kind in STYLES]
        )
        task.progress(0.2)
        scores = self._critic.scores(works, task.threads)
        best, *others = best_of_each(self._critic.best(scores, wanted, len(works)), each)[:PANELS]
        task.progress(0.4)
        panels = []
        for index in (others[0], best, *others[1:]):
            panels.append(self._upscaler(works[index], task.threads))
            task.progress(0.4 + 0.5 * len(panels) / PANELS)
        said = self._critic.unusual(scores[[best, *others]]).mean(0)
        greatest = EXPRESSIONS[int(said.argmax())]
        looks = [self._critic.map(panel, greatest) for panel in panels]
        look = mounted(looks, capture.shape, ground=0.0)
        return Judged(mounted(panels, capture.shape), mapping_of(said), look)


class Judge:
    """The critic before a finished picture: what it would be called, and where it looks so."""

    def __init__(self, folder: Path) -> None:
        self._critic = critic(folder)

    def __call__(self, picture: np.ndarray, threads: int) -> Judged:
        said = self._critic.unusual(self._critic.scores([picture], threads))[0]
        look = self._critic.map(picture, EXPRESSIONS[int(said.argmax())])
        return Judged(picture, mapping_of(said), look)


def best_of_each(ranked: Sequence[int], each: int) -> list[int]:
    """The best of each kind, best first, of works that lie kind after kind, `each` of a kind."""
    firsts: dict[int, int] = {}
    for index in ranked:
        firsts.setdefault(index // each, index)
    return list(firsts.values())


def kind_of(seed: int) -> str:
    """Which kind of work it is, drawn by lot."""
    from gan_cut.dream import STYLES

    return STYLES[seed % len(STYLES)]
