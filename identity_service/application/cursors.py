"""Where a listing goes on: cursors that only this server makes, each for one question."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final, Generic, TypeVar

from identity_service.domain.refusals import Unacceptable
from identity_service.ports.security import KeyedDigest

MOST_PER_PAGE: Final = 200
PURPOSE: Final = "listing-cursor"
MAC_BYTES: Final = 16
View = TypeVar("View")


@dataclass(frozen=True, slots=True)
class Page(Generic[View]):
    """Some of what was asked for, and the cursor of the rest (None: that was all)."""

    items: tuple[View, ...]
    next_cursor: str | None


class Cursors:
    """Makes and reads cursors. One is bound to its listing, order and filters, so none opens another question."""

    def __init__(self, derive: KeyedDigest) -> None:
        self._derive = derive

    def make(self, question: Mapping[str, Any], place: tuple[str, str]) -> str:
        """The cursor behind `place`: the last row's sort value and id."""
        body = _bytes(place)
        return urlsafe_b64encode(self._mac(question, body) + body).decode("ascii").rstrip("=")

    def read(self, question: Mapping[str, Any], cursor: str | None) -> tuple[str, str] | None:
        """The place to go on from; None for the beginning. Raises Unacceptable(`cursor`)."""
        if cursor is None:
            return None
        raw = _decoded(cursor)
        mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not compare_digest(mac, self._mac(question, body)):
            raise Unacceptable.of("cursor", "is not from a page of this listing in this order")
        value, row_id = json.loads(body)
        return value, row_id

    def _mac(self, question: Mapping[str, Any], body: bytes) -> bytes:
        return self._derive.mac(PURPOSE, _bytes(sorted(question.items())), body)[:MAC_BYTES]


def check_limit(limit: int) -> None:
    """Raises Unacceptable(`limit`)."""
    if not 1 <= limit <= MOST_PER_PAGE:
        raise Unacceptable.of("limit", f"must be between 1 and {MOST_PER_PAGE}")


def check_sort(sort: str, columns: tuple[str, ...]) -> None:
    """Raises Unacceptable(`sort`)."""
    if sort.removeprefix("-") not in columns:
        raise Unacceptable.of("sort", f"must be one of {', '.join(columns)}, with - in front for descending")


def _bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _decoded(cursor: str) -> bytes:
    try:
        return urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, Error):
        return b""
