"""Decides what a secret value may show (nothing) and how the opaque tokens of this server look."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import crc32
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Final, NoReturn

RANDOM_BYTES: Final = 32
"""An opaque token carries 256 random bits."""


class Secret:
    """A string that never prints itself; `reveal()` is the only way to the text.

    `repr`, `str` and every format show a placeholder, pickling raises TypeError, copies are the object
    itself, equality takes the same time wherever two secrets of one length differ.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """Returns the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(_utf8(self._text), _utf8(other._text))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a secret does not change")


class OpaqueKind(StrEnum):
    """What an opaque token is; the value is its prefix, by which secret scanners know it."""

    CLIENT_SECRET = "ids_"
    REFRESH_TOKEN = "idr_"
    AUTHORIZATION_CODE = "idc_"
    SESSION = "idw_"
    BROWSER = "idb_"
    INITIAL_ACCESS_TOKEN = "idi_"
    REGISTRATION_ACCESS_TOKEN = "idg_"


_BODY = re.compile(r"[A-Za-z0-9_-]{48}")


def opaque_token(kind: OpaqueKind, random: bytes) -> Secret:
    """The token of this kind around 32 random bytes: prefix, then 48 characters of base64url.

    36 bytes fill 48 characters exactly, so there is no padding and one spelling per token; all characters are
    unreserved (RFC 3986 §2.3), so the token reads the same in forms, headers and URLs. The checksum covers
    the prefix too. Raises ValueError for another number of bytes.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"an opaque token is made of {RANDOM_BYTES} bytes, not {len(random)}")
    return Secret(kind + urlsafe_b64encode(random + _checksum(kind, random)).decode("ascii"))


def is_opaque_token(kind: OpaqueKind, text: str) -> bool:
    """Whether `text` can be a token of this kind: prefix, alphabet, length and checksum are right.

    It spares a look-up for garbage and is no defence: anybody can compute the checksum.
    """
    if not text.startswith(kind) or not _BODY.fullmatch(text, len(kind)):
        return False
    raw = urlsafe_b64decode(text[len(kind) :])
    return raw[RANDOM_BYTES:] == _checksum(kind, raw[:RANDOM_BYTES])


def digest(token: str) -> bytes:
    """The SHA-256 digest (32 bytes) under which a token or a secret of the server's making is kept and found.

    A fast hash is right for 256 random bits; it takes any string, lone surrogates included.
    """
    return sha256(_utf8(token)).digest()


def _checksum(kind: OpaqueKind, random: bytes) -> bytes:
    return crc32(random, crc32(kind.encode("ascii"))).to_bytes(4, "big")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
