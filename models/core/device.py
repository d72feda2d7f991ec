"""Where the networks run, and in which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from models.core.processor import computes_bf16

DEVICES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = ("auto", "bf16", "fp32")


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
    if name not in there:
        raise ValueError(f"unknown device {name!r}; known: {', '.join(DEVICES)}")
    if not there[name]:
        raise ValueError(f"this machine has no {name} device; leave the choice to --device auto")
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> str:
    """bf16 (mixed: weights stay float32) where the hardware computes in it, else fp32."""
    if name not in PRECISIONS:
        raise ValueError(f"unknown precision {name!r}; known: {', '.join(PRECISIONS)}")
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if device.type == "cpu" and computes_bf16() else "fp32"


def mixed_precision(device: torch.device, precision: str = "auto") -> torch.autocast:
    """The context in which networks are called; weights stay float32."""
    enabled = choose_precision(precision, device) == "bf16"
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
