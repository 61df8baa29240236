"""Whether an ID token is to be believed (OIDC Core §3.1.3.7, §12.2)."""

import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from identity_service.demo.party import Party
from identity_service.demo.problem import Problem

ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
"""Never `none`, and never one whose key the other side would have to share with us."""
LEEWAY_SECONDS = 60
ESSENTIAL: dict[str, Any] = {"essential": True}


class UnknownKey(Exception):
    """The key that signed it is not among those that we have: they may have been rotated."""


def signature_checked(id_token: str, keys: KeySet, offered: Iterable[str]) -> jwt.Token:
    """The token, signed by one of these keys with one of the algorithms that the provider says it uses.

    Raises UnknownKey, Problem.
    """
    try:
        return jwt.decode(id_token, keys, algorithms=sorted(ASYMMETRIC.intersection(offered)))
    except InvalidKeyIdError:
        raise UnknownKey from None
    except (JoseError, ValueError, RecursionError) as error:
        raise Problem("invalid_id_token", f"its signature or its form is not good: {error}") from None


def check_claims(claims: Mapping[str, Any], party: Party, *, now: int, nonce: str | None) -> None:
    """Who made it, for whom, for which sign-in, and until when. `nonce` None: it answers no request of a browser.

    Raises Problem.
    """
    wanted: dict[str, Any] = {
        "iss": ESSENTIAL | {"value": party.issuer},
        "sub": ESSENTIAL,
        "aud": ESSENTIAL | {"value": party.client_id},
        "exp": ESSENTIAL,
        "iat": ESSENTIAL,
    }
    if nonce is not None:
        wanted["nonce"] = ESSENTIAL | {"value": nonce}
    try:
        jwt.JWTClaimsRegistry(now=now, leeway=LEEWAY_SECONDS, **wanted).validate(dict(claims))
    except JoseError as error:
        raise Problem("invalid_id_token", str(error)) from None
    _check_authorized_party(claims, party.client_id)


def _check_authorized_party(claims: Mapping[str, Any], client_id: str) -> None:
    audiences, authorized = claims["aud"], claims.get("azp")
    if isinstance(audiences, list) and len(audiences) > 1 and authorized is None:
        raise Problem("invalid_id_token", "it is for several audiences, and names no authorized party")
    if authorized not in (None, client_id):
        raise Problem("invalid_id_token", "it was given to another client")


def check_access_token(token: jwt.Token, access_token: str) -> None:
    """That both came together (§3.1.3.8), where the provider says so. Raises Problem."""
    said = token.claims.get("at_hash")
    if said is None:
        return
    made: bytes | None = create_half_hash(access_token, str(token.header["alg"]))
    if made is None or not hmac.compare_digest(made, str(said).encode()):
        raise Problem("invalid_id_token", "at_hash does not belong to the access token")


def check_same_person(new: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """A refresh changes neither the person nor when they signed in (§12.2). Raises Problem."""
    for claim in ("sub", "aud", "auth_time", "nonce"):
        if claim in new and new[claim] != before.get(claim):
            raise Problem("invalid_id_token", f"{claim} is not what it was at sign-in")
