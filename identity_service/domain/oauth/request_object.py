"""What a client says in a request object (RFC 9101 §4, OIDC Core §6): whether it will do, and the parameters in it.

Of a request that comes with an object, only what is in the object counts (RFC 9101 §6.3); `client_id` alone stands
beside it as well, and is the same.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, LiteralString

from identity_service.domain.oauth.authorize_errors import InvalidRequestObject
from identity_service.domain.oauth.parameters import Query, query_of
from identity_service.domain.oauth.signed_elsewhere import (
    LONGEST_LIFE_SECONDS,
    is_far_away,
    is_jti,
    is_over,
    is_past,
    refused_from,
)

LONGEST_REQUEST_OBJECT: Final = 16_384
TYPS: Final = frozenset({None, "jwt", "oauth-authz-req+jwt"})
"""What else a client may sign for us is of another type, and no request (RFC 9101 §10.8)."""
OF_THE_JWT: Final = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
"""What the object says of itself, and is no parameter."""
NOT_WITHIN: Final = frozenset({"request", "request_uri"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestObject:
    """One that will do. Where it has a `jti`, it will do once: that must not come again before `until` (seconds since
    1970), from which on the object would be refused anyway."""

    query: Query
    jti: str | None
    until: int


def judge(
    claims: Mapping[str, Any], *, typ: str | None, client_id: str, issuer: str, now: float
) -> RequestObject:
    """The object, of which only its signature was verified.

    `exp`, `nbf` and `iat` count where they are there: what a client publishes may hold for years. What is to count once
    has a `jti`, and then an `exp` as well.

    Args:
        claims: the payload.
        typ: of the header, in lower case, without `application/`.
        client_id: whose key signed.
        issuer: this server, compared byte for byte; `aud` may name others beside it.
        now: seconds since 1970.

    Raises:
        InvalidRequestObject: the description says why.
        InvalidRequest: a parameter in it is one that could not have come without it either.
    """
    refusals: dict[LiteralString, bool] = {
        "the request object has a typ of something else": typ not in TYPS,
        "iss and client_id of the request object are not the client": (
            not claims.get("iss") == claims.get("client_id") == client_id
        ),
        "the request object is not for this server": not _names(claims.get("aud"), issuer),
        "the request object has the sub of a client assertion": claims.get("sub") == client_id,
        "the request object has another in it": not NOT_WITHIN.isdisjoint(claims),
        "the request object has run out": "exp" in claims and is_over(claims, now),
        "the request object does not count yet": not is_past(claims, "nbf", now),
        "the request object was made later than now": not is_past(claims, "iat", now),
        "the request object has a jti, and no end within an hour": "jti" in claims
        and not _counts_once(claims, now),
    }
    for reason, broken in refusals.items():
        if broken:
            raise InvalidRequestObject(reason)
    return RequestObject(
        query=query_of(_parameters(claims)), jti=claims.get("jti"), until=refused_from(claims)
    )


def is_pinned_by(fragment: str, body: bytes) -> bool:
    """Whether the fragment of a reference is the hash of what is there (OIDC Core §6.2)."""
    return fragment == urlsafe_b64encode(sha256(body).digest()).rstrip(b"=").decode()


def _names(aud: Any, issuer: str) -> bool:
    return issuer in aud if isinstance(aud, list) else bool(aud == issuer)


def _counts_once(claims: Mapping[str, Any], now: float) -> bool:
    return (
        is_jti(claims["jti"])
        and not is_over(claims, now)
        and not is_far_away(claims, now, longest=LONGEST_LIFE_SECONDS)
    )


def _parameters(claims: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A list is a parameter that repeats, as `resource` may; null is one that is absent."""
    for name, value in claims.items():
        if name not in OF_THE_JWT:
            for each in value if isinstance(value, list) else (value,):
                if each is not None:
                    yield name, _text(each)


def _text(value: Any) -> str:
    """A text as it is; what else there may be as the JSON that it is: seconds, the object of `claims`."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
