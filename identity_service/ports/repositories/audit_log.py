"""The chained form of the event log: what waits to be chained, and what stands where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from identity_service.domain.audit.entry import Entry, Head
from identity_service.domain.audit.verification import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An event that is not chained yet, with what is personal about it as it was written."""

    entry: Entry
    personal: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where an entry is chained; `sealed` takes the place of what was personal about it in the clear."""

    entry: Entry
    position: int
    link: bytes
    sealed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How many events wait to be chained, and since when (seconds) the first of them has."""

    waiting: int
    oldest_seconds: float


class AuditLog(Protocol):
    """A chain without gaps over committed events.

    What was chained once is never chained again, and what is chained later stands behind it. An event is ripe once no
    transaction that began before its own can still commit.
    """

    async def ripe(self, limit: int) -> Sequence[Waiting]:
        """Events to chain next, in the order of their transactions."""

    async def head(self) -> Head:
        """Where the chain ends."""

    async def advance(self, before: Head, after: Head, placed: Sequence[Placed]) -> bool:
        """Chains these entries. Of all callers that saw the same head one is told True; False changed nothing."""

    async def entries(self, *, after: int, until: int, limit: int) -> Sequence[Stored]:
        """Chained entries behind position `after`, up to `until`, in their order."""

    async def old(self, *, after: int, older_than: int) -> int:
        """Up to which position, from behind `after` on, every entry is at least `older_than` seconds old; `after` if
        not even the next one is."""

    async def lag(self) -> Lag:
        """How far the chain is behind."""
