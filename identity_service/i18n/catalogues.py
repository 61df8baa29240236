"""Which languages there are, and what a text says in each: English stands in the code, the rest in catalogues."""

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCE = "en"


def catalogues() -> Mapping[str, NullTranslations]:
    """A catalogue for each language, by its tag (RFC 5646); read from the files `<tag>.mo` beside this module."""
    found: dict[str, NullTranslations] = {SOURCE: NullTranslations()}
    for path in sorted(FOLDER.glob("*.mo")):
        with path.open("rb") as file:
            found[path.stem] = GNUTranslations(file)
    return found


def direction(catalogue: NullTranslations) -> str:
    """`rtl` where the language is written from right to left, which the head of its catalogue says; else `ltr`."""
    return str(catalogue.info().get("x-direction", "ltr"))


def later(text: str) -> str:
    """Mark a text that is kept in a table: it gets into the catalogues, and is translated where it is shown."""
    return text
