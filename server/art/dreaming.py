"""The worker's side of dreams: pictures of a style and a mixture, enlarged where it can."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from server.art.emotion_engines import dreamer, upscaler
from server.art.picture import encode

NONE, SMALL, ENLARGED = "none", "small", "enlarged"
"""How dreams come, as the worker is told at its start."""
SHOWN = 256
"""Pixels a side up to which small pictures are enlarged."""
REMEMBERED = 4
"""Dreams whose pictures are kept, small, while they are enlarged one by one."""
QUALITY = {"PNG": {"compress_level": 4}, "JPEG": {"quality": 88, "subsampling": 0}}
QUALITY["WEBP"] = {"quality": 86, "method": 2}


class Dreaming:
    """The trained network of dreams, and what makes its pictures larger."""

    def __init__(self, weights: Path, enlarges: bool) -> None:
        """`enlarges`: there are weights for it, and they may be used."""
        self._dreamer = dreamer(weights)
        self._upscaler = upscaler(weights) if enlarges else None
        self._pictures: OrderedDict[tuple, np.ndarray] = OrderedDict()

    def __call__(
        self,
        style: str,
        mixture: Sequence[float],
        count: int,
        seed: int,
        picture: int | None,
        format: str,
        threads: int,
    ) -> bytes:
        """One picture of a dream in full size, as a file of the `format`; all of them small and
        side by side when `picture` is None."""
        pictures = self._dream(style, tuple(mixture), count, seed)
        if picture is None:
            return encode(np.concatenate(list(pictures), axis=1), format, **QUALITY[format])
        one = pictures[picture]
        if self._upscaler is not None and one.shape[0] < SHOWN:
            one = self._upscaler(one, threads)
        return encode(one, format, **QUALITY[format])

    def _dream(self, style: str, mixture: tuple[float, ...], count: int, seed: int) -> np.ndarray:
        """[count, size, size, 3] uint8.

        On one thread: twenty pictures of 128² take a quarter of a second of a core, and several
        threads would wait for one another on a machine that others use, too.
        """
        key = (style, mixture, count, seed)
        if key not in self._pictures:
            asked = np.asarray(mixture, np.float32)
            self._pictures[key] = self._dreamer(style, asked, count, seed)
        self._pictures.move_to_end(key)
        if len(self._pictures) > REMEMBERED:
            self._pictures.popitem(last=False)
        return self._pictures[key]
