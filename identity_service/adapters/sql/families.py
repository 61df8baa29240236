"""Token families: started under today's epochs or not at all."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql import family_start
from identity_service.adapters.sql.at_once import event_parameters
from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.domain.entities.origin import Origin
from identity_service.domain.entities.token import Epochs, Family, FamilyState
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope

# What a family is measured against. Deleted rows count as inactive; missing ones cannot be joined and so end it too.
MEASURED = (
    families,
    (families.c.expires_at <= database_now()).label("expired"),
    (users.c.active & users.c.deleted_at.is_(None)).label("user_active"),
    (clients.c.active & clients.c.deleted_at.is_(None)).label("client_active"),
    server_state.c.epoch.label("server_epoch_now"),
    users.c.epoch.label("user_epoch_now"),
    clients.c.epoch.label("client_epoch_now"),
    users.c.username.label("username"),
    users.c.admin.label("user_is_admin"),
)
ALIVE = (
    families.c.ended_at.is_(None)
    & (families.c.expires_at > database_now())
    & users.c.active
    & users.c.deleted_at.is_(None)
    & clients.c.active
    & clients.c.deleted_at.is_(None)
    & (families.c.server_epoch == server_state.c.epoch)
    & (families.c.user_epoch == users.c.epoch)
    & (families.c.client_epoch == clients.c.epoch)
)


def with_owners(statement: Select[Any]) -> Select[Any]:
    """Joins to a family what decides whether it lives: its user, its client and the server."""
    return (
        statement.join(users, users.c.id == families.c.user_id)
        .join(clients, clients.c.client_id == families.c.client_id)
        .join(server_state, server_state.c.id == 1)
    )


class SqlFamilies:
    """`ports.Families`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def start(self, family: Family, first: bytes) -> datetime | None:
        given = family_start.parameters(family, first)
        if not self._session.embedded:
            expiry: datetime | None = await self._session.hot(
                family_start.AT_ONCE, {**given, **event_parameters(None)}
            )
            return expiry
        row = await self._session.first(family_start.START, given)
        if row is None:
            return None
        await self._session.execute(
            insert(refresh_tokens).values(digest=first, family_id=family.id, created_at=database_now())
        )
        return row.expires_at  # type: ignore[no-any-return]  # a Row's members are untyped

    async def get(self, family_id: FamilyId) -> FamilyState | None:
        statement = with_owners(select(*MEASURED).select_from(families)).where(families.c.id == family_id)
        row = await self._session.first(statement)
        return None if row is None else to_state(row)

    async def end(self, family_id: FamilyId, *, reason: str) -> bool:
        statement = (
            update(families)
            .where(families.c.id == family_id, families.c.ended_at.is_(None))
            .values(ended_at=database_now(), ended_reason=reason)
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def forbid(self, family: Family, *, reason: str) -> bool:
        given = family_start.dead(family, reason=reason)
        made = await self._session.execute(insert_unless_there(families, given))
        return bool(made.rowcount) or await self.end(family.id, reason=reason)

    async def end_of_session(self, session_id: SessionId, *, reason: str) -> list[FamilyId]:
        kept = (literal(" ") + families.c.scope + literal(" ")).like("% offline\\_access %", escape="\\")
        return await self._end_all((families.c.session_id == session_id) & ~kept, reason)

    async def end_of_grant(self, user_id: UserId, client_id: ClientId, *, reason: str) -> list[FamilyId]:
        of_both = (families.c.user_id == user_id) & (families.c.client_id == client_id)
        return await self._end_all(of_both & (families.c.expires_at > database_now()), reason)

    async def _end_all(self, which: ColumnElement[bool], reason: str) -> list[FamilyId]:
        statement = (
            update(families)
            .where(which, families.c.ended_at.is_(None))
            .values(ended_at=database_now(), ended_reason=reason)
            .returning(families.c.id)
        )
        return list((await self._session.execute(statement)).scalars())


def to_family(row: Row[Any]) -> Family:
    """The family, from its own columns."""
    return Family(
        id=FamilyId(row.id),
        client_id=ClientId(row.client_id),
        user_id=UserId(row.user_id),
        scope=Scope.parse(row.scope),
        audience=tuple(row.audience),
        epochs=Epochs(row.server_epoch, row.user_epoch, row.client_epoch),
        auth_time=row.auth_time,
        amr=tuple(row.amr),
        lifetime_seconds=round((row.expires_at - row.created_at).total_seconds()),
        subject=row.subject,
        acr=row.acr,
        session_id=row.session_id,
        userinfo_claims=tuple(row.userinfo_claims or ()),
        origin=Origin(row.address, row.user_agent),
    )


def to_state(row: Row[Any]) -> FamilyState:
    """The family and its measure, from a row of MEASURED."""
    return FamilyState(
        family=to_family(row),
        started_at=row.created_at,
        expires_at=row.expires_at,
        ended=row.ended_at is not None,
        expired=row.expired,
        user_active=row.user_active,
        client_active=row.client_active,
        current=Epochs(row.server_epoch_now, row.user_epoch_now, row.client_epoch_now),
        username=row.username,
        user_is_admin=row.user_is_admin,
    )
