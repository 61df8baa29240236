"""Decides which keys a client may register or publish, and which of them verifies what the client signed."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from identity_service.adapters.jwt.algorithms import ALGORITHMS, PublicKey, algorithm_for
from identity_service.adapters.jwt.encoding import json_object
from identity_service.adapters.jwt.jwk import is_secret, meant_for_signatures, public_key, thumbprint
from identity_service.adapters.jwt.jws import LONGEST_KID, VerificationKey, VerificationKeys
from identity_service.ports.tokens.key_sets import KeySet, Opened, UnusableKey
from identity_service.ports.tokens.signer import UnknownKey, UnverifiableToken

MOST_KEYS: Final = 20
LONGEST_MEMBER: Final = 4096
"""Characters: more than the modulus of the largest RSA key has."""


class ClientKey(NamedTuple):
    """A public key as its client names it. `alg` None: every algorithm that fits (OIDC Registration §2)."""

    key: PublicKey
    kid: str | None
    alg: str | None

    def verifying(self) -> Iterable[VerificationKey]:
        """One for each algorithm; a key without a name has its thumbprint for one (RFC 7638)."""
        kid = thumbprint(self.key) if self.kid is None else self.kid
        key_type = algorithm_for(self.key).key_type
        for name in ALGORITHMS if self.alg is None else (self.alg,):
            if ALGORITHMS[name].key_type == key_type:
                yield VerificationKey(self.key, kid, name)


class ClientKeySet:
    """`ports.KeySet`."""

    def __init__(self, keys: Iterable[ClientKey]) -> None:
        """Raises ValueError for two keys that one `kid` and algorithm mean."""
        self._keys = tuple(each for key in keys for each in key.verifying())
        self._rings: dict[str | None, _Ring] = {None: _Ring(self._keys)}

    def open(self, token: str, *, alg: str | None) -> Opened:
        """Raises UnverifiableToken."""
        ring = self._rings.get(alg)
        if ring is None:
            ring = self._rings[alg] = _Ring(key for key in self._keys if key.alg == alg)
        try:
            typ, payload = ring.open(token.encode("ascii"))
            return Opened(typ, json_object(payload))
        except ValueError as error:  # UnicodeEncodeError is one
            raise UnverifiableToken(f"not ASCII or no claims: {type(error).__name__}") from error


class _Ring(VerificationKeys):
    """Keys of somebody else: `alg` is the token's choice within what its key is for, and `kid` may be left out."""

    __slots__ = ("_by_name",)

    def __init__(self, keys: Iterable[VerificationKey]) -> None:
        super().__init__(())
        listed = tuple(keys)
        self._by_name = {(key.kid, key.alg): key for key in listed}
        if len(self._by_name) != len(listed):
            raise ValueError("two keys have the same kid and algorithm")

    def _named(self, members: Mapping[str, Any]) -> VerificationKey:
        kid, alg = members.get("kid"), members.get("alg")
        if "kid" in members and not isinstance(kid, str):
            raise UnverifiableToken("header: kid is no string")
        if kid is not None and kid not in {name for name, _ in self._by_name}:
            raise UnknownKey("header: kid names no key of the client")
        fitting = [key for (name, of), key in self._by_name.items() if of == alg and kid in (None, name)]
        if len(fitting) != 1:
            raise UnverifiableToken("header: alg and kid do not mean one key of the client")
        return fitting[0]


class JwkKeySets:
    """`ports.KeySets`."""

    def check(self, jwks: Mapping[str, Any]) -> None:
        """Raises UnusableKey."""
        keys = _listed(jwks)
        if keys is None:
            raise UnusableKey("must be a JWK Set of 1 to 20 keys (RFC 7517 section 5)")
        for at, jwk in enumerate(keys):
            _check(jwk, at)
        named = [jwk["kid"] for jwk in keys if "kid" in jwk]
        if len(set(named)) != len(named):
            raise UnusableKey("must not have two keys with the same kid")
        if not any(map(meant_for_signatures, keys)):
            raise UnusableKey("must have a key that is for signatures")
        try:
            self.read(jwks)
        except ValueError:
            raise UnusableKey("must not have a key twice") from None

    def read(self, jwks: Mapping[str, Any]) -> KeySet:
        """Raises ValueError."""
        keys = _listed(jwks)
        if keys is None:
            raise ValueError("not a JWK Set, or too many keys")
        return ClientKeySet(key for jwk in keys if (key := _usable(jwk)) is not None)

    def parse(self, body: bytes) -> KeySet:
        """Raises ValueError."""
        return self.read(json_object(body))


def _listed(jwks: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        return None
    return keys if all(isinstance(each, dict) for each in keys) else None


def _check(jwk: Mapping[str, Any], at: int) -> None:
    """A key for encryption may stand beside those for signatures, if it is a public one."""
    if is_secret(jwk):
        raise UnusableKey("must not have private or symmetric members", at=at)
    kid = jwk.get("kid")
    if "kid" in jwk and not (isinstance(kid, str) and 0 < len(kid) <= LONGEST_KID):
        raise UnusableKey("must have a kid of 1 to 256 characters, or none", at=at)
    if meant_for_signatures(jwk) and _usable(jwk) is None:
        raise UnusableKey(
            "must be RSA of 2048 to 8192 bits, EC on P-256 or Ed25519, for RS256, PS256, ES256 or EdDSA",
            at=at,
        )


def _usable(jwk: Mapping[str, Any]) -> ClientKey | None:
    """The key, or None for one that cannot verify anything here."""
    kid, alg = jwk.get("kid"), jwk.get("alg")
    if is_secret(jwk) or not meant_for_signatures(jwk) or not _are_short(jwk):
        return None
    if not isinstance(kid, str | None) or (alg is not None and alg not in tuple(ALGORITHMS)):
        return None
    try:
        key = ClientKey(public_key(jwk), kid, alg)
        algorithm_for(key.key, alg)
    except ValueError:
        return None
    return key


def _are_short(jwk: Mapping[str, Any]) -> bool:
    return all(len(value) <= LONGEST_MEMBER for value in jwk.values() if isinstance(value, str))
