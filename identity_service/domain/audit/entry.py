"""What of an event must never change, as bytes, and how each event is chained to the one before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from identity_service.domain.audit.merkle import HASH_BYTES, Frontier, grown, leaf_hash, root_of

_ENTRY = b"identity-service audit entry 1"
_LINK = b"identity-service audit link 1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT = b"\xff" * 8
"""Where a length would stand: no text is as long as that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event as the log keeps it.

    `personal_digest` commits to what is personal about it as that is stored: sealed under a key of its subject. It
    tells nothing of what was sealed, so it may stay when the person is erased.
    """

    id: str
    name: str
    actor: str
    subject: str | None
    client: str | None
    request_id: str | None
    occurred_at: datetime
    payload: bytes
    personal_digest: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the log ends: how many entries it has had, the hash of the last link, and the frontier of the tree."""

    size: int
    link: bytes
    frontier: Frontier

    @property
    def root(self) -> bytes:
        """The head of the tree (RFC 9162 §2.1.1)."""
        return root_of(self.frontier)

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal heads only."""
        return sha256(framed(self.size.to_bytes(8, "big"), self.link, *self.frontier)).digest()

    def followed_by(self, entry: Entry) -> "Head":
        """The head once this entry is chained."""
        leaf = leaf_hash(entry_bytes(entry))
        size = self.size + 1
        return Head(
            size=size,
            link=sha256(framed(_LINK, self.link, size.to_bytes(8, "big"), leaf)).digest(),
            frontier=grown(self.frontier, self.size, leaf),
        )


GENESIS = Head(size=0, link=bytes(HASH_BYTES), frontier=())
"""Before the first entry."""


def entry_bytes(entry: Entry) -> bytes:
    """The one byte form of an entry. Two entries that differ in any member have different bytes."""
    return framed(
        _ENTRY,
        entry.id.encode(),
        entry.name.encode(),
        entry.actor.encode(),
        _encoded(entry.subject),
        _encoded(entry.client),
        _encoded(entry.request_id),
        str((entry.occurred_at - _EPOCH) // timedelta(microseconds=1)).encode(),
        entry.payload,
        entry.personal_digest,
    )


def personal_digest(sealed: bytes) -> bytes:
    """What an entry says of the personal data beside it."""
    return sha256(sealed).digest()


def framed(*parts: bytes | None) -> bytes:
    """Joins parts so that no two lists of parts give the same bytes; a part that is absent is not one that is empty."""
    return b"".join(_framed(parts))


def _framed(parts: Iterable[bytes | None]) -> Iterable[bytes]:
    for part in parts:
        yield _ABSENT if part is None else len(part).to_bytes(8, "big") + part


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
