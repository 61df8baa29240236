"""Events are looked through along the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from identity_service.application.cursors import Page
from identity_service.application.dto.event_view import EventView
from identity_service.application.use_cases.audit.personal_data import PersonalData
from identity_service.domain.refusals import Unacceptable
from identity_service.ports.repositories.event_search import EventQuery, Found
from identity_service.ports.unit_of_work import Read, UnitOfWork

MOST_PER_PAGE = 1000
LAST_POSITION = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class EventListing:
    """Exact filters (None or empty: any), and the place and size of the page; `cursor` is the position of the last
    event before. `since` counts, `until` does not."""

    names: tuple[str, ...] = ()
    actor: str | None = None
    subject: str | None = None
    client: str | None = None
    address: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = True
    limit: int = 50
    cursor: str | None = None


class SearchEvents:
    """Finds chained events, in either direction, and opens what is personal about them.

    Where they came from is sealed, so no database can look for an address: a page with that filter holds those of
    `limit` events that have it, perhaps none, and the cursor says whether there are more to look at.
    """

    def __init__(self, *, read: Read, personal: PersonalData) -> None:
        self._read = read
        self._personal = personal

    async def __call__(self, order: EventListing) -> Page[EventView]:
        """Raises Unacceptable(`limit` | `cursor` | `since` | `until`), StorageUnavailable, Unsealable."""
        if not 1 <= order.limit <= MOST_PER_PAGE:
            raise Unacceptable.of("limit", f"must be between 1 and {MOST_PER_PAGE}")
        async with self._read() as uow:
            found = await uow.event_search.page(_query(order))
            seen = found[: order.limit]
            views = await self._views(uow, seen)
        more = len(found) > len(seen)
        shown = tuple(view for view in views if order.address in (None, view.address))
        return Page(shown, str(seen[-1].position) if more else None)

    async def _views(self, uow: UnitOfWork, seen: Sequence[Found]) -> list[EventView]:
        stored = [(each.event.id, each.event.subject, each.event.personal) for each in seen]
        personal = await self._personal.open(uow, stored)
        return [EventView.of(each, personal.get(each.event.id, {})) for each in seen]


def _in_utc(member: str, moment: datetime | None) -> datetime | None:
    """The year 1 in a zone east of here was no year. Raises Unacceptable."""
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError:
        raise Unacceptable.of(member, "is too far away") from None


def _query(order: EventListing) -> EventQuery:
    return EventQuery(
        names=order.names,
        actor=order.actor,
        subject=order.subject,
        client=order.client,
        request_id=order.request_id,
        since=_in_utc("since", order.since),
        until=_in_utc("until", order.until),
        newest_first=order.newest_first,
        after=_position(order.cursor),
        limit=order.limit + 1,  # one more tells whether there is a next page
    )


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 20 and int(cursor) <= LAST_POSITION):
        raise Unacceptable.of("cursor", "is not from a page of this listing")
    return int(cursor)
