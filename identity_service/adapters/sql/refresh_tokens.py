"""Refresh tokens: found by digest, spent once."""

from datetime import datetime

from sqlalchemy import insert, null, select, update

from identity_service.adapters.sql.database import Session
from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.families import ALIVE, MEASURED, to_state, with_owners
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.domain.entities.token import RefreshTokenState
from identity_service.ports.repositories.tokens import Spend


class SqlRefreshTokens:
    """`ports.RefreshTokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, digest: bytes) -> RefreshTokenState | None:
        successor = refresh_tokens.alias("successor")
        statement = with_owners(
            select(
                *MEASURED,
                refresh_tokens.c.spent_at,
                refresh_tokens.c.nonce,
                refresh_tokens.c.successor_digest,
                (refresh_tokens.c.grace_until > database_now()).label("grace_open"),
                successor.c.spent_at.label("successor_spent_at"),
            )
            .select_from(refresh_tokens)
            .join(families, families.c.id == refresh_tokens.c.family_id)
            .outerjoin(successor, successor.c.digest == refresh_tokens.c.successor_digest)
        ).where(refresh_tokens.c.digest == digest)
        row = await self._session.first(statement)
        if row is None:
            return None
        return RefreshTokenState(
            digest=digest,
            spent=row.spent_at is not None,
            grace_open=bool(row.grace_open),
            successor_digest=row.successor_digest,
            successor_spent=row.successor_spent_at is not None,
            nonce=row.nonce,
            state=to_state(row),
        )

    async def spend(self, spend: Spend) -> datetime | None:
        alive = (
            with_owners(select(families.c.id).select_from(families))
            .where(
                families.c.id == refresh_tokens.c.family_id, families.c.client_id == spend.client_id, ALIVE
            )
            .correlate(refresh_tokens)
            .exists()
        )
        repeatable = spend.nonce is not None
        statement = (
            update(refresh_tokens)
            .where(refresh_tokens.c.digest == spend.digest, refresh_tokens.c.spent_at.is_(None), alive)
            .values(
                spent_at=database_now(),
                successor_digest=spend.successor,
                nonce=spend.nonce,
                grace_until=seconds_from_now(spend.grace_seconds) if repeatable else null(),
            )
            .returning(refresh_tokens.c.family_id)
        )
        row = await self._session.first(statement)
        if row is None:
            return None
        await self._session.execute(
            insert(refresh_tokens).values(
                digest=spend.successor, family_id=row.family_id, created_at=database_now()
            )
        )
        await self._session.execute(
            update(refresh_tokens)
            .where(refresh_tokens.c.successor_digest == spend.digest)
            .values(nonce=null())
        )
        expiry = select(families.c.expires_at).where(families.c.id == row.family_id)
        return (await self._session.execute(expiry)).scalar_one()  # type: ignore[no-any-return]  # untyped column
