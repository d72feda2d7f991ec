"""The one reader of `.npz` files: arrays by their names, or a ValueError.

numpy raises a dozen kinds of errors for bytes that were changed or cut off, and names no file.
"""

from __future__ import annotations

import lzma
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from datasets.paths import write_whole

DAMAGED = (
    OSError, ValueError, LookupError, TypeError, ArithmeticError, RuntimeError, EOFError,
    MemoryError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, tokenize.TokenError,
)  # fmt: skip
"""What was raised when bytes of such files were changed by chance."""


def arrays_of(file: BinaryIO, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Arrays of an open `.npz` file by their names, or all: the one reader of such files.

    No code in one is ever run.  Raises ValueError for a file of anything else.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in (stored.files if names is None else names)}
    except DAMAGED as problem:
        raise ValueError(str(problem) or type(problem).__name__) from None


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """As `arrays_of`, of a file; the error names it.  Raises OSError where it cannot be opened."""
    with path.open("rb") as file:
        try:
            return arrays_of(file, names)
        except ValueError as problem:
            raise ValueError(
                f"{path} is damaged, or something else ({problem}); get it again"
            ) from None


def kept_arrays(
    path: Path, key: str | np.ndarray, names: Iterable[str]
) -> dict[str, np.ndarray] | None:
    """What was kept in build/ under this `key` by `keep_arrays`.  None where it is missing, of
    something else, or damaged: it is made anew."""
    try:
        stored = read_arrays(path, ("key", *names))
    except (FileNotFoundError, ValueError):
        return None
    return stored if np.array_equal(stored.pop("key"), key) else None


def keep_arrays(path: Path, key: str | np.ndarray, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes what `kept_arrays` reads; raises OSError."""
    write_whole(path, lambda new: np.savez(new, key=key, **arrays))
