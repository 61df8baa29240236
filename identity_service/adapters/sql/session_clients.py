"""The clients of sessions, as they are told of the end."""

from typing import Any

from sqlalchemy import Row, Select, Text, Uuid, literal, select, tuple_

from identity_service.adapters.sql.dialect import insert_of
from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.sign_in import session_clients, sessions
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.sessions import ALIVE
from identity_service.domain.entities.session_client import SessionClient
from identity_service.domain.value_objects.ids import ClientId, SessionId


class SqlSessionClients:
    """`ports.SessionClients`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, session_id: SessionId, client_id: ClientId, *, subject: str | None) -> None:
        statement = insert_of(embedded=self._session.embedded)(session_clients).values(
            session_id=session_id, client_id=client_id, subject=subject
        )
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["session_id", "client_id"],
                set_={"subject": subject},
                where=session_clients.c.subject.is_distinct_from(subject),
            )
        )

    async def of_session(self, session_id: SessionId) -> list[SessionClient]:
        statement = _known().where(session_clients.c.session_id == session_id)
        return [_client(row) for row in await self._session.execute(statement)]

    async def to_tell(self, *, after: tuple[SessionId, ClientId] | None, limit: int) -> list[SessionClient]:
        key = (session_clients.c.session_id, session_clients.c.client_id)
        statement = (
            _known()
            .join(users, users.c.id == sessions.c.user_id)
            .join(server_state, server_state.c.id == 1)
            .where(ALIVE, clients.c.backchannel_logout_uri.is_not(None))
            .order_by(*key)
            .limit(limit)
        )
        if after is not None:
            place = tuple_(literal(after[0], Uuid(as_uuid=False)), literal(after[1], Text))
            statement = statement.where(tuple_(*key) > place)
        return [_client(row) for row in await self._session.execute(statement)]


def _known() -> Select[Any]:
    return (
        select(
            session_clients,
            sessions.c.user_id,
            clients.c.backchannel_logout_uri,
            clients.c.frontchannel_logout_uri,
        )
        .join(sessions, sessions.c.id == session_clients.c.session_id)
        .join(clients, clients.c.client_id == session_clients.c.client_id)
        .where(clients.c.active, clients.c.deleted_at.is_(None))
    )


def _client(row: Row[Any]) -> SessionClient:
    return SessionClient(
        session_id=SessionId(row.session_id),
        client_id=ClientId(row.client_id),
        subject=row.user_id if row.subject is None else row.subject,
        backchannel_logout_uri=row.backchannel_logout_uri,
        frontchannel_logout_uri=row.frontchannel_logout_uri,
    )
