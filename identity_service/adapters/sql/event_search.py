"""Pages of the chained log."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.dialect import storable
from identity_service.adapters.sql.events import recorded
from identity_service.adapters.sql.schema.history import event_personal_data, events
from identity_service.adapters.sql.session import Session
from identity_service.ports.repositories.event_search import EventQuery, Found


class SqlEventSearch:
    """`ports.EventSearch`. The chain's index leads; filters are looked at on the way."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def page(self, query: EventQuery) -> Sequence[Found]:
        if not all(map(storable, _texts(query))):
            return []
        position = events.c.chain_position
        statement = (
            select(events, event_personal_data.c.data)
            .outerjoin(event_personal_data, event_personal_data.c.event_id == events.c.id)
            .where(position.is_not(None), *_conditions(query))
            .order_by(position.desc() if query.newest_first else position)
            .limit(query.limit)
        )
        return [
            Found(
                position=row.chain_position,
                client=row.client_id,
                request_id=row.request_id,
                event=recorded(row),
            )
            for row in await self._session.execute(statement)
        ]


def _texts(query: EventQuery) -> list[str]:
    given = (query.actor, query.subject, query.client, query.request_id, *query.names)
    return [text for text in given if text is not None]


def _conditions(query: EventQuery) -> Iterator[ColumnElement[bool]]:
    wanted = {
        events.c.actor: query.actor,
        events.c.subject: query.subject,
        events.c.client_id: query.client,
        events.c.request_id: query.request_id,
    }
    yield from (column == value for column, value in wanted.items() if value is not None)
    if query.names:
        yield events.c.name.in_(query.names)
    if query.since is not None:
        yield events.c.occurred_at >= query.since
    if query.until is not None:
        yield events.c.occurred_at < query.until
    if query.after is not None:
        position = events.c.chain_position
        yield position < query.after if query.newest_first else position > query.after
