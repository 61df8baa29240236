"""Decides what the beginning of a stored password tells of its making."""

import re
from typing import Final

_OWN: Final = re.compile(r"\$identity\$v=1,pepper=([0-9a-z]{1,16})(\$.+)")
_FORMS: Final = (
    ("bcrypt", re.compile(r"\$2[aby]\$0?([0-9]{1,2})\$")),
    ("argon2id", re.compile(r"\$argon2id\$(?:v=[0-9]+\$)?(?:(m=[0-9]+,t=[0-9]+,p=[0-9]+)\$)?")),
    ("pbkdf2_sha256", re.compile(r"pbkdf2_sha256\$()")),
)
UNKNOWN: Final = "unknown"


def own_parts(stored: str) -> tuple[str, str] | None:
    """Of a string of ours the id of its pepper and the hash behind it."""
    own = _OWN.fullmatch(stored)
    return None if own is None else (own[1], own[2])


def scheme_and_cost(encoded: str) -> tuple[str, str | None]:
    """The scheme's name and cost; UNKNOWN for what is of no known form."""
    for scheme, form in _FORMS:
        if found := form.match(encoded):
            return scheme, found[1] or None
    return UNKNOWN, None
