"""Random batches of pictures from files.

What a batch holds depends on the seed and the number of the step alone, so
that a training that was interrupted goes on with the pictures it would have
seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from datasets.pictures import read_rgb
from models.core.pictures import resize_shorter, to_tensor

CACHE_BYTES = 4 << 30

Batch = tuple[Tensor, Tensor | None]


class Squares:
    """Whole pictures, squeezed to `size` x `size`, with what is known of each.

    labels: [N, L] float32, a row for each picture.  They are gone through in a new random order
    again and again, and mirrored half of the time.  All are kept in memory.
    """

    def __init__(
        self, files: Sequence[Path], labels: np.ndarray, size: int, batch: int, seed: int
    ) -> None:
        if not files or len(files) != len(labels):
            raise ValueError(
                f"{len(files)} pictures with {len(labels)} labels cannot be learnt from"
            )
        self.a, self.labels = list(files), torch.from_numpy(labels).float()
        self.size, self.batch, self.seed = size, batch, seed
        self._pictures: dict[int, np.ndarray] = {}

    def picture(self, number: int) -> np.ndarray:
        if number not in self._pictures:
            whole = read_rgb(self.a[number])
            shrinks = min(whole.shape[:2]) > self.size
            way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
            self._pictures[number] = cv2.resize(whole, (self.size, self.size), interpolation=way)
        return self._pictures[number]

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """The batch of a step: [batch, 3, size, size] from -1 to 1, and labels [batch, L]."""
        chosen, pictures = [], []
        for number in range(step * self.batch, (step + 1) * self.batch):
            turn, place = divmod(number, len(self.a))
            order = np.random.default_rng([self.seed, turn]).permutation(len(self.a))
            chosen.append(int(order[place]))
            picture = self.picture(chosen[-1])
            mirrored = np.random.default_rng([self.seed, 1, number]).random() < 0.5
            pictures.append(picture[:, ::-1] if mirrored else picture)
        return to_tensor(pictures), self.labels[chosen]

    def stream(self, start: int, stop: int, ahead: int = 4) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of steps start to stop - 1, prepared in the background."""
        return prepared(self.at, start, stop, ahead)


class Crops:
    """Random crops of the pictures in one or two lists.

    Every picture is brought to a shorter side of `load` pixels, cropped to
    `crop` x `crop` at random and mirrored half of the time.  Each list is gone
    through in a new random order again and again.  With `paired`, picture i of
    `a` belongs to picture i of `b`, and both are cropped and mirrored alike.

    Square pictures of `b` are first widened by up to `stretch`, at random: sets that were squeezed
    to squares do not say how wide their pictures were.
    """

    def __init__(
        self,
        a: Sequence[Path],
        b: Sequence[Path] | None,
        crop: int,
        load: int,
        batch: int,
        seed: int,
        paired: bool = False,
        stretch: float = 1.0,
    ) -> None:
        if load < crop:
            raise ValueError(f"pictures of {load} pixels cannot give crops of {crop}")
        if not a or (b is not None and not b):
            raise ValueError("there are no pictures to train on")
        if paired and len(a) != len(b or ()):
            raise ValueError("every picture of a needs its partner in b")
        self.a, self.b, self.paired = list(a), None if b is None else list(b), paired
        self.crop, self.load, self.batch, self.seed = crop, load, batch, seed
        self.stretch = stretch
        self._cache: dict[Path, np.ndarray] = {}
        self._cached_bytes = 0

    def picture(self, path: Path) -> np.ndarray:
        if path in self._cache:
            return self._cache[path]
        picture = resize_shorter(read_rgb(path), self.load)
        if self._cached_bytes + picture.nbytes < CACHE_BYTES:
            self._cache[path] = picture
            self._cached_bytes += picture.nbytes
        return picture

    def order(self, domain: int, count: int, number: int) -> int:
        """Which picture comes as the `number`-th of all that are ever drawn."""
        turn = np.random.default_rng([self.seed, domain, number // count])
        return int(turn.permutation(count)[number % count])

    def cut(self, path: Path, random: np.random.Generator, stretch: float = 1.0) -> np.ndarray:
        picture = self.picture(path)
        height, width = picture.shape[:2]
        if stretch > 1 and height == width:
            wide = round(width * random.uniform(1.0, stretch))
            picture = cv2.resize(picture, (wide, height), interpolation=cv2.INTER_LINEAR)
        top = random.integers(picture.shape[0] - self.crop + 1)
        left = random.integers(picture.shape[1] - self.crop + 1)
        piece = picture[top : top + self.crop, left : left + self.crop]
        return piece[:, ::-1] if random.random() < 0.5 else piece

    def at(self, step: int) -> tuple[Tensor, Tensor | None]:
        """The batch of a step: a and b, [batch, 3, crop, crop] from -1 to 1."""
        first, second = [], []
        for number in range(step * self.batch, (step + 1) * self.batch):
            chosen = self.order(0, len(self.a), number)
            first.append(self.cut(self.a[chosen], np.random.default_rng([self.seed, 2, number])))
            if self.paired:
                same = np.random.default_rng([self.seed, 2, number])
                second.append(self.cut(self.partner(chosen), same))
            elif self.b is not None:
                chosen = self.order(1, len(self.b), number)
                random = np.random.default_rng([self.seed, 3, number])
                second.append(self.cut(self.b[chosen], random, self.stretch))
        return to_tensor(first), to_tensor(second) if second else None

    def partner(self, chosen: int) -> Path:
        a, b = self.a[chosen], self.b[chosen]
        if self.picture(a).shape != self.picture(b).shape:
            raise ValueError(f"{a} and {b} are a pair but differ in shape")
        return b

    def stream(self, start: int, stop: int, ahead: int = 4) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of steps start to stop - 1, prepared in the background."""
        return prepared(self.at, start, stop, ahead)


Batches = Crops | Squares


def prepared(at: Callable[[int], Batch], start: int, stop: int, ahead: int) -> Iterator[Batch]:
    """`at` of the steps start to stop - 1, `ahead` of them computed before they are wanted."""
    with ThreadPoolExecutor(2) as pool:
        waiting: list[Future] = []
        for step in range(start, stop + ahead):
            if step < stop:
                waiting.append(pool.submit(at, step))
            if step >= start + ahead:
                yield waiting.pop(0).result()
