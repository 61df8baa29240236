"""Which requests are known byte for byte, so that the doors in front of the web framework may answer them."""

from typing import Final

from identity_service.http.raw_form import FORM

Headers = list[tuple[bytes, bytes]]
Given = dict[bytes, bytes]
MOST_BYTES: Final = 20_000
"""A longer form goes the ordinary way: it has no token of ours."""

# What the ordinary way does not look at either, in requests like these.
_NO_MATTER: Final = frozenset(
    b"host user-agent connection accept accept-encoding accept-language accept-charset cache-control pragma via "
    b"forwarded x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port x-real-ip".split()
)
OF_A_FORM: Final = _NO_MATTER | {b"authorization", b"content-type", b"content-length"}
_OF_A_READER: Final = _NO_MATTER | {b"if-none-match"}
_FORM: Final = FORM.encode("ascii")


def form(headers: Headers) -> Given | None:
    """The headers of a form such as is answered here; None if there is anything else about them."""
    given = plain_form(headers, OF_A_FORM)
    return given if given is not None and b"authorization" in given else None


def any_form(headers: Headers) -> Given | None:
    """The same, for where a client may also name itself in the body."""
    return plain_form(headers, OF_A_FORM)


def plain_form(headers: Headers, known: frozenset[bytes]) -> Given | None:
    """The headers of a form; None for one that is not `known`, or there twice, or for another content type."""
    given = dict(headers)
    plain = len(given) == len(headers) and given.keys() <= known
    return given if plain and given.get(b"content-type") == _FORM else None


def is_whole(given: Given, body: bytes) -> bool:
    """Whether a form is as long as announced, and no longer than those that are answered here."""
    return len(body) <= MOST_BYTES and given.get(b"content-length") == b"%d" % len(body)


def reading(headers: Headers) -> Given | None:
    """The headers of somebody who reads a document."""
    given = dict(headers)
    return given if len(given) == len(headers) and given.keys() <= _OF_A_READER else None
