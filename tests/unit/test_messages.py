"""The page's words: complete in both languages, and no verdicts in either."""

import re

import pytest

from server.art.engines import ENGINES
from tests.messages import FOLDER, LANGUAGES, messages

NOTICES = {"notice.emotion", "notice.movement"}
"""They have to say what is read; everything else never speaks of feelings."""

PAGE = FOLDER.parents[1]

VERDICTS = {
    "en": r"\b(sad|angry|happy|unhappy|afraid|scared|disgust\w*|depress\w*|emotion\w*|feel\w*"
    r"|mood|you are (?!next|number|away)|you seem|you look)\b",
    "de": r"\b(traurig|wütend|glücklich|fröhlich|ängstlich|angst|ekel|emotion\w*|gefühl\w*|fühl\w*"
    r"|laune|stimmung|du bist (?!dran|nummer|fort)|du wirkst|du siehst)\b",
}


def test_both_languages_say_the_same_things():
    english, german = messages("en"), messages("de")
    assert list(english) == list(german)
    for key in english:
        assert placeholders(english[key]) == placeholders(german[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_or_a_number_about_somebody(language):
    for key, text in messages(language).items():
        assert text.strip() == text != "", key
        assert "%" not in text, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_never_says_what_somebody_feels(language):
    for key, text in messages(language).items():
        if key not in NOTICES:
            assert not re.search(VERDICTS[language], text.lower()), (key, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_names_what_is_read(language):
    said = messages(language)
    assert re.search("emotion recognition|Emotionserkennung", said["notice.emotion"])
    assert not re.search("emotion", said["notice.movement"], re.IGNORECASE)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_has_its_words(name, language):
    words = messages(language)
    assert all(words[f"{what}.{name}"] for what in ("engine", "becoming", "became"))


def test_the_page_knows_no_engine_by_its_name():
    sources = [file for file in PAGE.rglob("*") if file.suffix in (".js", ".css")]
    named = re.compile(rf"""engine\W.*['"]({"|".join(ENGINES)})['"]""")
    wrong = [
        f"{file.relative_to(PAGE)}: {line.strip()}"
        for file in sources
        if file.parent != FOLDER
        for line in file.read_text(encoding="utf-8").splitlines()
        if named.search(line)
    ]
    assert not wrong
