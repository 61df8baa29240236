"""The chain over the events: what is ripe, where the chain ends, and what stands in it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, Uuid, bindparam, column, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import LargeBinary

from identity_service.adapters.sql.dialect import database_now, ripe, seconds_from_now
from identity_service.adapters.sql.schema.audit import audit_head
from identity_service.adapters.sql.schema.history import event_personal_data, events
from identity_service.adapters.sql.session import Session
from identity_service.domain.audit.entry import Entry, Head
from identity_service.domain.audit.merkle import HASH_BYTES
from identity_service.domain.audit.verification import Stored
from identity_service.ports.repositories.audit_log import Lag, Placed, Waiting


class SqlAuditLog:
    """`ports.AuditLog`. The head is one row, and moving it on is one conditional update."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ripe(self, limit: int) -> Sequence[Waiting]:
        rows = await self._session.execute(RIPE, {"most": limit})
        return [Waiting(entry=_entry(row), personal=row.data) for row in rows]

    async def head(self) -> Head:
        row = (await self._session.execute(select(audit_head))).one()
        return Head(size=row.size, link=bytes(row.link), frontier=_cut(bytes(row.frontier)))

    async def advance(self, before: Head, after: Head, placed: Sequence[Placed]) -> bool:
        at_its_place = (audit_head.c.size == before.size) & (audit_head.c.link == before.link)
        moved = await self._session.execute(
            update(audit_head)
            .where(audit_head.c.id == 1, at_its_place)
            .values(size=after.size, link=after.link, frontier=b"".join(after.frontier))
        )
        if not moved.rowcount:
            return False
        if self._session.embedded:
            await self._session.execute(PLACE_EACH, [_placed(each) for each in placed])
        else:
            await self._session.execute(PLACE_ALL, _columns(placed))
        if sealed := [{"of": each.entry.id, "sealed": each.sealed} for each in placed if each.sealed]:
            await self._session.execute(SEAL, sealed)
        return True

    async def entries(self, *, after: int, until: int, limit: int) -> Sequence[Stored]:
        rows = await self._session.execute(CHAINED, {"after": after, "until": until, "most": limit})
        return [
            Stored(
                position=row.chain_position,
                link=bytes(row.chain_hash or b""),
                entry=_entry(row),
                personal=row.data,
            )
            for row in rows
        ]

    async def old(self, *, after: int, older_than: int) -> int:
        young = (
            select(events.c.chain_position)
            .where(events.c.chain_position > after, events.c.occurred_at > seconds_from_now(-older_than))
            .order_by(events.c.chain_position)
            .limit(1)
        )
        position = (await self._session.execute(young)).scalar_one_or_none()
        return (await self.head()).size if position is None else int(position) - 1

    async def lag(self) -> Lag:
        row = (await self._session.execute(LAG)).one()
        oldest = 0.0 if row.oldest is None else (row.now - row.oldest).total_seconds()
        return Lag(waiting=row.waiting, oldest_seconds=max(0.0, oldest))


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        name=row.name,
        actor=row.actor,
        subject=row.subject,
        client=row.client_id,
        request_id=row.request_id,
        occurred_at=row.occurred_at,
        payload=row.payload,
        personal_digest=row.personal_digest,
    )


def _cut(frontier: bytes) -> tuple[bytes, ...]:
    return tuple(frontier[at : at + HASH_BYTES] for at in range(0, len(frontier), HASH_BYTES))


def _placed(each: Placed) -> dict[str, Any]:
    return {
        "of": each.entry.id,
        "at": each.position,
        "linked": each.link,
        "digest": each.entry.personal_digest,
    }


def _columns(placed: Sequence[Placed]) -> dict[str, list[Any]]:
    rows = [_placed(each) for each in placed]
    return {f"all_{name}": [row[name] for row in rows] for name in ("of", "at", "linked", "digest")}


_WITH_PERSONAL = select(*events.c, event_personal_data.c.data).outerjoin(
    event_personal_data, event_personal_data.c.event_id == events.c.id
)
# One transaction may have written several: a UUIDv7 keeps them in their order.
RIPE = (
    _WITH_PERSONAL.where(events.c.chain_position.is_(None), ripe(events.c.transaction_id))
    .order_by(events.c.transaction_id, events.c.id)
    .limit(bindparam("most"))
)
CHAINED = (
    _WITH_PERSONAL.where(
        events.c.chain_position > bindparam("after"), events.c.chain_position <= bindparam("until")
    )
    .order_by(events.c.chain_position)
    .limit(bindparam("most"))
)
LAG = select(
    func.count().label("waiting"),
    func.min(events.c.occurred_at, type_=events.c.occurred_at.type).label("oldest"),
    database_now().label("now"),
).where(events.c.chain_position.is_(None))
PLACE_EACH = (
    update(events)
    .where(events.c.id == bindparam("of"), events.c.chain_position.is_(None))
    .values(
        chain_position=bindparam("at"), chain_hash=bindparam("linked"), personal_digest=bindparam("digest")
    )
)
SEAL = (
    update(event_personal_data)
    .where(event_personal_data.c.event_id == bindparam("of"))
    .values(data=bindparam("sealed"))
)


def _place_all() -> Any:
    """Postgres: one statement, however many rows."""
    rows = (
        func.unnest(
            bindparam("all_of", type_=ARRAY(Uuid(as_uuid=False))),
            bindparam("all_at", type_=ARRAY(BigInteger)),
            bindparam("all_linked", type_=ARRAY(LargeBinary)),
            bindparam("all_digest", type_=ARRAY(LargeBinary)),
        )
        .table_valued(
            column("of", Uuid(as_uuid=False)),
            column("at", BigInteger),
            column("linked", LargeBinary),
            column("digest", LargeBinary),
            name="placed",
        )
        .render_derived()
    )
    return (
        update(events)
        .where(events.c.id == rows.c.of, events.c.chain_position.is_(None))
        .values(chain_position=rows.c.at, chain_hash=rows.c.linked, personal_digest=rows.c.digest)
    )


PLACE_ALL = _place_all()
