"""Import a package without others that it imports for purposes that are not ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Inside, importing these packages raises ImportError, as if they were not installed.

    For an import that copes with that; packages that are already imported stay.
    """
    with _in_place_of(names, lambda _name: None):
        yield


@contextmanager
def emptied(*names: str) -> Iterator[None]:
    """Inside, these packages are empty modules; ones that are already imported stay."""
    with _in_place_of(names, ModuleType):
        yield


@contextmanager
def _in_place_of(names, stand_in) -> Iterator[None]:
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update({name: stand_in(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
