"""Which names Unicode allows: PRECIS for usernames, UTS-46 and RFC 6531 for e-mail addresses."""

import re
import unicodedata

import idna
from precis_i18n import get_profile

from identity_service.domain.value_objects.email import MAX_OCTETS, Email
from identity_service.domain.value_objects.invalid_name import InvalidName, NameField
from identity_service.domain.value_objects.username import MAX_CODE_POINTS, Username

MAX_LOCAL_OCTETS = 64
"""RFC 5321 §4.5.3.1.1."""

# RFC 5322 §3.2.3 atext, with the UTF8-non-ascii of RFC 6531 §3.3; which of those, the functions below say.
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80-\U0010ffff]+")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class PrecisNames:
    """`AccountNames` on precis-i18n, idna and the interpreter's Unicode tables."""

    def __init__(self) -> None:
        self._profile = get_profile("UsernameCaseMapped")

    def username(self, text: str) -> Username:
        """See `AccountNames.username`."""
        _check_size("username", len(text), MAX_CODE_POINTS)
        if _begins_with_mark(text):
            raise InvalidName("username", "not_allowed")
        try:
            key = self._profile.enforce(text)
        except ValueError:
            raise InvalidName("username", "not_allowed") from None
        _check_size("username", len(key), MAX_CODE_POINTS)
        return Username(entered=text, key=key)

    def email(self, text: str) -> Email:
        """See `AccountNames.email`."""
        _check_size("email", len(text), MAX_OCTETS)
        if any(map(_is_hidden, text)):
            raise InvalidName("email", "not_allowed")
        local, _, domain = text.rpartition("@")
        key = f"{_local_key(local)}@{_domain_key(domain)}"
        _check_size("email", max(len(text.encode()), len(key.encode())), MAX_OCTETS)
        return Email(address=text, key=key)


def _check_size(field: NameField, size: int, limit: int) -> None:
    if size == 0:
        raise InvalidName(field, "empty")
    if size > limit:
        raise InvalidName(field, "too_long")


def _local_key(local: str) -> str:
    """Case of the local part is the receiving host's business (RFC 5321 §2.4), except to tell accounts apart.

    RFC 6532 §3.1: NFC, so that two encodings of one letter are one account. A character that compatibility or
    canonical mapping would turn into another (fullwidth, ligature, Kelvin sign) is a look-alike: refused.
    """
    if not all(map(_ATOM.fullmatch, local.split("."))):
        raise InvalidName("email", "malformed")
    if _begins_with_mark(local) or any(_looks_like_another(character) for character in local):
        raise InvalidName("email", "not_allowed")
    _check_size("email", len(local.encode()), MAX_LOCAL_OCTETS)
    return unicodedata.normalize("NFC", local).translate(_ASCII_LOWER)


def _looks_like_another(character: str) -> bool:
    return unicodedata.normalize("NFKC", character) != character


def _is_hidden(character: str) -> bool:
    """Control, format (bidi overrides, joiners), surrogate, private-use, unassigned and space characters."""
    return unicodedata.category(character)[0] in "CZ"


def _begins_with_mark(text: str) -> bool:
    """A leading combining mark would sit on whatever a page or a log prints before the name."""
    return unicodedata.category(text[0])[0] == "M"


def _domain_key(domain: str) -> str:
    """UTS-46 non-transitional processing with STD3 rules; a final dot is no part of an address (RFC 5321)."""
    if domain.endswith((".", "。", "．", "｡")):
        raise InvalidName("email", "malformed")
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except ValueError:
        raise InvalidName("email", "malformed") from None
