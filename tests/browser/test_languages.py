"""German and English: chosen by the browser, by the house, by a press, and remembered."""

import pytest

from tests.browser.conftest import begin, wait_for
from tests.messages import LANGUAGES, messages, said_in
from tests.running import wait_until

pytestmark = pytest.mark.browser

WORDS = """() => {
    const said = []
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const { parentElement, textContent } = walker.currentNode
        if (!parentElement.closest('kbd, noscript, .language')) said.push(textContent)
    }
    for (const one of document.querySelectorAll('[aria-label], [alt], [title], [placeholder]'))
        for (const name of ['aria-label', 'alt', 'title', 'placeholder'])
            said.push(one.getAttribute(name) ?? '')
    return said.map((text) => text.trim()).filter(Boolean)
}"""


def language(page) -> str:
    return page.evaluate("document.documentElement.lang")


def says(page, key: str, lang: str) -> None:
    """Wait until the notice's or the line's words are those of the language."""
    page.get_by_text(messages(lang)[key], exact=True).first.wait_for(state="attached")


@pytest.mark.parametrize(
    "locale, expected",
    [("de-AT", "de"), ("en-GB", "en"), ("fr-FR", "en")],
)
def test_the_browsers_language_comes_first(installation, open_page, locale, expected):
    page = open_page(installation.url, locale=locale)
    says(page, "notice.title", expected)
    assert language(page) == expected


def test_a_press_changes_the_language_and_it_is_remembered(installation, open_page):
    page = open_page(installation.url, locale="en-GB")
    page.get_by_test_id("language").click()
    says(page, "notice.title", "de")
    assert language(page) == "de"
    page.reload()
    says(page, "notice.title", "de")
    page.keyboard.press("l")
    says(page, "notice.title", "en")
    assert language(page) == "en"


def test_the_house_can_choose(installation, open_page):
    page = open_page(f"{installation.url}/?lang=de", locale="en-GB")
    says(page, "notice.title", "de")
    page = open_page(f"{installation.url}/?lang=xx", locale="en-GB")
    says(page, "notice.title", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_comes_from_the_message_file(installation, open_page, lang):
    """In play, help open, everything on the page: nothing is written into the program itself."""
    other = LANGUAGES[1 - LANGUAGES.index(lang)]
    page = open_page(f"{installation.url}/?lang={other}")
    begin(page)
    page.keyboard.press("l")  # so that what changes in the middle of a visit is seen, too
    page.keyboard.press("p")
    wait_for(page, "mien.pictures === 1")
    page.keyboard.press("h")
    page.get_by_test_id("help-dialog").wait_for()
    ours = said_in(lang)
    wait_until(
        lambda: all(ours.fullmatch(text) for text in page.evaluate(WORDS)),
        "every word being of the message file",
    )
