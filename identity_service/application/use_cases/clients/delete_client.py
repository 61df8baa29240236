"""A client is given up."""

from identity_service.application.use_cases.clients.locked_client import Versions, changeable_client
from identity_service.domain.entities.event import ClientDeleted
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin


class DeleteClient:
    """Ends every token that the client was given and makes it invisible, its logo too; its row is purged later, its id
    never used again."""

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, client_id: str, *, by: Actor, versions: Versions | None = None) -> None:
        """Raises NotFound, ChangedMeanwhile, InsufficientScope."""
        async with self._begin() as uow:
            client = await changeable_client(uow, client_id, by=by, versions=versions)
            await uow.clients.delete(client.client_id)
            await uow.logos.drop(client.client_id)
            uow.events.add(ClientDeleted(by=by.id, client_id=client.client_id))
            await uow.commit()
