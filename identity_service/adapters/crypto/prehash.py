"""Decides what is hashed in place of a password: a keyed digest of it, of fixed length and without NUL."""

import hmac
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final
from unicodedata import normalize

from identity_service.adapters.crypto.aes_gcm_sealer import framed

_NO_PEPPER_KEY: Final = b"identity-service password prehash v1, no pepper"
_NO_PEPPER_ID: Final = "none"


@dataclass(frozen=True, slots=True)
class Pepper:
    """A secret that is not kept with the hashes; `id` stands in each hash made under it."""

    id: str
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str | None) -> "Pepper":
        """The pepper of the setting; none or an empty one gives the fixed domain constant.

        The id is derived: 32 bits, so that it tells peppers apart and is of little use for guessing a weak
        one.
        """
        if not secret:
            return cls(_NO_PEPPER_ID, _NO_PEPPER_KEY)
        key = secret.encode("utf-8", "surrogatepass")
        return cls(hmac.digest(key, framed(b"identity-service", b"pepper id"), "sha256")[:4].hex(), key)


NO_PEPPER: Final = Pepper.of(None)


def prehash(password: str, pepper: Pepper) -> bytes:
    """64 base64 characters: HMAC-SHA-384 under the pepper over the UTF-8 bytes of the password in NFC.

    bcrypt reads 72 bytes at most and some makers stop at NUL; these 64 characters carry all of the password
    past both (OWASP Password Storage Cheat Sheet, "Pre-Hashing Passwords with bcrypt"). NFC: RFC 8265 §4.2.
    """
    return b64encode(hmac.digest(pepper.key, utf8(normalize("NFC", password)), "sha384"))


def utf8(password: str) -> bytes:
    """The bytes of any string; lone surrogates, which JSON can smuggle in, are merely a wrong password."""
    return password.encode("utf-8", "surrogatepass")
