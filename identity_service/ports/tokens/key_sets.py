"""Key sets of clients (RFC 7517 §5): which may be registered, and what they verify."""

from collections.abc import Mapping
from typing import Any, LiteralString, NamedTuple, Protocol


class UnusableKey(ValueError):
    """A key set cannot be registered: its key number `at`, or the set as a whole. `reason` quotes nothing of it."""

    def __init__(self, reason: LiteralString, *, at: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at


class Opened(NamedTuple):
    """What a verified token holds. `typ` is in lower case, and without `application/` (RFC 7515 §4.1.9)."""

    typ: str | None
    claims: Mapping[str, Any]


class KeySet(Protocol):
    """The public keys of one client."""

    def open(self, token: str, *, alg: str | None) -> Opened:
        """What one of the keys signed; with `alg`, by this algorithm and no other.

        The key is the one that `kid` names; without `kid`, the only one that fits. `typ` and claims are not judged.

        Raises UnverifiableToken; UnknownKey where `kid` names none of these keys.
        """


class KeySets(Protocol):
    """Reads key sets."""

    def check(self, jwks: Mapping[str, Any]) -> None:
        """Whether the set may be registered. Raises UnusableKey."""

    def read(self, jwks: Mapping[str, Any]) -> KeySet:
        """The keys that can be used; the others are passed over (RFC 7517 §5). Raises ValueError for what is no set."""

    def parse(self, body: bytes) -> KeySet:
        """The same, from JSON."""
