"""Which scripts a username may be written in: one, or those that are written together (UTS #39 §5.2)."""

import unicodedata

from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.username import Username

# By the first word of a character's name in Unicode, which is its script but for these.
_SAME = {
    "CJK": "HAN",
    "IDEOGRAPHIC": "HAN",
    "HENTAIGANA": "HIRAGANA",
    "KATAKANA-HIRAGANA": "KATAKANA",
    "EXTENDED": "ARABIC",
    "TURNED": "LATIN",
}
_OF_NO_SCRIPT = frozenset({"DIGIT", "ARABIC-INDIC", "MODIFIER", "CARON", "VERTICAL", "MASU"})
_LETTERS_AND_DIGITS = frozenset({"Lu", "Ll", "Lo", "Lm", "Nd"})
_TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)
"""What UTS #39 calls highly restrictive."""


def check_scripts(username: Username) -> None:
    """Letters of two scripts that look alike would make one name read like another's: `pаypal` with a Cyrillic `а`.

    Marks count as what they stand on. In an address each side of the `@`, and each label of the domain, is judged by
    itself, as registries do.

    Raises:
        InvalidName: scripts are mixed that nobody writes together; it says which.
    """
    local, _, domain = username.key.partition("@")
    for part in (local, *domain.split(".")):
        found = scripts(part)
        if len(found) > 1 and not any(found <= allowed for allowed in _TOGETHER):
            raise InvalidName("username", "mixed_scripts", detail=" and ".join(sorted(map(str.title, found))))


def scripts(text: str) -> frozenset[str]:
    """The scripts of its letters and digits, in capitals; those that all scripts share are of none."""
    words = {
        unicodedata.name(character, "UNNAMED").split()[0]
        for character in text
        if unicodedata.category(character) in _LETTERS_AND_DIGITS
    }
    return frozenset(_SAME.get(word, word) for word in words - _OF_NO_SCRIPT)
