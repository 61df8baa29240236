"""What operators want to know of the outbox, and do with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, literal_column, select

from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.outbox import message_of, waiting
from identity_service.adapters.sql.schema.outbox import outbox
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.message import Message, MessageStatus
from identity_service.domain.value_objects.ids import MessageId
from identity_service.ports.repositories.outbox import Backlog


class SqlOutboxDesk:
    """`ports.OutboxDesk`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def backlog(self) -> Backlog:
        row = await self._session.first(overdue())
        if row is None or row.oldest is None:
            return Backlog(due=0, oldest_due_seconds=0.0)
        return Backlog(due=row.due, oldest_due_seconds=max(0.0, (row.now - row.oldest).total_seconds()))

    async def dead(self, *, most: int) -> int:
        some: Select[Any] = (
            select(literal_column("1")).where(outbox.c.status == MessageStatus.DEAD.value).limit(most)
        )
        row = await self._session.first(select(func.count().label("dead")).select_from(some.subquery()))
        return 0 if row is None else int(row.dead)

    async def discard(self, message_id: MessageId) -> Message | None:
        statement = (
            delete(outbox)
            .where(outbox.c.id == message_id, outbox.c.status != MessageStatus.DELIVERED.value)
            .returning(*outbox.c)
        )
        row = await self._session.first(statement)
        return None if row is None else message_of(row)


def overdue() -> Select[int, Any, datetime]:
    """How many are due, since when, and what time it is."""
    return select(
        func.count().label("due"),
        func.min(outbox.c.due_at).label("oldest"),
        database_now().label("now"),
    ).where(waiting, outbox.c.due_at <= database_now())
