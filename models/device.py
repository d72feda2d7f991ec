"""Where a network is trained, and in which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from models.processor import computes_bf16

DEVICES = ("auto", "cuda", "mps", "cpu")


def choose_device(name: str = "auto") -> torch.device:
    """NVIDIA, else Apple, else the processor; or the one named.

    Raises ValueError when the named one is not there.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, available in there.items() if available)
    if not there.get(name):
        raise ValueError(f"this machine has no {name} device; leave the choice to --device auto")
    return torch.device(name)


def mixed_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the hardware computes in it (weights stay float32), else float32."""
    if device.type == "cuda":
        enabled = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        enabled = device.type == "cpu" and computes_bf16()
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


@contextmanager
def processor_threads(count: int) -> Iterator[None]:
    """Inside, PyTorch computes with so many threads of the processor."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
