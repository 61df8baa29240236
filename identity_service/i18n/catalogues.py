"""Which languages there are, and what a text says in each: English stands in the code, the rest in catalogues."""

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCE = "en"


def languages() -> tuple[str, ...]:
    """The tags (RFC 5646) of the languages that there are: English, and one for each file `<tag>.mo`."""
    return (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.mo")))


def catalogues() -> Mapping[str, NullTranslations]:
    """A catalogue for each language, by its tag; read from the files beside this module."""
    found: dict[str, NullTranslations] = {SOURCE: NullTranslations()}
    for tag in languages()[1:]:
        with (FOLDER / f"{tag}.mo").open("rb") as file:
            found[tag] = GNUTranslations(file)
    return found


def direction(catalogue: NullTranslations) -> str:
    """`rtl` where the language is written from right to left, which the head of its catalogue says; else `ltr`."""
    return str(catalogue.info().get("x-direction", "ltr"))


def later(text: str) -> str:
    """Mark a text that is kept in a table: it gets into the catalogues, and is translated where it is shown."""
    return text
