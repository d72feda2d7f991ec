"""Where the data lies.

Data is never part of the repository.  It is looked for in the folder that
MIEN_DATA names, else in `../shared/data` beside the project.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


class DataMissing(FileNotFoundError):
    """A data set is not on this machine; the message says where to get it."""


def data_folder() -> Path:
    """The folder that holds faces/, gestures/, videos/ and art/; it may be missing."""
    named = os.environ.get("MIEN_DATA")
    return Path(named).expanduser() if named else PROJECT.parent / "shared" / "data"


def find(relative: str, get: str) -> Path:
    """The path of `relative` inside the data folder.

    `get` says how to obtain the file; raises DataMissing with it when the file
    is not there.
    """
    path = data_folder() / relative
    if not path.exists():
        raise DataMissing(
            f"{path} is missing. {get} Put it there, or set MIEN_DATA to the folder that"
            f" holds {relative}."
        )
    return path


def find_any(relatives: tuple[str, ...], get: str) -> Path:
    """The first of several forms of a set that is there; raises DataMissing with all of them."""
    for relative in relatives:
        path = data_folder() / relative
        if path.exists():
            return path
    forms = ", ".join(relatives)
    raise DataMissing(
        f"none of {forms} is in {data_folder()}. {get} Put it there, or set MIEN_DATA"
        " to the folder that holds one of them."
    )


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a new file that takes the place of `path` when it is complete.

    A process that ends at any moment leaves the old file or the new one, and so does one
    that cannot write (a full disk, say): the OSError is raised on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.stem}.new{path.suffix}")
    try:
        write(new)
        with new.open("rb") as written:
            os.fsync(written.fileno())  # or a power failure leaves an empty file
        os.replace(new, path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def compare_checksums(checksums: Mapping[str, str]) -> list[str]:
    """One line for each of these files of the data folder: whole, different or missing."""
    lines = []
    for relative, published in checksums.items():
        path = data_folder() / relative
        if not path.is_file():
            lines.append(f"{relative}: not here")
            continue
        kind, _, wanted = published.partition(":")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, kind).hexdigest()
        same = "whole" if found == wanted else f"another copy: {kind} {found}, known is {wanted}"
        lines.append(f"{relative}: {same}")
    return lines
