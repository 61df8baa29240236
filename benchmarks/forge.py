"""Access tokens as the measured server makes them, signed with the key that this run has given it.

So that thousands of different ones, or one that has expired, need not be asked for.
"""

import json
import uuid
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

BITS = 2048


def new_key() -> rsa.RSAPrivateKey:
    """An RS256 key of the size that all figures are about."""
    return rsa.generate_private_key(65537, BITS)


def as_setting(key: rsa.RSAPrivateKey) -> str:
    """The key as JWT_PRIVATE_KEY wants it."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b64encode(pem).decode()


class Forge:
    """Makes variants of one real token."""

    def __init__(self, key: rsa.RSAPrivateKey, token: str) -> None:
        self._key = key
        self._head, payload, _ = token.split(".")
        self._claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=="))

    def another(self, **claims: str) -> str:
        """A live token of the same family under a name of its own, with these claims changed."""
        return self._signed(self._claims | {"jti": str(uuid.uuid4())} | claims)

    def expired(self) -> str:
        """One that ran out a minute ago."""
        now = int(self._claims["iat"])
        return self._signed(self._claims | {"jti": str(uuid.uuid4()), "iat": now - 960, "exp": now - 60})

    def forged(self) -> str:
        """One whose signature is another token's."""
        head, payload, _ = self.another().split(".")
        return f"{head}.{payload}.{self.another().rpartition('.')[2]}"

    def _signed(self, claims: dict[str, Any]) -> str:
        payload = _base64url(json.dumps(claims, separators=(",", ":")).encode())
        signed = f"{self._head}.{payload}"
        return f"{signed}.{_base64url(self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
