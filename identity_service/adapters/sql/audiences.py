"""Audiences by URI."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from uuid_utils import uuid7

from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.schema.clients import audience_introspectors, audiences
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.domain.entities.audience import Audience
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope


class SqlAudiences:
    """`ports.Audiences`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def by_uris(self, uris: Sequence[str]) -> dict[str, Audience]:
        """The known ones among `uris`."""
        statement = (
            select(audiences.c.id, audiences.c.uri, audiences.c.scope, audience_introspectors.c.client_id)
            .outerjoin(audience_introspectors, audience_introspectors.c.audience_id == audiences.c.id)
            .where(audiences.c.uri.in_(uris))
        )
        found: dict[str, Audience] = {}
        for row in await self._session.execute(statement):
            known = found[row.uri].introspectors if row.uri in found else frozenset()
            found[row.uri] = Audience(
                id=row.id,
                uri=row.uri,
                scope=None if row.scope is None else Scope.parse(row.scope),
                introspectors=known | ({ClientId(row.client_id)} if row.client_id else set()),
            )
        return found

    async def ensure(self, uri: str) -> Audience:
        """The audience, made if need be."""
        row = {"id": str(uuid7()), "uri": uri, "created_at": database_now()}
        await self._session.execute(insert_unless_there(audiences, row))
        return (await self.by_uris([uri]))[uri]

    async def introspected_by(self, client_id: str, uris: frozenset[str]) -> None:
        """Makes `uris` exactly the audiences that the client may introspect tokens for."""
        await self._session.execute(
            audience_introspectors.delete().where(audience_introspectors.c.client_id == client_id)
        )
        for uri in sorted(uris):
            audience = await self.ensure(uri)
            await self._session.execute(
                insert(audience_introspectors).values(audience_id=audience.id, client_id=client_id)
            )
