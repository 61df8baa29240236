"""Families as they are shown and watched: their owners, last use and end, and what was suspicious about them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, false, select, update
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.dialect import database_now, storable
from identity_service.adapters.sql.families import ALIVE, MEASURED, to_state, with_owners
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.origin import Finding, Noted, Origin
from identity_service.domain.entities.token import FamilyRecord
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.ports.repositories.tokens import FamilyQuery, Watched


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

    async def watched(self, family_id: FamilyId) -> Watched | None:
        statement = select(families.c.findings, families.c.ended_at, database_now().label("now"))
        row = await self._session.first(statement.where(families.c.id == family_id).with_for_update())
        if row is None or row.ended_at is not None:
            return None
        return Watched(noted_of(row.findings), row.now)

    async def last_use(self, token: bytes, *, repeated: bool) -> timedelta | None:
        columns = (refresh_tokens.c.created_at, refresh_tokens.c.spent_at, database_now().label("now"))
        row = await self._session.first(select(*columns).where(refresh_tokens.c.digest == token))
        if row is None:
            return None
        used: datetime = row.spent_at if repeated and row.spent_at is not None else row.created_at
        return row.now - used  # type: ignore[no-any-return]  # a Row's members are untyped

    async def note(self, family_id: FamilyId, *, origin: Origin, noted: Iterable[Noted]) -> None:
        kept = [{**each.finding._asdict(), "at": each.at.isoformat()} for each in noted]
        changed = {"address": origin.address, "user_agent": origin.user_agent, "findings": kept or None}
        await self._session.execute(update(families).where(families.c.id == family_id).values(**changed))


def noted_of(findings: list[dict[str, Any]] | None) -> tuple[Noted, ...]:
    """What `note` keeps, as it was."""
    return tuple(
        Noted(Finding(each["name"], each["points"], each["why"]), datetime.fromisoformat(each["at"]))
        for each in findings or ()
    )


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
        noted=noted_of(row.findings),
    )
