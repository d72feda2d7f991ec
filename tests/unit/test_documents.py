"""The documents: links lead somewhere, settings exist, notices are complete."""

import re
import tomllib
from dataclasses import fields

import pytest

from server.settings import NEW_PASSWORD, Settings, option
from tests.running import ROOT

DOCS = ROOT / "docs"
NAMES = {one.name for one in fields(Settings)}


def anchors(text: str) -> set[str]:
    """As GitHub makes them from titles."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        file, _, anchor = target.partition("#")
        if file.startswith(("http:", "https:")):
            continue
        there = page.parent / file if file else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text()), target


def test_the_readme_is_short_and_moves():
    text = (ROOT / "README.md").read_text()
    assert len(text.encode()) <= 6000
    assert re.findall(r"!\[[^\]]+\]\((.+?)\)", text) == ["docs/pictures/play.webp"]
    assert b"ANMF" in (DOCS / "pictures" / "play.webp").read_bytes()  # more frames than one


def test_every_option_and_setting_of_the_handbook_exists():
    text = (DOCS / "handbook.md").read_text()
    options = {option(name) for name in NAMES} | {option("no_" + name) for name in NAMES}
    for command in re.findall(r"python app\.py (.+)", text):
        for word in re.findall(r"--[\w-]+", command):
            assert word in options | {NEW_PASSWORD}, word
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        assert set(tomllib.loads(block)) <= NAMES


def test_the_law_is_named_plainly():
    text = (DOCS / "handbook.md").read_text()
    for words in ("emotion recognition system", "--no-emotion", "Schools", "workplaces"):
        assert words in text
    assert "Have it checked" in text


def test_a_notice_for_each_language_and_each_mode():
    text = (DOCS / "notice.md").read_text()
    notices = text.split("\n---\n")[1:]
    assert [re.search(r"## (.+)", notice)[1].split(" · ")[0] for notice in notices] == [
        "English", "English", "Deutsch", "Deutsch",
    ]  # fmt: skip
    named = ["emotion recognition" in n or "Emotionserkennung" in n for n in notices]
    assert named == [True, False, True, False]
