"""`python -m bench.clocked FILE [options of app.py]`: Mien with another clock than this machine's.

The only way to another clock: `python app.py` has no setting, variable or request for it.

FILE is JSON, as `write` leaves it.  It is looked at all the time, so that the clock can be changed
while Mien runs.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from app import main
from datasets.paths import write_whole
from server.clock import Clock, steady


def write(file: Path, speed: float = 1.0) -> None:
    """A clock that runs `speed` times as fast as this machine's from now on."""
    now = {"speed": speed, "steady": steady(), "wall": time.time(), "passed": 0.0, "set": 0.0}
    _save(file, now)


def pass_by(file: Path, seconds: float) -> None:
    """Let so many seconds pass at once."""
    began = _load(file)
    _save(file, began | {"passed": began["passed"] + seconds})


def set_date(file: Path, seconds: float) -> None:
    """Set the date so many seconds forward, or back, of what it was at first."""
    _save(file, _load(file) | {"set": seconds})


def clock(file: Path) -> Clock:
    """The clock of the file; it goes on where it was when Mien is started again."""

    def monotonic() -> float:
        began = _load(file)
        gone = steady() - began["steady"]
        return began["steady"] + began["speed"] * gone + began["passed"]

    def wall() -> float:
        began = _load(file)
        return began["wall"] + monotonic() - began["steady"] + began["set"]

    return Clock(monotonic, wall)


def _load(file: Path) -> dict[str, float]:
    return json.loads(file.read_text(encoding="utf-8"))


def _save(file: Path, began: dict[str, float]) -> None:
    write_whole(file, lambda new: new.write_text(json.dumps(began), encoding="utf-8"))


if __name__ == "__main__":
    other = clock(Path(sys.argv[1]))
    del sys.argv[1]
    main(other)
