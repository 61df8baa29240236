"""How letters are written: one text for each, shown as plain text and as HTML."""

from collections.abc import Mapping, Sequence
from gettext import NullTranslations
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from identity_service.adapters.jinja.wording import LETTERS, Wording
from identity_service.domain.entities.mail import Letter, Written
from identity_service.i18n.catalogues import SOURCE, catalogues, direction
from identity_service.i18n.languages import chosen
from identity_service.ports.mail import UnknownLetter

SAMPLE_MOMENT = "2030-01-31 12:34 UTC"

_APART = (Markup("<bdi>{}</bdi>"), Markup('<bdi style="white-space:nowrap">{}</bdi>'))
"""What others chose keeps its own direction; a moment stays on its line, too."""


class JinjaLetters:
    """`ports.Letters`. `issuer` is what links begin with; nothing is loaded from anywhere by who reads a letter."""

    def __init__(self, *, issuer: str, site_name: str) -> None:
        self._issuer = issuer
        self._site = site_name
        self._catalogues = catalogues()
        self._template = Environment(
            loader=PackageLoader("identity_service.adapters.jinja"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        ).get_template("letter.html")

    @property
    def names(self) -> Sequence[str]:
        """Of all letters."""
        return tuple(LETTERS)

    def sample(self, name: str, *, language: str | None = None) -> Written:
        """The letter with values to look at it by. Raises UnknownLetter."""
        wording = LETTERS.get(name)
        values = {} if wording is None else {**wording.sample, "at": SAMPLE_MOMENT}
        return self.write(Letter(name=name, values=values, language=language))

    def write(self, letter: Letter) -> Written:
        """Raises UnknownLetter."""
        wording = LETTERS.get(letter.name)
        if wording is None:
            raise UnknownLetter(letter.name)
        wanted = () if letter.language is None else (letter.language,)
        language = chosen(wanted, self._catalogues, otherwise=SOURCE)
        catalogue = self._catalogues[language]
        values = {**letter.values, "site": self._site}
        link = f"{self._issuer}{wording.leads_to}" if wording.action is not None else None
        return Written(
            subject=catalogue.gettext(wording.subject) % values,
            text=_plain(wording, catalogue, values, link),
            html=self._template.render(
                **_shown(wording, catalogue, values, link), lang=language, site=self._site
            ),
            language=language,
        )


def _plain(wording: Wording, catalogue: NullTranslations, values: Mapping[str, str], link: str | None) -> str:
    def said(text: str) -> str:
        return catalogue.gettext(text) % values

    action = [f"{said(wording.action)}:\n{link}"] if wording.action is not None else []
    paragraphs = [*map(said, wording.lines), *action, *map(said, wording.after)]
    return "\n\n".join(paragraphs) + "\n"


def _shown(
    wording: Wording, catalogue: NullTranslations, values: Mapping[str, str], link: str | None
) -> dict[str, Any]:
    escaped = {name: _APART[name == "at"].format(value) for name, value in values.items()}

    def said(text: str) -> Markup:
        return Markup(catalogue.gettext(text)) % escaped  # noqa: S704 - catalogues are code

    return {
        "dir": direction(catalogue),
        "title": catalogue.gettext(wording.subject) % values,
        "lines": [said(line) for line in wording.lines],
        "action": None if wording.action is None else said(wording.action),
        "link": link,
        "after": [said(line) for line in wording.after],
    }
