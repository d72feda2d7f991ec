"""The page's message files, as the tests read them."""

from __future__ import annotations

import re
from functools import cache

from tests.running import ROOT

LANGUAGES = ("en", "de")
FOLDER = ROOT / "static" / "src" / "ui" / "messages"
LITERAL = r"'(?:[^'\\]|\\.)*'"


@cache
def messages(language: str) -> dict[str, str]:
    """Every key of a message file and its text."""
    source = (FOLDER / f"{language}.js").read_text(encoding="utf-8")
    body = source[source.index("export default {") :]
    entry = re.compile(rf"^  '([\w.]+)':\s*({LITERAL}(?:\s*\+\s*{LITERAL})*),$", re.MULTILINE)
    found = {
        key: "".join(part[1:-1] for part in re.findall(LITERAL, parts))
        for key, parts in entry.findall(body)
    }
    assert len(found) == len(re.findall(r"^  '[\w.]+':", body, re.MULTILINE)), "a line is not read"
    return found


def said_in(language: str) -> re.Pattern:
    """Matches whatever the page may say in a language: one message, or several in a row."""
    values = r".{1,40}?"
    texts = [re.sub(r"\\\{\w+\\\}", values, re.escape(t)) for t in messages(language).values()]
    one = "(?:" + "|".join(texts) + ")"
    return re.compile(f"{one}(?: {one})*")
