"""What was recorded, looked through along the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from identity_service.ports.repositories.events import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """Exact filters (None or empty: any) over chained events, and the place and size of a page: behind position
    `after`, in the order of the chain or `newest_first`."""

    names: tuple[str, ...] = ()
    actor: str | None = None
    subject: str | None = None
    client: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False
    after: int | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An event, and where it is chained."""

    position: int
    client: str | None
    request_id: str | None
    event: Recorded


class EventSearch(Protocol):
    """Reads the log; nothing is found before it is chained, so that nobody misses what is committed late."""

    async def page(self, query: EventQuery) -> Sequence[Found]:
        """At most `limit` of them."""
