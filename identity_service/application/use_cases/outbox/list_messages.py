"""What is on its way out."""

from dataclasses import dataclass

from identity_service.application.cursors import Page, check_limit
from identity_service.application.dto.message_view import MessageView
from identity_service.domain.entities.message import MessageStatus
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.value_objects.ids import MessageId, is_uuid
from identity_service.ports.repositories.outbox import OutboxQuery
from identity_service.ports.unit_of_work import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageListing:
    """Exact filters (None: any), and the place and size of the page; `cursor` is the id of the last message before."""

    status: str | None = None
    kind: str | None = None
    recipient: str | None = None
    limit: int = 50
    cursor: str | None = None


class ListMessages:
    """Lists messages, the newest first, for operators."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, order: MessageListing) -> Page[MessageView]:
        """Raises Unacceptable(`limit` | `cursor`)."""
        check_limit(order.limit)
        if order.cursor is not None and not is_uuid(order.cursor):
            raise Unacceptable.of("cursor", "is not from a page of this listing")
        query = OutboxQuery(
            limit=order.limit + 1,  # one more tells whether there is a next page
            after=None if order.cursor is None else MessageId(order.cursor),
            status=None if order.status is None else MessageStatus(order.status),
            kind=order.kind,
            recipient=order.recipient,
        )
        async with self._read() as uow:
            found = await uow.outbox.page(query)
        shown = found[: order.limit]
        return Page(tuple(map(MessageView.of, shown)), shown[-1].id if len(found) > order.limit else None)
