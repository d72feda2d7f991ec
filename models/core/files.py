"""Files of tensors: read without ever running code in them, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn


class UnknownCheckpoint(ValueError):
    """The file holds no network that this code knows; the message says what it is."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The named tensors of a file.  No code in the file is ever run.

    Raises FileNotFoundError, and UnknownCheckpoint for a file of anything else.
    """
    content = opened(path)
    if not isinstance(content, Mapping):
        raise UnknownCheckpoint(f"{path}: holds a {type(content).__name__}, not named tensors")
    others = [str(key) for key, value in content.items() if not isinstance(value, Tensor)]
    if others:
        raise UnknownCheckpoint(
            f"{path}: holds more than one network's tensors: {', '.join(sorted(others)[:8])}. "
            "Give the file of the generator alone."
        )
    return dict(content)


def opened(path: Path) -> object:
    """What a `.safetensors` or `.pth` file holds.  No code in the file is ever run.

    Raises FileNotFoundError, and UnknownCheckpoint for a file of anything else.
    """
    if not path.is_file():
        what = "this is a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(f"{what}: {path}")
    if path.stat().st_size == 0:
        raise UnknownCheckpoint(f"{path}: not a file of tensors: it is empty; copy it again")
    if path.suffix == ".safetensors":
        try:
            return safetensors.torch.load_file(path)
        except (SafetensorError, ValueError, KeyError) as problem:
            raise UnknownCheckpoint(
                f"{path}: not a safetensors file, or cut off ({problem}); copy it again"
            ) from None
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as problem:  # a broken pickle or archive fails in every way
        reason = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        raise UnknownCheckpoint(f"{path}: not a file of tensors alone ({reason})") from None


def read_state(path: Path, device: torch.device | str = "cpu") -> Any:
    """What `torch.save` has written; no code in the file is ever run.

    Raises OSError where it cannot be opened, and ValueError for a file of anything else.
    """
    with path.open("rb") as file:
        try:
            return torch.load(file, map_location=device, weights_only=True)
        except MemoryError:
            raise
        except Exception as problem:  # a broken pickle or archive fails in every way
            reason = (str(problem).strip() or type(problem).__name__).splitlines()[0]
            raise ValueError(
                f"{path} is damaged, or something else ({reason}); get it again, or begin anew"
                " without it"
            ) from None


def half_precision(network: nn.Module) -> dict[str, torch.Tensor]:
    """The tensors of a network for a file: on the processor, floats in 16 bits."""
    return {
        name: (t.half() if t.is_floating_point() else t).detach().cpu().contiguous()
        for name, t in network.state_dict().items()
    }
