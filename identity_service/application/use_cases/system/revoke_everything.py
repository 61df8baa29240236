"""Every token there is ends."""

from identity_service.domain.entities.event import EverythingRevoked
from identity_service.ports.unit_of_work import Begin


class RevokeEverything:
    """Raises the server's epoch: every family, session, code and token made before is dead, and stays dead.

    For an operator whose database was stolen, or restored from a backup. Accounts, clients and secrets stay.
    """

    def __init__(self, *, begin: Begin) -> None:
        self._begin = begin

    async def __call__(self, *, by: str) -> int:
        """The new epoch. Raises StorageUnavailable."""
        async with self._begin() as uow:
            epoch = await uow.server.raise_epoch()
            uow.events.add(EverythingRevoked(by=by))
            await uow.commit()
        return epoch
