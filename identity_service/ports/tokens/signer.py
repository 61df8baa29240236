"""Decides what the core may ask of token signatures: sign claims, verify a token."""

from collections.abc import Mapping
from typing import Any, Protocol


class UnverifiableToken(Exception):
    """The token is not one of ours; the reason is for the log only and never shown to the caller."""


class UnknownKey(UnverifiableToken):
    """It names a key that is not among the known ones: none of ours, unless that key is newer than what is known."""


class TokenSigner(Protocol):
    """Signs with the current keys; an exchange of them takes effect between two calls, never within one."""

    def signs(self, alg: str) -> bool:
        """Whether a key is held that signs with this algorithm."""
        ...

    def sign(self, claims: Mapping[str, object], *, typ: str, alg: str) -> str:
        """Returns the compact JWS (RFC 7515 §7.1) with header `alg`, `kid` and this `typ`.

        Raises KeysUnavailable when no key signs with this algorithm.
        """
        ...


class TokenVerifier(Protocol):
    """Verifies with the known keys; their exchange takes effect between two calls, never within one."""

    def verify(self, token: str | bytes, *, typ: str) -> dict[str, Any]:
        """Returns the claims of a token of this `typ` that one of our keys signed with its own algorithm.

        Raises UnverifiableToken (UnknownKey is one), and nothing else, for any other input; KeysUnavailable while no
        key at all is known, for nothing can be said about a token then. `exp`, `iss` and the other claims are not
        judged here: they are rules of the domain.
        """
        ...
