"""Tokens of programs that register themselves."""

from typing import Any

from sqlalchemy import Row, func, insert, select, update

from identity_service.adapters.sql.dialect import database_now, hold, seconds_from_now
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.registration import (
    initial_access_tokens,
    registration_access_tokens,
)
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.initial_access_token import InitialAccessToken, NewInitialAccessToken
from identity_service.domain.value_objects.ids import ClientId, InitialAccessTokenId

TOKENS = initial_access_tokens.c
MEMBERS = [TOKENS[name] for name in InitialAccessToken.__slots__]
COUNTING = "clients that registered themselves"


def _good() -> tuple[Any, ...]:
    return TOKENS.uses_left > 0, TOKENS.revoked_at.is_(None), TOKENS.expires_at > database_now()


class SqlInitialAccessTokens:
    """`ports.InitialAccessTokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, new: NewInitialAccessToken) -> InitialAccessToken:
        row = {
            "id": new.id,
            "digest": new.digest,
            "note": new.note,
            "uses": new.uses,
            "uses_left": new.uses,
            "created_at": database_now(),
            "expires_at": seconds_from_now(new.life_seconds),
        }
        await self._session.execute(insert(initial_access_tokens).values(row))
        stored = await self._get(new.id)
        if stored is None:
            raise RuntimeError("an initial access token written in this transaction is gone")
        return stored

    async def good(self, digest: bytes) -> InitialAccessTokenId | None:
        row = await self._session.first(select(TOKENS.id).where(TOKENS.digest == digest, *_good()))
        return None if row is None else InitialAccessTokenId(row.id)

    async def spend(self, token_id: InitialAccessTokenId) -> bool:
        statement = update(initial_access_tokens).where(TOKENS.id == token_id, *_good())
        return bool((await self._session.execute(statement.values(uses_left=TOKENS.uses_left - 1))).rowcount)

    async def page(self, *, limit: int, after: InitialAccessTokenId | None) -> list[InitialAccessToken]:
        statement = select(*MEMBERS).order_by(TOKENS.id.desc()).limit(limit)
        if after is not None:
            statement = statement.where(TOKENS.id < after)
        return [_to_token(row) for row in await self._session.execute(statement)]

    async def revoke(self, token_id: InitialAccessTokenId) -> InitialAccessToken | None:
        await self._session.execute(
            update(initial_access_tokens)
            .where(TOKENS.id == token_id, TOKENS.revoked_at.is_(None))
            .values(revoked_at=database_now())
        )
        return await self._get(token_id)

    async def _get(self, token_id: InitialAccessTokenId) -> InitialAccessToken | None:
        row = await self._session.first(select(*MEMBERS).where(TOKENS.id == token_id))
        return None if row is None else _to_token(row)


def _to_token(row: Row[Any]) -> InitialAccessToken:
    return InitialAccessToken(**row._mapping)


class SqlRegistrationAccessTokens:
    """`ports.RegistrationAccessTokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def keep(self, client_id: ClientId, digest: bytes) -> None:
        row = {"client_id": client_id, "digest": digest}
        await self._session.execute(insert(registration_access_tokens).values(row))

    async def get(self, client_id: ClientId) -> bytes | None:
        columns = registration_access_tokens.c
        row = await self._session.first(select(columns.digest).where(columns.client_id == client_id))
        return None if row is None else bytes(row.digest)

    async def replace(self, client_id: ClientId, *, old: bytes, new: bytes) -> bool:
        columns = registration_access_tokens.c
        statement = update(registration_access_tokens).where(
            columns.client_id == client_id, columns.digest == old
        )
        return bool((await self._session.execute(statement.values(digest=new))).rowcount)

    async def count_clients(self) -> int:
        # A statement of its own: what follows sees what others have committed by then.
        await self._session.execute(select(hold(COUNTING)))
        there = clients.c.registered_by.is_not(None) & clients.c.deleted_at.is_(None)
        return int((await self._session.execute(select(func.count()).where(there))).scalar_one())
