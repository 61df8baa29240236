"""Brings identity_service/i18n up to the texts in code and templates: `de.po`, and `de.mo`, which is made from it.

Run it after changing a text, fill in what is empty in each `.po`, run it again. An argument (`fr`) begins a new
language; `--check` only compares.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "identity_service"
FOLDER = PACKAGE / "i18n"
METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "later": None}
HEADER = "# Made by `python scripts/catalogues.py`, but for the translations."


class Plain(Catalog):
    """Without dates, names and versions: what has the same texts has the same bytes."""

    @property  # type: ignore[misc]  # there it is one that can be set
    def mime_headers(self) -> list[tuple[str, str]]:
        """What readers of catalogues need."""
        return [
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def main(arguments: list[str]) -> int:
    """Exit status 1 if `--check` finds a file that is not what the texts say."""
    check = arguments == ["--check"]
    languages = {path.stem for path in FOLDER.glob("*.po")} | set([] if check else arguments)
    stale = [
        (path, made) for path, made in files(languages) if not path.exists() or path.read_bytes() != made
    ]
    for path, made in stale:
        name = path.relative_to(CHECKOUT)
        if check:
            print(f"{name} is stale: run `python scripts/catalogues.py`", file=sys.stderr)
        else:
            path.write_bytes(made)
            print(f"wrote {name}")
    return int(check and bool(stale))


def files(languages: set[str]) -> Iterator[tuple[Path, bytes]]:
    """What each file of these languages should hold."""
    texts = extracted()
    for language in sorted(languages):
        catalogue = brought_up(language, texts)
        yield FOLDER / f"{language}.po", po(catalogue)
        yield FOLDER / f"{language}.mo", mo(catalogue)


def extracted() -> dict[str, list[str]]:
    """Each text, and the files that it stands in."""
    found: dict[str, list[str]] = {}
    for file, _, text, _, _ in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        found.setdefault(str(text), []).append(Path(file).as_posix())
    return found


def brought_up(language: str, texts: dict[str, list[str]]) -> Catalog:
    """The texts of today with the translations that there are; what is no longer said is left out."""
    path = FOLDER / f"{language}.po"
    known = read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=language)
    made = Plain(locale=language, header_comment=HEADER, fuzzy=False)
    for text, places in texts.items():
        before = known.get(text)
        said = before.string if isinstance(before, Message) else ""
        made.add(text, said, locations=[(place, 0) for place in sorted(set(places))])
    return made


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
