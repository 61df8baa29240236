"""Why a username or an e-mail address is not acceptable, in fixed words."""

from typing import Literal

NameField = Literal["username", "email"]
NameReason = Literal["empty", "too_long", "malformed", "not_allowed", "at_sign", "mixed_scripts"]

_TEXTS: dict[NameReason, str] = {
    "empty": "must not be empty",
    "too_long": "is too long",
    "malformed": "is not well-formed",
    "not_allowed": "has a character, or an order of characters, that is not allowed",
    "at_sign": "may hold an at sign only if it is the account's own verified e-mail address",
    "mixed_scripts": "mixes scripts that are not written together",
}


class InvalidName(ValueError):
    """A name that no account may have.

    Attributes:
        field: which member of the request.
        reason: stable, for programs.
        description: fixed, for people; never quotes what was sent.
    """

    def __init__(self, field: NameField, reason: NameReason, *, detail: str = "") -> None:
        """`detail` is a word of ours, too."""
        self.field = field
        self.reason = reason
        self.description = f"{field} {_TEXTS[reason]}{detail and f': {detail}'}"
        super().__init__(self.description)
