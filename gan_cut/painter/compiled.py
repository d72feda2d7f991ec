"""Loops compiled by numba: at the first call, and kept where a folder can be written to."""

from __future__ import annotations

from collections.abc import Callable

from numba import njit


def compiled(function: Callable) -> Callable:
    """Machine code of `function`, which gives the same numbers on every processor.

    No fast-math: IEEE arithmetic is the same everywhere, reordered or fused arithmetic is not.
    The code is kept beside the module, or in the user's cache; where neither can be written, as
    in a read-only installation without a home, numba raises RuntimeError and every process
    compiles anew.  It is made anew when its own file changes, and not when another does: a
    compiled function calls none of another module.
    """
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(nogil=True, error_model="numpy")(function)
