"""Every letter, in every language, as text and as HTML."""

import pytest

from identity_service.adapters.jinja.letters import JinjaLetters
from identity_service.adapters.jinja.wording import LETTERS
from identity_service.domain.entities.mail import Letter
from identity_service.i18n.catalogues import languages
from identity_service.ports.mail import UnknownLetter
from tests.html import elements, parsed

LETTERS_OF_ADA = JinjaLetters(issuer="https://id.example/in", site_name="Ada’s <house>")
MARKUP = "<b>alice</b> %(site)s {{7*7}}"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_the_same_in_text_and_html_and_leads_here_only(name: str, language: str) -> None:
    written = LETTERS_OF_ADA.sample(name, language=language)

    page = parsed(written.html)
    shown = " ".join("".join(page.itertext()).split())
    assert written.language == language == page.get("lang")
    for paragraph in written.text.strip().split("\n\n"):
        assert " ".join(paragraph.split(":\nhttps")[0].split()) in shown
    links = [each.get("href") for each in elements(written.html, "a")]
    assert links == ([f"https://id.example/in{LETTERS[name].leads_to}"] if LETTERS[name].action else [])
    assert all(link in written.text for link in links if link)
    for tag in ("script", "img", "link", "iframe", "form"):
        assert not elements(written.html, tag)


def test_who_wants_a_language_that_is_not_there_gets_the_nearest() -> None:
    said = {
        tag: LETTERS_OF_ADA.sample("test", language=tag).language for tag in ("de-AT", "fr", "zh-Hant-TW")
    }
    assert said == {"de-AT": "de", "fr": "en", "zh-Hant-TW": "zh"}
    assert LETTERS_OF_ADA.sample("test").language == "en"


def test_arabic_is_written_from_right_to_left() -> None:
    assert parsed(LETTERS_OF_ADA.sample("test", language="ar").html).get("dir") == "rtl"
    assert parsed(LETTERS_OF_ADA.sample("test", language="de").html).get("dir") == "ltr"


def test_attack_36_a_name_in_a_letter_is_text() -> None:
    letter = Letter(name="password_changed", values={"username": MARKUP, "at": "now"})
    written = LETTERS_OF_ADA.write(letter)

    assert MARKUP in written.text
    assert next(each.text for each in parsed(written.html).iter() if str(each.tag).endswith("bdi")) == MARKUP
    assert not elements(written.html, "b")


def test_a_letter_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownLetter):
        LETTERS_OF_ADA.write(Letter(name="love"))
    with pytest.raises(UnknownLetter):
        LETTERS_OF_ADA.sample("love")
