"""Where clients and their secrets are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from identity_service.domain.entities.client import Client, ClientSecret
from identity_service.domain.value_objects.ids import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientQuery:
    """As `UserQuery`; `sort` is `created_at` or `client_name`, with a leading `-` for descending. `self_registered`:
    only those that registered themselves, or only the others."""

    sort: str = "created_at"
    limit: int = 50
    after: tuple[str, str] | None = None
    active: bool | None = None
    client_name: str | None = None
    self_registered: bool | None = None


class Clients(Protocol):
    """Deleted clients are invisible here; their ids stay taken for ever."""

    async def get(self, client_id: str, *, lock: bool = False) -> Client | None:
        """The client with its unexpired secrets (database clock) and its audiences. Any text may be asked for.

        With `lock`, nobody else changes it until the transaction ends.
        """

    async def page(self, query: ClientQuery) -> list[Client]: ...

    async def add(self, client: Client) -> Client:
        """Stores a new client with its secrets and audiences. Raises Conflict(`client_id`): a user's id counts too."""

    async def change(
        self,
        client_id: ClientId,
        members: Mapping[str, Any],
        *,
        version: int | None,
        raise_epoch: bool = False,
    ) -> Client | None:
        """As `Users.change`. `audiences` may be among the members: the set of URIs the client may introspect for."""

    async def add_secret(
        self, client_id: ClientId, secret: ClientSecret, *, overlap_seconds: int, raise_epoch: bool = False
    ) -> Client | None:
        """Adds a secret. Those before it end `overlap_seconds` from now, or when they would have ended anyway if that
        is earlier; beyond the newest MOST_SECRETS of all they end at once.
        """

    async def end_secrets(self, client_id: ClientId) -> None:
        """Ends every secret there is, at once."""

    async def delete(self, client_id: ClientId) -> bool:
        """Marks a client deleted and raises the epoch; True for the caller that did it."""

    async def any_active_with_grant(self, grant_type: str) -> bool: ...
