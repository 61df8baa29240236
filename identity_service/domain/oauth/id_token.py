"""What an ID token says, and which ID token of ours can hint at a person (OIDC Core §2, §3.1.2.1)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from typing import Any

from identity_service.domain.oauth.errors import InvalidRequest

TYP = "JWT"
"""RFC 7519 §5.1. Access tokens have a `typ` of their own, so that neither is taken for the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """The claims. `about` holds the single claims that were asked for; times are NumericDates."""

    iss: str
    sub: str
    client_id: str
    iat: int
    exp: int
    auth_time: int
    amr: tuple[str, ...]
    acr: str | None
    nonce: str | None
    sid: str | None
    about: Mapping[str, Any] = field(default_factory=dict)


def to_claims(token: IdToken, *, access_token: str, alg: str) -> dict[str, Any]:
    """The claim set; what is None is left out. Nothing in `about` can stand in for a claim of the protocol."""
    claims: dict[str, Any] = {
        "iss": token.iss,
        "sub": token.sub,
        "aud": token.client_id,
        "azp": token.client_id,
        "exp": token.exp,
        "iat": token.iat,
        "auth_time": token.auth_time,
        "amr": list(token.amr),
        "acr": token.acr,
        "nonce": token.nonce,
        "sid": token.sid,
        "at_hash": half_hash(access_token, alg=alg),
    }
    about = {name: value for name, value in token.about.items() if name not in claims}
    return {**about, **{name: value for name, value in claims.items() if value is not None}}


def half_hash(text: str, *, alg: str) -> str:
    """The left half of a digest by the hash of the signing algorithm (OIDC Core §3.1.3.6); for EdDSA by SHA-512, which
    is Ed25519's own."""
    hashed = (sha512 if alg == "EdDSA" else sha256)(text.encode("ascii")).digest()
    return urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode("ascii")


def hinted_subject(claims: Mapping[str, Any], *, issuer: str, client_id: str) -> str:
    """The subject of an ID token of ours for this client; that it has expired is no matter (§3.1.2.1).

    Raises:
        InvalidRequest: somebody else's, or for somebody else.
    """
    if (
        claims.get("iss") != issuer
        or claims.get("aud") != client_id
        or not isinstance(claims.get("sub"), str)
    ):
        raise InvalidRequest("id_token_hint is no ID token of this server for this client")
    return str(claims["sub"])
