"""`ports.TokenChanges`: one autocommit statement on Postgres, a short transaction on SQLite."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, Uuid, bindparam, update
from sqlalchemy.dialects.postgresql import insert

from identity_service.adapters.sql import codes, family_start, spending, spending_unseen
from identity_service.adapters.sql.at_once import at_once, event_parameters
from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.dialect import UtcDateTime, database_now
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.tokens import families, revoked_tokens
from identity_service.adapters.sql.unit_of_work import OnEndings, SqlUnitOfWork
from identity_service.domain.entities.authorization_code import AuthorizationCode
from identity_service.domain.entities.event import Event
from identity_service.domain.entities.token import Family
from identity_service.domain.value_objects.ids import ClientId, FamilyId
from identity_service.ports.repositories.tokens import Bounds, Spend, Spent
from identity_service.ports.token_changes import TokenChanges


def token_changes(database: Database, *, on_endings: OnEndings) -> TokenChanges:
    """In the way of this database."""
    if database.options.embedded or not database.options.pooled:
        return ChangesInTransactions(lambda: SqlUnitOfWork(database, writing=True, on_endings=on_endings))
    return ChangesAtOnce(database, on_endings=on_endings)


class ChangesAtOnce:
    """One statement each: it decides, changes and records, and the database commits it."""

    def __init__(self, database: Database, *, on_endings: OnEndings) -> None:
        self._database = database
        self._on_endings = on_endings

    async def start(self, family: Family, first: bytes, *, event: Event) -> bool:
        return await self._run(family_start.AT_ONCE, family_start.parameters(family, first), event)

    async def spend_code(self, digest: bytes, *, client_id: ClientId) -> AuthorizationCode | None:
        return await self._database.change(codes.SPEND_AT_ONCE, codes.presented(digest, client_id))

    async def rotate(self, spend: Spend, *, event: Event) -> bool:
        return await self._run(spending.at_once_for(spend), spending.parameters(spend), event)

    async def rotate_unseen(
        self, spend: Spend, *, bounds: Bounds, event: Callable[[FamilyId], Event]
    ) -> Spent | None:
        given = spending_unseen.parameters(spend, bounds, event)
        return await self._database.change(spending_unseen.statement_for(spend), given)

    async def end(self, family_id: FamilyId, *, reason: str, event: Event) -> bool:
        return await self._run(END, {"family_id": family_id, "reason": reason}, event)

    async def revoke(self, jti: str, *, expires_at: int, event: Event) -> bool:
        until = datetime.fromtimestamp(expires_at, UTC)
        return await self._run(REVOKE, {"jti": jti, "until": until}, event)

    async def _run(self, statement: HotStatement[Any], parameters: Mapping[str, Any], event: Event) -> bool:
        try:
            made = await self._database.change(statement, {**parameters, **event_parameters(event)})
        finally:
            self._on_endings(event.endings())
        return made is not None


class ChangesInTransactions:
    """Several statements each, in a transaction that waits its turn."""

    def __init__(self, begin: Callable[[], SqlUnitOfWork]) -> None:
        self._begin = begin

    async def start(self, family: Family, first: bytes, *, event: Event) -> bool:
        return await self._run(lambda uow: uow.families.start(family, first), event)

    async def spend_code(self, digest: bytes, *, client_id: ClientId) -> AuthorizationCode | None:
        async with self._begin() as uow:
            code = await uow.codes.spend(digest, client_id=client_id)
            if code is not None:
                await uow.commit()
        return code

    async def rotate(self, spend: Spend, *, event: Event) -> bool:
        return await self._run(lambda uow: uow.refresh_tokens.spend(spend), event)

    async def rotate_unseen(
        self, spend: Spend, *, bounds: Bounds, event: Callable[[FamilyId], Event]
    ) -> Spent | None:
        """Never: reading first keeps whoever shows a wrong token out of the queue of writers."""
        return None

    async def end(self, family_id: FamilyId, *, reason: str, event: Event) -> bool:
        return await self._run(lambda uow: uow.families.end(family_id, reason=reason), event)

    async def revoke(self, jti: str, *, expires_at: int, event: Event) -> bool:
        return await self._run(lambda uow: uow.revoked_tokens.add(jti, expires_at=expires_at), event)

    async def _run(self, change: Callable[[SqlUnitOfWork], Awaitable[Any]], event: Event) -> bool:
        async with self._begin() as uow:
            made = bool(await change(uow))
            if made or event.endings():
                uow.events.add(event, new=made)
                await uow.commit()
        return made


def _end() -> HotStatement[Any]:
    ended = (
        update(families)
        .where(
            families.c.id == bindparam("family_id", type_=Uuid(as_uuid=False)), families.c.ended_at.is_(None)
        )
        .values(ended_at=database_now(), ended_reason=bindparam("reason", type_=Text))
        .returning(families.c.id)
        .cte("over")
    )
    return at_once(ended, answer=ended.c.id)


def _revoke() -> HotStatement[Any]:
    revoked = (
        insert(revoked_tokens)
        .values(jti=bindparam("jti", type_=Text), expires_at=bindparam("until", type_=UtcDateTime))
        .on_conflict_do_nothing()
        .returning(revoked_tokens.c.jti)
        .cte("revoked")
    )
    return at_once(revoked, answer=revoked.c.jti)


END = _end()
REVOKE = _revoke()
