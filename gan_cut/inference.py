"""A published generator, ready to translate pictures as fast as this machine can.

translator = Translator("monet.safetensors")
painting = translator(capture)        # [H, W, 3] uint8 RGB -> the same shape
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from gan_cut.checkpoints import load_generator, load_translator
from models.core.backends import (
    BACKENDS,
    Backend,
    eager,
    fastest,
    openvino,
    pad_to_multiple,
    usable,
)
from models.core.device import choose_device

SMALLEST, LARGEST = 256, 1024


def choose_backend(
    path: Path | str, device: torch.device, threads: int | None = None, size: int = 256
) -> tuple[str, Backend]:
    """The backend that translates one `size` x `size` picture in the shortest time here.

    Every one that runs on this machine is measured; times and choice are logged.
    """
    makers = {
        "eager-fp32": lambda: eager(load_generator(path), "fp32", device),
        "eager-bf16": lambda: eager(load_generator(path), "bf16", device),
        "openvino": lambda: openvino(load_generator(path), threads),
    }
    picture = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    what = f"{Path(path).name} at {size} x {size}"
    return fastest({name: makers[name] for name in usable(device)}, (picture,), what)


class Translator:
    """Translates pictures with the generator in a file.

    `backend` is one of BACKENDS, or None for the fastest by measure.  `threads`
    limits OpenVINO; PyTorch's number of threads is the process's own affair.
    """

    def __init__(
        self,
        path: Path | str,
        backend: str | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        generator = load_translator(path)
        where = choose_device(device)
        self.multiple = generator.multiple
        if backend is None:
            self.backend, self._run = choose_backend(path, where, threads)
        elif backend == "openvino":
            self.backend, self._run = backend, openvino(generator, threads)
        elif backend in BACKENDS:
            precision = backend.removeprefix("eager-")
            self.backend, self._run = backend, eager(generator, precision, where)
        else:
            raise ValueError(f"unknown backend {backend!r}; known: {', '.join(BACKENDS)}")

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """[H, W, 3] or [N, H, W, 3] uint8 RGB, 256 to 1024 a side -> the same shape.

        Raises ValueError for any other array.
        """
        if pictures.dtype != np.uint8 or pictures.ndim not in (3, 4) or pictures.shape[-1] != 3:
            raise ValueError(
                f"expected uint8 [H, W, 3] or [N, H, W, 3], not {pictures.dtype} "
                f"{list(pictures.shape)}"
            )
        batch = pictures if pictures.ndim == 4 else pictures[None]
        height, width = batch.shape[1:3]
        if min(height, width) < SMALLEST or max(height, width) > LARGEST:
            raise ValueError(
                f"a picture of {width} x {height} is outside {SMALLEST} to {LARGEST} pixels a side"
            )
        result = self._run(pad_to_multiple(batch, self.multiple))[:, :height, :width]
        return result if pictures.ndim == 4 else result[0]
