"""The keys of this process are those of the database, and the one it was given."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import replace

from identity_service.application.use_cases.keys.load_data_keys import LoadDataKeys
from identity_service.application.use_cases.keys.sealing import KeySealing, KeysUnreadable
from identity_service.domain.entities.event import KeysChanged
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.ports.tokens.key_ring import HeldKey, KeyMaker, KeyRing
from identity_service.ports.unit_of_work import Begin, Read

log = logging.getLogger(__name__)


class LoadKeys:
    """Fills the key ring; at the very first start it makes the first key of each algorithm.

    However many processes start at once, the database takes one current key of an algorithm and each of them reads that
    one. A key from the settings signs instead of the database's of its algorithm, which then only verify. Called again,
    it takes over what has changed since; a key that was opened once is not opened again. A key that cannot be opened is
    left out, unless it is current.
    """

    def __init__(
        self,
        *,
        load_data_keys: LoadDataKeys,
        begin: Begin,
        read: Read,
        sealing: KeySealing,
        ring: KeyRing,
        maker: KeyMaker,
        algs: Collection[str],
        given: HeldKey | None,
    ) -> None:
        self._load_data_keys = load_data_keys
        self._begin = begin
        self._read = read
        self._sealing = sealing
        self._ring = ring
        self._maker = maker
        self._algs = algs
        self._given = given
        self._opened: dict[tuple[str, bytes], HeldKey] = {}
        self._held: list[HeldKey] = []
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> bool:
        """True when the ring holds other keys now, or signs with another one.

        Raises StorageUnavailable; KeysUnreadable when the master key is not the one of this database.
        """
        async with self._one_at_a_time:  # or an older reading might overwrite a newer one
            return await self._load()

    async def _load(self) -> bool:
        await self._load_data_keys()
        stored = await self._stored()
        if missing := self._missing(stored):
            await self._make_first(missing)
            stored = await self._stored()
        self._opened = await asyncio.to_thread(self._open, stored)
        usable = [key for key in stored if _name(key) in self._opened]
        held = [replace(self._opened[_name(key)], signs=self._signs(key)) for key in usable]
        ready = [*self._first(), *(key for key in held if not self._is_given(key))]
        if ready == self._held:
            return False
        self._ring.replace(ready)
        self._held = ready
        return True

    async def _stored(self) -> list[SigningKey]:
        async with self._read() as uow:
            return await uow.keys.all()

    def _missing(self, stored: Iterable[SigningKey]) -> list[str]:
        """In one order everywhere: processes that start at once wait for each other's rows, and not crosswise."""
        given = {self._given.alg} if self._given is not None else set()
        there = given | {key.alg for key in stored if key.status == "current"}
        return sorted(set(self._algs) - there)

    async def _make_first(self, algs: Iterable[str]) -> None:
        made = await asyncio.gather(*(asyncio.to_thread(self._maker.make, alg) for alg in algs))
        async with self._begin() as uow:
            for key in made:
                if await uow.keys.add(self._sealing.seal(key, status="current")):
                    uow.events.add(KeysChanged(by="system", kid=key.kid, change="made"))
            await uow.commit()

    def _open(self, stored: Iterable[SigningKey]) -> dict[tuple[str, bytes], HeldKey]:
        opened: dict[tuple[str, bytes], HeldKey] = {}
        for key in stored:
            try:
                opened[_name(key)] = self._opened.get(_name(key)) or self._sealing.open(key)
            except KeysUnreadable as error:
                if key.status == "current":
                    raise
                log.error("a %s key is left out: %s", key.status, error)
        return opened

    def _signs(self, key: SigningKey) -> bool:
        return key.status == "current" and (self._given is None or key.alg != self._given.alg)

    def _first(self) -> list[HeldKey]:
        return [] if self._given is None else [self._given]

    def _is_given(self, key: HeldKey) -> bool:
        return self._given is not None and key.kid == self._given.kid


def _name(key: SigningKey) -> tuple[str, bytes]:
    """What was opened under: sealed bytes that were copied to another kid must be opened, and refused, again."""
    return key.kid, key.sealed
