"""What people are being asked, page by page."""

from typing import Any

from sqlalchemy import insert, update

from identity_service.adapters.sql import interaction_seen
from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.schema.sign_in import interactions
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.ports.repositories.sessions import InteractionSeen

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

    async def seen(
        self, interaction_id: InteractionId, *, browser: bytes, session: bytes | None, idle_seconds: int
    ) -> InteractionSeen | None:
        given = interaction_seen.parameters(
            interaction_id, browser=browser, session=session, idle_seconds=idle_seconds
        )
        return await self._session.hot(interaction_seen.SEEN, given)

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
