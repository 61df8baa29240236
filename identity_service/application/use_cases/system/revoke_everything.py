"""Every token there is ends."""

from identity_service.application.use_cases.sessions.logout_messages import logout_messages
from identity_service.domain.entities.event import EverythingRevoked
from identity_service.ports.unit_of_work import Begin, UnitOfWork

BATCH = 500


class RevokeEverything:
    """Raises the server's epoch: every family, session, code and token made before is dead, and stays dead.

    Clients are told of the sessions that lived until then, if they want to be.
    For an operator whose database was stolen, or restored from a backup. Accounts, clients and secrets stay.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, *, by: str) -> int:
        """The new epoch. Raises StorageUnavailable."""
        async with self._begin() as uow:
            await _tell_clients(uow)
            epoch = await uow.server.raise_epoch()
            uow.events.add(EverythingRevoked(by=by))
            await uow.commit()
        return epoch


async def _tell_clients(uow: UnitOfWork) -> None:
    clients = await uow.session_clients.to_tell(after=None, limit=BATCH)
    while clients:
        await uow.outbox.add(logout_messages(clients))
        place = (clients[-1].session_id, clients[-1].client_id)
        clients = await uow.session_clients.to_tell(after=place, limit=BATCH)
