"""Brings identity_service/i18n up to the texts in code and templates: `de.po`, and `de.mo`, which is made from it.

Run it after changing a text, fill in what is empty in each `.po`, run it again. An argument (`fr`) begins a new
language, which needs nothing else; `--check` only compares. After a merge, take either side's `.mo`, mend the `.po`,
and run it: it orders the texts, drops those that nobody says any more, and makes the rest anew.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "identity_service"
FOLDER = PACKAGE / "i18n"
METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "later": None, "ngettext": (1, 2)}
Text = str | tuple[str, str]
"""A text, or the singular and the plural of one."""
HEADER = "# Made by `python scripts/catalogues.py`, but for the translations."


class Plain(Catalog):
    """Without dates, names and versions: what has the same texts has the same bytes."""

    @property  # type: ignore[misc]  # there it is one that can be set
    def mime_headers(self) -> list[tuple[str, str]]:
        """What readers of catalogues need."""
        turned = Locale.parse(self.locale_identifier).text_direction == "rtl"
        return [
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            *([("X-Direction", "rtl")] if turned else []),
        ]


def main(arguments: list[str]) -> int:
    """Exit status 1 if `--check` finds a file that is not what the texts say."""
    check = arguments == ["--check"]
    languages = {path.stem for path in FOLDER.glob("*.po")} | set([] if check else arguments)
    texts = extracted()
    made_anew = {language: brought_up(language, texts) for language in languages}
    stale = [
        (path, made) for path, made in files(made_anew) if not path.exists() or path.read_bytes() != made
    ]
    for path, made in stale:
        name = path.relative_to(CHECKOUT)
        if check:
            print(f"{name} is stale: run `python scripts/catalogues.py`", file=sys.stderr)
        else:
            path.write_bytes(made)
            print(f"wrote {name}")
    for language, catalogue in sorted(made_anew.items()):
        if missing := untranslated(catalogue):
            print(f"{language}.po has nothing for {len(missing)} of the texts", file=sys.stderr)
    return int(check and bool(stale))


def files(catalogues: dict[str, Catalog]) -> Iterator[tuple[Path, bytes]]:
    """What each file of these languages should hold."""
    for language, catalogue in sorted(catalogues.items()):
        yield FOLDER / f"{language}.po", po(catalogue)
        yield FOLDER / f"{language}.mo", mo(catalogue)


def extracted() -> dict[Text, list[str]]:
    """Each text, and the files that it stands in."""
    found: dict[Text, list[str]] = {}
    for file, _, text, _, _ in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        key = text if isinstance(text, str) else (str(text[0]), str(text[1]))
        found.setdefault(key, []).append(Path(file).as_posix())
    return found


def untranslated(catalogue: Catalog) -> list[Text]:
    """The texts that one form at least is missing of."""
    return [
        each.id if isinstance(each.id, str) else (each.id[0], each.id[1])
        for each in catalogue
        if each.id and not all([each.string] if isinstance(each.string, str) else each.string or [""])
    ]


def brought_up(language: str, texts: dict[Text, list[str]]) -> Catalog:
    """The texts of today with the translations that there are; what is no longer said is left out."""
    path = FOLDER / f"{language}.po"
    known = read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=language)
    made = Plain(locale=language, header_comment=HEADER, fuzzy=False)
    for text, places in texts.items():
        before = known.get(text)
        said = before.string if isinstance(before, Message) else nothing_for(made, text)
        doubted = {"fuzzy"} & (before.flags if isinstance(before, Message) else set())
        made.add(text, said, flags=doubted, locations=[(place, 0) for place in sorted(set(places))])
    return made


def nothing_for(catalogue: Catalog, text: Text) -> str | tuple[str, ...]:
    """An empty translation, in as many forms as the language has."""
    return "" if isinstance(text, str) else ("",) * catalogue.num_plurals


def po(catalogue: Catalog) -> bytes:
    """The file that people translate in."""
    file = io.BytesIO()
    write_po(file, catalogue, width=120, include_lineno=False, sort_by_file=True)
    return file.getvalue()


def mo(catalogue: Catalog) -> bytes:
    """The file that `gettext` reads."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
