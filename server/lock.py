"""One server for one data folder: a second one would forget the pictures of the first."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

NAME = "lock"


def hold(folder: Path) -> TextIO:
    """Keep other servers out of the data folder for as long as the file is open, at most as long
    as this process lives.

    Raises OSError, which says what to do, when another one is in.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / NAME
    path.touch(0o600)
    file = path.open(encoding="utf-8")  # not for writing: the folder may be made read-only
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = file.read().strip()
        file.close()
        raise OSError(
            f"another Mien{holder and f' (process {holder})'} keeps its data in {folder}. Stop it, "
            "or choose another folder with --data-folder"
        ) from error
    path.write_text(f"{os.getpid()}\n", encoding="utf-8")
    return file
