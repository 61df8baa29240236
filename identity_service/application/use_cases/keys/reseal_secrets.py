"""The master key changes, and what is sealed follows, while everything runs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from identity_service.application.use_cases.keys.load_data_keys import LoadDataKeys
from identity_service.domain.entities.event import KeysChanged, MasterKeyChanged
from identity_service.ports.repositories.data_keys import SealedRecord, SealedRecords
from identity_service.ports.security import DataKeyRing, KeyEncryption, Unsealable
from identity_service.ports.unit_of_work import Begin, Read, UnitOfWork

log = logging.getLogger(__name__)

BATCH = 50
"""Secrets that are sealed anew in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingState:
    """What is not as it is to be: data keys that another key than that of this process wraps, and secrets that are not
    sealed with the current data key. `master_key_id` is the database's."""

    master_key_id: str | None
    data_keys_left: int
    secrets_left: int

    @property
    def done(self) -> bool:
        """Whether a former master key can be forgotten."""
        return not self.data_keys_left and not self.secrets_left


class ResealSecrets:
    """Wraps every data key under the master key of this process, then seals with the current data key what is not yet.

    - The first is one transaction over a few rows, whatever number of secrets there is; no process has to be stopped,
      for those that run hold the data keys already.
    - The second is done in batches. Whoever ends in between, or does it twice at once, loses nothing: each row is
      changed only if it still is what was read, and what is done is not done again.
    - What was sealed under a master key itself, before there were data keys, is brought under one.
    - Former data keys stay: a process that has not heard of the new one yet may still seal with them.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        load_data_keys: LoadDataKeys,
        encryption: KeyEncryption,
        ring: DataKeyRing,
    ) -> None:
        self._begin = begin
        self._read = read
        self._load = load_data_keys
        self._encryption = encryption
        self._ring = ring

    async def state(self) -> SealingState:
        """Raises KeysUnreadable, StorageUnavailable."""
        await self._load()
        async with self._read() as uow:
            keys = await uow.data_keys.all()
            left = [await kind.count_stale(self._ring.key_id) for kind in uow.sealed_records]
            wanted = await uow.server.master_key_id()
        unwrapped = sum(key.wrapped_by != self._encryption.key_id for key in keys)
        return SealingState(master_key_id=wanted, data_keys_left=unwrapped, secrets_left=sum(left))

    async def new_data_key(self, *, by: str) -> str:
        """Makes another data key, which seals from now on; what is sealed follows with the next call. Answers its id.

        Raises KeysUnreadable, StorageUnavailable.
        """
        await self._load()
        made, before = await self._load.make("seal"), self._ring.key_id
        async with self._begin() as uow:
            if await uow.data_keys.retire(before):
                await uow.data_keys.add(made)
                uow.events.add(KeysChanged(by=by, kid=made.id, change="new data key"))
                await uow.commit()
        await self._load()
        return self._ring.key_id

    async def __call__(self, *, by: str, go_on: Callable[[], bool] = lambda: True) -> int:
        """How many data keys and secrets were changed; `go_on` is asked between batches.

        Raises KeysUnreadable, StorageUnavailable.
        """
        await self._load()
        changed = await self._rewrap(by)
        while go_on() and (batch := await self._reseal_some()):
            changed += batch
        return changed

    async def _rewrap(self, by: str) -> int:
        here = self._encryption.key_id
        async with self._read() as uow:
            keys, wanted = await uow.data_keys.all(), await uow.server.master_key_id()
        stale = [key for key in keys if key.wrapped_by != here]
        if not stale and wanted == here:
            return 0
        wrapped = {}
        for key in stale:
            opened = await self._encryption.unwrap(key.wrapped, context=key.context)
            wrapped[key.id] = await self._encryption.wrap(opened, context=key.context)
        async with self._begin() as uow:
            for key in stale:
                await uow.data_keys.rewrap(key, wrapped=wrapped[key.id], wrapped_by=here)
            await self._take_over(uow, wanted, by)
            await uow.commit()
        return len(stale)

    async def _take_over(self, uow: UnitOfWork, wanted: str | None, by: str) -> None:
        """The database's master key is this one, once every data key is under it."""
        here = self._encryption.key_id
        if any(key.wrapped_by != here for key in await uow.data_keys.all()):
            return
        if wanted != here and await uow.server.change_master_key(wanted or here, here):
            uow.events.add(MasterKeyChanged(by=by, key_id=here))

    async def _reseal_some(self) -> int:
        """Of one kind after the other; 0 when nothing is left, or somebody else was quicker with all of it."""
        async with self._begin() as uow:
            for kind in uow.sealed_records:
                records = await kind.stale(self._ring.key_id, most=BATCH)
                done = [await self._reseal(kind, record) for record in records]
                if any(done):
                    await uow.commit()
                    return sum(done)
        return 0

    async def _reseal(self, kind: SealedRecords, record: SealedRecord) -> bool:
        try:
            plain = self._ring.open(record.sealed, purpose=kind.purpose, context=record.id)
        except Unsealable as error:
            log.error("the %s of %s is left as it is: %s", kind.purpose, record.id, error)
            return False
        return await kind.replace(record, self._ring.seal(plain, purpose=kind.purpose, context=record.id))
