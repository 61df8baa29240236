"""The data keys of this process are those of the database; the first ones are made where there are none."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from identity_service.application.use_cases.keys.claim_master_key import ClaimMasterKey
from identity_service.application.use_cases.keys.sealing import (
    DAMAGED_DATA_KEY,
    KeysUnreadable,
    wrong_master_key,
)
from identity_service.domain.entities.data_key import KEY_BYTES, PURPOSES, DataKey, DataKeyPurpose
from identity_service.ports.security import DataKeyRing, KeyEncryption, Unsealable
from identity_service.ports.unit_of_work import Begin, Read


class LoadDataKeys:
    """Unwraps what this process does not hold yet.

    - However many processes start at once, the database takes one current key of a purpose, and each reads that one.
    - One database, one master key: the first that a process brings is the database's. Another one is refused, unless it
      comes with the former one beside it (MASTER_KEY_FORMER): `ResealSecrets` makes it the database's then.
    - A process that holds all data keys needs the master key no more. It goes on while the master key is changed.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        encryption: KeyEncryption,
        ring: DataKeyRing,
        claim: ClaimMasterKey,
        random: Callable[[int], bytes],
    ) -> None:
        self._begin = begin
        self._read = read
        self._encryption = encryption
        self._ring = ring
        self._claim = claim
        self._random = random

    async def __call__(self) -> None:
        """Raises KeysUnreadable, StorageUnavailable."""
        stored, wanted = await self._stored()
        if not self._holds(stored):
            self._check(wanted)
        opened = await self._opened(stored)
        if wanted is None:
            await self._claim(proven=bool(stored))
        if missing := {*PURPOSES} - {key.purpose for key in stored if key.current}:
            await self._make_first(key for key in PURPOSES if key in missing)
            stored, _ = await self._stored()
            opened = await self._opened(stored)
        current = {key.purpose: key.id for key in stored if key.current}
        self._ring.take(opened, sealing=current["seal"], digesting=current["digest"])

    async def _opened(self, stored: Iterable[DataKey]) -> dict[str, bytes]:
        return {key.id: await self._open(key) for key in stored if key.id not in self._ring.held}

    async def _stored(self) -> tuple[list[DataKey], str | None]:
        async with self._read() as uow:
            return await uow.data_keys.all(), await uow.server.master_key_id()

    def _holds(self, stored: Iterable[DataKey]) -> bool:
        ids = {key.id for key in stored}
        return bool(ids) and ids <= self._ring.held

    def _check(self, wanted: str | None) -> None:
        here = self._encryption.key_id
        if wanted is not None and wanted not in (here, *self._encryption.former_ids):
            raise wrong_master_key(here=here, wanted=wanted)

    async def _make_first(self, purposes: Iterable[DataKeyPurpose]) -> None:
        made = [await self.make(purpose) for purpose in purposes]
        async with self._begin() as uow:
            for key in made:
                await uow.data_keys.add(key)
            await uow.commit()

    async def make(self, purpose: DataKeyPurpose) -> DataKey:
        """A new current key, wrapped and not stored."""
        key = self._random(KEY_BYTES)
        bare = DataKey(id=self._ring.id_of(key), purpose=purpose, current=True, wrapped=b"", wrapped_by="")
        wrapped = await self._encryption.wrap(key, context=bare.context)
        return replace(bare, wrapped=wrapped, wrapped_by=self._encryption.key_id)

    async def _open(self, key: DataKey) -> bytes:
        try:
            return await self._encryption.unwrap(key.wrapped, context=key.context)
        except Unsealable as error:
            known = (self._encryption.key_id, *self._encryption.former_ids)
            if error.key_id is not None and error.key_id not in known:
                raise wrong_master_key(here=self._encryption.key_id, wanted=error.key_id) from error
            text = f"data key {key.id} in the database is damaged ({error}): restore it from a backup"
            raise KeysUnreadable(text, key_id=error.key_id, reason=DAMAGED_DATA_KEY) from error
