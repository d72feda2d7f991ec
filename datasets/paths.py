"""Where the data lies.

Data is never part of the repository.  It is looked for in the folder that
MIEN_DATA names, else in `../shared/data` beside the project.
"""

from __future__ import annotations

import os
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
