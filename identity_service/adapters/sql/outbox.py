"""Messages on their way out: taken in hand by one statement, and settled by whoever still has them in hand."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, case, insert, literal_column, null, select, update
from sqlalchemy.sql.elements import ColumnElement
from uuid_utils import uuid7

from identity_service.adapters.sql.dialect import database_now, seconds_from_now, storable
from identity_service.adapters.sql.schema.outbox import outbox
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.message import Message, MessageStatus, NewMessage
from identity_service.domain.value_objects.ids import MessageId
from identity_service.ports.repositories.outbox import OutboxQuery

LONGEST_ERROR = 500
waiting = outbox.c.status == literal_column("'waiting'")
"""Written out: an index of just these is found by no parameter."""


class SqlOutbox:
    """`ports.Outbox`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, messages: Sequence[NewMessage]) -> None:
        for message in messages:
            await self._session.execute(
                insert(outbox).values(
                    id=str(uuid7()),
                    kind=message.kind,
                    recipient=message.recipient,
                    payload=dict(message.payload),
                    status=MessageStatus.WAITING.value,
                    attempts=0,
                    created_at=database_now(),
                    due_at=database_now(),
                    give_up_at=seconds_from_now(message.life_seconds),
                )
            )

    async def take(self, *, kinds: Collection[str], limit: int, hold_seconds: int) -> list[Message]:
        ids = list((await self._session.execute(due(kinds, limit=limit))).scalars())
        if not ids:
            return []
        statement = (
            update(outbox)
            .where(outbox.c.id.in_(ids))
            .values(attempts=outbox.c.attempts + 1, due_at=seconds_from_now(hold_seconds))
            .returning(*outbox.c)
        )
        found = [message_of(row) for row in await self._session.execute(statement)]
        return sorted(found, key=lambda message: message.id)

    async def deliver(self, message: Message) -> bool:
        return await self._change(
            (outbox.c.id == message.id) & waiting,
            status=MessageStatus.DELIVERED.value,
            settled_at=database_now(),
            last_error=None,
        )

    async def postpone(self, message: Message, *, seconds: float, error: str) -> bool:
        next_ = seconds_from_now(max(1, round(seconds)))
        in_time = next_ <= outbox.c.give_up_at
        return await self._change(
            _in_hand(message),
            due_at=next_,
            status=case((in_time, MessageStatus.WAITING.value), else_=MessageStatus.DEAD.value),
            settled_at=case((in_time, null()), else_=database_now()),
            last_error=error[:LONGEST_ERROR],
        )

    async def bury(self, message: Message, *, error: str) -> bool:
        return await self._change(
            _in_hand(message),
            status=MessageStatus.DEAD.value,
            settled_at=database_now(),
            last_error=error[:LONGEST_ERROR],
        )

    async def get(self, message_id: MessageId) -> Message | None:
        row = await self._session.first(select(outbox).where(outbox.c.id == message_id))
        return None if row is None else message_of(row)

    async def page(self, query: OutboxQuery) -> list[Message]:
        if not all(map(storable, filter(None, (query.kind, query.recipient)))):
            return []
        statement = select(outbox).order_by(outbox.c.id.desc()).limit(query.limit)
        if query.after is not None:
            statement = statement.where(outbox.c.id < query.after)
        wanted = {"status": query.status, "kind": query.kind, "recipient": query.recipient}
        for name, value in wanted.items():
            if value is not None:
                statement = statement.where(outbox.c[name] == value)
        return [message_of(row) for row in await self._session.execute(statement)]

    async def revive(self, message_id: MessageId, *, life_seconds: int) -> Message | None:
        statement = (
            update(outbox)
            .where(outbox.c.id == message_id, outbox.c.status != MessageStatus.DELIVERED.value)
            .values(
                status=MessageStatus.WAITING.value,
                settled_at=None,
                due_at=database_now(),
                give_up_at=seconds_from_now(life_seconds),
            )
            .returning(*outbox.c)
        )
        row = await self._session.first(statement)
        return None if row is None else message_of(row)

    async def _change(self, which: ColumnElement[bool], **values: Any) -> bool:
        return bool((await self._session.execute(update(outbox).where(which).values(**values))).rowcount)


def due(kinds: Collection[str], *, limit: int) -> Select[Any]:
    """The ids of a batch. What another transaction is just taking is passed over."""
    return (
        select(outbox.c.id)
        .where(waiting, outbox.c.due_at <= database_now(), outbox.c.kind.in_(sorted(kinds)))
        .order_by(outbox.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _in_hand(message: Message) -> ColumnElement[bool]:
    """Whoever takes a message again counts one attempt more, so an attempt that was lost settles nothing."""
    return (outbox.c.id == message.id) & waiting & (outbox.c.attempts == message.attempts)


def message_of(row: Row[Any]) -> Message:
    """The message of this row."""
    return Message(
        id=MessageId(row.id),
        kind=row.kind,
        recipient=row.recipient,
        payload=row.payload,
        status=MessageStatus(row.status),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        give_up_at=row.give_up_at,
        settled_at=row.settled_at,
        last_error=row.last_error,
    )
