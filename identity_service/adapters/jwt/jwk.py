"""Decides how keys are made, read from PEM, stored, named (RFC 7638) and published (RFC 7517)."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    load_pem_public_key,
)

from identity_service.adapters.jwt.algorithms import UNSUPPORTED, PrivateKey, PublicKey, algorithm_for
from identity_service.adapters.jwt.encoding import from_base64url, to_base64url
from identity_service.adapters.jwt.jws import SigningKey, VerificationKey
from identity_service.adapters.jwt.rsa_strength import LEAST_BITS

_COORDINATE: Final = 32  # bytes of x and of y on P-256 (RFC 7518 §6.2.1.2)
_NEEDED: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_PRIVATE_OR_SYMMETRIC: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def generate_private_key(alg: str = "RS256", *, bits: int = LEAST_BITS) -> PrivateKey:
    """Makes a key for this algorithm; `bits` counts for RSA only.

    Raises ValueError for an unknown algorithm or fewer than 2048 bits.
    """
    if alg in ("RS256", "PS256"):
        if bits < LEAST_BITS:
            raise ValueError(f"an RSA key must have at least {LEAST_BITS} bits, not {bits}")
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(f"{alg!r} is none of RS256, PS256, ES256, EdDSA")


def load_private_key(text: str) -> PrivateKey:
    """Reads a private key in PEM (PKCS#1, SEC 1 or PKCS#8), as it is or in base64.

    Raises ValueError that says what is wrong and never repeats the text.
    """
    pem = _pem(text)
    if b"PUBLIC KEY-----" in pem:
        raise ValueError("this is a public key; the private one is wanted")
    if b"BEGIN OPENSSH PRIVATE KEY" in pem:
        raise ValueError("this is OpenSSH's own format; write it as PEM: ssh-keygen -p -m PEM -f FILE")
    try:
        return _usable(load_pem_private_key(pem, password=None))
    except TypeError:
        raise ValueError("the private key is encrypted; take the passphrase off") from None
    except UnsupportedAlgorithm:
        raise ValueError(UNSUPPORTED) from None


def load_public_key(text: str) -> PublicKey:
    """Reads a public key in PEM (PKCS#1 or SubjectPublicKeyInfo), bare or in base64. Raises ValueError."""
    pem = _pem(text)
    if b"PRIVATE KEY-----" in pem:
        raise ValueError("this is a private key; the public one is wanted")
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm:
        raise ValueError(UNSUPPORTED) from None
    if not isinstance(key, PublicKey):
        raise ValueError(UNSUPPORTED)
    algorithm_for(key)
    return key


def refuse_mismatch(private_key: PrivateKey, public_key: PublicKey) -> None:
    """Raises ValueError unless the two keys belong together."""
    if private_key.public_key() != public_key:
        raise ValueError("the public key does not belong to the private key")


def to_pkcs8(key: PrivateKey) -> bytes:
    """PKCS#8 DER, unencrypted: what is sealed and stored."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def from_pkcs8(der: bytes) -> PrivateKey:
    """Reads what `to_pkcs8` wrote, hence a key that was checked when it was made or imported. Raises ValueError."""
    try:  # checking an RSA key's numbers again would take 27 ms, at every start and for every key
        return _usable(load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True))
    except (TypeError, UnsupportedAlgorithm):
        raise ValueError(f"encrypted, or: {UNSUPPORTED}") from None


def to_pem(key: PrivateKey) -> str:
    """PKCS#8 PEM, unencrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def to_public_pem(key: PublicKey) -> str:
    """SubjectPublicKeyInfo PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def signing_key(private_key: PrivateKey, alg: str | None = None) -> SigningKey:
    """The key with its thumbprint as `kid` and, where none is named, the usual algorithm of its type."""
    public_key = private_key.public_key()
    return SigningKey(private_key, thumbprint(public_key), algorithm_for(public_key, alg).name)


def thumbprint(key: PublicKey) -> str:
    """RFC 7638 §3 with SHA-256: base64url over the required members in lexicographic order."""
    required = json.dumps(_members(key), separators=(",", ":"), sort_keys=True)
    return to_base64url(sha256(required.encode("ascii")).digest()).decode("ascii")


def public_jwk(key: VerificationKey) -> dict[str, str]:
    """The entry of the key set: public members, `kid`, `alg`, `use` (RFC 7517 §4)."""
    return {**_members(key.public_key), "kid": key.kid, "alg": key.alg, "use": "sig"}


def verification_key(jwk: Mapping[str, Any]) -> VerificationKey:
    """Reads a public JWK with a `kid`, meant for signatures or for no stated use.

    Raises ValueError: private or symmetric members, another use, an algorithm that does not fit the key, a
    weak key.
    """
    if is_secret(jwk):
        raise ValueError("not a public key")
    if not meant_for_signatures(jwk):
        raise ValueError("the key is not for verifying signatures")
    kid, alg = jwk.get("kid"), jwk.get("alg")
    if not isinstance(kid, str) or not isinstance(alg, str | None):
        raise ValueError("the key has no kid, or an alg that is no string")
    key = public_key(jwk)
    return VerificationKey(key, kid, algorithm_for(key, alg).name)


def is_secret(jwk: Mapping[str, Any]) -> bool:
    """Whether there is a member in it that only its owner may know (RFC 7518 §6)."""
    return not _PRIVATE_OR_SYMMETRIC.isdisjoint(jwk)


def meant_for_signatures(jwk: Mapping[str, Any]) -> bool:
    """Whether it is for verifying, or says nothing (RFC 7517 §4.2, §4.3)."""
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """The key that the public members make. Raises ValueError."""
    kind = jwk.get("kty")
    needed = [jwk.get(name) for name in _NEEDED.get(str(kind), ())]
    if not needed or not all(isinstance(text, str) and text.isascii() for text in needed):
        raise ValueError("kty is none of RSA, EC, OKP, or a member of the key is missing")
    crv, raw = jwk.get("crv"), [from_base64url(str(text).encode()) for text in needed[kind != "RSA" :]]
    if kind == "RSA":
        return rsa.RSAPublicNumbers(*(int.from_bytes(part, "big") for part in reversed(raw))).public_key()
    if (kind, crv) == ("OKP", "Ed25519"):
        return ed25519.Ed25519PublicKey.from_public_bytes(raw[0])
    if (kind, crv) != ("EC", "P-256") or [len(part) for part in raw] != [_COORDINATE] * 2:
        raise ValueError("the curve is neither P-256 nor Ed25519, or a coordinate has another length")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + b"".join(raw))


def _members(key: PublicKey) -> dict[str, str]:
    """The members that make the key (RFC 7518 §6.2.1, §6.3.1; RFC 8037 §2)."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _unsigned(numbers.n), "e": _unsigned(numbers.e)}
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        x, y = (_text(number.to_bytes(_COORDINATE, "big")) for number in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    return {"kty": "OKP", "crv": "Ed25519", "x": _text(key.public_bytes_raw())}


def _unsigned(number: int) -> str:
    return _text(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _text(raw: bytes) -> str:
    return to_base64url(raw).decode("ascii")


def _usable(key: object) -> PrivateKey:
    if not isinstance(key, PrivateKey):
        raise ValueError(UNSUPPORTED)
    algorithm_for(key.public_key())
    return key


def _pem(text: str) -> bytes:
    """The PEM text, taken out of base64 where it stands in that; line breaks in the base64 are ignored."""
    text = text.strip()
    if text.startswith("-----BEGIN "):
        return text.encode("utf-8", "replace")
    try:
        decoded = b64decode("".join(text.split()), validate=True)
    except (NotBase64, ValueError):
        decoded = b""
    if not decoded.lstrip().startswith(b"-----BEGIN "):
        raise ValueError("must be a key in PEM, or the base64 of one")
    return decoded
