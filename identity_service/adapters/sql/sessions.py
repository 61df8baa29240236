"""People's sessions: begun under today's epochs, alive under no others."""

from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.sign_in import sessions
from identity_service.adapters.sql.session import Session as Connection
from identity_service.domain.entities.session import NewSession, Session
from identity_service.domain.value_objects.ids import SessionId, UserId
from identity_service.ports.repositories.sessions import SignedInAgain

ALIVE = (
    sessions.c.ended_at.is_(None)
    & (sessions.c.expires_at > database_now())
    & users.c.active
    & users.c.deleted_at.is_(None)
    & (sessions.c.user_epoch == users.c.epoch)
    & (sessions.c.server_epoch == server_state.c.epoch)
)


class SqlSessions:
    """`ports.Sessions`."""

    def __init__(self, session: Connection) -> None:
        self._session = session

    async def start(self, session: NewSession, digest: bytes) -> bool:
        values: dict[str, ColumnElement[Any]] = {
            "id": _given("id", session.id),
            "digest": _given("digest", digest),
            "user_id": users.c.id,
            "server_epoch": server_state.c.epoch,
            "user_epoch": users.c.epoch,
            "auth_time": _given("auth_time", session.auth_time),
            "amr": _given("amr", list(session.amr)),
            "acr": _given("acr", session.acr),
            "user_agent": _given("user_agent", session.user_agent),
            "address": _given("address", session.address),
            "created_at": database_now(),
            "last_seen_at": database_now(),
            "expires_at": seconds_from_now(bindparam("lifetime", session.lifetime_seconds, type_=Integer)),
        }
        source = (
            select(*values.values())
            .select_from(server_state)
            .join(users, users.c.id == session.user_id)
            .where(
                users.c.active,
                users.c.deleted_at.is_(None),
                users.c.epoch == session.user_epoch,
                server_state.c.epoch == session.server_epoch,
            )
        )
        made = await self._session.execute(insert(sessions).from_select(list(values), source))
        return bool(made.rowcount)

    async def get(self, digest: bytes, *, idle_seconds: int) -> Session | None:
        row = await self._session.first(
            living().where(sessions.c.digest == digest, seen_within(-idle_seconds))
        )
        return None if row is None else to_session(row)

    async def renew(self, session_id: SessionId, again: SignedInAgain) -> bool:
        alive = (
            select(users.c.id)
            .select_from(users)
            .join(server_state, server_state.c.id == 1)
            .where(users.c.id == sessions.c.user_id, ALIVE)
        )
        statement = (
            update(sessions)
            .where(sessions.c.id == session_id, alive.correlate(sessions).exists())
            .values(
                digest=again.digest,
                auth_time=again.auth_time,
                amr=list(again.amr),
                acr=again.acr,
                last_seen_at=database_now(),
            )
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def touch(self, session_id: SessionId) -> bool:
        statement = (
            update(sessions)
            .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
            .values(last_seen_at=database_now())
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def end(self, session_id: SessionId, *, user_id: UserId | None = None) -> bool:
        statement = (
            update(sessions)
            .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
            .values(ended_at=database_now())
        )
        if user_id is not None:
            statement = statement.where(sessions.c.user_id == user_id)
        return bool((await self._session.execute(statement)).rowcount)

    async def living(self, session_id: SessionId) -> Session | None:
        row = await self._session.first(living().where(sessions.c.id == session_id))
        return None if row is None else to_session(row)

    async def of_user(self, user_id: UserId, *, idle_seconds: int | None) -> list[Session]:
        theirs = living().where(sessions.c.user_id == user_id)
        if idle_seconds is not None:
            theirs = theirs.where(seen_within(-idle_seconds))
        newest_first = theirs.order_by(sessions.c.created_at.desc(), sessions.c.id.desc())
        return [to_session(row) for row in await self._session.execute(newest_first)]


def seen_within(seconds: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a session was seen since so many seconds from now: a negative number."""
    return sessions.c.last_seen_at > seconds_from_now(seconds)


def _given(name: str, value: Any) -> ColumnElement[Any]:
    return bindparam(name, value, type_=sessions.c[name].type)


def living() -> Select[Any]:
    """Sessions that are alive, with what is shown of their people."""
    return (
        select(sessions, users.c.username, users.c.admin)
        .join(users, users.c.id == sessions.c.user_id)
        .join(server_state, server_state.c.id == 1)
        .where(ALIVE)
    )


def to_session(row: Row[Any]) -> Session:
    """The session, from a row of `living`."""
    return Session(
        id=SessionId(row.id),
        user_id=UserId(row.user_id),
        username=row.username,
        user_is_admin=row.admin,
        server_epoch=row.server_epoch,
        user_epoch=row.user_epoch,
        auth_time=row.auth_time,
        amr=tuple(row.amr),
        acr=row.acr,
        user_agent=row.user_agent,
        address=row.address,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )
