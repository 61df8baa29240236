"""Clients and their secrets."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, Text, bindparam, cast, insert, or_, select, update

from identity_service.adapters.sql.audiences import SqlAudiences
from identity_service.adapters.sql.client_rows import client_columns, to_client
from identity_service.adapters.sql.dialect import database_now, seconds_from_now, storable
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.paging import page
from identity_service.adapters.sql.schema.accounts import principals, server_state
from identity_service.adapters.sql.schema.clients import (
    audience_introspectors,
    audiences,
    client_secrets,
    clients,
)
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.client import MOST_SECRETS, Client, ClientSecret
from identity_service.domain.value_objects.ids import ClientId
from identity_service.ports.repositories.clients import ClientQuery
from identity_service.ports.unit_of_work import Conflict

SORTS = {"created_at": clients.c.created_at, "client_name": clients.c.client_name}


class SqlClients:
    """`ports.Clients`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, client_id: str, *, lock: bool = False) -> Client | None:
        if not storable(client_id):
            return None
        if lock:  # a statement of its own: what is joined below must be read after the wait
            await self._session.execute(
                select(clients.c.client_id)
                .where(clients.c.client_id == client_id)
                .with_for_update(key_share=True)
            )
        return await self._session.hot(BY_ID, {"client_id": client_id})

    async def page(self, query: ClientQuery) -> list[Client]:
        if query.client_name is not None and not storable(query.client_name):
            return []
        statement = page(
            _filtered(query),
            sort=query.sort,
            columns=SORTS,
            key=clients.c.client_id,
            after=query.after,
            limit=query.limit,
        )
        return await self._read(_whole(statement, sort=query.sort))

    async def add(self, client: Client) -> Client:
        try:
            await self._session.execute(insert(principals).values(id=client.client_id, kind="client"))
        except Conflict:  # the id is a user's, or was some client's
            raise Conflict("client_id") from None
        row = client_columns({member: getattr(client, member) for member in Client.__slots__})
        await self._session.execute(
            insert(clients).values(row | {"created_at": database_now(), "updated_at": database_now()})
        )
        for secret in client.secrets:
            await self._add_secret(client.client_id, secret)
        return await self._with_audiences(client.client_id, client.audiences)

    async def change(
        self,
        client_id: ClientId,
        members: Mapping[str, Any],
        *,
        version: int | None,
        raise_epoch: bool = False,
    ) -> Client | None:
        statement = (
            update(clients)
            .where(clients.c.client_id == client_id, clients.c.deleted_at.is_(None))
            .values(version=clients.c.version + 1, updated_at=database_now(), **client_columns(members))
        )
        if version is not None:
            statement = statement.where(clients.c.version == version)
        if raise_epoch:
            statement = statement.values(epoch=clients.c.epoch + 1)
        if not (await self._session.execute(statement)).rowcount:
            return None
        return await self._with_audiences(client_id, members.get("audiences"))

    async def add_secret(
        self, client_id: ClientId, secret: ClientSecret, *, overlap_seconds: int, raise_epoch: bool = False
    ) -> Client | None:
        changed = await self.change(client_id, {}, version=None, raise_epoch=raise_epoch)
        if changed is None:
            return None
        newest_first = sorted(changed.secrets, key=lambda known: (known.created_at, known.id), reverse=True)
        for number, known in enumerate(newest_first, 2):
            await self._end_by(known, seconds=overlap_seconds if number <= MOST_SECRETS else 0)
        await self._add_secret(client_id, secret)
        return await self.get(client_id)

    async def end_secrets(self, client_id: ClientId) -> None:
        await self._session.execute(
            update(client_secrets)
            .where(client_secrets.c.client_id == client_id)
            .values(expires_at=database_now())
        )

    async def delete(self, client_id: ClientId) -> bool:
        statement = (
            update(clients)
            .where(clients.c.client_id == client_id, clients.c.deleted_at.is_(None))
            .values(
                deleted_at=database_now(),
                updated_at=database_now(),
                active=False,
                epoch=clients.c.epoch + 1,
                version=clients.c.version + 1,
            )
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def any_active_with_grant(self, grant_type: str) -> bool:
        named = cast(clients.c.grant_types, Text).contains(f'"{grant_type}"', autoescape=True)
        found = await self._session.execute(
            select(clients.c.client_id)
            .where(clients.c.active, clients.c.deleted_at.is_(None), named)
            .limit(1)
        )
        return found.first() is not None

    async def _end_by(self, known: ClientSecret, *, seconds: int) -> None:
        """A secret that ends earlier anyway keeps its own end."""
        then, expires_at = seconds_from_now(seconds), client_secrets.c.expires_at
        await self._session.execute(
            update(client_secrets)
            .where(client_secrets.c.id == known.id, or_(expires_at.is_(None), expires_at > then))
            .values(expires_at=then)
        )

    async def _add_secret(self, client_id: str, secret: ClientSecret) -> None:
        await self._session.execute(
            insert(client_secrets).values(
                id=secret.id,
                client_id=client_id,
                scheme=secret.scheme,
                stored=secret.stored,
                expires_at=secret.expires_at,
                created_at=database_now(),
            )
        )

    async def _with_audiences(self, client_id: ClientId, uris: frozenset[str] | None) -> Client:
        if uris is not None:
            await SqlAudiences(self._session).introspected_by(client_id, uris)
        stored = await self.get(client_id)
        if stored is None:
            raise RuntimeError("a client written in this transaction is gone")
        return stored

    async def _read(self, statement: Select[Any]) -> list[Client]:
        rows: dict[str, list[Row[Any]]] = {}
        for found in await self._session.execute(statement):
            rows.setdefault(found.client_id, []).append(found)
        return [to_client(parts) for parts in rows.values()]


def _whole(chosen: Select[Any], *, sort: str = "created_at") -> Select[Any]:
    """The chosen clients with secrets, rights and the server's epoch: one statement, for it is on every request."""
    row = chosen.subquery("chosen")
    usable = or_(client_secrets.c.expires_at.is_(None), client_secrets.c.expires_at > database_now())
    order = (row.c[sort.removeprefix("-")], row.c.client_id)
    return (
        select(
            *row.c,
            server_state.c.epoch.label("server_epoch"),
            *(column.label(f"secret_{column.name}") for column in client_secrets.c),
            audiences.c.uri.label("audience_uri"),
        )
        .select_from(row)
        .join(server_state, server_state.c.id == 1)
        .outerjoin(client_secrets, (client_secrets.c.client_id == row.c.client_id) & usable)
        .outerjoin(audience_introspectors, audience_introspectors.c.client_id == row.c.client_id)
        .outerjoin(audiences, audiences.c.id == audience_introspectors.c.audience_id)
        .order_by(*(column.desc() if sort.startswith("-") else column for column in order))
    )


BY_ID = HotStatement(
    _whole(
        select(clients).where(clients.c.client_id == bindparam("client_id"), clients.c.deleted_at.is_(None))
    ),
    lambda rows: to_client(rows) if rows else None,
    remembered=1000,
)


def _filtered(query: ClientQuery) -> Select[Any]:
    statement = select(clients).where(clients.c.deleted_at.is_(None))
    if query.active is not None:
        statement = statement.where(clients.c.active == query.active)
    if query.client_name is not None:
        statement = statement.where(clients.c.client_name == query.client_name)
    if query.self_registered is not None:
        column = clients.c.registered_by
        statement = statement.where(column.is_not(None) if query.self_registered else column.is_(None))
    return statement
