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
    client = await uow.clients.get(client_id, lock=True)
    if client is None:
        raise NotFound
    if versions is not None and client.version not in versions:
        raise ChangedMeanwhile
    check_may_change_client(by, client)
    return client
