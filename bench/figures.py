"""Write the tables in docs/figures.md from docs/figures/*.json: `python -m bench figures`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bench.rows import COLUMNS, cells

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "figures.md"
FIGURES = ROOT / "docs" / "figures"
BEGIN = "<!-- figures: written by `python -m bench figures` -->"
END = "<!-- end of figures -->"


def tables(folder: Path = FIGURES) -> str:
    """For each file in Markdown: its command, what was measured in a unit against a goal, and,
    folded, everything."""
    parts = []
    for path in sorted(folder.glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        aims = [row for row in rows if row["goal"]]
        command = f"`python -m bench {path.stem} --json docs/figures/{path.name}`"
        met = sum(row["met"] for row in aims)
        parts += [
            f"{command}: {met} of {len(aims)} goals met.",
            markdown([row for row in aims if row["unit"]]),
            f"<details><summary>all {len(rows)} figures</summary>",
            markdown(rows),
            "</details>",
        ]
    return "\n\n".join(parts) or "Not measured yet."


def markdown(rows: Sequence[dict]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|--:|---|--:|---|---|"]
    return "\n".join(lines + ["| " + " | ".join(cells(row)) + " |" for row in rows])


def with_tables(page: str, folder: Path = FIGURES) -> str:
    """`page` with what stands between the markers replaced.  Raises ValueError without them."""
    head, begin, rest = page.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(
            f"docs/figures.md needs the two lines\n{BEGIN}\n{END}\nwhere the figures go"
        )
    return f"{head}{BEGIN}\n\n{tables(folder)}\n\n{END}{tail}"


def write() -> None:
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
