"""What text that people read may consist of: a name, a title, a contact."""

import unicodedata

from identity_service.domain.refusals import Unacceptable

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Controls (NUL, line ends), lone surrogates, line and paragraph separators."""
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn round what a page or a log prints after the text (UAX #9 §2)."""


def plain_text(member: str, text: str, *, most: int) -> str:
    """The text itself: 1 to `most` code points, something to see in it, nothing that controls its surroundings.

    Raises:
        Unacceptable: any other text; the fault names `member`.
    """
    if not text.strip():
        raise Unacceptable.of(member, "must not be empty")
    if len(text) > most:
        raise Unacceptable.of(member, f"must not be longer than {most} characters")
    if any(map(_is_refused, text)):
        raise Unacceptable.of(member, "has a character that is not allowed")
    return text


def _is_refused(character: str) -> bool:
    return character in _BIDI_CONTROLS or unicodedata.category(character) in _REFUSED_CATEGORIES
