"""What a client says of itself in an assertion that it signed, and whether that will do (RFC 7523 §3, OIDC Core §9)."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from identity_service.domain.oauth.errors import InvalidClient
from identity_service.domain.oauth.signed_elsewhere import (
    LONGEST_LIFE_SECONDS,
    is_far_away,
    is_jti,
    is_over,
    is_past,
    refused_from,
)

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523 §2.2."""
LONGEST_ASSERTION: Final = 16_384
TYPS: Final = frozenset({None, "jwt", "client-authentication+jwt"})
"""What else a client may sign for us is of another type, and no assertion (RFC 8725 §3.11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """An assertion that will do, once: `jti` must not come again until `until` (seconds since 1970), from which on it
    would be refused anyway."""

    jti: str
    until: int


def claimed_client(assertion: str) -> str:
    """Whom the assertion says it comes from, which nobody has checked: it only says whose keys to try.

    Raises InvalidClient where there is no such claim.
    """
    parts = assertion.split(".") if len(assertion) <= LONGEST_ASSERTION else ()
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "==")) if len(parts) == 3 else None
    except (ValueError, RecursionError):
        claims = None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    if not isinstance(subject, str) or not subject:
        raise InvalidClient(detail="the client assertion is no JWT with a sub")
    return subject


def judge(
    claims: Mapping[str, Any],
    *,
    typ: str | None,
    client_id: str,
    audiences: Collection[str],
    now: float,
) -> Assertion:
    """The assertion, of which only its signature was verified (RFC 7523 §3).

    Everybody whom `aud` names must be this server: one that is also meant for another could have been made for that one
    and be passed on to us. `iat` and `nbf` count where they are there.

    Args:
        claims: the payload.
        typ: of the header, in lower case, without `application/`.
        client_id: whose key signed.
        audiences: the names of this server, compared byte for byte.
        now: seconds since 1970.

    Raises:
        InvalidClient: `detail` says why.
    """
    refusals = {
        "typ is that of something else": typ not in TYPS,
        "iss and sub are not the client": not claims.get("iss") == claims.get("sub") == client_id,
        "aud is not this server alone": not _only(claims.get("aud"), audiences),
        "it has run out": is_over(claims, now),
        "exp is too far away": is_far_away(claims, now, longest=LONGEST_LIFE_SECONDS),
        "it was made long ago, or later than now": not is_past(
            claims, "iat", now, longest=LONGEST_LIFE_SECONDS
        ),
        "it does not count yet": not is_past(claims, "nbf", now),
        "it has no jti, or a long one": not is_jti(claims.get("jti")),
    }
    for reason, broken in refusals.items():
        if broken:
            raise InvalidClient(detail=f"client assertion: {reason}")
    return Assertion(jti=claims["jti"], until=refused_from(claims))


def _only(aud: Any, audiences: Collection[str]) -> bool:
    named = [aud] if isinstance(aud, str) else aud
    if not isinstance(named, list) or not named:
        return False
    return all(isinstance(each, str) and each in audiences for each in named)
