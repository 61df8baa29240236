"""Decides which keys sign, one for each algorithm, and which verify, and exchanges them all at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from identity_service.adapters.jwt.jwk import from_pkcs8, verification_key
from identity_service.adapters.jwt.jws import JwsSigner, JwsVerifier, SigningKey, VerificationKeys
from identity_service.ports.tokens.key_ring import HeldKey, KeysUnavailable


class JwsKeyRing:
    """`ports.KeyRing`, `TokenSigner` and `TokenVerifier` in one: they must agree at every moment."""

    def __init__(self) -> None:
        self._signers: dict[str, JwsSigner] = {}
        self._verifier = JwsVerifier(VerificationKeys(()))
        self._public: tuple[Mapping[str, Any], ...] = ()
        self._ready: dict[tuple[bytes, str], SigningKey] = {}

    def replace(self, keys: Iterable[HeldKey]) -> None:
        """Reads every key before it exchanges any; a key that was held before is not read again, which takes 20 ms."""
        held = [(key, self._ready.get((key.private_key, key.alg)) or _signing_key(key)) for key in keys]
        self._ready = {(key.private_key, key.alg): ready for key, ready in held}
        signers = {ready.alg: JwsSigner(ready) for key, ready in held if key.signs}
        verifier = JwsVerifier(VerificationKeys(ready.verification_key() for _, ready in held))
        public = tuple(dict(key.public_jwk) for key, _ in held)
        self._verifier, self._public, self._signers = verifier, public, signers

    def verify_only(self, jwks: Iterable[Mapping[str, Any]]) -> None:
        """Reads every key before it exchanges any."""
        public = tuple(dict(jwk) for jwk in jwks)
        self._verifier = JwsVerifier(VerificationKeys(verification_key(jwk) for jwk in public))
        self._public, self._signers = public, {}

    def public_jwks(self) -> tuple[Mapping[str, Any], ...]:
        """The public keys, the signing ones among them."""
        return self._public

    def signs(self, alg: str) -> bool:
        """Whether there is a signing key of this algorithm."""
        return alg in self._signers

    def sign(self, claims: Mapping[str, object], *, typ: str, alg: str) -> str:
        """A compact JWS by the key of this algorithm. Raises KeysUnavailable."""
        signer = self._signers.get(alg)
        if signer is None:
            raise KeysUnavailable(f"no key signs {alg}")
        return signer.sign(claims, typ=typ)

    def verify(self, token: str | bytes, *, typ: str) -> dict[str, Any]:
        """The claims. Raises UnverifiableToken, KeysUnavailable."""
        if not self._public:
            raise KeysUnavailable
        return self._verifier.verify(token, typ=typ)


def _signing_key(key: HeldKey) -> SigningKey:
    return SigningKey(from_pkcs8(key.private_key), key.kid, key.alg)
