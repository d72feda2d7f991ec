"""Paints a picture in the style of an emotion, as fast as this machine can.

stylist = Stylist("models/weights/style.safetensors")
painting = stylist(capture, parse_emotion("happy=0.6,surprise=0.4"))
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from gan_cut.style import StyleLevels, StyleNetwork, load_style, stylise, with_grain
from models.core.backends import compiled, fastest, pad_to_multiple, usable
from models.core.device import choose_device

SMALLEST = 32
"""Pixels a side."""

Run = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""[1, H, W, 3] uint8, H and W multiples of the network's, and a mixture -> the same."""


def eager(network: StyleNetwork, precision: str, device: torch.device) -> Run:
    """PyTorch as it is."""
    network = network.to(device, memory_format=torch.channels_last)
    return lambda pictures, mixture: stylise(network, pictures, mixture, precision)


def openvino(network: StyleNetwork, threads: int, mapped: bool) -> Run:
    """OpenVINO on the processor, for pictures of any size; `mapped`: for a mixture per place."""
    examples = [torch.zeros(1, 16, 16, 3, dtype=torch.uint8), torch.ones(1, network.styles)]
    shapes = [[1, -1, -1, 3], [1, network.styles]]
    if mapped:
        examples[1] = torch.ones(1, network.styles, 2, 2)
        shapes[1] += [-1, -1]
    return compiled(StyleLevels(network), examples, shapes, threads)


class Stylist:
    """The emotional style network in a file.

    `backend` is one of `inference.BACKENDS`, or None for the fastest by measure on one thread.
    PyTorch's number of threads is the process's: each call sets it.
    """

    def __init__(self, weights: Path, backend: str | None = None, device: str = "auto") -> None:
        self.network = load_style(weights)
        self._device = choose_device(device)
        self._runs: dict[tuple[int, bool], Run] = {}
        self.backend = backend or self._fastest(weights)

    def __call__(self, picture: np.ndarray, mixture: np.ndarray, threads: int = 1) -> np.ndarray:
        """[H, W, 3] uint8 RGB -> the same shape.

        mixture: shares of the styles, 0 to 1, [7]; or [h, w, 7] for parts of the picture, from
        its top left to its bottom right, enlarged smoothly.
        Raises ValueError for any other array.
        """
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise ValueError(f"expected uint8 [H, W, 3], not {picture.dtype} {list(picture.shape)}")
        height, width = picture.shape[:2]
        if min(height, width) < SMALLEST:
            raise ValueError(f"a picture of {width} x {height} is smaller than {SMALLEST} pixels")
        mixture = np.asarray(mixture, np.float32)
        if mixture.ndim not in (1, 3) or mixture.shape[-1] != self.network.styles:
            raise ValueError(
                f"expected a mixture [{self.network.styles}] or [h, w, {self.network.styles}], "
                f"not {list(mixture.shape)}"
            )
        if not (np.isfinite(mixture).all() and (mixture >= 0).all()):
            raise ValueError("the shares of a mixture are finite and not below 0")
        mapped = mixture.ndim == 3
        shares = mixture.transpose(2, 0, 1) if mapped else mixture
        torch.set_num_threads(threads)
        if (threads, mapped) not in self._runs:
            self._runs[threads, mapped] = self._make(self.backend, threads, mapped)
        padded = pad_to_multiple(with_grain(self.network, picture[None]), self.network.multiple)
        return self._runs[threads, mapped](padded, shares[None])[0, :height, :width]

    def _make(self, backend: str, threads: int, mapped: bool) -> Run:
        if backend == "openvino":
            return openvino(self.network, threads, mapped)
        return eager(self.network, backend.removeprefix("eager-"), self._device)

    def _fastest(self, weights: Path) -> str:
        torch.set_num_threads(1)
        makers = {
            name: lambda name=name: self._make(name, threads=1, mapped=False)
            for name in usable(self._device)
        }
        picture = np.random.default_rng(0).integers(0, 256, (1, 256, 256, 3), dtype=np.uint8)
        mixture = np.full((1, self.network.styles), 1 / self.network.styles, np.float32)
        name, run = fastest(makers, (picture, mixture), f"{weights.name} at 256 x 256")
        self._runs[1, False] = run
        return name
