"""A client is switched off."""

from identity_service.application.dto.client_view import ClientView
from identity_service.application.use_cases.clients.locked_client import Versions, changeable_client
from identity_service.domain.entities.event import ClientDeactivated
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin


class DeactivateClient:
    """Ends every token that the client was given, for ever, and answers it no more."""

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, client_id: str, *, by: Actor, versions: Versions | None = None) -> ClientView:
        """Raises NotFound, ChangedMeanwhile, InsufficientScope."""
        async with self._begin() as uow:
            client = await changeable_client(uow, client_id, by=by, versions=versions)
            changed = None
            if client.active:
                changed = await uow.clients.change(
                    client.client_id, {"active": False}, version=None, raise_epoch=True
                )
            uow.events.add(ClientDeactivated(by=by.id, client_id=client.client_id), new=changed is not None)
            await uow.commit()
        return ClientView.of(changed or client)
