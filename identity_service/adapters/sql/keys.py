"""Signing keys, sealed, with their place in the rotation."""

from typing import Any

from sqlalchemy import Row, or_, select, update

from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.schema.keys import signing_keys
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.domain.entities.signing_key import SigningKey


class SqlSigningKeys:
    """`ports.SigningKeys`. One key per algorithm and status is a rule of the table."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all(self) -> list[SigningKey]:
        usable = or_(signing_keys.c.verify_until.is_(None), signing_keys.c.verify_until > database_now())
        statement = (
            select(signing_keys).where(usable).order_by(signing_keys.c.created_at.desc(), signing_keys.c.kid)
        )
        return [_key(row) for row in await self._session.execute(statement)]

    async def add(self, key: SigningKey) -> bool:
        row = {
            "kid": key.kid,
            "alg": key.alg,
            "status": key.status,
            "public_jwk": dict(key.public_jwk),
            "sealed": key.sealed,
            "created_at": database_now(),
            "activated_at": database_now() if key.status == "current" else None,
            "verify_until": key.verify_until,
        }
        return bool((await self._session.execute(insert_unless_there(signing_keys, row))).rowcount)

    async def promote(self, kid: str, *, retire_for_seconds: int) -> bool:
        # The lock: a second caller waits here and then finds nothing waiting; it would retire the fresh key otherwise.
        waiting = await self._session.first(
            select(signing_keys.c.alg)
            .where(signing_keys.c.kid == kid, signing_keys.c.status == "next")
            .with_for_update()
        )
        if waiting is None:
            return False
        before = (
            update(signing_keys)
            .where(signing_keys.c.alg == waiting.alg, signing_keys.c.status == "current")
            .values(status="retired", verify_until=seconds_from_now(retire_for_seconds))
        )
        await self._session.execute(before)
        statement = (
            update(signing_keys)
            .where(signing_keys.c.kid == kid, signing_keys.c.status == "next")
            .values(status="current", activated_at=database_now())
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def end_retired(self, alg: str) -> None:
        await self._session.execute(
            update(signing_keys)
            .where(signing_keys.c.alg == alg, signing_keys.c.status == "retired")
            .values(verify_until=database_now())
        )


def _key(row: Row[Any]) -> SigningKey:
    return SigningKey(
        kid=row.kid,
        alg=row.alg,
        status=row.status,
        public_jwk=dict(row.public_jwk),
        sealed=row.sealed,
        created_at=row.created_at,
        activated_at=row.activated_at,
        verify_until=row.verify_until,
    )
