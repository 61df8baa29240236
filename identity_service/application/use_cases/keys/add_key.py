"""A key joins the others: made here, or brought along."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from identity_service.application.dto.key import KeyView
from identity_service.application.use_cases.keys.list_keys import key_view
from identity_service.application.use_cases.keys.sealing import KeySealing
from identity_service.domain.entities.event import KeysChanged
from identity_service.domain.services.key_rotation import RETIRED_FOR_SECONDS, RotationPolicy
from identity_service.ports.tokens.key_ring import HeldKey, KeyMaker
from identity_service.ports.unit_of_work import Begin, UnitOfWork

Status = Literal["next", "current", "retired"]


class KeyConflict(Exception):
    """There is such a key already. The text is one line that says what to do."""


class AddKey:
    """Stores a key that is at hand, and answers what may be seen of it. The way of a key into the database."""

    def __init__(self, *, begin: Begin, sealing: KeySealing, policy: RotationPolicy) -> None:
        self._begin = begin
        self._sealing = sealing
        self._policy = policy

    async def __call__(self, key: HeldKey, *, status: Status, by: str, change: str) -> KeyView:
        """A `current` key takes the place of the one before it, which then only verifies.

        Raises KeyConflict, StorageUnavailable.
        """
        async with self._begin() as uow:
            if not await self._add(uow, key, status):
                raise KeyConflict(
                    f"there is a {'next' if status == 'current' else status} key for {key.alg}, or this very key, "
                    "in the database already: see `keys list`; `keys rotate` puts a next key to use"
                )
            stored = next(known for known in await uow.keys.all() if known.kid == key.kid)
            uow.events.add(KeysChanged(by=by, kid=key.kid, change=change))
            await uow.commit()
        return key_view(stored, self._policy)

    async def _add(self, uow: UnitOfWork, key: HeldKey, status: Status) -> bool:
        if status == "retired":
            until = await uow.server.now() + timedelta(seconds=RETIRED_FOR_SECONDS)
            return await uow.keys.add(self._sealing.seal(key, status=status, verify_until=until))
        if not await uow.keys.add(self._sealing.seal(key, status="next")):
            return False
        return status == "next" or await uow.keys.promote(key.kid, retire_for_seconds=RETIRED_FOR_SECONDS)


class GenerateKey:
    """Makes the `next` key of an algorithm: it is published at once, and signs after a rotation."""

    def __init__(self, *, maker: KeyMaker, add: AddKey, alg: str) -> None:
        self._maker = maker
        self._add = add
        self._alg = alg

    async def __call__(self, *, by: str, alg: str | None = None) -> KeyView:
        """Without `alg`: for the server's own algorithm.

        Raises KeyConflict when one is waiting already, StorageUnavailable.
        """
        made = await asyncio.to_thread(self._maker.make, alg or self._alg)
        return await self._add(made, status="next", by=by, change="made")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyImport:
    """A private key in PEM, or base64 of that; without `alg` it is for the usual one of its type.

    It becomes the `next` key. `current` puts it to use at once: whoever cached the key set refuses tokens until they
    fetch it again. `retired` only verifies, so that tokens signed elsewhere live on.
    """

    pem: str = field(repr=False)
    status: Status
    by: str
    alg: str | None = None


class ImportKey:
    """Takes in a key that was made elsewhere. A key has one algorithm for good (RFC 7517 §4.4), wherever it is kept."""

    def __init__(self, *, maker: KeyMaker, add: AddKey, given: HeldKey | None) -> None:
        self._maker = maker
        self._add = add
        self._given = given

    async def __call__(self, command: KeyImport) -> KeyView:
        """Raises ValueError for what is no usable private key, KeyConflict, StorageUnavailable."""
        read = await asyncio.to_thread(self._maker.read, command.pem, alg=command.alg)
        given = self._given
        if given is not None and given.kid == read.kid and given.alg != read.alg:
            raise KeyConflict(
                f"this key is JWT_PRIVATE_KEY, which signs {given.alg}: take another for {read.alg}"
            )
        return await self._add(read, status=command.status, by=command.by, change="imported")
