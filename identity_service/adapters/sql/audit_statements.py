"""What was signed about the log."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import delete, select, true, update

from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.schema.audit import audit_statements as kept
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.domain.audit.statement import Kind, Statement
from identity_service.ports.repositories.audit_statements import Kept


class SqlAuditStatements:
    """`ports.AuditStatements`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def keep(self, statement: Statement) -> bool:
        row = {
            "kind": statement.kind,
            "size": statement.head.size,
            "made_at": statement.made_at,
            "line": statement.line(),
        }
        return bool((await self._session.execute(insert_unless_there(kept, row))).rowcount)

    async def lines(self, kind: Kind, *, after: int, limit: int) -> Sequence[tuple[int, str]]:
        found = (
            select(kept.c.size, kept.c.line)
            .where(kept.c.kind == kind, kept.c.size > after)
            .order_by(kept.c.size)
            .limit(limit)
        )
        return [(row.size, row.line) for row in await self._session.execute(found)]

    async def newest(self, kind: Kind, *, upto: int | None = None) -> Kept | None:
        found = (
            select(kept.c.size, kept.c.made_at, kept.c.line)
            .where(kept.c.kind == kind, true() if upto is None else kept.c.size <= upto)
            .order_by(kept.c.size.desc())
            .limit(1)
        )
        row = await self._session.first(found)
        return None if row is None else Kept(size=row.size, made_at=row.made_at, line=row.line)

    async def undelivered(self, limit: int) -> Sequence[tuple[Kind, int, str]]:
        found = (
            select(kept.c.kind, kept.c.size, kept.c.line)
            .where(kept.c.delivered_at.is_(None))
            .order_by(kept.c.made_at)
            .limit(limit)
        )
        return [(cast(Kind, row.kind), row.size, row.line) for row in await self._session.execute(found)]

    async def delivered(self, kind: Kind, size: int) -> None:
        await self._session.execute(
            update(kept).where(kept.c.kind == kind, kept.c.size == size).values(delivered_at=database_now())
        )

    async def forget(self, *, below: int) -> None:
        await self._session.execute(delete(kept).where(kept.c.size < below))
