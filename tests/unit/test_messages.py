"""The page's words: complete in both languages, and no verdicts in either."""

import re

import pytest

from tests.messages import LANGUAGES, messages

NOTICES = {"notice.emotion", "notice.movement"}
"""They have to say what is read; everything else never speaks of feelings."""

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
