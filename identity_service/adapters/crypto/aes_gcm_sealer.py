"""Decides how the master key seals secrets (AES-256-GCM) and makes keyed digests (HMAC-SHA-256)."""

import hmac
import os
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from identity_service.ports.security import Unsealable

KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_KEY_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12  # the size that GCM takes as it is (NIST SP 800-38D §8.2)
_HEAD: Final = len(_VERSION) + _KEY_ID_BYTES
_SHORTEST: Final = _HEAD + _NONCE_BYTES + 16  # with the tag of an empty plaintext
_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")


def parse_master_key(text: str) -> bytes:
    """The 32 bytes written in `text` as 64 hex digits, base64 or base64url, padded or not.

    White space around it is ignored (a file ends in a line break). The three spellings have different
    lengths, so none is mistaken for another. Raises ValueError, which never repeats the text.
    """
    text = text.strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        plain = text.rstrip("=").replace("-", "+").replace("_", "/")
        key = b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (NotBase64, ValueError):
        raise ValueError("must be 32 bytes in base64, base64url or hexadecimal") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"must be 32 bytes in base64, base64url or hexadecimal; this is {len(key)} bytes")
    return key


class AesGcmSealer:
    """Seals under sub-keys of one master key, one a purpose.

    Sealed form: version (1 byte), key id (8), nonce (12), ciphertext with tag. Version, key id, purpose and
    context are authenticated. Nonces are random, which is safe for 2**32 seals a purpose (NIST SP 800-38D
    §8.3).
    """

    def __init__(self, master_key: bytes, *, entropy: Callable[[int], bytes] = os.urandom) -> None:
        self._master_key = _checked(master_key)
        self._entropy = entropy
        self._head = _VERSION + _derive(self._master_key, "key id")[:_KEY_ID_BYTES]
        self._ciphers: dict[str, AESGCM] = {}

    @property
    def key_id(self) -> str:
        """16 hex digits, derived from the key one way."""
        return self._head[len(_VERSION) :].hex()

    def seal(self, plaintext: bytes, *, purpose: str, context: str) -> bytes:
        """Encrypts; the same purpose and context are needed to open."""
        nonce = self._entropy(_NONCE_BYTES)
        cipher = self._cipher(purpose)
        return self._head + nonce + cipher.encrypt(nonce, plaintext, self._bound(purpose, context))

    def open(self, sealed: bytes, *, purpose: str, context: str) -> bytes:
        """Returns the plaintext. Raises Unsealable."""
        self._refuse_foreign(sealed)
        nonce, ciphertext = sealed[_HEAD : _HEAD + _NONCE_BYTES], sealed[_HEAD + _NONCE_BYTES :]
        try:
            return self._cipher(purpose).decrypt(nonce, ciphertext, self._bound(purpose, context))
        except InvalidTag:
            reason = f"changed since it was sealed under key {self.key_id}, or meant for other use"
            raise Unsealable(reason, key_id=self.key_id) from None

    def _refuse_foreign(self, sealed: bytes) -> None:
        if len(sealed) < _SHORTEST or sealed[:1] != _VERSION:
            raise Unsealable("not a sealed value of a version known here")
        wanted = sealed[len(_VERSION) : _HEAD].hex()
        if wanted != self.key_id:
            raise Unsealable(f"sealed under key {wanted}; the key here is {self.key_id}", key_id=wanted)

    def _cipher(self, purpose: str) -> AESGCM:
        cipher = self._ciphers.get(purpose)
        if cipher is None:
            cipher = self._ciphers[purpose] = AESGCM(_derive(self._master_key, "seal", purpose))
        return cipher

    def _bound(self, purpose: str, context: str) -> bytes:
        return framed(self._head, purpose.encode(), context.encode())


class HmacDigest:
    """HMAC-SHA-256 under sub-keys of one master key, one a purpose; none of them seals anything."""

    def __init__(self, master_key: bytes) -> None:
        self._master_key = _checked(master_key)
        self._keys: dict[str, bytes] = {}

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """Returns 32 bytes over the length-framed parts."""
        key = self._keys.get(purpose)
        if key is None:
            key = self._keys[purpose] = _derive(self._master_key, "mac", purpose)
        return hmac.digest(key, framed(*parts), "sha256")


def framed(*parts: bytes) -> bytes:
    """Joins parts so that no two lists of parts give the same bytes: each after its length (8 bytes)."""
    return b"".join([len(part).to_bytes(8, "big") + part for part in parts])


def _derive(master_key: bytes, *info: str) -> bytes:
    """HKDF-SHA-256 (RFC 5869) without salt, which a random master key does not need (§3.1)."""
    label = framed(b"identity-service", *(part.encode() for part in info))
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(master_key)


def _checked(master_key: bytes) -> bytes:
    if len(master_key) != KEY_BYTES:
        raise ValueError(f"a master key is {KEY_BYTES} bytes, not {len(master_key)}")
    return master_key
