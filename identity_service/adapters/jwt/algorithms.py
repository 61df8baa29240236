"""Decides how the four signature algorithms work and which keys they may use (RFC 7518 §3, RFC 8037)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey as EcPrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey as EcPublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from identity_service.adapters.jwt.rsa_strength import refuse_weak
from identity_service.adapters.jwt.small_order import refuse_small_order

PrivateKey = RSAPrivateKey | EcPrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | EcPublicKey | Ed25519PublicKey
Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], None]
"""Takes signature and signed bytes; raises cryptography's InvalidSignature."""

UNSUPPORTED: Final = "the key must be RSA of 2048 bits or more, EC on P-256, or Ed25519"

_SHA256: Final = SHA256()
_ECDSA: Final = ECDSA(_SHA256)
_HALF: Final = 32  # bytes of r, and of s, on P-256 (RFC 7518 §3.4)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One value of `alg`: the kind of key it takes, and how to bind signing and verifying to a key."""

    name: str
    key_type: str
    signing: Callable[[Any], Sign]
    verifying: Callable[[Any], Verify]


def _rsa(name: str, padding: AsymmetricPadding) -> Algorithm:
    def signing(key: RSAPrivateKey) -> Sign:
        return lambda data: key.sign(data, padding, _SHA256)

    def verifying(key: RSAPublicKey) -> Verify:
        return lambda signature, data: key.verify(signature, data, padding, _SHA256)

    return Algorithm(name, "RSA", signing, verifying)


def _ecdsa_signing(key: EcPrivateKey) -> Sign:
    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, _ECDSA))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")

    return sign


def _ecdsa_verifying(key: EcPublicKey) -> Verify:
    def verify(signature: bytes, data: bytes) -> None:
        if len(signature) != 2 * _HALF:
            raise ValueError("an ES256 signature is 64 bytes")
        r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
        key.verify(encode_dss_signature(r, s), data, _ECDSA)

    return verify


def _ed25519_signing(key: Ed25519PrivateKey) -> Sign:
    return key.sign


def _ed25519_verifying(key: Ed25519PublicKey) -> Verify:
    return key.verify


ALGORITHMS: Final = {
    algorithm.name: algorithm
    for algorithm in (
        _rsa("RS256", PKCS1v15()),
        _rsa("PS256", PSS(mgf=MGF1(_SHA256), salt_length=PSS.DIGEST_LENGTH)),  # RFC 7518 §3.5
        Algorithm("ES256", "EC", _ecdsa_signing, _ecdsa_verifying),
        Algorithm("EdDSA", "OKP", _ed25519_signing, _ed25519_verifying),
    )
}
_DEFAULTS: Final = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


def algorithm_for(key: PublicKey, name: str | None = None) -> Algorithm:
    """The algorithm of this name, or the usual one of the key's type.

    Raises ValueError when the name is unknown, does not fit the key, or the key is weak or of an unsupported
    type.
    """
    key_type = _key_type(key)
    algorithm = ALGORITHMS.get(name or _DEFAULTS[key_type])
    if algorithm is None or algorithm.key_type != key_type:
        raise ValueError(
            f"algorithm {name!r} is not one of {', '.join(ALGORITHMS)} that a key of type {key_type} can have"
        )
    return algorithm


def _key_type(key: PublicKey) -> str:
    if isinstance(key, RSAPublicKey):
        refuse_weak(key.public_numbers())
        return "RSA"
    if isinstance(key, Ed25519PublicKey):
        refuse_small_order(key.public_bytes_raw())
        return "OKP"
    if not isinstance(key.curve, SECP256R1):
        raise ValueError(UNSUPPORTED)
    return "EC"
