"""Proof Key for Code Exchange (RFC 7636): which challenges are taken, and which verifier fits."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest

from identity_service.domain.oauth.errors import InvalidGrant, InvalidRequest

METHOD = "S256"
"""The only method: `plain` protects nothing that a leaked request shows (RFC 9700 §2.1.1)."""

_S256 = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def parse_challenge(challenge: str | None, method: str | None, *, required: bool) -> str | None:
    """The challenge of a request to authorize, None where there is none and none is needed (RFC 7636 §4.3).

    Raises:
        InvalidRequest: missing though required, `plain` (which is what no method means), another method, or no
            base64url of 32 bytes.
    """
    if challenge is None:
        if method is not None:
            raise InvalidRequest("code_challenge is missing")
        if required:
            raise InvalidRequest("code_challenge is missing, this client has to use PKCE")
        return None
    if method != METHOD:
        raise InvalidRequest("code_challenge_method must be S256")
    if _S256.fullmatch(challenge) is None:
        raise InvalidRequest("code_challenge is not the base64url of a SHA-256 digest")
    return challenge


def verify(challenge: str | None, verifier: str | None) -> None:
    """Holds a verifier against the challenge of its code (RFC 7636 §4.6).

    Raises:
        InvalidGrant: it does not fit, one of the two is missing, or it is none (§4.1). A verifier nobody asked for is
            refused too: its request to authorize may have been stripped of the challenge (RFC 9700 §2.1.1).
    """
    if challenge is None and verifier is None:
        return
    if challenge is None or verifier is None:
        raise InvalidGrant("code_verifier does not belong to this code")
    if _VERIFIER.fullmatch(verifier) is None or not compare_digest(_challenge(verifier), challenge):
        raise InvalidGrant("code_verifier does not match")


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
