"""Refresh tokens: found by digest, spent once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from identity_service.adapters.sql import spending
from identity_service.adapters.sql.at_once import event_parameters
from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.families import MEASURED, to_state, with_owners
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.token import RefreshTokenState
from identity_service.ports.repositories.tokens import Spend


class SqlRefreshTokens:
    """`ports.RefreshTokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, digest: bytes) -> RefreshTokenState | None:
        return await self._session.hot(BY_DIGEST, {"digest": digest})

    async def spend(self, spend: Spend) -> datetime | None:
        if self._session.embedded:
            return await self._spend_step_by_step(spend)
        statement = spending.at_once_for(spend)
        expiry: datetime | None = await self._session.hot(
            statement, {**spending.parameters(spend), **event_parameters(None)}
        )
        return expiry

    async def _spend_step_by_step(self, spend: Spend) -> datetime | None:
        given = spending.parameters(spend)
        row = await self._session.first(
            spending.REPEATABLY if spend.nonce is not None else spending.STRICTLY, given
        )
        if row is None:
            return None
        await self._session.execute(spending.INSERT, {"digest": spend.successor, "family_id": row.family_id})
        await self._session.execute(spending.ERASE_NONCE_BEFORE, {"presented": spend.digest})
        return row.expires_at  # type: ignore[no-any-return]  # a Row's members are untyped


def _to_token(rows: Sequence[Any]) -> RefreshTokenState | None:
    if not rows:
        return None
    row = rows[0]
    return RefreshTokenState(
        digest=row.digest,
        spent=row.spent_at is not None,
        grace_open=bool(row.grace_open),
        successor_digest=row.successor_digest,
        successor_spent=row.successor_spent_at is not None,
        nonce=row.nonce,
        state=to_state(row),
    )


def _by_digest() -> Select[Any]:
    successor = refresh_tokens.alias("successor")
    return with_owners(
        select(
            *MEASURED,
            refresh_tokens.c.digest,
            refresh_tokens.c.spent_at,
            refresh_tokens.c.nonce,
            refresh_tokens.c.successor_digest,
            (refresh_tokens.c.grace_until > database_now()).label("grace_open"),
            successor.c.spent_at.label("successor_spent_at"),
        )
        .select_from(refresh_tokens)
        .join(families, families.c.id == refresh_tokens.c.family_id)
        .outerjoin(successor, successor.c.digest == refresh_tokens.c.successor_digest)
    ).where(refresh_tokens.c.digest == bindparam("digest"))


BY_DIGEST = HotStatement(_by_digest(), _to_token)
