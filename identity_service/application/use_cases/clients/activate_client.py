"""A client is switched on again."""

from identity_service.application.dto.client_view import ClientView
from identity_service.application.use_cases.clients.locked_client import Versions, changeable_client
from identity_service.domain.entities.event import ClientActivated
from identity_service.domain.services.access_policy import Actor
from identity_service.ports.unit_of_work import Begin


class ActivateClient:
    """Answers the client again, under the secrets it had. No token from before comes back to life."""

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, client_id: str, *, by: Actor, versions: Versions | None = None) -> ClientView:
        """Raises NotFound, ChangedMeanwhile, InsufficientScope."""
        async with self._begin() as uow:
            client = await changeable_client(uow, client_id, by=by, versions=versions)
            changed = None
            if not client.active:
                changed = await uow.clients.change(client.client_id, {"active": True}, version=None)
            uow.events.add(ClientActivated(by=by.id, client_id=client.client_id), new=changed is not None)
            await uow.commit()
        return ClientView.of(changed or client)
