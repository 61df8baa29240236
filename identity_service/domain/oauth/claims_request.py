"""The `claims` parameter (OIDC Core §5.5): which claims a client asks for one by one."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_service.domain.oauth.errors import InvalidRequest

MOST_CLAIMS = 100
MOST_CHARACTERS = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsRequest:
    """Names of claims, for each place that they are wanted in; what is wanted of `sub` and `acr` decides more.

    Attributes:
        id_token: claims for the ID token.
        userinfo: claims for the userinfo answer.
        sub: the one subject that will do, if one was named.
        essential_acr: levels of which one is a condition; empty for none.
    """

    id_token: tuple[str, ...] = ()
    userinfo: tuple[str, ...] = ()
    sub: str | None = None
    essential_acr: tuple[str, ...] = field(default=())


NOTHING = ClaimsRequest()

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What JSON can write and no database can keep: NUL, and half a surrogate pair."""


def parse_claims_request(text: str | None) -> ClaimsRequest:
    """Reads the parameter; members that are not understood are ignored (§5.5).

    Raises:
        InvalidRequest: no JSON object of the form of §5.5, or an absurdly large one.
    """
    if text is None:
        return NOTHING
    asked = _object(_decoded(text))
    id_token, userinfo = (_object(asked.get(place) or {}) for place in ("id_token", "userinfo"))
    if len(id_token) + len(userinfo) > MOST_CLAIMS:
        raise InvalidRequest("claims asks for too much")
    for wanted in (*id_token.values(), *userinfo.values()):
        if wanted is not None:
            _object(wanted)
    sub = _subject(id_token.get("sub")) or _subject(userinfo.get("sub"))
    essential_acr = _essential(id_token.get("acr"))
    if any(_NO_TEXT.search(text) for text in (*id_token, *userinfo, *essential_acr, sub or "")):
        raise InvalidRequest("claims has a character that is none")
    return ClaimsRequest(
        id_token=tuple(id_token), userinfo=tuple(userinfo), sub=sub, essential_acr=essential_acr
    )


def _decoded(text: str) -> Any:
    if len(text) > MOST_CHARACTERS:
        raise InvalidRequest("claims is too long")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRequest("claims is no JSON") from None


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequest("claims does not have the form of OIDC Core section 5.5")
    return value


def _subject(wanted: Mapping[str, Any] | None) -> str | None:
    """The person who alone will do. A condition that cannot be kept is not passed over (§5.5.1)."""
    named = _values(wanted or {})
    if len(named) > 1 or not all(isinstance(value, str) for value in named):
        raise InvalidRequest("claims asks for a sub that is not one text")
    return str(named[0]) if named else None


def _essential(wanted: Mapping[str, Any] | None) -> tuple[str, ...]:
    if not wanted or wanted.get("essential") is not True:
        return ()
    return tuple(value for value in _values(wanted) if isinstance(value, str))


def _values(wanted: Mapping[str, Any]) -> list[Any]:
    values = wanted.get("values", [wanted["value"]] if "value" in wanted else [])
    if not isinstance(values, list):
        raise InvalidRequest("claims does not have the form of OIDC Core section 5.5")
    return values
