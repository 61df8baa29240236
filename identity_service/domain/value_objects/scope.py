"""What a set of scope tokens is, and which tokens are reserved for administration."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from identity_service.domain.oauth.errors import InvalidScope

_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")

RESERVED = frozenset({"admin", "users:read", "users:write", "users:revoke", "clients:read", "clients:write"})
"""The reserved scopes that mean something today; `is_reserved` also keeps their prefixes free."""

_RESERVED_PREFIXES = ("users:", "clients:")


def is_reserved(token: str) -> bool:
    """`admin`, `users:*` and `clients:*` administer this server: never defaulted, granted by rule only."""
    return token in RESERVED or token.startswith(_RESERVED_PREFIXES)


_MOST_REMEMBERED = 256
"""Characters of a text that it is remembered for how it reads: clients ask for the same few scopes."""


class Scope:
    """An immutable set of scope tokens (RFC 6749 §3.3), case-sensitive, equal whatever their order.

    Every operation keeps the left side's order of first appearance, so that what a caller asked for comes
    back in the order asked.

    Args:
        tokens: one token each; repeats count once.

    Raises:
        InvalidScope: something is no scope-token.
    """

    __slots__ = ("_members", "_tokens")

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._tokens = tuple(dict.fromkeys(tokens))
        self._members = frozenset(self._tokens)
        if not all(map(_TOKEN.fullmatch, self._tokens)):
            raise InvalidScope("the scope is malformed", detail=f"{self._tokens!r}")

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read the wire form: tokens of NQCHAR, exactly one space between two, none around them.

        The empty text is the empty scope, which is how it is stored.

        Raises:
            InvalidScope: any other text.
        """
        return _parsed(text) if len(text) <= _MOST_REMEMBERED else cls(text.split(" "))

    def reserved(self) -> "Scope":
        """The reserved ones of these."""
        return Scope(token for token in self._tokens if is_reserved(token))

    def without_reserved(self) -> "Scope":
        """All but the reserved ones of these."""
        if not any(map(is_reserved, self._tokens)):
            return self
        return Scope(token for token in self._tokens if not is_reserved(token))

    def __and__(self, other: "Scope") -> "Scope":
        if self._members <= other._members:  # it never changes: nothing taken away is the same scope
            return self
        return Scope(token for token in self._tokens if token in other._members)

    def __sub__(self, other: "Scope") -> "Scope":
        if self._members.isdisjoint(other._members):
            return self
        if self._members <= other._members:
            return _parsed("")
        return Scope(token for token in self._tokens if token not in other._members)

    def __or__(self, other: "Scope") -> "Scope":
        return Scope(self._tokens + other._tokens)

    def __le__(self, other: "Scope") -> bool:
        return self._members <= other._members

    def __contains__(self, token: object) -> bool:
        return token in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._tokens)

    def __len__(self) -> int:
        return len(self._tokens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self._members == other._members

    def __hash__(self) -> int:
        return hash(self._members)

    def __str__(self) -> str:
        """The wire form; empty for the empty scope."""
        return " ".join(self._tokens)

    def __repr__(self) -> str:
        return f"Scope.parse({str(self)!r})"


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Scope:
    return Scope(text.split(" ")) if text else Scope()
