"""What networks may ask of this processor; without torch, which some processes do not load."""

from __future__ import annotations

import os
from pathlib import Path

LIMITS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")
"""Variables by which PyTorch and OpenVINO are told to use fewer instructions than there are."""


def computes_bf16() -> bool:
    """Whether this processor has instructions for bfloat16, and nobody limits which are used.

    Elsewhere it is emulated: a generator then takes five times as long as in float32.  Linux names
    the instructions; elsewhere the answer is no.
    """
    file = Path("/proc/cpuinfo")
    flags = set(file.read_text().split()) if file.is_file() else set()
    limited = any(os.environ.get(name) for name in LIMITS)
    return bool(flags & {"avx512_bf16", "amx_bf16"}) and not limited
