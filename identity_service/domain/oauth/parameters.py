"""How a form body becomes parameters, and which bodies never do.

One strict reading, so that nothing in front of the server or inside it can read the same bytes differently.
"""

import re
from collections.abc import Iterable
from typing import LiteralString
from urllib.parse import unquote_to_bytes, urlencode

from identity_service.domain.oauth.errors import InvalidRequest, PayloadTooLarge

MAX_FORM_BYTES = 64 * 1024
"""Longest body, hence longest value: a value has no smaller limit, for a password of any length that fits is
merely wrong (`invalid_grant`), not malformed."""
MAX_PARAMETERS = 100
MAX_NAME_CHARACTERS = 128

REPEATABLE = frozenset({"resource", "audience"})
"""RFC 8707 §2 and RFC 8693 §2.1 let these repeat; RFC 6749 §3.2 lets nothing else."""

NUL_ALLOWED = frozenset({"password"})
"""A NUL counts in a password like any character. Elsewhere no grammar has it, and databases choke on it."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Parameters:
    """The parameters of one request: immutable, empty ones already left out, repeats already refused.

    Printing it shows names, never values, since passwords and secrets are among them.
    """

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, tuple[str, ...]]) -> None:
        """Takes what `from_pairs` has checked; call that instead."""
        self._values = values

    @classmethod
    def from_pairs(
        cls, pairs: Iterable[tuple[str, str]], *, repeatable: frozenset[str] = REPEATABLE
    ) -> "Parameters":
        """Apply RFC 6749 §3.2 to decoded pairs.

        "Sent without a value" means omitted, "more than once" means twice on the wire: `scope=&scope=a` is
        refused although one of the two would be left out, because a reader that takes the first and one that
        takes the last disagree about it.

        Raises:
            InvalidRequest: a name outside `repeatable` is there twice.
        """
        values: dict[str, list[str]] = {}
        for name, value in pairs:
            if name in values and name not in repeatable:
                raise InvalidRequest("a parameter is repeated")
            given = values.setdefault(name, [])
            if value:
                given.append(value)
        return cls({name: tuple(given) for name, given in values.items() if given})

    @property
    def names(self) -> tuple[str, ...]:
        """Names that have a value, in the order they came."""
        return tuple(self._values)

    def get(self, name: str) -> str | None:
        """The one value, or None when absent or empty.

        Raises:
            InvalidRequest: a repeatable parameter came twice where the caller of this can use only one.
        """
        given = self._values.get(name)
        if given is None:
            return None
        if len(given) > 1:
            raise InvalidRequest("a parameter is repeated")
        return given[0]

    def require(self, name: LiteralString) -> str:
        """The one value.

        Args:
            name: written in our code, since it appears in the description.

        Raises:
            InvalidRequest: absent, empty, or more than one.
        """
        value = self.get(name)
        if value is None:
            raise InvalidRequest(f"{name} is missing")
        return value

    def all(self, name: str) -> tuple[str, ...]:
        """Every non-empty value, in order; () when absent."""
        return self._values.get(name, ())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameters) and self._values == other._values

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"Parameters(names={self.names!r})"


def parse_form(body: bytes, *, repeatable: frozenset[str] = REPEATABLE) -> Parameters:
    """Read an `application/x-www-form-urlencoded` body (RFC 6749 Appendix B, WHATWG URL §5.1) strictly.

    `+` is a space, every `%` begins two hexadecimal digits, the octets are UTF-8 (so no lone surrogates),
    NUL occurs in a password only. A piece without `=` is a name without value; an empty piece is nothing.
    The work is linear in the body, and over-long bodies are refused before they are read.

    Raises:
        PayloadTooLarge: more than MAX_FORM_BYTES.
        InvalidRequest: anything else above is not kept, more than MAX_PARAMETERS, or a name is repeated.
    """
    return Parameters.from_pairs(_pairs(body), repeatable=repeatable)


class Query:
    """The parameters of a request to authorize, where a repeated one is a fault to be told, and to whom depends on
    which it is: `repeated` names them, and `parameters.get` refuses them. `pairs` is what came."""

    __slots__ = ("names", "pairs", "parameters", "repeated")

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        values: dict[str, list[str]] = {}
        self.pairs = tuple(pairs)
        for name, value in self.pairs:
            values.setdefault(name, []).append(value)
        self.names = frozenset(values)
        self.repeated = frozenset(name for name, given in values.items() if len(given) > 1)
        self.parameters = Parameters(
            {
                name: tuple(given) if name in self.repeated else tuple(filter(None, given))
                for name, given in values.items()
                if any(given)
            }
        )

    @property
    def encoded(self) -> str:
        """What came, as a query string."""
        return urlencode(self.pairs)

    def one(self, name: LiteralString) -> str:
        """The value of a parameter that has to be there once. Raises InvalidRequest."""
        if name in self.repeated:
            raise InvalidRequest(f"{name} is repeated")
        return self.parameters.require(name)


def parse_query(query: bytes) -> Query:
    """Reads a query string, or the body of a form, as strictly as `parse_form` but for repeated names. Raises as it."""
    return Query(_pairs(query))


def query_of(pairs: Iterable[tuple[str, str]]) -> Query:
    """The same from pairs that need no decoding. Raises InvalidRequest."""
    checked = [_checked(name, value) for name, value in pairs]
    if len(checked) > MAX_PARAMETERS:
        raise InvalidRequest("too many parameters")
    return Query(checked)


def form_decode(component: bytes) -> str:
    """Decode one name or value.

    Raises:
        ValueError: a broken percent escape, or octets that are not UTF-8.
    """
    if b"+" in component:
        component = component.replace(b"+", b" ")
    if b"%" in component:
        if _BROKEN_ESCAPE.search(component):
            raise ValueError("broken percent escape")
        component = unquote_to_bytes(component)
    return component.decode("utf-8")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    if len(body) > MAX_FORM_BYTES:
        raise PayloadTooLarge
    if body.count(b"&") >= MAX_PARAMETERS:
        raise InvalidRequest("too many parameters")
    return [_pair(piece) for piece in body.split(b"&") if piece]


def _pair(piece: bytes) -> tuple[str, str]:
    raw_name, _, raw_value = piece.partition(b"=")
    try:
        name, value = form_decode(raw_name), form_decode(raw_value)
    except ValueError:
        raise InvalidRequest("a parameter is not percent-encoded UTF-8") from None
    return _checked(name, value)


def _checked(name: str, value: str) -> tuple[str, str]:
    if len(name) > MAX_NAME_CHARACTERS:
        raise InvalidRequest("the name of a parameter is too long")
    if "\0" in name or ("\0" in value and name not in NUL_ALLOWED):
        raise InvalidRequest("a parameter has a NUL character")
    return name, value
