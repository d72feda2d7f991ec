"""Pictures that stay for some minutes after their visit, where staff want that (`keep_pictures`).

A plain PNG each, `DEADLINE-ID.png`, and nothing else of the visit.  Deadlines are seconds of an age
that only grows: while Mien runs it goes by the clock that cannot be set, and over a restart by
that clock or the date, whichever says more.  A date set back delays nothing but by the time for
which Mien did not run; one set forward while it did not run deletes early.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

from datasets.paths import write_whole
from server.clock import Clock

log = logging.getLogger(__name__)

PICTURE = re.compile(r"(\d+)-[0-9a-f]{32}\.png")
SAVED = 60.0
"""Seconds between two times that the age is noted."""


class Kept:
    """The folder of these pictures."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Raises OSError when the folder cannot be made."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder, self._clock = folder, clock
        self._note = folder / "age.json"
        for unfinished in folder.glob(".*"):
            unfinished.unlink()
        self._began = clock.monotonic()
        self._before = self._age_of_note()
        self._saved = self._began

    def add(self, id: str, png: bytes, seconds: float) -> None:
        """Keep a picture for so long.  Raises OSError."""
        self._save()  # a deadline means nothing without it
        path = self._folder / f"{int(self._age() + seconds)}-{id}.png"

        def write(new: Path) -> None:
            new.touch(mode=0o600)
            new.write_bytes(png)

        write_whole(path, write)

    def expire(self) -> None:
        """Delete what has been kept for long enough.  Raises OSError."""
        age, pictures = self._age(), self._pictures()
        for picture, deadline in pictures.items():
            if deadline <= age:
                picture.unlink()
        if pictures and self._clock.monotonic() - self._saved >= SAVED:
            self._save()

    def _pictures(self) -> dict[Path, int]:
        found = ((file, PICTURE.fullmatch(file.name)) for file in self._folder.iterdir())
        return {file: int(match[1]) for file, match in found if match}

    def _age(self) -> float:
        return self._before + self._clock.monotonic() - self._began

    def _age_of_note(self) -> float:
        """How old the folder is by what was noted last; endless where nothing usable was."""
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
            gone = self._clock.monotonic() - noted["steady"], self._clock.wall() - noted["wall"]
            return float(noted["age"] + max(0.0, *gone))
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError) as error:
            log.error("%s cannot be used (%s): kept pictures are deleted", self._note, error)
        for picture in self._pictures():
            picture.unlink()
        return 0.0

    def _save(self) -> None:
        now = self._clock.monotonic()
        noted = {"age": self._age(), "steady": now, "wall": self._clock.wall()}
        write_whole(self._note, lambda new: new.write_text(json.dumps(noted), encoding="utf-8"))
        self._saved = now
