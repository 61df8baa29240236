"""One database, one master key: the first that a process brings is the database's, and every other one is refused."""

from identity_service.application.use_cases.keys.sealing import KeySealing, wrong_master_key
from identity_service.ports.unit_of_work import Begin, Read


class ClaimMasterKey:
    """Compares the id of this process's master key with the one that the database was set up with.

    - Processes with different master keys would derive different refresh tokens, and not believe each other's messages
      in Redis; nothing else would tell, where the signing key comes from the settings.
    - The id is written once, by one statement: of many processes that start at once one wins, the others compare.
    - The id is a keyed digest of a fixed text (HKDF, RFC 5869), cut to 8 bytes: it names the key, and tells nothing of
      it.
    - A database whose id was taken away takes no key that does not open what is sealed in it.
    """

    def __init__(self, *, begin: Begin, read: Read, sealing: KeySealing) -> None:
        self._begin = begin
        self._read = read
        self._sealing = sealing

    async def __call__(self) -> None:
        """Raises KeysUnreadable, StorageUnavailable."""
        here = self._sealing.key_id
        async with self._read() as uow:
            wanted = await uow.server.master_key_id()
        wanted = wanted or await self._claim(here)
        if wanted != here:
            raise wrong_master_key(here=here, wanted=wanted)

    async def _claim(self, here: str) -> str:
        async with self._begin() as uow:
            for key in await uow.keys.all():
                self._sealing.open(key)
            claimed = await uow.server.claim(here)
            await uow.commit()
        return claimed
