"""Whom a request that was checked before is answered to."""

from identity_service.application.liveness.known_clients import KnownClients
from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.authorize_request import still_fits
from identity_service.domain.services.own_pages import is_own, own_pages
from identity_service.ports.unit_of_work import UnitOfWork


async def asking_client(
    uow: UnitOfWork, request: AuthorizationRequest, clients: KnownClients
) -> Client | None:
    """The client as it is registered today, while the answer may still go to it; or what stands for our own pages."""
    if is_own(request):
        return own_pages(server_epoch=await uow.server.epoch())
    client = await clients.active(uow, request.client_id)
    return client if client is not None and still_fits(request, client) else None
