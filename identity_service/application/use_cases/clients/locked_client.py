"""How an order takes hold of the client it changes."""

from identity_service.domain.entities.client import Client
from identity_service.domain.refusals import ChangedMeanwhile, NotFound
from identity_service.domain.services.access_policy import Actor, check_may_change_client
from identity_service.ports.unit_of_work import UnitOfWork

Versions = frozenset[int]
"""The versions a caller has seen, one of which must still be there to be changed (RFC 9110 §13.1.1)."""


async def changeable_client(
    uow: UnitOfWork, client_id: str, *, by: Actor, versions: Versions | None = None
) -> Client:
    """The client, which nobody else changes until the transaction ends. `versions` None: whatever it is now.

    Raises:
        NotFound: there is none.
        ChangedMeanwhile: it has none of these versions.
        InsufficientScope: it has reserved scopes, and the caller is no administrator.
    """
    return _checked(await uow.clients.get(client_id, lock=True), by, versions)


async def changeable_for_now(
    uow: UnitOfWork, client_id: str, *, by: Actor, versions: Versions | None = None
) -> Client:
    """The same client, which somebody else may change at any moment. Raises as `changeable_client`."""
    return _checked(await uow.clients.get(client_id), by, versions)


def _checked(client: Client | None, by: Actor, versions: Versions | None) -> Client:
    if client is None:
        raise NotFound
    if versions is not None and client.version not in versions:
        raise ChangedMeanwhile
    check_may_change_client(by, client)
    return client
