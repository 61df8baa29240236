"""One client."""

from identity_service.application.dto.client_view import ClientView
from identity_service.domain.refusals import NotFound
from identity_service.ports.unit_of_work import Read


class GetClient:
    """Shows one client. An unknown id and a deleted client are the same: not there."""

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, client_id: str) -> ClientView:
        """Raises NotFound."""
        async with self._read() as uow:
            client = await uow.clients.get(client_id)
        if client is None:
            raise NotFound
        return ClientView.of(client)
