"""`python -m bench.clocked FILE [options of app.py]`: Mien with another clock than this machine's.

The only way to another clock: `python app.py` has no setting, variable or request for it.

FILE is JSON, as `write` leaves it; its `set` is looked at all the time, so that the date can be
changed while Mien runs.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from app import main
from datasets.paths import write_whole
from server.clock import Clock, steady


def write(file: Path, speed: float = 1.0, date: float = 0.0) -> None:
    """A clock that runs `speed` times as fast as this machine's from now on, and whose date is
    set `date` seconds forward (or back, below 0)."""
    now = {"speed": speed, "steady": steady(), "wall": time.time(), "set": date}
    text = json.dumps(now)
    write_whole(file, lambda new: new.write_text(text, encoding="utf-8"))


def set_date(file: Path, date: float) -> None:
    """Set the date `date` seconds forward, or back, of what the clock had at first."""
    text = json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"set": date})
    write_whole(file, lambda new: new.write_text(text, encoding="utf-8"))


def clock(file: Path) -> Clock:
    """The clock of the file; it goes on where it was when Mien is started again."""
    began = json.loads(file.read_text(encoding="utf-8"))
    speed = began["speed"]

    def passed() -> float:
        return speed * (steady() - began["steady"])

    def wall() -> float:
        return began["wall"] + passed() + json.loads(file.read_text(encoding="utf-8"))["set"]

    return Clock(lambda: began["steady"] + passed(), wall)


if __name__ == "__main__":
    other = clock(Path(sys.argv[1]))
    del sys.argv[1]
    main(other)
