"""What people agreed to."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, delete, select

from identity_service.adapters.sql.dialect import database_now, insert_of
from identity_service.adapters.sql.schema.sign_in import consents
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.consent import Consent
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.domain.value_objects.scope import Scope


class SqlConsents:
    """`ports.Consents`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, user_id: UserId, client_id: ClientId) -> Consent | None:
        row = await self._session.first(select(consents).where(_of(user_id, client_id)))
        return None if row is None else to_consent(row)

    async def grant(
        self, user_id: UserId, client_id: ClientId, *, scope: Scope, claims: Collection[str]
    ) -> None:
        """Whoever grants at the same moment in another tab is not undone: the row is locked while it is added to."""
        row = await self._session.first(select(consents).where(_of(user_id, client_id)).with_for_update())
        before = None if row is None else to_consent(row)
        agreed = {
            "scope": str(scope if before is None else before.scope | scope),
            "claims": sorted(set(claims) | (set() if before is None else before.claims)),
            "updated_at": database_now(),
        }
        statement = insert_of(embedded=self._session.embedded)(consents).values(
            user_id=user_id, client_id=client_id, created_at=database_now(), **agreed
        )
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["user_id", "client_id"], set_=agreed)
        )

    async def revoke(self, user_id: UserId, client_id: ClientId) -> bool:
        return bool((await self._session.execute(delete(consents).where(_of(user_id, client_id)))).rowcount)

    async def hold(self, user_id: UserId, client_id: ClientId) -> bool:
        statement = (
            select(consents.c.client_id)
            .where(_of(user_id, client_id))
            .with_for_update(read=True, key_share=True)
        )
        return await self._session.first(statement) is not None

    async def forget(self, client_id: ClientId) -> None:
        await self._session.execute(delete(consents).where(consents.c.client_id == client_id))

    async def of_user(self, user_id: UserId) -> list[Consent]:
        statement = (
            select(consents).where(consents.c.user_id == user_id).order_by(consents.c.updated_at.desc())
        )
        return [to_consent(row) for row in await self._session.execute(statement)]


def _of(user_id: UserId, client_id: ClientId) -> Any:
    return (consents.c.user_id == user_id) & (consents.c.client_id == client_id)


def to_consent(row: Row[Any]) -> Consent:
    """The consent, from its own columns."""
    return Consent(
        user_id=UserId(row.user_id),
        client_id=ClientId(row.client_id),
        scope=Scope.parse(row.scope),
        claims=frozenset(row.claims),
        updated_at=row.updated_at,
    )
