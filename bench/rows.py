"""A figure, what it is compared with, and whether that is good enough."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("name", "value", "unit", "baseline", "goal", "met")


@dataclass(frozen=True, slots=True)
class Goal:
    """The most or the least that is good enough."""

    sense: str
    """≤ or ≥."""
    limit: float

    def met_by(self, value: float) -> bool:
        """Never met by a value that is not a number."""
        return bool(value <= self.limit if self.sense == "≤" else value >= self.limit)

    def __str__(self) -> str:
        return f"{self.sense} {number(self.limit)}"


def at_most(limit: float) -> Goal:
    return Goal("≤", limit)


def at_least(limit: float) -> Goal:
    return Goal("≥", limit)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.  `baseline` has the same unit; `met` is None without a goal."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    goal: Goal | None = None

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.goal.met_by(self.value)

    def plain(self) -> dict:
        """What is written as JSON: the goal as text, such as "≤ 20"; a value that is no number,
        or without end, as null."""
        return {
            "name": self.name,
            "value": rounded(self.value) if math.isfinite(self.value) else None,
            "unit": self.unit,
            "baseline": None if self.baseline is None else rounded(self.baseline),
            "goal": None if self.goal is None else str(self.goal),
            "met": self.met,
        }


def all_met(rows: Sequence[Row]) -> bool:
    """Whether no goal was missed; also of rows that have no goal."""
    return all(row.met is not False for row in rows)


def rounded(value: float) -> float:
    """Three figures are more than a measurement on a living machine is good for."""
    return float(f"{value:.3g}") if abs(value) < 1000 else round(value)


def number(value: float) -> str:
    """`value` as people write it: 4, 22.7, 1320."""
    return f"{rounded(value):.10g}"


def cells(plain: dict) -> list[str]:
    """One row as text; what is missing is empty."""
    met = {True: "yes", False: "no", None: ""}[plain["met"]]
    value, baseline = (
        "" if plain[key] is None else number(plain[key]) for key in ("value", "baseline")
    )
    return [plain["name"], value, plain["unit"], baseline, plain["goal"] or "", met]


def table(rows: Sequence[Row]) -> str:
    """Columns of text; numbers to the right."""
    lines = [list(COLUMNS), *(cells(row.plain()) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    to_right = ("value", "baseline")
    return "\n".join(
        "  ".join(
            cell.rjust(width) if name in to_right else cell.ljust(width)
            for name, cell, width in zip(COLUMNS, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def write_json(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as a list; a reader finds the old file or the new one, never half of it."""
    text = json.dumps([row.plain() for row in rows], indent=1, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as output:
            output.write(text)
        os.chmod(unfinished, 0o644)  # mkstemp's files are their owner's alone
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
