"""The claims of an access token: how they are written, read and judged (RFC 9068)."""

from collections.abc import Mapping
from typing import Any

from identity_service.domain.entities.token import AccessClaims, AccessState, Epochs
from identity_service.domain.oauth.errors import InvalidScope
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId, is_uuid
from identity_service.domain.value_objects.scope import Scope

TYP = "at+jwt"
"""RFC 9068 §2.1."""

LONGEST_LIFE_SECONDS = 86_400
"""No access token lives longer, whatever a client is registered for: keys, families and endings are kept by it."""

LEEWAY_SECONDS = 300
"""By so much the clocks of servers and resources may differ before anything here is forgotten too early."""


class MalformedClaims(ValueError):
    """The claims are not such as this server writes."""


def to_claims(token: AccessClaims) -> dict[str, Any]:
    """The claim set. `aud` is a string where there is one audience (RFC 7519 §4.1.3)."""
    claims: dict[str, Any] = {
        "iss": token.iss,
        "sub": token.sub,
        "aud": token.aud[0] if len(token.aud) == 1 else list(token.aud),
        "exp": token.exp,
        "iat": token.iat,
        "jti": token.jti,
        "client_id": token.client_id,
        "scope": str(token.scope),
        "epochs": list(token.epochs),
    }
    if token.fid is not None:
        claims["fid"] = token.fid
    if token.auth_time is not None:
        claims |= {"auth_time": token.auth_time, "amr": list(token.amr)}
    if token.acr is not None:
        claims["acr"] = token.acr
    if token.sid is not None:
        claims["sid"] = token.sid
    return claims


def from_claims(claims: Mapping[str, Any]) -> AccessClaims:
    """Reads back what `to_claims` wrote.

    Raises:
        MalformedClaims: a member is missing or of another type, or a number is no whole number within 64 bits.
    """
    try:
        epochs = Epochs(*(_whole(number) for number in claims["epochs"]))
        return AccessClaims(
            iss=_text(claims["iss"]),
            sub=_text(claims["sub"]),
            aud=_audience(claims["aud"]),
            exp=_whole(claims["exp"]),
            iat=_whole(claims["iat"]),
            jti=_text(claims["jti"]),
            client_id=ClientId(_text(claims["client_id"])),
            scope=Scope.parse(_text(claims["scope"])),
            epochs=epochs,
            user_id=_person(claims) if epochs.user else None,
            fid=FamilyId(_identifier(claims["fid"])) if "fid" in claims else None,
            auth_time=_whole(claims["auth_time"]) if "auth_time" in claims else None,
            amr=tuple(_text(method) for method in claims.get("amr", ())),
            acr=_text(claims["acr"]) if "acr" in claims else None,
            sid=SessionId(_identifier(claims["sid"])) if "sid" in claims else None,
        )
    except (KeyError, TypeError, InvalidScope) as error:
        raise MalformedClaims(str(error)) from None


def is_current(token: AccessClaims, *, issuer: str, now: float) -> bool:
    """Whether the token says it comes from here and has not run out; `exp` is the first second it is dead."""
    return token.iss == issuer and now < token.exp


def is_live(token: AccessClaims, state: AccessState) -> bool:
    """Whether everything the token hangs on still stands as it stood when the token was made."""
    return (
        state.client_active
        and state.current.server == token.epochs.server
        and state.current.client == token.epochs.client
        and not (state.family_ended or state.jti_revoked)
        and (not token.epochs.user or (state.user_active and state.current.user == token.epochs.user))
    )


def _person(claims: Mapping[str, Any]) -> UserId | None:
    """Whose token it is; of a pairwise client's token only the family knows (OIDC Core §8.1)."""
    if "fid" in claims and not is_uuid(_text(claims["sub"])):
        return None
    return UserId(_identifier(claims["sub"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedClaims("a claim is not a string")
    return value


def _identifier(value: Any) -> str:
    if not is_uuid(_text(value)):
        raise MalformedClaims("an identifier has another form")
    return str(value)


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) >= 2**63:
        raise MalformedClaims("a claim is not a whole number")
    return value


def _audience(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not value:
        raise MalformedClaims("aud is neither a string nor a list of strings")
    return tuple(_text(one) for one in value)
