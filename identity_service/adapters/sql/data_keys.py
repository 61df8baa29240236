"""Data keys, wrapped, and the secrets of all tables that are sealed with them."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Table, func, select, update

from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.schema.audit import audit_keys
from identity_service.adapters.sql.schema.keys import data_keys, signing_keys
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.domain.entities.data_key import DataKey
from identity_service.ports.repositories.data_keys import SealedRecord

SEALED: Final[tuple[tuple[str, Table, str], ...]] = (
    ("signing-key", signing_keys, "kid"),
    ("audit-key", audit_keys, "kid"),
)
"""Purpose, table, and the column that is the context: every table that has a column `sealed`."""
_ID_FROM, _ID_BYTES = 2, 8
"""Where in what is sealed the id of its key stands, counted from 1 as SQL does."""


class SqlDataKeys:
    """`ports.DataKeys`. One current key of a purpose is a rule of the table."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all(self) -> list[DataKey]:
        statement = select(data_keys).order_by(data_keys.c.current.desc(), data_keys.c.id)
        return [
            DataKey(
                id=row.id,
                purpose=row.purpose,
                current=row.current,
                wrapped=bytes(row.wrapped),
                wrapped_by=row.wrapped_by,
            )
            for row in await self._session.execute(statement)
        ]

    async def add(self, key: DataKey) -> bool:
        row = {
            "id": key.id,
            "purpose": key.purpose,
            "current": key.current,
            "wrapped": key.wrapped,
            "wrapped_by": key.wrapped_by,
            "created_at": database_now(),
        }
        return bool((await self._session.execute(insert_unless_there(data_keys, row))).rowcount)

    async def rewrap(self, key: DataKey, *, wrapped: bytes, wrapped_by: str) -> bool:
        statement = (
            update(data_keys)
            .where(data_keys.c.id == key.id, data_keys.c.wrapped == key.wrapped)
            .values(wrapped=wrapped, wrapped_by=wrapped_by)
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def retire(self, key_id: str) -> bool:
        statement = (
            update(data_keys)
            .where(data_keys.c.id == key_id, data_keys.c.current.is_(True))
            .values(current=False)
        )
        return bool((await self._session.execute(statement)).rowcount)


class SqlSealedRecords:
    """`ports.SealedRecords` of one table."""

    def __init__(self, session: Session, *, purpose: str, table: Table, context: str) -> None:
        self._session = session
        self.purpose = purpose
        self._table = table
        self._id: Any = table.c[context]

    async def stale(self, key_id: str, *, most: int) -> list[SealedRecord]:
        statement = (
            select(self._id.label("id"), self._table.c.sealed)
            .where(self._is_stale(key_id))
            .order_by(self._id)
            .limit(most)
        )
        found = await self._session.execute(statement)
        return [SealedRecord(str(row.id), bytes(row.sealed)) for row in found]

    async def count_stale(self, key_id: str) -> int:
        statement = select(func.count()).select_from(self._table).where(self._is_stale(key_id))
        return int((await self._session.execute(statement)).scalar_one())

    async def replace(self, record: SealedRecord, sealed: bytes) -> bool:
        statement = (
            update(self._table)
            .where(self._id == record.id, self._table.c.sealed == record.sealed)
            .values(sealed=sealed)
        )
        return bool((await self._session.execute(statement)).rowcount)

    def _is_stale(self, key_id: str) -> ColumnElement[bool]:
        there = func.substr(self._table.c.sealed, _ID_FROM, _ID_BYTES, type_=self._table.c.sealed.type)
        return there != bytes.fromhex(key_id)


def sealed_records(session: Session) -> tuple[SqlSealedRecords, ...]:
    """All kinds of them."""
    return tuple(
        SqlSealedRecords(session, purpose=purpose, table=table, context=context)
        for purpose, table, context in SEALED
    )
