"""Which files of a folder are pictures of a set, and whether all of them can be read.

A training looks at every picture before its first step, so that one damaged file is not found
hours later; what was found whole is remembered until the file changes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from datasets.paths import PROJECT, write_whole
from datasets.pictures import SUFFIXES, BadPicture, read_rgb

SEEN = PROJECT / "build" / "checked-pictures.json"
"""Of each whole picture its path, and the bytes, time, height and width that were seen."""
NOT_OURS = ("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information")
"""What archives, network drives and systems leave in folders, besides hidden files."""
NAMED_AT_MOST = 50

Shape = tuple[int, int]


def picture_files(folder: Path) -> tuple[Path, ...]:
    """All files in a folder and the folders in it that are named like pictures, in order of path.

    Hidden files and folders do not count (macOS leaves `._NAME.png` beside NAME.png), nor does
    NOT_OURS.  Links are followed, and no folder is entered twice.  Raises OSError for a folder
    that cannot be read.
    """

    def fail(problem: OSError) -> None:
        raise problem

    found, entered = [], set()
    for place, folders, files in os.walk(folder, onerror=fail, followlinks=True):
        here = os.stat(place)
        if (here.st_dev, here.st_ino) in entered:
            folders.clear()
            continue
        entered.add((here.st_dev, here.st_ino))
        folders[:] = sorted(name for name in folders if ours(name))
        named = (name for name in files if Path(name).suffix.lower() in SUFFIXES)
        found += [Path(place, name) for name in named if ours(name)]
    return tuple(sorted(found))


def ours(name: str) -> bool:
    """Whether a file or folder of this name was put there by somebody who meant it."""
    return not name.startswith(".") and name not in NOT_OURS


def check(files: Sequence[Path]) -> dict[Path, Shape]:
    """As `look`; raises BadPicture naming all that cannot be read."""
    shapes, bad = look(files)
    if bad:
        more = [f"and {len(bad) - NAMED_AT_MOST} more"] if len(bad) > NAMED_AT_MOST else []
        lines = "\n  ".join([*bad[:NAMED_AT_MOST], *more])
        raise BadPicture(f"{len(bad)} of {len(files)} pictures cannot be used:\n  {lines}")
    return shapes


def look(files: Sequence[Path]) -> tuple[dict[Path, Shape], list[str]]:
    """Height and width of each picture that can be read, and what is wrong with each other.

    Every one that has changed since it was last looked at is read whole.
    """
    seen = _remembered()
    stamps = {file: _stamp(file) for file in dict.fromkeys(files)}
    fresh = [file for file, stamp in stamps.items() if seen.get(_key(file), [])[:2] != stamp]
    if not fresh:
        return {file: tuple(seen[_key(file)][2:]) for file in stamps}, []
    bad = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        looked = tqdm(pool.map(_look, fresh), "looking at pictures", len(fresh), disable=None)
        for file, answer in zip(fresh, looked, strict=True):
            if isinstance(answer, BadPicture):
                bad[file] = str(answer)
            else:
                seen[_key(file)] = [*stamps[file], *answer]
    _remember(seen)
    whole = {file: tuple(seen[_key(file)][2:]) for file in stamps if file not in bad}
    return whole, list(bad.values())


def _look(file: Path) -> Shape | BadPicture:
    try:
        return read_rgb(file).shape[:2]
    except BadPicture as problem:
        return problem


def _key(file: Path) -> str:
    return os.path.abspath(file)


def _stamp(file: Path) -> list[int]:
    """Bytes and time of change; nothing that is remembered has those of a missing file."""
    try:
        found = file.stat()
    except OSError:
        return [-1, -1]
    return [found.st_size, found.st_mtime_ns]


def _remembered() -> dict[str, list[int]]:
    try:
        seen = json.loads(SEEN.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return seen if isinstance(seen, dict) else {}


def _remember(seen: dict[str, list[int]]) -> None:
    """What is gone is forgotten; where nothing can be written, all is looked at again."""
    kept = {path: stamp for path, stamp in seen.items() if os.path.exists(path)}
    try:
        write_whole(SEEN, lambda new: new.write_text(json.dumps(kept), encoding="utf-8"))
    except OSError:
        return
