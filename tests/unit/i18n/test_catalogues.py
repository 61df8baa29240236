"""Every text is there in every language, and the catalogues are those of the texts of today."""

import re
import subprocess
import sys
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from identity_service.api.titles import OTHER, TITLES
from identity_service.i18n import catalogues as read
from identity_service.i18n.catalogues import catalogues, direction, languages, later
from identity_service.i18n.languages import accepted, chosen
from scripts import catalogues as script

CHECKOUT = Path(__file__).resolve().parents[3]
TEXTS = script.extracted()
CATALOGUES = catalogues()
LANGUAGES = sorted(set(CATALOGUES) - {"en"})
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def test_these_languages_are_there() -> None:
    assert {"ar", "de", "en", "es", "zh"} <= set(CATALOGUES)


def test_texts_are_found_in_templates_and_in_code() -> None:
    assert {"Cancel", "See your e-mail address", "This page has expired"} <= set(TEXTS)
    assert (
        "You are signed in with %(count)s browser.",
        "You are signed in with %(count)s browsers.",
    ) in TEXTS


def test_what_problems_are_called_is_in_the_catalogues() -> None:
    assert {*TITLES.values(), OTHER} <= set(TEXTS), "a title that is not marked with later()"


def said(catalogue: NullTranslations, text: script.Text) -> list[str]:
    """The forms of a text, one for most."""
    known: dict[Any, str] = catalogue._catalog  # type: ignore[attr-defined]  # its texts, which gettext keeps to itself
    if isinstance(text, str):
        return [known[text]] if text in known else []
    return [form for key, form in known.items() if isinstance(key, tuple) and key[0] == text[0]]


def faults(catalogue: NullTranslations, text: script.Text) -> list[str]:
    """What is wrong with a translation. Of several forms some may leave the number out, where a word says it; the last,
    which is for most numbers, may not."""
    forms, source = said(catalogue, text), text if isinstance(text, str) else text[1]
    found = [] if forms and all(forms) else [f"nothing for {text!r}"]
    wanted = sorted(PLACEHOLDER.findall(source))
    if any(not set(PLACEHOLDER.findall(form)) <= set(wanted) for form in forms) or (
        forms and sorted(PLACEHOLDER.findall(forms[-1])) != wanted
    ):
        found.append(f"other placeholders for {text!r}")
    if any(set("<>&") & set(form) or "%" in PLACEHOLDER.sub("", form) for form in (*forms, source)):
        found.append(f"markup or a stray % for {text!r}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_the_same_placeholders_and_without_markup(language: str) -> None:
    assert [fault for text in TEXTS for fault in faults(CATALOGUES[language], text)] == []


@pytest.mark.parametrize(("language", "forms"), [("ar", 6), ("de", 2), ("es", 3), ("zh", 1)])
def test_a_number_has_as_many_forms_as_the_language(language: str, forms: int) -> None:
    [plural] = [text for text in TEXTS if not isinstance(text, str)]
    assert len(said(CATALOGUES[language], plural)) == forms


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_a_catalogue_is_doubted(language: str) -> None:
    assert "#, fuzzy" not in (script.FOLDER / f"{language}.po").read_text()


@pytest.mark.parametrize(
    ("po", "fault"),
    [
        ('msgid "Hi %(name)s"\nmsgstr "Hallo"', "other placeholders"),
        ('msgid "Hi %(name)s"\nmsgstr "Hallo %(nmae)s"', "other placeholders"),
        ('msgid "Hi %(name)s"\nmsgstr ""', "nothing"),
        ('#, fuzzy\nmsgid "Hi %(name)s"\nmsgstr "Hallo %(name)s"', "nothing"),
        ('msgid "Hi %(name)s"\nmsgstr "<b>%(name)s</b>"', "markup or a stray %"),
    ],
)
def test_a_faulty_translation_is_found(copied: Path, po: str, fault: str) -> None:
    (copied / "fr.po").write_text(f"{po}\n")
    text: script.Text = "Hi %(name)s"
    made = GNUTranslations(BytesIO(script.mo(script.brought_up("fr", {text: []}))))
    assert [each.partition(" for ")[0] for each in faults(made, text)] == [fault]


@pytest.mark.parametrize(
    ("language", "expected"), [("ar", "rtl"), ("de", "ltr"), ("en", "ltr"), ("zh", "ltr")]
)
def test_a_catalogue_says_in_which_direction_it_is_read(language: str, expected: str) -> None:
    assert direction(CATALOGUES[language]) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_nobody_has_stays_english(language: str) -> None:
    assert CATALOGUES[language].gettext("no such text") == "no such text"


def test_the_committed_catalogues_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/catalogues.py", "--check"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script, over a copy of the catalogues."""
    folder = tmp_path / "i18n"
    folder.mkdir()
    for path in script.FOLDER.glob("*.po"):
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(script, "FOLDER", folder)
    monkeypatch.setattr(script, "CHECKOUT", tmp_path)
    monkeypatch.setattr(script, "extracted", lambda: TEXTS)
    return folder


def test_the_same_texts_make_the_same_bytes(copied: Path) -> None:
    assert script.main([]) == 0
    for path in (CHECKOUT / "identity_service" / "i18n").glob("*.mo"):
        assert (copied / path.name).read_bytes() == path.read_bytes()


def test_a_changed_translation_makes_the_catalogue_stale(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.main([])
    po = copied / "de.po"
    po.write_text(po.read_text().replace('"Abbrechen"', '"Lieber nicht"'))
    assert script.main(["--check"]) == 1
    assert capsys.readouterr().err == "i18n/de.mo is stale: run `python scripts/catalogues.py`\n"
    assert script.main([]) == script.main(["--check"]) == 0


def test_a_new_language_begins_with_every_text_and_no_translation(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(["fr"]) == 0
    assert (copied / "fr.po").read_text().count("\nmsgid ") == len(TEXTS) + 1
    assert 'msgid "Cancel"\nmsgstr ""\n' in (copied / "fr.po").read_text()
    assert f"fr.po has nothing for {len(TEXTS)} of the texts" in capsys.readouterr().err


def test_a_language_is_there_once_its_catalogue_is(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script.main(["he"])
    po = copied / "he.po"
    po.write_text(po.read_text().replace('msgid "Cancel"\nmsgstr ""', 'msgid "Cancel"\nmsgstr "ביטול"'))
    script.main([])
    monkeypatch.setattr(read, "FOLDER", copied)

    there = catalogues()

    assert languages() == ("en", "ar", "de", "es", "he", "zh"), "what metadata announces"
    language = chosen(accepted("he-IL, en;q=0.5"), there, otherwise="en")
    assert (language, there[language].gettext("Cancel")) == ("he", "ביטול")
    assert direction(there[language]) == "rtl"


def test_a_translation_that_was_doubted_stays_so(copied: Path) -> None:
    po = copied / "de.po"
    po.write_text(po.read_text().replace('msgid "Cancel"', '#, fuzzy\nmsgid "Cancel"'))
    script.main([])
    assert '#, fuzzy\nmsgid "Cancel"' in po.read_text()


def test_a_text_for_later_is_itself() -> None:
    assert later("text") == "text"
