"""Families as they are listed: with their owners' names, when they were last used, and why they ended."""

from typing import Any

from sqlalchemy import Row, Select, false, select
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.dialect import storable
from identity_service.adapters.sql.families import ALIVE, MEASURED, to_state, with_owners
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.token import FamilyRecord
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.ports.repositories.tokens import FamilyQuery


class SqlFamilyDesk:
    """`ports.FamilyDesk`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, family_id: FamilyId) -> FamilyRecord | None:
        row = await self._session.first(_records().where(families.c.id == family_id))
        return None if row is None else _to_record(row)

    async def page(self, query: FamilyQuery) -> list[FamilyRecord]:
        statement = _records().where(*_filters(query)).order_by(families.c.id.desc()).limit(query.limit)
        return [_to_record(row) for row in await self._session.execute(statement)]


def _records() -> Select[Any]:
    """A family has one unspent refresh token at most; the one before was spent when it was last used."""
    newest, before = refresh_tokens.alias("newest"), refresh_tokens.alias("before")
    last_used = (
        select(before.c.spent_at)
        .join(newest, newest.c.digest == before.c.successor_digest)
        .where(newest.c.family_id == families.c.id, newest.c.spent_at.is_(None))
        .correlate(families)
        .scalar_subquery()
    )
    columns = (*MEASURED, clients.c.client_name, last_used.label("last_used_at"))
    return with_owners(select(*columns).select_from(families))


def _filters(query: FamilyQuery) -> list[ColumnElement[bool]]:
    if query.client_id is not None and not storable(query.client_id):
        return [false()]
    wanted = {"user_id": query.user_id, "client_id": query.client_id, "session_id": query.session_id}
    chosen: list[ColumnElement[bool]] = [
        families.c[name] == value for name, value in wanted.items() if value is not None
    ]
    if query.after is not None:
        chosen.append(families.c.id < query.after)
    if query.alive is not None:
        chosen.append(ALIVE if query.alive else ~ALIVE)
    return chosen


def _to_record(row: Row[Any]) -> FamilyRecord:
    return FamilyRecord(
        state=to_state(row),
        client_name=row.client_name,
        last_used_at=row.last_used_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
    )
