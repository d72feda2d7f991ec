"""Tables that people keep: CSV as programs and Excel write it, and names as people type them."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

DELIMITERS = ",;\t"
LONGEST_LINE = 1 << 20
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
"""Spaces without width, joiners, byte order marks in the middle, soft hyphens."""


def cleaned(name: str) -> str:
    """A name as the house keeps it: composed (NFC), without what cannot be seen, and with single
    spaces between its words.

    macOS gives "ö" as two characters, spreadsheets leave spaces at the end: neither is seen.
    """
    return " ".join(unicodedata.normalize("NFC", name.translate(INVISIBLE)).split())


class BrokenTable(ValueError):
    """A table that is not in the form it should be; the message names file and row."""


@dataclass(frozen=True)
class Table:
    """An open table."""

    rows: Iterator[list[str]]
    first: int
    """The number of the first row in the file: 1, or 2 after Excel's `sep=;`."""


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """A table in UTF-8 or UTF-16 whose cells are parted by commas, semicolons or tabs.

    Raises OSError, and while it is read csv.Error and UnicodeError.
    """
    with path.open(newline="", encoding=encoding_of(path)) as file:
        first = file.readline(LONGEST_LINE)
        told = first.strip().lower()
        if told in {f"sep={delimiter}".strip() for delimiter in DELIMITERS}:
            yield Table(csv.reader(file, delimiter=told[4:] or "\t"), 2)
        else:
            file.seek(0)
            yield Table(csv.reader(file, delimiter=max(DELIMITERS, key=first.count)), 1)


def rows_of(file: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and columns of each row of a table; raises BrokenTable without a needed column, and
    for what is no table."""
    try:
        with opened(file) as table:
            header = [name.strip() for name in next(table.rows, [])]
            if missing := [name for name in needed if name not in header]:
                raise BrokenTable(
                    f"{file} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}"
                )
            for number, row in enumerate(table.rows, table.first + 1):
                if row:
                    yield number, dict(zip_longest(header, row[: len(header)], fillvalue=""))
    except (csv.Error, UnicodeError) as error:
        raise BrokenTable(f"{file} is no table ({error}); save it as CSV UTF-8") from None


def number(text: str) -> float:
    """Of a cell, with a point or a comma before its decimals; raises ValueError."""
    return float(text.replace(",", "."))


def encoding_of(path: Path) -> str:
    """By the first bytes of a file: UTF-16 with or without its mark, else UTF-8."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in start[:64]:
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    return "utf-8-sig"
