"""Tables that a command writes into a page, between two lines that mark their place."""

from __future__ import annotations


def with_text(page: str, begin: str, end: str, text: str) -> str:
    """The page with what stands between the markers replaced; raises ValueError without them."""
    head, found, rest = page.partition(begin)
    _old, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"docs/training.md needs the two lines\n{begin}\n{end}\nfor the tables")
    return f"{head}{begin}\n\n{text}\n\n{end}{tail}"
