"""One database, one master key: the first that a process brings is the database's, and every other one is refused."""

from identity_service.application.use_cases.keys.sealing import (
    KeySealing,
    KeysUnreadable,
    wrong_master_key,
)
from identity_service.ports.security import KeyEncryption
from identity_service.ports.unit_of_work import Begin, UnitOfWork


class ClaimMasterKey:
    """Writes the id of this process's master key into a database that has none.

    - Processes with different master keys would make different data keys.
    - The id is written once, by one statement: of many processes that start at once one wins, the others compare.
    - The id is a keyed digest of a fixed text (HKDF, RFC 5869), cut to 8 bytes: it names the key, and tells nothing of
      it.
    - A database whose id was taken away takes no key that does not open what is sealed in it.
    """

    def __init__(self, *, begin: Begin, sealing: KeySealing, encryption: KeyEncryption) -> None:
        self._begin = begin
        self._sealing = sealing
        self._encryption = encryption

    async def __call__(self, *, proven: bool) -> None:
        """`proven`: it has opened what is there. Raises KeysUnreadable, StorageUnavailable."""
        here = self._encryption.key_id
        async with self._begin() as uow:
            claimed = await uow.server.claim(here)
            if not proven:
                await self._prove(uow)
            await uow.commit()
        if claimed not in (here, *self._encryption.former_ids):
            raise wrong_master_key(here=here, wanted=claimed)

    async def _prove(self, uow: UnitOfWork) -> None:
        try:
            for key in await uow.keys.all():
                self._sealing.open(key)
        except KeysUnreadable:
            if not await uow.data_keys.all():  # else somebody was quicker, and unwrapping them is the proof
                raise
