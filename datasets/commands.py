"""What the commands of all doors share: options in their ranges, results that never lie over what
they are made from, a fate for every file, and errors told in words."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from datasets.pictures import BadPicture

Kind = TypeVar("Kind", int, float)

MOST = 1_000_000
WRITTEN = (".png", ".jpg", ".jpeg", ".webp")
"""How the name of a picture that is written may end."""

TOLD = (OSError, ValueError, ArithmeticError, MemoryError, ImportError, RuntimeError)
"""What is raised for bad input: RuntimeError is PyTorch's for shapes that do not fit, and of more
memory than there is."""

# -- options ---------------------------------------------------------------------------


def whole(least: int = 1, most: int = MOST) -> Callable[[str], int]:
    """An argparse type: a whole number in a range."""
    return _number(int, "a whole number", least, most)


def real(least: float = 0.0, most: float = 1e9) -> Callable[[str], float]:
    """An argparse type: a number in a range; neither nan nor infinite."""
    return _number(float, "a number", least, most)


def share(text: str) -> float:
    """An argparse type: from 0 to 1."""
    return real(0, 1)(text)


def seed(text: str) -> int:
    """An argparse type: what every generator of random numbers takes."""
    return whole(0, 2**32 - 1)(text)


def _number(kind: type[Kind], words: str, least: Kind, most: Kind) -> Callable[[str], Kind]:
    def read(text: str) -> Kind:
        try:
            found = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {words}") from None
        if not (math.isfinite(found) and least <= found <= most):
            raise argparse.ArgumentTypeError(f"{text[:40]} is not from {least} to {most}")
        return found

    return read


def file(text: str) -> Path:
    """An argparse type: a file that is there."""
    path = _path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"{path} is not there")
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{path} is no file")
    return path


def file_or_folder(text: str) -> Path:
    """An argparse type: something that is there."""
    path = _path(text)
    return path if path.is_dir() else file(text)


def new_file(*endings: str) -> Callable[[str], Path]:
    """An argparse type: a file to write, whose name ends with one of these."""

    def read(text: str) -> Path:
        path = _path(text)
        if endings and path.suffix.lower() not in endings:
            raise argparse.ArgumentTypeError(f"{path} must end with {', '.join(endings)}")
        if path.is_dir():
            raise argparse.ArgumentTypeError(f"{path} is a folder; give the name of a file")
        _refuse_no_folder(path.parent)
        return path

    return read


new_picture = new_file(*WRITTEN)
"""An argparse type: a picture to write."""


def new_folder(text: str) -> Path:
    """An argparse type: a folder to write to, which need not be there."""
    path = _path(text)
    _refuse_no_folder(path)
    return path


def plain_name(text: str) -> str:
    """An argparse type: a name that files can have everywhere."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
        raise argparse.ArgumentTypeError(f"{text[:80]!r}: only letters, digits, _ and -")
    return text


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a file")
    try:
        Path(text).is_file()
    except OSError as problem:
        raise argparse.ArgumentTypeError(f"…{text[-60:]}: {problem.strerror}") from None
    return Path(text)


def _refuse_no_folder(path: Path) -> None:
    """Where the nearest that is there is a file, or cannot be written to."""
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise argparse.ArgumentTypeError(f"{there} is a file; give a folder")
    if not os.access(there, os.W_OK):
        raise argparse.ArgumentTypeError(f"{there} cannot be written to")


# -- results ---------------------------------------------------------------------------


def never_over(out: Path, inputs: Iterable[Path]) -> None:
    """Raises ValueError where a result would lie over one of the files that it is made from, or
    a folder of results in or around a folder of them.  An older result is written anew."""
    for one in inputs:
        if _same(out, one):
            raise ValueError(f"{out} is what is read; name another --out")
        if one.is_dir() and Path(os.path.realpath(one)) in Path(os.path.realpath(out)).parents:
            raise ValueError(
                f"{out} lies in {one}, where it would be read the next time; name another --out"
            )


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


# -- fates -----------------------------------------------------------------------------


class Fates:
    """Work on one file after another, of which none ends the others."""

    def __init__(self, done: str) -> None:
        self.done = done
        self.failed: list[str] = []
        self.count = 0

    def over(self, files: Sequence[Path], work: Callable[[Path], object]) -> None:
        """Calls `work` with each; what it raises about a file is that file's fate."""
        for path in tqdm(files, self.done, unit="file", leave=False, disable=None):
            self.count += 1
            try:
                work(path)
            except TOLD as problem:
                why = in_words(problem)
                self.failed.append(why if str(path) in why else f"{path}: {why}")

    def report(self) -> int:
        """As `report_failures`."""
        return report_failures(self.done, self.count, self.failed)


def report_failures(done: str, count: int, failed: Sequence[str]) -> int:
    """Says which of so many files were not done, and why; the exit code."""
    if failed:
        print(f"{len(failed)} of {count} were not {done}:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in failed), file=sys.stderr)
    return 1 if failed else 0


# -- errors ----------------------------------------------------------------------------


def run(command: Callable[[], int | None], name: str, failed: int = 1) -> int:
    """The exit code of a command: what is wrong with its input is said in words, in one line.

    `failed` is the code for that; 130 is for Ctrl-C.  Anything else that is raised is a fault of
    ours and shows where, and in Python's development mode (`python -X dev`) everything does.
    """
    try:
        return command() or 0
    except KeyboardInterrupt:
        print(f"{name}: stopped; the same command goes on where it can", file=sys.stderr)
        return 130
    except BrokenPipeError:  # such as of `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failed
    except TOLD as problem:
        if sys.flags.dev_mode:
            raise
        print(f"{name}: {in_words(problem)}", file=sys.stderr)
        return failed


def in_words(problem: Exception) -> str:
    """What an error says; what it is where it says nothing."""
    text = str(problem).strip()
    if isinstance(problem, MemoryError) or "can't allocate memory" in text:
        return "this needs more memory than there is: make it smaller"
    if isinstance(problem, BadPicture) or text:
        return text
    return type(problem).__name__
