"""The event log, and the feed rows that follow from it."""

import json
from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Row, insert, select
from uuid_utils import uuid7

from identity_service.adapters.sql.dialect import database_now, transaction_id
from identity_service.adapters.sql.paging import page
from identity_service.adapters.sql.schema import history
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.event import Event
from identity_service.domain.value_objects.ids import UserId
from identity_service.ports.origin import ORIGIN
from identity_service.ports.repositories.events import Recorded


def canonical(members: dict[str, Any]) -> bytes:
    """The one byte form of a payload: sorted members, no spaces, UTF-8."""
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def request_id() -> str | None:
    """Of the request that is being served."""
    origin = ORIGIN.get()
    return None if origin is None else origin.request_id


class SqlEvents:
    """Collects events; `write` stores them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._new: list[Event] = []
        self._known: list[Event] = []

    def add(self, event: Event, *, new: bool = True) -> None:
        """Remembers `event` for the commit."""
        (self._new if new else self._known).append(event)

    async def about(
        self, user_id: UserId, *, names: Collection[str], after: tuple[str, str] | None, limit: int
    ) -> list[Recorded]:
        personal = history.event_personal_data
        statement = (
            select(history.events, personal.c.data)
            .outerjoin(personal, personal.c.event_id == history.events.c.id)
            .where(history.events.c.subject == user_id, history.events.c.name.in_(sorted(names)))
        )
        newest_first = page(
            statement,
            sort="-occurred_at",
            columns={"occurred_at": history.events.c.occurred_at},
            key=history.events.c.id,
            after=after,
            limit=limit,
        )
        return [recorded(row) for row in await self._session.execute(newest_first)]

    @property
    def endings(self) -> tuple[str, ...]:
        """The tags that this transaction ends for this process, each once."""
        return _tags(self._new + self._known)

    async def write(self) -> None:
        """Inserts the events, what is personal about them, and the rows of the feed."""
        for event in self._new:
            await self._write(event)
        if tags := _tags(self._new):
            await self._session.execute(
                insert(history.endings).values(
                    [
                        {"tag": tag, "transaction_id": transaction_id(), "created_at": database_now()}
                        for tag in tags
                    ]
                )
            )

    async def _write(self, event: Event) -> None:
        event_id = str(uuid7())
        await self._session.execute(
            insert(history.events).values(
                id=event_id,
                name=event.name,
                actor=event.by,
                subject=event.subject,
                occurred_at=database_now(),
                payload=canonical(event.payload(of_person=False)),
                client_id=event.client,
                request_id=request_id(),
                transaction_id=transaction_id(),
            )
        )
        if about := event.payload(of_person=True):
            await self._session.execute(
                insert(history.event_personal_data).values(
                    event_id=event_id, subject=event.subject, data=canonical(about)
                )
            )


def recorded(row: Row[Any]) -> Recorded:
    """Of a row of `events`, with the `data` that is personal about it."""
    return Recorded(
        id=row.id,
        name=row.name,
        by=row.actor,
        occurred_at=row.occurred_at,
        subject=row.subject,
        members=json.loads(row.payload),
        personal=row.data,
    )


def _tags(events: list[Event]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for event in events for tag in event.endings()))
