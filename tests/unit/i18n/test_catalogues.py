"""Every text is there in every language, and the catalogues are those of the texts of today."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from identity_service.i18n.catalogues import catalogues, later
from scripts import catalogues as script

CHECKOUT = Path(__file__).resolve().parents[3]
TEXTS = script.extracted()
CATALOGUES = catalogues()
LANGUAGES = sorted(set(CATALOGUES) - {"en"})
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def test_english_and_german_are_there() -> None:
    assert {"en", "de"} <= set(CATALOGUES)


def test_texts_are_found_in_templates_and_in_code() -> None:
    assert {"Cancel", "See your e-mail address", "This page has expired"} <= set(TEXTS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_is_translated_with_the_same_placeholders_and_without_markup(
    language: str, text: str
) -> None:
    said = CATALOGUES[language]._catalog.get(text)  # type: ignore[attr-defined]  # its texts, which gettext keeps to itself
    assert said, f"identity_service/i18n/{language}.po has nothing for {text!r}"
    assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(text))
    assert not set("<>&") & set(text + said)
    assert PLACEHOLDER.sub("", text + said).count("%") == 0


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


def test_a_new_language_begins_with_every_text_and_no_translation(copied: Path) -> None:
    assert script.main(["fr"]) == 0
    assert (copied / "fr.po").read_text().count("\nmsgid ") == len(TEXTS) + 1
    assert 'msgid "Cancel"\nmsgstr ""\n' in (copied / "fr.po").read_text()


def test_a_text_for_later_is_itself() -> None:
    assert later("text") == "text"
