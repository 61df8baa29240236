"""Logos of clients: what is wanted, and what was fetched."""

from typing import Any

from sqlalchemy import delete, insert, select, update

from identity_service.adapters.sql.dialect import database_now, seconds_from_now
from identity_service.adapters.sql.schema.clients import client_logos, clients
from identity_service.adapters.sql.session import Session
from identity_service.domain.value_objects.ids import ClientId
from identity_service.ports.repositories.logos import Logo, WantedLogo


class SqlLogos:
    """`ports.Logos`. The digest also stands in the client's own row, so that a page needs no look-up for it; that is no
    change of the client's registration, whose version stays."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def want(self, client_id: ClientId, logo_uri: str) -> None:
        await self.drop(client_id)
        row = {"client_id": client_id, "logo_uri": logo_uri, "failures": 0, "due_at": database_now()}
        await self._session.execute(insert(client_logos).values(row))

    async def drop(self, client_id: ClientId) -> None:
        await self._session.execute(delete(client_logos).where(client_logos.c.client_id == client_id))
        await self._show(client_id, None)

    async def due(self, *, limit: int) -> list[WantedLogo]:
        rows = await self._session.execute(
            select(client_logos.c.client_id, client_logos.c.logo_uri, client_logos.c.failures)
            .where(client_logos.c.due_at <= database_now())
            .order_by(client_logos.c.due_at)
            .limit(limit)
        )
        return [
            WantedLogo(client_id=ClientId(row.client_id), logo_uri=row.logo_uri, failures=row.failures)
            for row in rows
        ]

    async def keep(self, wanted: WantedLogo, logo: Logo) -> bool:
        statement = _still(wanted).values(
            due_at=None, digest=logo.digest, media_type=logo.media_type, body=logo.body
        )
        if not (await self._session.execute(statement)).rowcount:
            return False
        await self._show(wanted.client_id, logo.digest)
        return True

    async def failed(self, wanted: WantedLogo, *, again_in: int | None) -> None:
        due_at = None if again_in is None else seconds_from_now(again_in)
        await self._session.execute(_still(wanted).values(failures=wanted.failures + 1, due_at=due_at))

    async def get(self, digest: str) -> Logo | None:
        rows = await self._session.execute(
            select(client_logos.c.media_type, client_logos.c.body)
            .where(client_logos.c.digest == digest)
            .limit(1)
        )
        row = rows.first()
        return None if row is None else Logo(digest=digest, media_type=row.media_type, body=row.body)

    async def _show(self, client_id: ClientId, digest: str | None) -> None:
        await self._session.execute(
            update(clients).where(clients.c.client_id == client_id).values(logo_digest=digest)
        )


def _still(wanted: WantedLogo) -> Any:
    """The row, while this is what is wanted."""
    return update(client_logos).where(
        client_logos.c.client_id == wanted.client_id,
        client_logos.c.logo_uri == wanted.logo_uri,
        client_logos.c.failures == wanted.failures,
        client_logos.c.due_at.is_not(None),
    )
