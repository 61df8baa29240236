"""Refresh tokens: found by digest, spent once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, insert, null, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.families import ALIVE, MEASURED, to_state, with_owners
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.token import RefreshTokenState
from identity_service.ports.repositories.tokens import Spend


class SqlRefreshTokens:
    """`ports.RefreshTokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, digest: bytes) -> RefreshTokenState | None:
        row = await self._session.first(BY_DIGEST, {"digest": digest})
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
        repeatable = spend.nonce is not None
        row = await self._session.first(
            SPEND_REPEATABLY if repeatable else SPEND_STRICTLY,
            {
                "presented": spend.digest,
                "owner": spend.client_id,
                "successor": spend.successor,
                "made_with": spend.nonce,
                "grace": spend.grace_seconds,
            },
        )
        if row is None:
            return None
        await self._session.execute(INSERT, {"digest": spend.successor, "family_id": row.family_id})
        await self._session.execute(ERASE_NONCE_BEFORE, {"presented": spend.digest})
        return row.expires_at  # type: ignore[no-any-return]  # a Row's members are untyped


def _by_digest() -> Select[Any]:
    successor = refresh_tokens.alias("successor")
    return with_owners(
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
    ).where(refresh_tokens.c.digest == bindparam("digest"))


def _spend(*, repeatable: bool) -> ReturningUpdate[Any]:
    """The atomic spend: it finds nothing unless the token is unspent, the client's, and its family alive."""
    family = families.c.id == refresh_tokens.c.family_id
    alive = (
        with_owners(select(families.c.id).select_from(families))
        .where(family, families.c.client_id == bindparam("owner"), ALIVE)
        .correlate(refresh_tokens)
        .exists()
    )
    expiry = select(families.c.expires_at).where(family).correlate(refresh_tokens).scalar_subquery()
    return (
        update(refresh_tokens)
        .where(refresh_tokens.c.digest == bindparam("presented"), refresh_tokens.c.spent_at.is_(None), alive)
        .values(
            spent_at=database_now(),
            successor_digest=bindparam("successor"),
            nonce=bindparam("made_with") if repeatable else null(),
            grace_until=seconds_from_now(bindparam("grace", type_=Integer)) if repeatable else null(),
        )
        .returning(refresh_tokens.c.family_id, expiry.label("expires_at"))
    )


BY_DIGEST = _by_digest()
SPEND_REPEATABLY = _spend(repeatable=True)
SPEND_STRICTLY = _spend(repeatable=False)
INSERT = insert(refresh_tokens).values(
    digest=bindparam("digest"), family_id=bindparam("family_id"), created_at=database_now()
)
ERASE_NONCE_BEFORE = (
    update(refresh_tokens)
    .where(refresh_tokens.c.successor_digest == bindparam("presented"))
    .values(nonce=null())
)
