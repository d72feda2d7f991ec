"""Versions of the taught poses: a folder each, with the model and its card, never changed.

`published.json` says which of them the installation uses: none is the model that ships alone.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasets.paths import write_whole
from models import registry
from models.pose.take import TAUGHT
from models.registry import ModelError

FOLDER = "versions"
PUBLISHED = "published.json"
MOST = 20
"""Versions that are kept; the oldest that is not published goes first."""


def path(workshop: Path, number: int) -> Path:
    return workshop / FOLDER / f"{number:04d}"


def numbers(workshop: Path) -> list[int]:
    """What there is, oldest first."""
    found = (workshop / FOLDER).glob("[0-9][0-9][0-9][0-9]")
    return sorted(int(folder.name) for folder in found if folder.is_dir())


def card(workshop: Path, number: int) -> dict[str, Any]:
    """What the trainer said of a version; raises ModelError."""
    return registry.card(TAUGHT, path(workshop, number))


def add(workshop: Path, write: Callable[[Path], object]) -> int:
    """A new version: `write` fills its folder, which appears whole or not at all."""
    folder = workshop / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    sweep(workshop)
    unfinished = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        write(unfinished)
        number = max(numbers(workshop), default=0) + 1
        os.replace(unfinished, path(workshop, number))
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    live = published(workshop)
    for old in [n for n in numbers(workshop) if n not in (live, number)][: -(MOST - 2)]:
        remove(workshop, old)
    return number


def sweep(workshop: Path) -> None:
    """Remove what a training that was ended has left."""
    for ended in (workshop / FOLDER).glob(".new-*"):
        shutil.rmtree(ended, ignore_errors=True)


def remove(workshop: Path, number: int) -> None:
    shutil.rmtree(path(workshop, number), ignore_errors=True)


def published(workshop: Path) -> int | None:
    """The version that the installation uses; None is the model that ships alone."""
    try:
        number = json.loads((workshop / PUBLISHED).read_text(encoding="utf-8"))["version"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) and path(workshop, number).is_dir() else None


def publish(workshop: Path, number: int | None) -> None:
    """Raises ModelError when that version is not whole, and OSError when it cannot be noted; then
    all stays as it was."""
    if number is not None:
        registry.check(TAUGHT, path(workshop, number))
    text = json.dumps({"version": number}) + "\n"
    write_whole(workshop / PUBLISHED, lambda new: new.write_text(text, encoding="utf-8"))


def usable(workshop: Path, number: int | None) -> dict[str, Any] | None:
    """The card of a version whose file is whole; None, and never an error, otherwise."""
    if number is None:
        return None
    try:
        registry.check(TAUGHT, path(workshop, number))
        return card(workshop, number)
    except (ModelError, OSError, KeyError):
        return None
