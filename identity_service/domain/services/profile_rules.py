"""What people may say of themselves, member by member (OIDC Core §5.1)."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from identity_service.domain.refusals import Faults, Unacceptable
from identity_service.domain.value_objects.plain_text import plain_text

MOST_NAME, MOST_LINES, MOST_URL, MOST_ZONE, MOST_LOCALE = 200, 1000, 2000, 64, 64

# RFC 3986 Appendix A, without user information.
_URL = re.compile(
    r"https?://(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?"
)
_BIRTHDATE = re.compile(r"([0-9]{4})(-[0-9]{2}-[0-9]{2})?")
_ZONE = re.compile(r"(?!posix/|right/)[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
_NO_ZONE = frozenset({"Factory"})
"""Stands in the database for "not set up"."""
# RFC 5646 §2.1, without the grandfathered tags.
_LOCALE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
# E.164, and an extension as RFC 3966 §3 writes it.
_PHONE = re.compile(r"\+[1-9][0-9]{1,14}(?:;ext=[0-9]{1,15})?")


def acceptable(member: str, value: Any) -> Any:
    """The value of a member of `Profile`, as it is kept; None says nothing.

    Raises:
        Unacceptable: names the member, or the member of the address, that is at fault.
    """
    if value is not None:
        return _RULES[member](member, value)
    if member == "phone_number_verified":
        raise Unacceptable.of(member, "must not be null")
    return None


def _flag(member: str, value: bool) -> bool:
    return value


def _text(member: str, value: str) -> str:
    return plain_text(member, value, most=MOST_NAME)


def _lines(member: str, value: str) -> str:
    """Lines end with a line feed, or carriage return and line feed (OIDC Core §5.1.1)."""
    plain_text(member, value.replace("\r\n", " ").replace("\n", " "), most=MOST_LINES)
    return value


def _of_form(member: str, value: str, *, form: re.Pattern[str], most: int, wanted: str) -> str:
    if len(value) > most or form.fullmatch(value) is None:
        raise Unacceptable.of(member, wanted)
    return value


def _birthdate(member: str, value: str) -> str:
    found = _BIRTHDATE.fullmatch(value)
    if found is None or not _is_day(found[1], found[2]):
        raise Unacceptable.of(member, "must be YYYY-MM-DD, 0000-MM-DD or YYYY (OIDC Core section 5.1)")
    return value


def _is_day(year: str, month_and_day: str | None) -> bool:
    """Year 0000 is one that is not told, so the 29th of February may be meant; alone it would say nothing."""
    if month_and_day is None:
        return year != "0000"
    try:
        date.fromisoformat((year if year != "0000" else "2000") + month_and_day)
    except ValueError:
        return False
    return True


def _zoneinfo(member: str, value: str) -> str:
    if not _is_zone(value):
        raise Unacceptable.of(member, "must be a time zone of the IANA database")
    return value


def _is_zone(name: str) -> bool:
    """By looking for this one: to list all of them takes a fifth of a second."""
    if len(name) > MOST_ZONE or name in _NO_ZONE or _ZONE.fullmatch(name) is None:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there; no zone; a folder of zones
        return False
    return True


def _address(member: str, value: Mapping[str, str | None]) -> dict[str, str | None]:
    faults, taken = Faults(), {}
    for part, text in value.items():
        with faults.gathered():
            taken[part] = None if text is None else _PARTS[part](f"{member}/{part}", text)
    faults.check()
    return taken


_url = partial(_of_form, form=_URL, most=MOST_URL, wanted="must be an http or https URL")
_RULES: Mapping[str, Callable[[str, Any], Any]] = {
    "given_name": _text,
    "family_name": _text,
    "middle_name": _text,
    "nickname": _text,
    "profile": _url,
    "picture": _url,
    "website": _url,
    "gender": _text,
    "birthdate": _birthdate,
    "zoneinfo": _zoneinfo,
    "locale": partial(
        _of_form, form=_LOCALE, most=MOST_LOCALE, wanted="must be a language tag such as en-GB (BCP 47)"
    ),
    "phone_number": partial(
        _of_form, form=_PHONE, most=MOST_NAME, wanted="must be a number such as +14255551212 (E.164)"
    ),
    "phone_number_verified": _flag,
    "address": _address,
}
_PARTS: Mapping[str, Callable[[str, str], str]] = {
    "formatted": _lines,
    "street_address": _lines,
    "locality": _text,
    "region": _text,
    "postal_code": _text,
    "country": _text,
}
