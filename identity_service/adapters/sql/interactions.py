"""What people are being asked, page by page."""

from typing import Any

from sqlalchemy import Row, insert, select, update

from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.schema.sign_in import interactions
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.authorization_request import from_json
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.value_objects.ids import InteractionId

_OPEN = interactions.c.finished_at.is_(None) & (interactions.c.expires_at > database_now())


class SqlInteractions:
    """`ports.Interactions`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, interaction: Interaction, *, browser: bytes, lifetime_seconds: int) -> None:
        await self._session.execute(
            insert(interactions).values(
                id=interaction.id,
                browser=browser,
                request=interaction.request.to_json(),
                created_at=database_now(),
                expires_at=seconds_from_now(lifetime_seconds),
                **_steps(interaction),
            )
        )

    async def get(self, interaction_id: InteractionId, *, browser: bytes) -> Interaction | None:
        statement = select(interactions).where(
            interactions.c.id == interaction_id,
            interactions.c.browser == browser,
            interactions.c.expires_at > database_now(),
        )
        row = await self._session.first(statement)
        return None if row is None else _interaction(row)

    async def update(self, interaction: Interaction) -> bool:
        statement = (
            update(interactions).where(interactions.c.id == interaction.id, _OPEN).values(_steps(interaction))
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def finish(self, interaction_id: InteractionId) -> bool:
        statement = (
            update(interactions)
            .where(interactions.c.id == interaction_id, _OPEN)
            .values(finished_at=database_now())
        )
        return bool((await self._session.execute(statement)).rowcount)


def _steps(interaction: Interaction) -> dict[str, Any]:
    return {
        "session_id": interaction.session_id,
        "signed_in": interaction.signed_in,
        "account_chosen": interaction.account_chosen,
        "another_account": interaction.another_account,
        "consented": interaction.consented,
    }


def _interaction(row: Row[Any]) -> Interaction:
    return Interaction(
        id=InteractionId(row.id),
        request=from_json(row.request),
        session_id=row.session_id,
        signed_in=row.signed_in,
        account_chosen=row.account_chosen,
        another_account=row.another_account,
        consented=row.consented,
        finished=row.finished_at is not None,
    )
