"""A network that enlarges, ready to enlarge pictures of any size as fast as this machine can.

upscaler = Upscaler("upscaler.safetensors")
large = upscaler(picture)        # [H, W, 3] uint8 RGB -> [4H, 4W, 3]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models import registry
from models.core.backends import Backend, Levels, fastest, openvino, usable
from models.core.device import choose_device, mixed_precision, processor_threads
from models.upscaler.files import load_network

TILE = 320
"""Pixels a side that are enlarged at once: more takes more memory and no less time."""
MARGIN = 32
"""The most that neighbouring tiles see of each other on each side, in pixels.  A compact network
sees no farther; what RRDBNet could see beyond it has next to no effect."""
MEASURED = 96
"""Pixels a side with which backends are compared."""
LARGEST = 2048
"""Pixels a side of a picture to enlarge."""


class Signed(nn.Module):
    """A network for RGB from 0 to 1 as one from -1 to 1, which all backends are made for."""

    multiple = 1
    """Of pixels that a side must have."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network((x + 1) / 2) * 2 - 1


class Upscaler:
    """Enlarges with the network in a file: ours, or a published one of Real-ESRGAN."""

    scale = 4
    """Of ours; other files may have another."""

    def __init__(self, weights: Path | str) -> None:
        """Raises ModelError for a file that is not that of its card (one's own need none), or
        holds no network that enlarges."""
        self.path = Path(weights)
        if (self.path.parent / f"{self.path.stem}.card.json").is_file():
            registry.check(self.path.stem, self.path.parent)
        network = load_network(self.path)
        self.scale = network.scale
        self._margin = min(network.reach, MARGIN)
        self._device = choose_device()
        with processor_threads(1):
            picture = np.zeros((1, MEASURED, MEASURED, 3), np.uint8)
            what = f"{self.path.name} at {MEASURED} x {MEASURED}"
            self.backend, first = fastest(self._makers(1), (picture,), what)
        self._backends = {1: first}

    def __call__(
        self,
        picture: np.ndarray,
        threads: int = 1,
        progress: Callable[[float], None] = lambda share: None,
    ) -> np.ndarray:
        """[H, W, 3] uint8 RGB -> [H * scale, W * scale, 3].

        `threads` of the processor are used, and `progress` hears the share that is done, 0 to
        1.  Raises ValueError for any other array and for more than LARGEST pixels a side.
        """
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise ValueError(f"expected uint8 [H, W, 3], not {picture.dtype} {list(picture.shape)}")
        height, width = picture.shape[:2]
        if not 0 < min(height, width) <= max(height, width) <= LARGEST:
            raise ValueError(
                f"a picture of {width} x {height} cannot be enlarged: 1 to {LARGEST} pixels a"
                " side can"
            )
        with processor_threads(threads):
            if threads not in self._backends:
                self._backends[threads] = self._makers(threads)[self.backend]()
            run = self._backends[threads]
            return tiled(run, picture, self.scale, self._margin, TILE, progress)

    def _makers(self, threads: int) -> dict[str, Callable[[], Backend]]:
        """How each of the backends that this machine may have is made."""
        makers: dict[str, Callable[[], Backend]] = {
            "eager-fp32": lambda: self._eager("fp32"),
            "eager-bf16": lambda: self._eager("bf16"),
            "openvino": lambda: openvino(Signed(load_network(self.path)), threads),
        }
        return {name: makers[name] for name in usable(self._device)}

    def _eager(self, precision: str) -> Backend:
        network = Levels(Signed(load_network(self.path)))
        network = network.to(self._device, memory_format=torch.channels_last)

        def run(pictures: np.ndarray) -> np.ndarray:
            x = torch.from_numpy(pictures.copy()).to(self._device)
            with torch.inference_mode(), mixed_precision(self._device, precision):
                return network(x).cpu().numpy()

        return run


def tiled(
    run: Backend,
    picture: np.ndarray,
    scale: int,
    margin: int,
    tile: int,
    progress: Callable[[float], None] = lambda share: None,
) -> np.ndarray:
    """[H, W, 3] -> [H * scale, W * scale, 3]: enlarged in tiles of at most `tile` pixels a side.

    All tiles have the same size.  Of each only the middle is kept, `margin` pixels away from
    its edges that are not the picture's, so that nothing shows where two meet.
    """
    height, width = picture.shape[:2]
    large = np.empty((height * scale, width * scale, 3), np.uint8)
    places = [(rows, columns) for rows in spans(height, tile, margin)
              for columns in spans(width, tile, margin)]  # fmt: skip
    for done, ((top, bottom, first, last), (left, right, start, stop)) in enumerate(places):
        piece = run(picture[None, top:bottom, left:right])[0]
        rows = slice((first - top) * scale, (last - top) * scale)
        columns = slice((start - left) * scale, (stop - left) * scale)
        large[first * scale : last * scale, start * scale : stop * scale] = piece[rows, columns]
        progress((done + 1) / len(places))
    return large


def spans(length: int, tile: int, margin: int) -> Iterator[tuple[int, int, int, int]]:
    """How `length` pixels are covered by tiles: begin and end of each, and of what is kept of it.

    Raises ValueError for a tile that is nothing but margins.
    """
    if tile <= 2 * margin:
        raise ValueError(f"a tile of {tile} pixels is nothing but margins of {margin}")
    if length <= tile:
        yield 0, length, 0, length
        return
    count = -(-(length - 2 * margin) // (tile - 2 * margin))
    begins = [round(n * (length - tile) / (count - 1)) for n in range(count)]
    kept = 0
    for begin in begins:
        end = begin + tile
        until = length if end == length else end - margin
        yield begin, end, kept, until
        kept = until
