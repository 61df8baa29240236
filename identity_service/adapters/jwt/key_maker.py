"""Decides how private keys are made and read."""

from collections.abc import Mapping
from typing import Any

from identity_service.adapters.jwt.algorithms import PrivateKey
from identity_service.adapters.jwt.jwk import (
    from_pkcs8,
    generate_private_key,
    load_private_key,
    load_public_key,
    public_jwk,
    signing_key,
    thumbprint,
    to_pkcs8,
)
from identity_service.adapters.jwt.jws import VerificationKey
from identity_service.ports.tokens.key_ring import HeldKey


class JwkMaker:
    """`ports.KeyMaker`: keys named by their RFC 7638 thumbprint. `bits` counts for RSA."""

    def __init__(self, *, bits: int) -> None:
        self._bits = bits

    def make(self, alg: str) -> HeldKey:
        """A new private key."""
        return _held(generate_private_key(alg, bits=self._bits), alg)

    def read(self, pem: str, *, alg: str | None) -> HeldKey:
        """A private key in PEM, or base64 of it; without `alg`: RS256, ES256, EdDSA. Raises ValueError."""
        return _held(load_private_key(pem), alg)

    def restore(self, private_key: bytes, *, alg: str) -> HeldKey:
        """A private key in PKCS#8 DER. Raises ValueError."""
        return _held(from_pkcs8(private_key), alg)

    def read_public(self, pem: str, *, alg: str) -> Mapping[str, Any]:
        """The JWK of a public key in PEM, or base64 of it. Raises ValueError."""
        key = load_public_key(pem)
        return public_jwk(VerificationKey(key, thumbprint(key), alg))


def _held(private: PrivateKey, alg: str | None) -> HeldKey:
    key = signing_key(private, alg)
    return HeldKey(
        kid=key.kid,
        alg=key.alg,
        private_key=to_pkcs8(private),
        public_jwk=public_jwk(key.verification_key()),
        signs=True,
    )
