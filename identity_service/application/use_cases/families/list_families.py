"""Which token families there are, page by page."""

from dataclasses import dataclass

from identity_service.application.cursors import Page, check_limit
from identity_service.application.dto.family_view import FamilyView
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId, is_uuid
from identity_service.ports.repositories.tokens import FamilyQuery
from identity_service.ports.unit_of_work import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyListing:
    """Exact filters (None: any), and the place and size of the page; `cursor` is the id of the last family before."""

    user_id: str | None = None
    client_id: str | None = None
    session_id: str | None = None
    alive: bool | None = None
    limit: int = 50
    cursor: str | None = None


class ListFamilies:
    """Lists families, the newest first, dead ones too until they are purged. What can be no id finds nothing."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, order: FamilyListing) -> Page[FamilyView]:
        """Raises Unacceptable(`limit` | `cursor`)."""
        check_limit(order.limit)
        if order.cursor is not None and not is_uuid(order.cursor):
            raise Unacceptable.of("cursor", "is not from a page of this listing")
        if not all(is_uuid(name) for name in (order.user_id, order.session_id) if name is not None):
            return Page((), None)
        async with self._read() as uow:
            found = await uow.family_desk.page(_query(order))
        shown = found[: order.limit]
        following = shown[-1].state.family.id if len(found) > order.limit else None
        return Page(tuple(map(FamilyView.of, shown)), following)


def _query(order: FamilyListing) -> FamilyQuery:
    """One row more than asked for tells whether there is a next page."""
    return FamilyQuery(
        limit=order.limit + 1,
        after=None if order.cursor is None else FamilyId(order.cursor),
        user_id=None if order.user_id is None else UserId(order.user_id),
        client_id=None if order.client_id is None else ClientId(order.client_id),
        session_id=None if order.session_id is None else SessionId(order.session_id),
        alive=order.alive,
    )
