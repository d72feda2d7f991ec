"""Tables that a command writes into the pages, between two lines that mark their place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datasets.paths import PROJECT, write_whole

TRAINING = PROJECT / "docs" / "training"
FIGURES = PROJECT / "docs" / "figures.md"


def write(path: Path, begin: str, end: str, text: str) -> None:
    """`text` between the two lines of the page; raises ValueError where the page lacks them."""
    written = with_text(path.read_text(encoding="utf-8"), begin, end, text)
    write_whole(path, lambda new: new.write_text(written, encoding="utf-8"))


def with_text(page: str, begin: str, end: str, text: str) -> str:
    """The page with what stands between the markers replaced; raises ValueError without them."""
    head, found, rest = page.partition(begin)
    _old, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page needs the two lines\n{begin}\n{end}\nfor the tables")
    return f"{head}{begin}\n\n{text}\n\n{end}{tail}"


def met_or_missed(goals: Sequence[tuple[str, float, str, bool]]) -> str:
    """Goals as `metrics.judged` gives them, as a list in Markdown."""
    return "\n".join(
        f"- {name} {value:.4g}, goal {goal}: {'met' if met else '**missed**'}"
        for name, value, goal, met in goals
    )
