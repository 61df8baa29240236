"""Makes tokens that nobody should believe."""

import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.house import private_key

Sign = Callable[[bytes], bytes]


def encoded(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(part: str) -> Any:
    """The JSON value of a part of a compact JWS."""
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def header_of(token: str) -> dict[str, Any]:
    """The header of a compact JWS."""
    return dict(decoded(token.split(".")[0]))


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a compact JWS."""
    return dict(decoded(token.split(".")[1]))


def rs256(key: rsa.RSAPrivateKey) -> Sign:
    """Signs with this key."""
    return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())


@cache
def our_key() -> rsa.RSAPrivateKey:
    """The key of the servers of the tests, as if an attacker had got the server to sign for them."""
    key = load_pem_private_key(b64decode(private_key()), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def forged(header: Any, claims: Any, sign: Sign) -> str:
    """A compact JWS of these; text stands for JSON that `json.dumps` would not write."""
    signing_input = ".".join(
        encoded((part if isinstance(part, str) else json.dumps(part)).encode()) for part in (header, claims)
    )
    return f"{signing_input}.{encoded(sign(signing_input.encode()))}"
