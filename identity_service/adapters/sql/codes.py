"""Authorization codes: made under today's epochs, spent once, recognised for an hour."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Text, bindparam, insert, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.sign_in import authorization_codes as codes
from identity_service.adapters.sql.schema.sign_in import sessions
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.authorization_code import LIFETIME_SECONDS, AuthorizationCode
from identity_service.domain.entities.token import Epochs
from identity_service.domain.value_objects.ids import ClientId, FamilyId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope

UNDER_WAY_SECONDS = 300
"""So long after its end a code may have been spent by a token request that is still under way."""


class SqlAuthorizationCodes:
    """`ports.AuthorizationCodes`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, code: AuthorizationCode, digest: bytes) -> bool:
        given = {
            "digest": digest,
            "family_id": code.family_id,
            "client_id": code.client_id,
            "user_id": code.user_id,
            "subject": code.subject,
            "session_id": code.session_id,
            "redirect_uri": code.redirect_uri,
            "code_challenge": code.code_challenge,
            "scope": str(code.scope),
            "audience": list(code.audience),
            "nonce": code.nonce,
            "id_token_claims": list(code.id_token_claims),
            "userinfo_claims": list(code.userinfo_claims),
            "server_epoch": code.epochs.server,
            "user_epoch": code.epochs.user,
            "client_epoch": code.epochs.client,
            "auth_time": code.auth_time,
            "amr": list(code.amr),
            "acr": code.acr,
        }
        values: dict[str, ColumnElement[Any]] = {
            name: bindparam(f"given_{name}", value, type_=codes.c[name].type) for name, value in given.items()
        }
        values |= {"created_at": database_now(), "expires_at": seconds_from_now(LIFETIME_SECONDS)}
        source = (
            select(*values.values())
            .select_from(server_state)
            .join(users, users.c.id == code.user_id)
            .join(clients, clients.c.client_id == code.client_id)
            .join(sessions, sessions.c.id == code.session_id)
            .where(
                server_state.c.epoch == code.epochs.server,
                users.c.active,
                users.c.deleted_at.is_(None),
                users.c.epoch == code.epochs.user,
                clients.c.active,
                clients.c.deleted_at.is_(None),
                clients.c.epoch == code.epochs.client,
                sessions.c.ended_at.is_(None),
            )
        )
        made = await self._session.execute(insert(codes).from_select(list(values), source))
        return bool(made.rowcount)

    async def spend(self, digest: bytes, *, client_id: ClientId) -> AuthorizationCode | None:
        row = await self._session.first(SPEND, presented(digest, client_id))
        return None if row is None else _code(row)

    async def end_of_session(self, session_id: SessionId) -> list[AuthorizationCode]:
        kept = (literal(" ") + codes.c.scope + literal(" ")).like("% offline\\_access %", escape="\\")
        return await self._end((codes.c.session_id == session_id) & ~kept)

    async def end_of_grant(self, user_id: UserId, client_id: ClientId) -> list[AuthorizationCode]:
        return await self._end((codes.c.user_id == user_id) & (codes.c.client_id == client_id))

    async def _end(self, which: ColumnElement[bool]) -> list[AuthorizationCode]:
        """A row that a spending statement holds is waited for, and then seen as spent."""
        recent = codes.c.expires_at > seconds_from_now(-UNDER_WAY_SECONDS)
        statement = update(codes).where(which, recent).values(expires_at=database_now()).returning(*codes.c)
        return [_code(row) for row in await self._session.execute(statement)]

    async def spent(self, digest: bytes, *, client_id: ClientId) -> AuthorizationCode | None:
        statement = select(codes).where(
            codes.c.digest == digest, codes.c.client_id == client_id, codes.c.spent_at.is_not(None)
        )
        row = await self._session.first(statement)
        return None if row is None else _code(row)


def presented(digest: bytes, client_id: ClientId) -> dict[str, Any]:
    """The parameters of the statements that spend."""
    return {"presented": digest, "owner": client_id}


def _first(rows: Sequence[Any]) -> AuthorizationCode | None:
    return _code(rows[0]) if rows else None


def _code(row: Row[Any]) -> AuthorizationCode:
    return AuthorizationCode(
        family_id=FamilyId(row.family_id),
        client_id=ClientId(row.client_id),
        user_id=UserId(row.user_id),
        subject=row.subject,
        session_id=SessionId(row.session_id),
        redirect_uri=row.redirect_uri,
        code_challenge=row.code_challenge,
        scope=Scope.parse(row.scope),
        audience=tuple(row.audience),
        nonce=row.nonce,
        id_token_claims=tuple(row.id_token_claims),
        userinfo_claims=tuple(row.userinfo_claims),
        epochs=Epochs(row.server_epoch, row.user_epoch, row.client_epoch),
        auth_time=row.auth_time,
        amr=tuple(row.amr),
        acr=row.acr,
    )


SPEND = (
    update(codes)
    .where(
        codes.c.digest == bindparam("presented", type_=codes.c.digest.type),
        codes.c.client_id == bindparam("owner", type_=Text),
        codes.c.spent_at.is_(None),
        codes.c.expires_at > database_now(),
    )
    .values(spent_at=database_now())
    .returning(*codes.c)
)
_SPENT = SPEND.cte("spent")
SPEND_AT_ONCE = HotStatement(select(*_SPENT.c), _first)
"""The same as a transaction of its own, for Postgres."""
