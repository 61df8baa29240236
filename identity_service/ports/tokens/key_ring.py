"""The keys that a process holds ready."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A key in the clear: PKCS#8 DER, its one algorithm, whether tokens are signed with it (at most one key of an
    algorithm is), and what is published of it."""

    kid: str
    alg: str
    private_key: bytes = field(repr=False)
    public_jwk: Mapping[str, Any]
    signs: bool


class KeysUnavailable(Exception):
    """No key is held (yet) that could verify, or sign with the algorithm that is wanted."""


class KeyRing(Protocol):
    """All keys at once; an exchange takes effect between two tokens, never within one."""

    def replace(self, keys: Iterable[HeldKey]) -> None:
        """Holds these keys from now on, and no others. Raises ValueError for an unusable one, changing nothing."""

    def verify_only(self, jwks: Iterable[Mapping[str, Any]]) -> None:
        """Holds these public keys from now on, and none that signs. Raises ValueError, changing nothing."""

    def public_jwks(self) -> tuple[Mapping[str, Any], ...]:
        """What others verify with (RFC 7517 §5)."""


class KeyMaker(Protocol):
    """Makes and reads private keys, and reads public ones."""

    def make(self, alg: str) -> HeldKey:
        """A new key; takes a moment of processor time."""

    def read(self, pem: str, *, alg: str | None) -> HeldKey:
        """The key in this PEM, or base64 of a PEM; without `alg` it is for the usual algorithm of its type.

        Raises ValueError, which shows nothing of the key.
        """

    def restore(self, private_key: bytes, *, alg: str) -> HeldKey:
        """The key of which this is the private half: what is published follows from that alone. Raises ValueError."""

    def read_public(self, pem: str, *, alg: str) -> Mapping[str, Any]:
        """The JWK of the public key in this PEM, or base64 of a PEM. Raises ValueError."""
